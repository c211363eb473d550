#pragma once

#include "core/session/dataset_session.h"

#include <chrono>
#include <thread>

namespace lathe::test {

/// The fields of a recipe that the studio of these tests edits.
inline ParamSchema dataFields() {
    const TextDomain file{TextDomain::Kind::File, true};
    const auto text = [](const char* key) {
        return ParamSpec{key, "data", key, "", "", TextDomain{}, std::string(), {}, true, false};
    };
    return {{"train_file", "data", "Training data", "", "", file, std::string(), {}, true, false},
            {"data_delimiter",
             "data",
             "Delimiter",
             "",
             "",
             ChoiceDomain{{"auto", ",", ";"}, {"Automatic", "Comma", "Semicolon"}},
             std::string("auto"),
             {},
             true,
             false},
            text("task"),
            text("instruction_column"),
            text("answer_column"),
            text("data_fixes"),
            {"split_seed", "data", "Seed", "", "", IntDomain{0, 1000}, std::int64_t{0}, {}, true, false},
            {"max_length",
             "data",
             "Longest sequence",
             "tokens",
             "",
             IntDomain{8, 4096},
             std::int64_t{256},
             {},
             true,
             false}};
}

/// Columns "question" and "answer" are known by their names, as long as nothing else is chosen.
inline Result<DatasetColumns> columnsOf(const DatasetInput& input) {
    DatasetColumns columns;
    const std::string& question = input.recipe.text("instruction_column");
    const std::string& answer = input.recipe.text("answer_column");
    const bool isChosen = !question.empty() || !answer.empty();
    for (const std::string& name : input.table->columns) {
        DatasetColumn column{QString::fromStdString(name), {}, {}, !isChosen};
        const Row first = input.table->row(0);
        if (const auto cell = first.find(name); cell != first.end())
            column.example = QString::fromStdString(cell->second);
        if (name == (isChosen ? question : "question"))
            column.role = "instruction";
        if (name == (isChosen ? answer : "answer"))
            column.role = "answer";
        columns.columns << column;
    }
    columns.task = "instruction";
    const bool hasAnswer = std::ranges::any_of(
        columns.columns, [](const DatasetColumn& column) { return column.role == "answer"; });
    if (!hasAnswer)
        columns.problem = "No column is the answer; choose one.";
    return columns;
}

/// A token a word; those of the question are masked. A row without an answer is left out.
inline Result<DatasetRow> lookAt(const DatasetInput& input, std::size_t number) {
    const Row row = input.table->row(number);
    DatasetRow seen;
    const auto add = [&](const char* column, TokenPart part) {
        const auto cell = row.find(column);
        if (cell == row.end())
            return;
        for (const QString& word : QString::fromStdString(cell->second).split(' ', Qt::SkipEmptyParts))
            seen.tokens << DatasetToken{static_cast<int>(word.size()), word + ' ', part,
                                        part == TokenPart::Instruction};
    };
    add("question", TokenPart::Instruction);
    add("answer", TokenPart::Answer);
    const auto limit = static_cast<qsizetype>(input.recipe.integer("max_length"));
    if (seen.tokens.size() > limit) {
        seen.cutReason = QStringLiteral("%1 tokens were cut").arg(seen.tokens.size() - limit);
        seen.tokens.resize(limit);
    }
    return seen;
}

/// As many tokens as the question has bytes.
inline Result<TokenLengths> lengthsOf(const DatasetInput& input, const JobProgress& progress,
                                      const std::stop_token&) {
    std::vector<RowLength> rows;
    for (std::size_t i = 0; i < input.table->size(); ++i) {
        const auto question = static_cast<std::uint32_t>(input.table->row(i)["question"].size());
        rows.push_back({i, question, question + 2});
    }
    progress(rows.size(), rows.size());
    return TokenLengths(std::move(rows));
}

/// The second row is said to repeat the first.
inline Result<std::vector<QualityFinding>> findingsOf(const DatasetInput&, const JobProgress& progress,
                                                      const std::stop_token&) {
    progress(1, 1);
    QualityFinding repeated;
    repeated.id = "duplicates";
    repeated.label = "Repeated rows";
    repeated.severity = QualitySeverity::Warning;
    repeated.count = 1;
    repeated.share = 1.0 / 3;
    repeated.message = "1 row is there twice.";
    repeated.examples = {{1, "Where is the key?", "row 1"}};
    repeated.rows = {1};
    repeated.fix = "remove_duplicates";
    repeated.leaveOut = {1};
    return std::vector<QualityFinding>{repeated};
}

/// The last row evaluates.
inline Result<DatasetSplit> splitOf(const DatasetInput& input, const std::stop_token&) {
    const auto rows = static_cast<qint64>(input.table->size());
    if (rows < 2)
        return inputError("data", "has a single row");
    return DatasetSplit{{QString()}, {rows - 1}, {1}, {0}, "abc123", {}, input.table->dropped};
}

/// Reads JSON lines for real; a file with "slow" in its name only ends when it is stopped.
inline DatasetParts datasetParts() {
    DatasetParts parts;
    parts.recipeSchema = dataFields();
    parts.recipeSchema.insert(parts.recipeSchema.begin(),
                              ParamSpec{"model",
                                        "model",
                                        "Base model",
                                        "",
                                        "",
                                        TextDomain{TextDomain::Kind::Folder, true},
                                        std::string(),
                                        {},
                                        false,
                                        false});
    parts.roles = {{"instruction", "Instruction", "instruction_column"},
                   {"answer", "Answer", "answer_column"}};
    parts.readingKeys = {"data_delimiter"};
    parts.read = [](const ParamValues& recipe, const JobProgress& progress,
                    const std::stop_token& stop) -> Result<DatasetFile> {
        const std::string& file = recipe.text("train_file");
        progress(1, 2);
        while (file.find("slow") != std::string::npos && !stop.stop_requested())
            std::this_thread::sleep_for(std::chrono::milliseconds(1)); // a large file, not a test's wait
        if (stop.stop_requested())
            return Error{Error::Kind::Cancelled, {}, "Stopped"};
        LATHE_ASSIGN(Table table, readTable(file));
        return DatasetFile{std::make_shared<const Table>(std::move(table)),
                           {{QString(), "JSON Lines"},
                            {"data_delimiter", QString::fromStdString(recipe.text("data_delimiter"))}}};
    };
    parts.columns = columnsOf;
    parts.look = lookAt;
    parts.lengths = lengthsOf;
    parts.quality = findingsOf;
    parts.split = splitOf;
    parts.splitKeys = {"split_seed"};
    parts.fixKey = "data_fixes";
    return parts;
}

} // namespace lathe::test
