#include "core/train/data_answers.h"

#include "core/text/tokenizer.h"
#include "core/train/recipe.h"
#include "core/train/row_fields.h"
#include "core/train/tokenized_rows.h"
#include "core/train/training_data.h"

#include <algorithm>
#include <limits>
#include <set>

namespace lathe {

namespace {

/// Rows that are tokenized between two reports.
constexpr std::size_t kChunkRows = 2000;
/// A column with more values is not what a person counts rows by.
constexpr std::size_t kMostLabels = 30;

/// Rows of plain text one by one: a training joins them, so that none is too long by itself.
Result<std::vector<RowLength>> textLengths(const Table& rows, const std::string& column,
                                           const Tokenizer& tokenizer) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Row row = rows.row(i);
        const auto cell = row.find(column);
        texts.push_back(cell == row.end() ? std::string() : cell->second);
    }
    LATHE_ASSIGN(const std::vector<Encoding> encodings, tokenizer.encodeBatch(texts, true));
    std::vector<RowLength> lengths;
    for (const Encoding& encoding : encodings)
        lengths.push_back({lengths.size(), 0, static_cast<std::uint32_t>(encoding.ids.size())});
    return lengths;
}

/// Rows no example can be made of have no length.
Result<std::vector<RowLength>> lengthsOf(const Table& rows, const RecipeView& view, const Task& task,
                                         const Tokenizer& tokenizer) {
    if (view.taskId == "text")
        return textLengths(rows, textColumnIn(rows, view.reading.textColumn), tokenizer);
    auto set = task.makeExamples(rows, view.reading, tokenizer, view.examples);
    if (!set.has_value())
        return set.error();
    return measureLengths(ExampleList(std::move(set->examples))).rows();
}

Result<TokenLengths> measure(const Tokenizer& tokenizer, const DataQuestion& question,
                             const DataAnswers::Progress& progress, const std::stop_token& stop) {
    RecipeView view(question.recipe);
    LATHE_ASSIGN(const auto task, recipeTask(question.recipe));
    view.examples.maxLength = std::numeric_limits<std::int32_t>::max();
    view.examples.shouldAppendEos = false;
    view.examples.lossOnPrompt = false;
    if (task->answerForm() == AnswerForm::Label && view.reading.labelNames.empty())
        view.reading.labelNames =
            labelNamesIn(*question.table, task->readingOf(*question.table, view.reading).labels.label);
    std::vector<RowLength> all;
    std::optional<Error> problem;
    for (std::size_t from = 0; from < question.table->size(); from += kChunkRows) {
        if (stop.stop_requested())
            return Error{Error::Kind::Cancelled, {}, "Stopped"};
        Table rows;
        rows.source = question.table->source;
        rows.columns = question.table->columns;
        const std::size_t to = std::min(from + kChunkRows, question.table->size());
        for (std::size_t row = from; row < to; ++row)
            rows.add(question.table->row(row), question.table->line(row));
        auto lengths = lengthsOf(rows, view, *task, tokenizer);
        if (!lengths.has_value() && !problem)
            problem = lengths.error(); // other rows may do
        for (const RowLength& length : lengths.value_or({}))
            all.push_back({from + length.row, length.prompt, length.whole});
        progress(to, question.table->size());
    }
    if (all.empty() && problem)
        return *problem;
    return TokenLengths(std::move(all));
}

/// The column whose values divide the rows into kinds: the label, else an answer with few values.
std::string labelColumn(const Table& table, const RecipeView& view, const Task& task) {
    const RowFields fields = rowFields(table, task, view.reading);
    return isByHead(task.answerForm()) ? fields.label : fields.answer;
}

/// Rows of a part by the value of a column; with too many values, or none, all count as one.
class LabelCounts {
public:
    LabelCounts(const Table& table, std::string column) : m_table(table), m_column(std::move(column)) {}

    std::map<std::string, std::size_t> count(const ExampleList& part, const std::stop_token& stop) {
        std::map<std::string, std::size_t> counts;
        for (std::size_t i = 0; i < part.size() && !stop.stop_requested(); ++i)
            ++counts[m_column.empty() ? std::string() : valueOf(part.row(i))];
        for (const auto& [label, rows] : counts)
            m_labels.insert(label);
        return counts;
    }
    /// After all parts were counted.
    [[nodiscard]] std::vector<std::string> labels() const {
        return m_column.empty() || m_labels.size() > kMostLabels
                   ? std::vector<std::string>()
                   : std::vector<std::string>(m_labels.begin(), m_labels.end());
    }

private:
    std::string valueOf(std::size_t row) const {
        const Row cells = m_table.row(row);
        const auto cell = cells.find(m_column);
        return cell == cells.end() ? std::string() : cell->second;
    }

    const Table& m_table;
    std::string m_column;
    std::set<std::string> m_labels;
};

std::vector<std::size_t> byLabel(const std::map<std::string, std::size_t>& counts,
                                 const std::vector<std::string>& labels) {
    if (labels.empty()) {
        std::size_t all = 0;
        for (const auto& [label, rows] : counts)
            all += rows;
        return {all};
    }
    std::vector<std::size_t> rows;
    for (const std::string& label : labels) {
        const auto found = counts.find(label);
        rows.push_back(found == counts.end() ? 0 : found->second);
    }
    return rows;
}

/// What of a recipe decides how many tokens a row has.
ParamValues tokensOnly(const ParamValues& recipe) {
    ParamValues rest;
    for (const auto& [key, value] : recipe.map())
        if (changesTokens(key) && key != "max_length" && key != "length_policy" && key != "loss_on_prompt")
            rest.set(key, value);
    return rest;
}

} // namespace

Result<std::shared_ptr<const Tokenizer>> DataAnswers::tokenizer(const ParamValues& recipe) {
    const std::string& model = recipe.text("model");
    if (model.empty())
        return inputError("Model", "is not chosen; its tokenizer makes the tokens");
    const std::scoped_lock lock(m_mutex);
    if (m_tokenizer == nullptr || m_model != model) {
        LATHE_ASSIGN(Tokenizer read, Tokenizer::load(model));
        m_tokenizer = std::make_shared<const Tokenizer>(std::move(read));
        m_model = model;
    }
    return m_tokenizer;
}

Status DataAnswers::check(const ParamValues& recipe) const {
    for (const Problem& problem : validate(m_schema, recipe))
        if (const ParamSpec* spec = findSpec(m_schema, problem.key); spec != nullptr && spec->group == "data")
            return inputError(spec->label, problem.message);
    return ok();
}

Result<std::shared_ptr<const TokenLengths>> DataAnswers::lengths(const DataQuestion& question,
                                                                 const DataAnswers::Progress& progress,
                                                                 const std::stop_token& stop) {
    LATHE_TRY(check(question.recipe));
    const DataQuestion counted{question.table, tokensOnly(question.recipe)};
    {
        const std::scoped_lock lock(m_mutex);
        if (m_lengths != nullptr && m_counted.table == counted.table && m_counted.recipe == counted.recipe)
            return m_lengths;
    }
    LATHE_ASSIGN(const auto read, tokenizer(question.recipe));
    LATHE_ASSIGN(TokenLengths lengths, measure(*read, question, progress, stop));
    const std::scoped_lock lock(m_mutex);
    m_counted = counted;
    m_lengths = std::make_shared<const TokenLengths>(std::move(lengths));
    return m_lengths;
}

Result<RowPreview> DataAnswers::look(const DataQuestion& question, std::size_t row) {
    LATHE_TRY(check(question.recipe));
    LATHE_ASSIGN(const auto read, tokenizer(question.recipe));
    const RecipeView view(question.recipe);
    LATHE_ASSIGN(const auto task, recipeTasks().make(view.taskId));
    const Table& table = *question.table;
    if (task->answerForm() == AnswerForm::Label)
        return previewLabel(table, row, view.reading.labels, view.reading.labelNames, *read, view.examples);
    if (view.taskId == "text")
        return previewText(table, row, view.reading.textColumn, *read, view.examples);
    return previewInstruction(table, row, view.reading.prompt, *read, view.examples);
}

Result<std::vector<QualityFinding>> DataAnswers::quality(const DataQuestion& question,
                                                         const DataAnswers::Progress& progress,
                                                         const std::stop_token& stop) {
    LATHE_TRY(check(question.recipe));
    const RecipeView view(question.recipe);
    LATHE_ASSIGN(const auto task, recipeTask(question.recipe));
    QualityInput checked{{question.table.get(), rowFields(*question.table, *task, view.reading)}};
    std::optional<Table> evaluation; // outlives the checks
    if (const std::string& file = question.recipe.text("eval_file"); !file.empty()) {
        LATHE_ASSIGN(evaluation, task->readRows(file));
        checked.evaluation = {CheckedTable{&*evaluation, rowFields(*evaluation, *task, view.reading)}};
    }
    std::shared_ptr<const TokenLengths> lengths; // outlives the checks
    if (!question.recipe.text("model").empty()) {
        LATHE_ASSIGN(lengths, this->lengths(question, progress, stop));
        checked.lengths = lengths.get();
        checked.maxLength = view.examples.maxLength;
    }
    return checkQuality(checked, {}, progress, stop);
}

Result<DataDivision> DataAnswers::divide(const DataQuestion& question, const std::stop_token& stop) {
    LATHE_TRY(check(question.recipe));
    LATHE_ASSIGN(const auto read, tokenizer(question.recipe));
    const RecipeView view(question.recipe);
    LATHE_ASSIGN(const auto task, recipeTask(question.recipe));
    LATHE_ASSIGN(TrainingData data,
                 loadTrainingData(question.recipe, *task, *read, 0, {tokenCacheFolder()}, stop));
    // Rows of another file have other numbers: there all count as one kind.
    const bool isOneFile =
        question.recipe.text("eval_file").empty() && question.recipe.text("test_file").empty();
    LabelCounts counts(*question.table,
                       isOneFile ? labelColumn(*question.table, view, *task) : std::string());
    const auto train = counts.count(data.train, stop);
    const auto dev = counts.count(data.eval, stop);
    const auto test = counts.count(data.test, stop);
    if (stop.stop_requested())
        return Error{Error::Kind::Cancelled, {}, "Stopped"};
    DataDivision division;
    division.labels = counts.labels();
    division.train = byLabel(train, division.labels);
    division.dev = byLabel(dev, division.labels);
    division.test = byLabel(test, division.labels);
    division.record = std::move(data.record);
    return division;
}

} // namespace lathe
