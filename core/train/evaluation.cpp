#include "core/train/evaluation.h"

#include "core/base/random.h"
#include "core/tasks/task_file.h"
#include "core/train/answerer.h"
#include "core/train/make_task.h"
#include "core/train/recipe.h"
#include "core/train/torch_guard.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>

namespace lathe {

namespace {

using Clock = std::chrono::steady_clock;

/// What recipes say about reading rows; everything else of theirs is about training.
constexpr const char* kReadingKeys[] = {"task",
                                        "task_file",
                                        "prompt_template",
                                        "template_text",
                                        "template_without_input",
                                        "instruction_column",
                                        "input_column",
                                        "answer_column",
                                        "system_column",
                                        "conversation_column",
                                        "chosen_column",
                                        "rejected_column",
                                        "text_column",
                                        "pair_column",
                                        "label_column",
                                        "max_length"};
constexpr auto kFiguresInterval = std::chrono::seconds(2);
/// Figures may take this part of the time.
constexpr int kRestPerFigures = 20;
/// Of the intervals on the way; the last ones have as many as usual.
constexpr std::int64_t kResamplesOnTheWay = 200;

/// A row of the data file and what is asked about it.
struct Asked {
    std::size_t row = 0;
    Result<Question> question;
};

class Evaluation {
public:
    Evaluation(const EvaluationSpec& spec, EvaluationContext& context) : m_spec(spec), m_context(context) {}

    Result<std::vector<EvaluationFigure>> run() {
        LATHE_TRY(readData());
        LATHE_TRY(loadModel());
        ask();
        tell("");
        LATHE_TRY(takeUnasked());
        m_begun = Clock::now();
        for (const std::vector<std::size_t>& batch : batches())
            if (!isDone(batch))
                LATHE_TRY(answer(batch));
        // In one order, whatever was done first: sums and drawn intervals depend on it.
        std::ranges::sort(m_rows, {}, &PredictionRecord::row);
        IntervalOptions intervals;
        intervals.seed = m_spec.seed;
        return figuresOf(*m_task, m_rows, intervals);
    }

private:
    [[nodiscard]] Status readData();
    [[nodiscard]] Status loadModel();
    void ask();
    [[nodiscard]] Status takeUnasked();
    [[nodiscard]] std::vector<std::vector<std::size_t>> batches() const;
    [[nodiscard]] bool isDone(const std::vector<std::size_t>& batch) const;
    [[nodiscard]] Status answer(const std::vector<std::size_t>& batch);
    [[nodiscard]] Status take(std::vector<PredictionRecord> rows);
    [[nodiscard]] PredictionRecord recordOf(const Asked& asked, const Result<ModelAnswer>& answer) const;
    [[nodiscard]] PredictionRecord unaskedRecord(std::size_t row, const std::string& why) const;
    [[nodiscard]] Status tellFigures();
    void tell(const std::string& phase);

    const EvaluationSpec& m_spec;
    EvaluationContext& m_context;
    std::unique_ptr<Task> m_task;
    std::optional<Tokenizer> m_tokenizer; ///< for prompts that are chats
    RowReading m_reading;
    std::int64_t m_maxLength = 0;
    Table m_table;
    std::size_t m_rowCount = 0; ///< of the table's rows, the first so many are asked
    std::size_t m_total = 0;    ///< with those that could not be read
    std::unique_ptr<Answerer> m_answerer;
    std::vector<Asked> m_asked;           ///< by row
    std::vector<PredictionRecord> m_rows; ///< done; without long texts
    std::set<std::int64_t> m_doneRows;
    Clock::time_point m_begun;
    std::size_t m_doneBefore = 0;
    Clock::time_point m_nextFigures;
};

Status Evaluation::readData() {
    tell("reading the data");
    ParamValues recipe = withDefaults(recipeSchema(), m_spec.reading);
    recipe.set("task", m_spec.task);
    if (m_spec.task == kOwnTask) { // of a run that was trained on it
        LATHE_ASSIGN(m_task, recipeTask(recipe));
    } else {
        LATHE_ASSIGN(m_task, findTask(recipeTasks(), m_spec.task));
    }
    const ParamSchema schema = readingSchema();
    for (const auto& [key, value] : m_spec.reading.map()) {
        const ParamSpec* known = findSpec(schema, key);
        if (known == nullptr)
            return inputError(key, "does not say how a row is read");
        if (!isActive(known->activeIf, schema, recipe))
            continue; // a run's recipe holds a value for every field
        if (const auto problem = problemWith(known->domain, value))
            return inputError(key, *problem);
    }
    if (const ParamValue* length = m_spec.reading.find("max_length"))
        m_maxLength = std::get<std::int64_t>(*length);
    LATHE_ASSIGN(m_table, m_task->readRows(m_spec.dataFile));
    if (!m_context.dataHash.empty() && m_context.dataHash != m_table.sha256)
        return inputError(m_spec.dataFile.string(),
                          "has changed since the evaluation began; start a new one");
    LATHE_ASSIGN(Tokenizer tokenizer, Tokenizer::load(m_spec.model));
    m_tokenizer = std::move(tokenizer);
    m_reading = m_task->readingOf(m_table, RecipeView(recipe).reading);
    LATHE_TRY(m_task->checkRows(m_table, m_reading));
    m_rowCount = m_spec.rowLimit > 0 ? std::min(m_table.size(), static_cast<std::size_t>(m_spec.rowLimit))
                                     : m_table.size();
    m_total = m_rowCount + (m_spec.rowLimit > 0 ? 0 : m_table.dropped.size());
    return m_context.begin(static_cast<std::int64_t>(m_total), m_table.sha256);
}

Status Evaluation::loadModel() {
    tell("loading the model");
    AnswererOptions options;
    options.maxLength = m_maxLength;
    switch (m_task->answerForm()) {
    case AnswerForm::Text: {
        LATHE_ASSIGN(options.generation, withOverrides(m_task->generation(), m_spec.generation));
        LATHE_ASSIGN(m_answerer, makeGeneratingAnswerer(m_spec, options));
        break;
    }
    case AnswerForm::Label:
    case AnswerForm::Number: {
        LATHE_ASSIGN(m_answerer, makeHeadAnswerer(m_spec, options));
        break;
    }
    case AnswerForm::Choice: {
        LATHE_ASSIGN(m_answerer, makeChoiceAnswerer(m_spec, options));
        break;
    }
    case AnswerForm::Loss: {
        LATHE_ASSIGN(m_answerer, makeLossAnswerer(m_spec, options));
        break;
    }
    }
    if (m_reading.labelNames.empty())
        m_reading.labelNames = m_answerer->labelNames();
    return ok();
}

void Evaluation::ask() {
    for (std::size_t row = 0; row < m_rowCount; ++row)
        m_asked.push_back({row, m_task->ask(m_table.row(row), m_reading, &*m_tokenizer)});
    for (PredictionRecord& row : m_context.done) {
        m_doneRows.insert(row.row);
        m_rows.push_back(std::move(row));
    }
    m_context.done.clear();
    m_doneBefore = m_doneRows.size();
}

/// Rows about which nothing can be asked are taken first, so that they are seen.
Status Evaluation::takeUnasked() {
    std::vector<PredictionRecord> rows;
    for (const Asked& asked : m_asked)
        if (!asked.question.has_value() && !m_doneRows.contains(static_cast<std::int64_t>(asked.row)))
            rows.push_back(unaskedRecord(asked.row, asked.question.error().text()));
    for (std::size_t i = m_rowCount; i < m_total; ++i) { // numbered behind those that could be read
        const DroppedRow& dropped = m_table.dropped[i - m_rowCount];
        PredictionRecord record;
        record.row = static_cast<std::int64_t>(i);
        record.line = static_cast<std::int64_t>(dropped.line);
        record.problem = dropped.reason;
        if (!m_doneRows.contains(record.row))
            rows.push_back(std::move(record));
    }
    return rows.empty() ? ok() : take(std::move(rows));
}

/// The longest rows first: if the memory does not do for them, that shows at once.
std::vector<std::vector<std::size_t>> Evaluation::batches() const {
    std::vector<std::size_t> order;
    for (const Asked& asked : m_asked)
        if (asked.question.has_value())
            order.push_back(asked.row);
    const auto length = [this](std::size_t row) {
        const Question& question = *m_asked[row].question;
        return question.prompt.size() + question.pair.value_or(std::string()).size();
    };
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return length(a) > length(b); });
    std::vector<std::vector<std::size_t>> batches;
    const auto size = static_cast<std::size_t>(std::max<std::int64_t>(1, m_spec.batchSize));
    for (std::size_t begin = 0; begin < order.size(); begin += size)
        batches.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(begin),
                             order.begin() +
                                 static_cast<std::ptrdiff_t>(std::min(begin + size, order.size())));
    return batches;
}

bool Evaluation::isDone(const std::vector<std::size_t>& batch) const {
    return std::ranges::all_of(
        batch, [this](std::size_t row) { return m_doneRows.contains(static_cast<std::int64_t>(row)); });
}

Status Evaluation::answer(const std::vector<std::size_t>& batch) {
    if (m_context.stop.stop_requested()) {
        LATHE_TRY(tellFigures());
        return Error{Error::Kind::Cancelled, {}, "stopped; it can be resumed"};
    }
    std::vector<const Question*> questions;
    for (const std::size_t row : batch)
        questions.push_back(&*m_asked[row].question);
    // Drawn tokens depend on the batch alone, not on what was done before.
    LATHE_ASSIGN(const auto answers,
                 m_answerer->answer(questions, mixSeed(m_spec.seed, batch.front()), m_context.stop));
    std::vector<PredictionRecord> rows;
    for (std::size_t i = 0; i < batch.size(); ++i)
        rows.push_back(recordOf(m_asked[batch[i]], answers[i]));
    LATHE_TRY(take(std::move(rows)));
    if (Clock::now() >= m_nextFigures)
        LATHE_TRY(tellFigures());
    return ok();
}

Status Evaluation::take(std::vector<PredictionRecord> rows) {
    LATHE_TRY(m_context.take(rows));
    for (PredictionRecord& row : rows) {
        row.prompt = {};
        row.answer = {};
        if (m_doneRows.insert(row.row).second)
            m_rows.push_back(std::move(row));
        else // of a batch that was taken in part, by a version that could
            *std::ranges::find(m_rows, row.row, &PredictionRecord::row) = std::move(row);
    }
    tell("");
    return ok();
}

PredictionRecord Evaluation::recordOf(const Asked& asked, const Result<ModelAnswer>& answer) const {
    if (!answer.has_value())
        return unaskedRecord(asked.row, answer.error().text());
    PredictionRecord record;
    record.row = static_cast<std::int64_t>(asked.row);
    record.line = static_cast<std::int64_t>(m_table.line(asked.row));
    record.prompt = asked.question->prompt;
    if (asked.question->pair)
        record.prompt += "\n" + *asked.question->pair;
    record.expected = asked.question->expected;
    record.answer = answer->text;
    const RowVerdict verdict = m_task->judge(m_table.row(asked.row), *asked.question, *answer);
    record.extracted = verdict.extracted;
    record.isCorrect = verdict.isCorrect;
    record.verdict = toJson(verdict);
    return record;
}

PredictionRecord Evaluation::unaskedRecord(std::size_t row, const std::string& why) const {
    PredictionRecord record;
    record.row = static_cast<std::int64_t>(row);
    record.line = static_cast<std::int64_t>(m_table.line(row));
    if (const Result<Question>& question = m_asked[row].question; question.has_value()) {
        record.prompt = question->prompt;
        record.expected = question->expected;
    }
    record.problem = why;
    return record;
}

Status Evaluation::tellFigures() {
    const auto begin = Clock::now();
    IntervalOptions intervals;
    intervals.seed = m_spec.seed;
    intervals.resamples = kResamplesOnTheWay;
    LATHE_ASSIGN(const auto figures, figuresOf(*m_task, m_rows, intervals));
    m_context.tellFigures(figures);
    m_nextFigures =
        Clock::now() + std::max<Clock::duration>(kFiguresInterval, kRestPerFigures * (Clock::now() - begin));
    return ok();
}

void Evaluation::tell(const std::string& phase) {
    EvaluationProgress progress;
    progress.phase = phase;
    progress.done = static_cast<std::int64_t>(m_doneRows.size());
    progress.total = static_cast<std::int64_t>(m_total);
    if (const std::size_t fresh = m_doneRows.size() - m_doneBefore; phase.empty() && fresh > 0) {
        const double seconds = std::chrono::duration<double>(Clock::now() - m_begun).count();
        progress.secondsLeft =
            seconds / static_cast<double>(fresh) * static_cast<double>(progress.total - progress.done);
    }
    m_context.tell(progress);
}

} // namespace

ParamSchema readingSchema() {
    ParamSchema schema;
    for (const char* key : kReadingKeys)
        if (const ParamSpec* spec = findSpec(recipeSchema(), key))
            schema.push_back(*spec);
    return schema;
}

Result<std::vector<EvaluationFigure>> runEvaluation(const EvaluationSpec& spec, EvaluationContext& context) {
    LATHE_EXPECT(context.begin && context.take && context.tell && context.tellFigures);
    return guarded("evaluation", [&] { return Evaluation(spec, context).run(); });
}

} // namespace lathe
