#include "core/tasks/builtin_tasks.h"
#include "core/tasks/characters.h"
#include "core/tasks/prompted_task.h"
#include "core/tasks/task_parts.h"
#include "core/tasks/text_scores.h"

namespace lathe {

namespace {

/// Free answers that are compared with the right ones by a few measures of texts.
class FreeTextTask final : public PromptedTask {
public:
    enum class Part { Whole, FirstLine };

    FreeTextTask(std::vector<std::string> scores, std::int64_t maxNewTokens, Part part)
        : m_scores(std::move(scores)), m_maxNewTokens(maxNewTokens), m_part(part) {}

    GenerationOptions generation() const override {
        GenerationOptions options;
        options.maxNewTokens = m_maxNewTokens;
        return options;
    }

    std::vector<MetricInfo> answerMetrics() const override { return answerMetricsOf(m_scores); }

    RowVerdict judge(const Row& /*row*/, const Question& question, const ModelAnswer& answer) const override {
        std::string_view text = trimmed(answer.text);
        if (m_part == Part::FirstLine)
            text = trimmed(text.substr(0, text.find('\n')));
        return scoredText(std::string(text), question.expected, m_scores);
    }

private:
    std::vector<std::string> m_scores;
    std::int64_t m_maxNewTokens;
    Part m_part;
};

} // namespace

std::unique_ptr<Task> makeQuestionAnsweringTask() {
    constexpr std::int64_t kTokens = 32;
    return std::make_unique<FreeTextTask>(std::vector<std::string>{"exact_match", "token_f1"}, kTokens,
                                          FreeTextTask::Part::FirstLine);
}

std::unique_ptr<Task> makeSummarisationTask() {
    constexpr std::int64_t kTokens = 128;
    return std::make_unique<FreeTextTask>(std::vector<std::string>{"rougeL", "rouge1", "rouge2"}, kTokens,
                                          FreeTextTask::Part::Whole);
}

std::unique_ptr<Task> makeTranslationTask() {
    constexpr std::int64_t kTokens = 256;
    return std::make_unique<FreeTextTask>(std::vector<std::string>{"bleu"}, kTokens,
                                          FreeTextTask::Part::FirstLine);
}

} // namespace lathe
