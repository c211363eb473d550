#include "app/dataset_functions.h"

#include "core/data/column_roles.h"
#include "core/data/quality.h"
#include "core/data/table.h"
#include "core/session/text.h"
#include "core/train/data_answers.h"
#include "core/train/recipe_import.h"

#include <QCoreApplication>

#include <algorithm>
#include <map>

namespace lathe {

namespace {

/// Of a cell that is shown as an example.
constexpr std::size_t kExampleBytes = 160;
constexpr std::size_t kExampleRows = 50;

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

std::string keyOf(ColumnRole role) { return std::string(roleId(role)) + "_column"; }

ColumnRoles givenRoles(const ParamValues& recipe) {
    ColumnRoles roles;
    for (const ColumnRole role : allRoles())
        if (const ParamValue* column = recipe.find(keyOf(role));
            column != nullptr && !toText(*column).empty())
            roles[role] = toText(*column);
    return roles;
}

bool isOneOf(const ColumnRoles& roles, std::initializer_list<ColumnRole> wanted) {
    return std::ranges::any_of(wanted, [&roles](ColumnRole role) { return roles.contains(role); });
}

std::string taskFor(const ColumnRoles& roles) {
    if (isOneOf(roles, {ColumnRole::Answer, ColumnRole::Conversation, ColumnRole::Chosen}))
        return "instruction";
    if (roles.contains(ColumnRole::Label))
        return "labels";
    return roles.contains(ColumnRole::Text) ? "text" : "instruction";
}

QString problemWith(const Table& table, const ColumnRoles& roles) {
    if (table.size() == 0)
        return QCoreApplication::translate("Dataset", "No row of this file can be used: see Versions.");
    if (const Status checked = checkRoles(table, roles); !checked.has_value())
        return toQString(checked.error().message);
    const bool isInstruction = roles.contains(ColumnRole::Instruction) || roles.contains(ColumnRole::Input);
    const bool isUsable = roles.contains(ColumnRole::Conversation) || roles.contains(ColumnRole::Text) ||
                          (isInstruction && isOneOf(roles, {ColumnRole::Answer, ColumnRole::Chosen}));
    return isUsable ? QString()
                    : QCoreApplication::translate(
                          "Dataset", "Choose what to train on: a text, a conversation, or an instruction "
                                     "and its answer.");
}

std::map<std::string, QString> examplesOf(const Table& table) {
    std::map<std::string, QString> examples;
    for (std::size_t i = 0; i < std::min(table.size(), kExampleRows); ++i)
        for (const auto& [column, value] : table.row(i))
            if (!value.empty() && !examples.contains(column))
                examples[column] = toQString(std::string_view(value).substr(0, kExampleBytes)).simplified();
    return examples;
}

Result<DatasetColumns> columnsOf(const DatasetInput& input) {
    const ColumnRoles given = givenRoles(input.recipe);
    const ColumnRoles roles = rolesIn(*input.table, given);
    const auto examples = examplesOf(*input.table);
    DatasetColumns columns;
    for (const std::string& name : input.table->columns) {
        DatasetColumn column;
        column.name = toQString(name);
        if (const auto example = examples.find(name); example != examples.end())
            column.example = example->second;
        for (const auto& [role, of] : roles) // the answer comes before the chosen one, which may be the same
            if (of == name && column.role.isEmpty()) {
                column.role = toQString(roleId(role));
                column.isGuessed = !given.contains(role);
            }
        columns.columns << column;
    }
    columns.task = toQString(taskFor(roles));
    columns.problem = problemWith(*input.table, roles);
    return columns;
}

DatasetRow rowOf(const RowPreview& preview) {
    DatasetRow row;
    for (const PreviewToken& token : preview.tokens)
        row.tokens << DatasetToken{token.id, toQString(token.text), static_cast<TokenPart>(token.role),
                                   token.isMasked};
    row.label = toQString(preview.label.value_or(std::string()));
    row.cutReason = toQString(preview.cutReason);
    row.dropReason = toQString(preview.dropReason);
    return row;
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
    for (const ColumnRole role : allRoles())
        if (findSpec(recipeSchema, keyOf(role)) != nullptr)
            parts.roles << DatasetRole{toQString(roleId(role)), toQString(roleLabel(role)),
                                       toQString(keyOf(role))};
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
    parts.look = [answers](const DatasetInput& input, std::size_t row) -> Result<DatasetRow> {
        LATHE_ASSIGN(const RowPreview preview, answers->look({input.table, input.recipe}, row));
        return rowOf(preview);
    };
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
