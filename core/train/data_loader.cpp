#include "core/train/data_loader.h"

#include "core/train/make_task.h"
#include "core/train/recipe_import.h"
#include "core/train/row_fields.h"

#include <algorithm>
#include <numeric>

namespace lathe {

namespace {

using Rows = std::vector<std::size_t>;

Rows upTo(std::size_t count) {
    Rows rows(count);
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    return rows;
}

Rows rowsOf(const ExampleList& examples) {
    Rows rows;
    rows.reserve(examples.size());
    for (std::size_t i = 0; i < examples.size(); ++i)
        rows.push_back(examples.row(i));
    return rows;
}

/// "a, b" as its parts.
std::vector<std::string> commaList(const std::string& text) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == ',')
            parts.emplace_back();
        else if (c != ' ')
            parts.back() += c;
    }
    std::erase(parts, std::string());
    return parts;
}

/// The examples of the rows, in the rows' order. Contract: `candidates` are ascending and hold them all.
ExampleList choose(const ExampleList& examples, const Rows& candidates, const Rows& rows) {
    Rows places;
    places.reserve(rows.size());
    for (const std::size_t row : rows)
        places.push_back(
            static_cast<std::size_t>(std::ranges::lower_bound(candidates, row) - candidates.begin()));
    return examples.select(places);
}

void noteDropped(const std::vector<DroppedRow>& rows, FileRecord& record) {
    for (const DroppedRow& row : rows) {
        record.dropped.add(row.reason);
        if (record.firstDropped.size() < FileRecord::kListedRows)
            record.firstDropped.push_back(row);
    }
}

/// The fields that say what a row becomes, as they count.
std::map<std::string, std::string> readingOf(const ParamValues& recipe) {
    std::map<std::string, std::string> reading;
    for (const ParamSpec& spec : recipeSchema())
        if (spec.group == "data" && changesTokens(spec.key) &&
            isActive(spec.activeIf, recipeSchema(), recipe))
            reading[spec.key] = toText(*recipe.find(spec.key));
    return reading;
}

} // namespace

SplitOptions splitOptions(const ParamValues& recipe, const std::string& labelColumn, std::uint64_t runSeed) {
    SplitOptions options;
    const auto kind = splitKindFrom(recipe.text("split"));
    LATHE_EXPECT(kind.has_value());
    options.kind = *kind;
    options.devShare = recipe.real("eval_fraction");
    options.testShare = recipe.text("test_file").empty() ? recipe.real("test_fraction") : 0;
    options.column = recipe.text("split_column");
    options.folds = static_cast<std::size_t>(recipe.integer("folds"));
    options.fold = static_cast<std::size_t>(recipe.integer("fold"));
    options.shots = static_cast<std::size_t>(recipe.integer("shots"));
    options.perClass = recipe.text("shots_of") == "label";
    options.hasLargeDev = recipe.text("shot_dev") == "large_dev";
    options.trainFraction = recipe.real("shot_train_share");
    options.devRows = static_cast<std::size_t>(recipe.integer("dev_rows"));
    const bool wantsLabels =
        options.kind == SplitKind::Stratified || (options.kind == SplitKind::FewShot && options.perClass);
    if (options.column.empty() && wantsLabels)
        options.column = labelColumn;
    const auto given = static_cast<std::uint64_t>(recipe.integer("data_seed"));
    options.seed = given != 0 || options.kind == SplitKind::Folds ? given : runSeed;
    return options;
}

DataLoader::DataLoader(const ParamValues& recipe, const Task& task, const Tokenizer& tokenizer,
                       std::uint64_t seed, TokenCache cache, std::stop_token stop)
    : m_recipe(recipe),
      m_view(recipe),
      m_task(task),
      m_tokenizer(tokenizer),
      m_seed(seed),
      m_cache(std::move(cache)),
      m_stop(std::move(stop)) {}

Result<TrainingData> DataLoader::load() {
    m_data.padId = m_tokenizer.padId().value_or(m_tokenizer.eosId().value_or(0));
    m_data.record.reading = readingOf(m_recipe);
    LATHE_ASSIGN(m_train, open(m_recipe.text("train_file"), "training"));
    const std::string& evalFile = m_recipe.text("eval_file");
    if (evalFile.empty()) {
        LATHE_TRY(divide());
    } else {
        LATHE_ASSIGN(m_data.train, tokenize(*m_train, m_train->rows));
        m_trainRows = m_train->rows; // a row that was dropped leaks its answers as much as the file does
        notePart("train", "training", m_data.train,
                 readsPlainText(m_task) ? m_train->rows : rowsOf(m_data.train));
        LATHE_TRY(readPart(evalFile, "evaluation", m_data.eval));
    }
    if (const std::string& testFile = m_recipe.text("test_file"); !testFile.empty())
        LATHE_TRY(readPart(testFile, "test", m_data.test));
    if (m_view.evalRows > 0)
        m_data.eval = m_data.eval.first(static_cast<std::size_t>(m_view.evalRows));
    for (PartRecord& part : m_data.record.parts)
        if (part.name == "eval")
            part.examples = m_data.eval.size();
    return std::move(m_data);
}

/// What is left of the training rows.
Result<Rows> DataLoader::rowsAfter(const std::vector<std::string>& fixes, const Table& table) const {
    QualityInput input{{&table, rowFields(table, m_task, m_view.reading)}};
    std::vector<Table> others;
    for (const char* key : {"eval_file", "test_file"})
        if (const std::string& file = m_recipe.text(key); !file.empty()) {
            LATHE_ASSIGN(Table other, m_task.readRows(file));
            others.push_back(std::move(other));
        }
    for (const Table& other : others)
        input.evaluation.push_back({&other, rowFields(other, m_task, m_view.reading)});
    const auto isAsked = [&fixes](const char* fix) { return std::ranges::find(fixes, fix) != fixes.end(); };
    if (isAsked("remove_overlap") && others.empty())
        return inputError("data_fixes", "remove_overlap needs an evaluation or test file to compare with");
    if (isAsked("drop_long"))
        return inputError("data_fixes", "drop_long is what length_policy drop does; choose that instead");
    return rowsAfterFixes(input, fixes, m_stop);
}

Result<DataLoader::Source> DataLoader::open(const std::string& file, const std::string& role) {
    LATHE_ASSIGN(Table table,
                 role == "training" ? readTrainingFile(m_recipe, m_task) : m_task.readRows(file));
    Source source{std::move(table), {}, m_data.record.files.size()};
    source.rows = upTo(source.table.size());
    if (const auto fixes = commaList(m_recipe.text("data_fixes")); role == "training" && !fixes.empty()) {
        m_data.record.fixes = fixes;
        LATHE_ASSIGN(source.rows, rowsAfter(fixes, source.table));
    }
    FileRecord record;
    record.role = role;
    record.path = file;
    record.sha256 = source.table.sha256;
    record.rows = source.table.size() + source.table.droppedCount();
    record.format = formatInWords(source.table.format);
    record.leftOut = source.table.size() - source.rows.size();
    noteDropped(source.table.dropped, record);
    if (const std::size_t unlisted = source.table.droppedCount() - source.table.dropped.size(); unlisted > 0)
        record.dropped.add("left out at import, not listed", unlisted);
    m_data.record.files.push_back(std::move(record));
    return source;
}

Result<ExampleList> DataLoader::tokenize(const Source& source, const Rows& rows) {
    auto stored = tokenizedRows({source.table, m_recipe, m_view, m_task, m_tokenizer, m_stop}, rows, m_cache);
    if (!stored) {
        if (stored.error().kind == Error::Kind::Input && stored.error().where.empty())
            return inputError(source.table.source.string(), stored.error().message);
        return stored.error();
    }
    FileRecord& record = m_data.record.files[source.record];
    record.used += rows.size() - stored->facts.dropped.size();
    record.truncated += stored->facts.truncatedCount;
    noteDropped(stored->facts.dropped, record);
    LATHE_TRY(checkBadRows(record, m_recipe.real("max_bad_rows")));
    if (m_data.labelNames.empty())
        m_data.labelNames = m_view.reading.labelNames = stored->facts.labelNames;
    return std::move(stored->examples);
}

/// Blocks of plain text span rows, so that rows have to be divided before they are made; but shares of blocks
/// are what the split by shares always meant there.
Status DataLoader::divide() {
    const SplitOptions options =
        splitOptions(m_recipe, rowFields(m_train->table, m_task, m_view.reading).label, m_seed);
    return readsPlainText(m_task) && options.kind != SplitKind::Ratio ? divideTexts(options)
                                                                      : divideExamples(options);
}

Status DataLoader::divideExamples(const SplitOptions& options) {
    LATHE_ASSIGN(const ExampleList all, tokenize(*m_train, m_train->rows));
    const bool isBlocks = readsPlainText(m_task);
    const Rows candidates = isBlocks ? upTo(all.size()) : rowsOf(all);
    if (candidates.size() < 2)
        return inputError(m_train->table.source.string(),
                          "has a single usable row; at least two are needed, one of them for evaluation");
    LATHE_ASSIGN(const SplitRows rows, splitRows(m_train->table, candidates, options));
    noteSplit(options, rows.hash);
    m_data.record.split["unit"] = isBlocks ? "blocks of text" : "rows";
    for (const auto& [name, part, chosen] :
         {std::tuple("train", &m_data.train, &rows.train), std::tuple("eval", &m_data.eval, &rows.dev),
          std::tuple("test", &m_data.test, &rows.test)}) {
        *part = choose(all, candidates, *chosen);
        if (!chosen->empty())
            notePart(name, "training", *part, *chosen);
    }
    if (isBlocks) {
        m_trainRows = m_train->rows;
        return ok();
    }
    m_trainRows = rows.train;
    std::ranges::sort(m_trainRows);
    return noteOverlaps(rows);
}

Status DataLoader::divideTexts(const SplitOptions& options) {
    LATHE_ASSIGN(const SplitRows rows, splitRows(m_train->table, m_train->rows, options));
    noteSplit(options, rows.hash);
    m_data.record.split["unit"] = "rows";
    std::size_t divided = 0;
    for (const auto& [name, part, chosen] :
         {std::tuple("train", &m_data.train, &rows.train), std::tuple("eval", &m_data.eval, &rows.dev),
          std::tuple("test", &m_data.test, &rows.test)}) {
        if (chosen->empty())
            continue;
        Rows ascending = *chosen;
        std::ranges::sort(ascending);
        LATHE_ASSIGN(*part, tokenize(*m_train, ascending));
        notePart(name, "training", *part, *chosen);
        divided += chosen->size();
    }
    m_data.record.files[m_train->record].used += m_train->rows.size() - divided; // usable, but of no part
    m_trainRows = rows.train;
    std::ranges::sort(m_trainRows);
    return noteOverlaps(rows);
}

/// Rows that stand in the training file several times may be on both sides.
Status DataLoader::noteOverlaps(const SplitRows& rows) {
    const RowFields fields = rowFields(m_train->table, m_task, m_view.reading);
    for (const auto& [noun, chosen] : {std::pair("evaluation", &rows.dev), std::pair("test", &rows.test)}) {
        Rows ascending = *chosen;
        std::ranges::sort(ascending);
        if (!ascending.empty())
            LATHE_TRY(noteOverlap({&m_train->table, fields, noun, std::move(ascending)}));
    }
    return ok();
}

Status DataLoader::noteOverlap(const CheckedTable& other) {
    QualityInput input{
        {&m_train->table, rowFields(m_train->table, m_task, m_view.reading), "training", m_trainRows}};
    input.evaluation = {other};
    const std::vector<std::string> ids{"overlap"};
    LATHE_ASSIGN(const auto findings, checkQuality(input, ids, {}, m_stop));
    for (const QualityFinding& finding : findings)
        if (finding.severity == QualitySeverity::Problem)
            m_data.record.warnings.push_back(finding.message);
    return ok();
}

Status DataLoader::readPart(const std::string& file, const std::string& role, ExampleList& part) {
    LATHE_ASSIGN(Source source, open(file, role));
    LATHE_ASSIGN(part, tokenize(source, source.rows));
    notePart(role == "test" ? "test" : "eval", role, part,
             readsPlainText(m_task) ? source.rows : rowsOf(part));
    return noteOverlap({&source.table, rowFields(source.table, m_task, m_view.reading), role, source.rows});
}

void DataLoader::notePart(const std::string& name, const std::string& role, const ExampleList& examples,
                          Rows rows) {
    PartRecord part{name, role, examples.size(), hashOfRows(rows), {}};
    if (rows.size() <= PartRecord::kListedRows && !m_data.record.split.empty())
        part.rows = std::move(rows);
    m_data.record.parts.push_back(std::move(part));
}

void DataLoader::noteSplit(const SplitOptions& options, const std::string& hash) {
    auto& split = m_data.record.split;
    split = {{"hash", hash}, {"seed", std::to_string(options.seed)}};
    for (const ParamSpec& spec : recipeSchema())
        if (spec.group == "data" && !changesTokens(spec.key) && !spec.key.ends_with("_file") &&
            spec.key != "max_bad_rows" && spec.key != "packing" && spec.key != "data_fixes" &&
            isActive(spec.activeIf, recipeSchema(), m_recipe))
            split[spec.key] = toText(*m_recipe.find(spec.key));
}

} // namespace lathe
