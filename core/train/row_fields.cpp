#include "core/train/row_fields.h"

#include <algorithm>

namespace lathe {

namespace {

/// The columns that a template names, in its order.
std::vector<std::string> columnsNamed(const PromptTemplate& prompt) {
    std::vector<std::string> columns;
    const std::string text = prompt.withInput + prompt.withoutInput;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '{')
            continue;
        if (text.compare(i, 2, "{{") == 0) {
            ++i;
            continue;
        }
        const std::size_t end = std::min(text.find('}', i), text.size());
        const std::string column = columnFor(prompt, text.substr(i + 1, end - i - 1));
        if (std::ranges::find(columns, column) == columns.end())
            columns.push_back(column);
        i = end;
    }
    return columns;
}

bool hasColumn(const Table& table, const std::string& column) {
    return std::ranges::find(table.columns, column) != table.columns.end();
}

/// Without the names that the table lacks: a template may call columns by what they are for. Where it has
/// none of a prompt's, the prompt is whatever is not the answer.
RowFields knownFields(RowFields fields, const Table& table) {
    for (std::string* column : {&fields.answer, &fields.label, &fields.conversation})
        if (!hasColumn(table, *column))
            column->clear();
    std::erase_if(fields.prompt, [&table](const std::string& column) { return !hasColumn(table, column); });
    if (fields.prompt.empty())
        for (const std::string& column : table.columns)
            if (column != fields.answer && column != fields.label)
                fields.prompt.push_back(column);
    return fields;
}

bool isBlank(const Row& row, const std::string& column) {
    const auto cell = row.find(column);
    return cell == row.end() || cell->second.find_first_not_of(" \t\r\n") == std::string::npos;
}

/// Without one of these a row cannot be used.
std::vector<std::string> neededColumns(const RowFields& fields, const Task& task) {
    std::vector<std::string> needed;
    if ((readsPlainText(task) || isByHead(task.answerForm())) && !fields.prompt.empty())
        needed = {fields.prompt.front()};
    for (const std::string& column : {fields.answer, fields.label, fields.conversation})
        if (!column.empty())
            needed.push_back(column);
    return needed;
}

} // namespace

bool readsPlainText(const Task& task) { return task.answerForm() == AnswerForm::Loss; }

RowFields rowFields(const Table& table, const Task& task, const RowReading& given) {
    const RowReading reading = task.readingOf(table, given);
    RowFields fields;
    if (readsPlainText(task)) {
        fields.prompt = {reading.textColumn};
    } else if (isByHead(task.answerForm())) {
        fields.prompt = {reading.labels.text};
        if (!reading.labels.pair.empty())
            fields.prompt.push_back(reading.labels.pair);
        fields.label = reading.labels.label;
    } else {
        const ColumnRoles& roles = reading.prompt.roles;
        const auto talk = roles.find(ColumnRole::Conversation);
        if (talk != roles.end() && !roles.contains(ColumnRole::Instruction)) {
            fields.prompt = {talk->second};
            fields.conversation = talk->second;
            return fields;
        }
        fields.prompt =
            reading.prompt.kind == PromptTemplate::Kind::Chat
                ? std::vector{columnFor(reading.prompt, "instruction"), columnFor(reading.prompt, "input")}
                : columnsNamed(reading.prompt);
        fields.answer = columnFor(reading.prompt, reading.prompt.answerColumn);
    }
    return knownFields(std::move(fields), table);
}

FileRecord quickRecord(const Table& table, const Task& task, const RowReading& given,
                       const std::string& role) {
    FileRecord record;
    record.role = role;
    record.path = table.source.string();
    record.sha256 = table.sha256;
    record.rows = table.size() + table.droppedCount();
    for (const DroppedRow& row : table.dropped)
        record.dropped.add(row.reason);
    if (const std::size_t unlisted = table.droppedCount() - table.dropped.size(); unlisted > 0)
        record.dropped.add("left out at import, not listed", unlisted);
    const std::vector<std::string> needed = neededColumns(rowFields(table, task, given), task);
    for (std::size_t i = 0; i < table.size(); ++i) {
        const Row row = table.row(i);
        const auto empty =
            std::ranges::find_if(needed, [&row](const std::string& column) { return isBlank(row, column); });
        if (empty == needed.end())
            ++record.used;
        else
            record.dropped.add("the column \"" + *empty + "\" is empty");
    }
    return record;
}

} // namespace lathe
