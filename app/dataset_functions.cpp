#include "app/dataset_functions.h"

#include "core/data/quality.h"
#include "core/data/table.h"
#include "core/session/text.h"
#include "core/train/data_answers.h"
#include "core/train/recipe_import.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <map>

namespace lathe {

namespace {

/// Of a cell that is shown as an example.
constexpr std::size_t kExampleBytes = 160;
constexpr std::size_t kExampleRows = 50;

struct Role {
    const char* id;
    const char* label;
    const char* key;
    std::array<const char*, 3> names; ///< of columns that usually play it
};
constexpr std::array<Role, 3> kRoles{
    {{"text", "Text", "text_column", {"text", "sentence", "sentence1"}},
     {"pair", "Second text", "pair_column", {"sentence2", "text2", "hypothesis"}},
     {"label", "Label", "label_column", {"label", "labels", "class"}}}};

QVector<DatasetFact> factsOf(const DetectedFormat& format) {
    static const std::map<std::string, QString, std::less<>> names{
        {"jsonl", "JSON Lines"}, {"json", "JSON"}, {"csv", "CSV"},
        {"tsv", "TSV"},          {"text", "Text"}, {"parquet", "Parquet"}};
    const auto name = names.find(format.reader.value);
    QVector<DatasetFact> facts{
        {QStringLiteral("data_format"), name == names.end() ? toQString(format.reader.value) : name->second}};
    if (format.reader.value != "parquet")
        facts << DatasetFact{QStringLiteral("data_encoding"),
                             toQString(encodingName(format.encoding.value)).toUpper()};
    if (const char sign = format.delimiter.value; sign != '\0')
        facts << DatasetFact{QStringLiteral("data_delimiter"),
                             sign == '\t' ? QStringLiteral("Tab")
                                          : QStringLiteral("“%1”").arg(QLatin1Char(sign))};
    return facts;
}

Result<DatasetFile> readDataset(const ParamValues& recipe, const JobProgress& progress,
                                const std::stop_token& stop) {
    LATHE_ASSIGN(Table table,
                 importTable(
                     recipe.text("train_file"), importOptionsOf(recipe),
                     [&progress](std::uint64_t done, std::uint64_t all) { progress(done, all); }, stop));
    QVector<DatasetFact> facts = factsOf(table.format);
    return DatasetFile{std::make_shared<const Table>(std::move(table)), std::move(facts)};
}

std::map<std::string, QString> examplesOf(const Table& table) {
    std::map<std::string, QString> examples;
    for (std::size_t i = 0; i < std::min(table.size(), kExampleRows); ++i)
        for (const auto& [column, value] : table.row(i))
            if (!value.empty() && !examples.contains(column))
                examples[column] = toQString(std::string_view(value).substr(0, kExampleBytes)).simplified();
    return examples;
}

/// The column that plays a role: the chosen one, else one that is usually called so; empty: none.
std::string columnFor(const Role& role, const Table& table, const ParamValues& recipe) {
    const auto isThere = [&table](const std::string& column) {
        return std::ranges::find(table.columns, column) != table.columns.end();
    };
    if (const std::string& chosen = recipe.text(role.key); isThere(chosen) || chosen == kNoColumn)
        return chosen;
    const auto name = std::ranges::find_if(role.names, isThere);
    return name == role.names.end() ? std::string() : *name;
}

Result<DatasetColumns> columnsOf(const DatasetInput& input) {
    const auto examples = examplesOf(*input.table);
    const bool isInstruction =
        std::ranges::find(input.table->columns, "instruction") != input.table->columns.end();
    DatasetColumns columns;
    bool hasLabel = false;
    for (const std::string& name : input.table->columns) {
        DatasetColumn column{toQString(name), {}, {}, false};
        if (const auto example = examples.find(name); example != examples.end())
            column.example = example->second;
        for (const Role& role : kRoles)
            if (!isInstruction && columnFor(role, *input.table, input.recipe) == name) {
                column.role = QLatin1String(role.id);
                column.isGuessed = input.recipe.text(role.key) != name;
                hasLabel = hasLabel || column.role == QLatin1String("label");
            }
        columns.columns << column;
    }
    columns.task = isInstruction ? QStringLiteral("instruction")
                   : hasLabel    ? QStringLiteral("labels")
                                 : QStringLiteral("text");
    if (input.table->size() == 0)
        columns.problem =
            QCoreApplication::translate("Dataset", "No row of this file can be used: see Versions.");
    return columns;
}

QVector<qint64> countsOf(const std::vector<std::size_t>& rows) {
    QVector<qint64> counts;
    for (const std::size_t count : rows)
        counts << static_cast<qint64>(count);
    return counts;
}

DatasetSplit splitOf(const DataDivision& division) {
    DatasetSplit split;
    for (const std::string& label : division.labels)
        split.labels << toQString(label);
    if (division.labels.empty())
        split.labels << QString();
    split.train = countsOf(division.train);
    split.dev = countsOf(division.dev);
    split.test = countsOf(division.test);
    if (const auto hash = division.record.split.find("hash"); hash != division.record.split.end())
        split.hash = toQString(hash->second);
    for (const std::string& line : inWords(division.record))
        split.words << toQString(line);
    if (!division.record.files.empty())
        split.dropped = division.record.files.front().firstDropped;
    return split;
}

} // namespace

DatasetParts makeDatasetParts(const ParamSchema& recipeSchema) {
    DatasetParts parts;
    parts.recipeSchema = recipeSchema;
    for (const Role& role : kRoles)
        parts.roles << DatasetRole{QLatin1String(role.id), QLatin1String(role.label),
                                   QLatin1String(role.key)};
    parts.read = readDataset;
    parts.columns = columnsOf;
    parts.splitKeys = {
        "eval_file",        "split",    "split_column", "eval_fraction", "test_file", "test_fraction",
        "data_seed",        "folds",    "fold",         "shots",         "shots_of",  "shot_dev",
        "shot_train_share", "dev_rows", "max_bad_rows"};
    for (const std::string& key : importKeys())
        parts.readingKeys << toQString(key);
    parts.fixKey = "data_fixes";
    const auto answers = std::make_shared<DataAnswers>(recipeSchema); // shared by the functions
    parts.lengths = [answers](const DatasetInput& input, const JobProgress& progress,
                              const std::stop_token& stop) -> Result<TokenLengths> {
        LATHE_ASSIGN(const auto lengths, answers->lengths({input.table, input.recipe}, progress, stop));
        return *lengths;
    };
    parts.quality = [answers](const DatasetInput& input, const JobProgress& progress,
                              const std::stop_token& stop) {
        return answers->quality({input.table, input.recipe}, progress, stop);
    };
    parts.split = [answers](const DatasetInput& input, const std::stop_token& stop) -> Result<DatasetSplit> {
        LATHE_ASSIGN(const DataDivision division, answers->divide({input.table, input.recipe}, stop));
        return splitOf(division);
    };
    parts.exportRows = exportRows;
    return parts;
}

} // namespace lathe
