#include "core/data/examples.h"

#include "core/base/text.h"
#include "core/data/sequences.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

namespace lathe {

namespace {

std::string cell(const Row& row, const std::string& column) {
    const auto it = row.find(column);
    return it == row.end() ? std::string() : it->second;
}

Status requireColumns(const Table& table, const LabelColumns& columns) {
    for (const std::string& column : {columns.text, columns.pair, columns.label})
        if (!column.empty() && std::ranges::find(table.columns, column) == table.columns.end())
            return inputError(table.source.string(),
                              "has no column \"" + column + "\"; its columns are " + joined(table.columns));
    return ok();
}

std::optional<long long> wholeNumber(const std::string& text) {
    long long value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() ? std::optional(value)
                                                                           : std::nullopt;
}

std::vector<std::string> labelsIn(const Table& table, const std::string& column) {
    std::set<std::string> found;
    for (std::size_t i = 0; i < table.size(); ++i) {
        const Row row = table.row(i);
        if (const std::string label = cell(row, column); !label.empty())
            found.insert(label);
    }
    std::vector<std::string> names(found.begin(), found.end());
    if (std::ranges::all_of(names, [](const std::string& name) { return wholeNumber(name).has_value(); }))
        std::ranges::sort(names, {}, [](const std::string& name) { return *wholeNumber(name); });
    return names;
}

Result<Encoding> encode(const std::string& text, const std::string& pair, bool isPair,
                        const Tokenizer& tokenizer) {
    return isPair ? tokenizer.encodePair(text, pair, true) : tokenizer.encode(text, true);
}

/// Takes tokens of the texts away until the sequence fits: from the end, and of a pair from the longer text,
/// as tokenizers do ("longest first"). What the tokenizer added stays.
void cut(Encoding& encoding, std::size_t maxLength) {
    while (encoding.ids.size() > maxLength) {
        std::array<std::size_t, 2> counts{};
        std::array<std::size_t, 2> ends{};
        for (std::size_t i = 0; i < encoding.ids.size(); ++i)
            if (encoding.specialMask[i] == 0) {
                const std::size_t part = encoding.typeIds[i] == 0 ? 0 : 1;
                ++counts[part];
                ends[part] = i;
            }
        const std::size_t part = counts[1] > counts[0] ? 1 : 0;
        if (counts[part] == 0)
            return;
        const auto place = static_cast<std::ptrdiff_t>(ends[part]);
        encoding.ids.erase(encoding.ids.begin() + place);
        encoding.offsets.erase(encoding.offsets.begin() + place);
        encoding.specialMask.erase(encoding.specialMask.begin() + place);
        encoding.typeIds.erase(encoding.typeIds.begin() + place);
    }
}

std::optional<double> realNumber(const std::string& text) {
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool isWhole = read.ec == std::errc() && read.ptr == text.data() + text.size();
    return isWhole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

/// An error's message is why the row must be dropped.
Status setLabel(Example& example, const std::string& label, bool isNumber,
                std::span<const std::string> names) {
    example.answer = label;
    if (isNumber) {
        example.textNumber = realNumber(label);
        return example.textNumber ? ok() : inputError("", "the label \"" + label + "\" is not a number");
    }
    const auto number = labelNumber(label, names);
    if (!number)
        return inputError("", "the label \"" + label + "\" is none of " + joined(names));
    example.textLabel = static_cast<std::int32_t>(*number);
    return ok();
}

/// The column of a role: the given one, else the one that plays it, else the role's usual name.
std::string columnOf(const ColumnRoles& roles, ColumnRole role, const std::string& given,
                     const std::string& usual) {
    const auto found = roles.find(role);
    return !given.empty() ? given : found == roles.end() ? usual : found->second;
}

} // namespace

LabelColumns columnsIn(const Table& table, LabelColumns columns) {
    if (!columns.text.empty() && !columns.label.empty())
        return columns;
    ColumnRoles given;
    for (const auto& [role, column] :
         {std::pair(ColumnRole::Text, columns.text), std::pair(ColumnRole::TextPair, columns.pair),
          std::pair(ColumnRole::Label, columns.label)})
        if (!column.empty())
            given[role] = column;
    const ColumnRoles roles = rolesIn(table, given);
    if (columns.text.empty())
        columns.pair = columnOf(roles, ColumnRole::TextPair, columns.pair, "");
    columns.text = columnOf(roles, ColumnRole::Text, columns.text, "text");
    columns.label = columnOf(roles, ColumnRole::Label, columns.label, "label");
    return columns;
}

std::vector<std::string> labelNamesIn(const Table& table, const std::string& column) {
    return labelsIn(table, column);
}

Result<LabelSequence> makeLabelSequence(const Row& row, const LabelColumns& columns,
                                        std::span<const std::string> names, const Tokenizer& tokenizer,
                                        const ExampleOptions& options) {
    LabelSequence made{{}, {}, 0, cell(row, columns.text), {}};
    const std::string label = cell(row, columns.label);
    if (!columns.pair.empty())
        made.pair = cell(row, columns.pair);
    if (made.text.empty())
        return inputError("", "the column \"" + columns.text + "\" is empty");
    if (label.empty())
        return inputError("", "the column \"" + columns.label + "\" is empty");
    LATHE_TRY(setLabel(made.example, label, columns.isNumber, names));
    LATHE_ASSIGN(made.encoding, encode(made.text, made.pair, !columns.pair.empty(), tokenizer));
    const std::size_t whole = made.encoding.ids.size();
    if (whole > options.maxLength && options.lengthPolicy == LengthPolicy::Drop)
        return inputError("", "the row has " + tokenCount(whole) + lengthLimit(options.maxLength));
    cut(made.encoding, options.maxLength);
    if (made.encoding.ids.empty() || made.encoding.ids.size() > options.maxLength)
        return inputError("", "it leaves no token of the text");
    made.cutTokens = whole - made.encoding.ids.size();
    made.example.ids = made.encoding.ids;
    made.example.labels.assign(made.example.ids.size(), kIgnoreLabel);
    made.example.typeIds = made.encoding.typeIds;
    return made;
}

std::optional<std::size_t> labelNumber(const std::string& cell, std::span<const std::string> names) {
    const auto name = std::ranges::find(names, cell);
    if (name != names.end())
        return static_cast<std::size_t>(name - names.begin());
    const auto number = wholeNumber(cell);
    const bool mayBeNumber =
        std::ranges::none_of(names, [](const std::string& each) { return wholeNumber(each).has_value(); });
    if (!mayBeNumber || !number || *number < 0 || *number >= static_cast<long long>(names.size()))
        return std::nullopt;
    return static_cast<std::size_t>(*number);
}

Result<ExampleSet> makeNumberExamples(const Table& table, const LabelColumns& given,
                                      const Tokenizer& tokenizer, const ExampleOptions& options) {
    LabelColumns columns = given;
    columns.isNumber = true;
    return makeLabelExamples(table, columns, {}, tokenizer, options);
}

Result<ExampleSet> makeLabelExamples(const Table& table, const LabelColumns& given,
                                     std::vector<std::string> labelNames, const Tokenizer& tokenizer,
                                     const ExampleOptions& options) {
    const LabelColumns columns = columnsIn(table, given);
    LATHE_TRY(requireColumns(table, columns));
    ExampleSet set;
    set.dropped = table.dropped;
    if (!columns.isNumber)
        set.labelNames = labelNames.empty() ? labelsIn(table, columns.label) : std::move(labelNames);
    if (!columns.isNumber && set.labelNames.size() < 2)
        return inputError(table.source.string(), "has " + std::to_string(set.labelNames.size()) +
                                                     " label in the column \"" + columns.label +
                                                     "\"; at least two are needed to tell texts apart");
    for (std::size_t i = 0; i < table.size(); ++i) {
        auto made = makeLabelSequence(table.row(i), columns, set.labelNames, tokenizer, options);
        if (!made) {
            set.dropped.push_back({table.line(i), made.error().message});
            set.droppedForLengthCount += isForLength(made.error().message) ? 1 : 0;
            continue;
        }
        if (made->cutTokens > 0)
            set.cut.push_back({table.line(i), tokenCount(made->cutTokens) +
                                                  " of the text's end were cut; the "
                                                  "maximum length is " +
                                                  std::to_string(options.maxLength)});
        made->example.row = i;
        set.examples.push_back(std::move(made->example));
    }
    set.truncatedCount = set.cutAnswerCount = set.cut.size();
    if (set.examples.empty())
        return inputError(table.source.string(), "gives no training example; the first problem is in line " +
                                                     std::to_string(set.dropped.front().line) + ": " +
                                                     set.dropped.front().reason);
    return set;
}

} // namespace lathe
