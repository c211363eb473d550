#include "core/tasks/answer_extraction.h"
#include "core/tasks/builtin_tasks.h"
#include "core/tasks/characters.h"
#include "core/tasks/prompted_task.h"
#include "core/tasks/task_parts.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

/// Column of the right answer in the test files of LLM-Adapters; "output" holds a rationale.
constexpr const char* kAnswerColumn = "answer";

/// The answer in a generated text: a model that goes on with the next exercise repeats this headline.
std::string_view answerPart(std::string_view text) {
    return trimmed(text.substr(0, text.find("### Response:")));
}

/// Sets of questions with one right number, letter or word each, put and generated as the recipes of
/// LLM-Adapters do, Hu et al. 2023 (arXiv:2304.01933).
class ReasoningTask : public PromptedTask {
public:
    explicit ReasoningTask(std::int64_t maxNewTokens) : m_maxNewTokens(maxNewTokens) {}

    RowReading usualReading() const override {
        const auto prompt = findPromptTemplate("llm-adapters-eval");
        LATHE_EXPECT(prompt.has_value());
        return {prompt.value()};
    }

    GenerationOptions generation() const override {
        GenerationOptions options;
        options.maxNewTokens = m_maxNewTokens;
        options.beams = 4;
        return options;
    }

    std::vector<MetricInfo> answerMetrics() const override { return answerMetricsOf({"accuracy"}); }

    Result<Question> ask(const Row& row, const RowReading& reading,
                         const Tokenizer* tokenizer) const override {
        LATHE_ASSIGN(Question question, promptQuestion(row, reading, tokenizer));
        question.expected = trimmed(cellOrNothing(row, kAnswerColumn));
        if (!question.expected.empty() && !isAnswer(question.expected))
            return inputError("", "the answer \"" + question.expected + "\" is not " + answerForms());
        return question;
    }

protected:
    [[nodiscard]] virtual bool isAnswer(const std::string& expected) const = 0;
    [[nodiscard]] virtual std::string answerForms() const = 0;

private:
    std::int64_t m_maxNewTokens;
};

constexpr std::int64_t kMathTokens = 256;
constexpr std::int64_t kWordTokens = 32;

class NumberSet final : public ReasoningTask {
public:
    NumberSet() : ReasoningTask(kMathTokens) {}

    RowVerdict judge(const Row& /*row*/, const Question& question, const ModelAnswer& answer) const override {
        RowVerdict verdict;
        verdict.extracted = lastNumber(answerPart(answer.text)).value_or("");
        verdict.expected = question.expected;
        const auto right = numberOf(question.expected);
        const auto given = numberOf(verdict.extracted);
        if (right)
            verdict.isCorrect = given && std::abs(*right - *given) <= kTolerance;
        return verdict;
    }

private:
    static constexpr double kTolerance = 0.001;

    bool isAnswer(const std::string& expected) const override { return numberOf(expected).has_value(); }
    std::string answerForms() const override { return "a number"; }
};

class LetterSet final : public ReasoningTask {
public:
    explicit LetterSet(LetterRule rule) : ReasoningTask(kMathTokens), m_rule(rule) {}

    RowVerdict judge(const Row& /*row*/, const Question& question, const ModelAnswer& answer) const override {
        return compared(optionLetter(answerPart(answer.text), m_rule), question.expected);
    }

private:
    bool isAnswer(const std::string& expected) const override {
        return expected.size() == 1 && expected[0] >= 'A' && expected[0] <= 'E';
    }
    std::string answerForms() const override { return "a letter from A to E"; }

    LetterRule m_rule;
};

class WordSet final : public ReasoningTask {
public:
    explicit WordSet(std::vector<std::string> words)
        : ReasoningTask(kWordTokens), m_words(std::move(words)) {}

    RowVerdict judge(const Row& /*row*/, const Question& question, const ModelAnswer& answer) const override {
        return compared(firstOfWords(answerPart(answer.text), m_words), question.expected);
    }

private:
    bool isAnswer(const std::string& expected) const override {
        return std::ranges::find(m_words, expected) != m_words.end();
    }
    std::string answerForms() const override { return "one of " + joined(m_words); }

    std::vector<std::string> m_words;
};

std::vector<std::string> numbered(const std::string& word, int count) {
    std::vector<std::string> words;
    for (int i = 1; i <= count; ++i)
        words.push_back(word + std::to_string(i));
    return words;
}

void addNumberSet(Registry<Task>& registry, const std::string& id, const std::string& label,
                  const std::string& summary) {
    registry.add({id, label, summary}, [] { return std::make_unique<NumberSet>(); });
}

void addLetterSet(Registry<Task>& registry, const std::string& id, const std::string& label,
                  const std::string& summary, LetterRule rule) {
    registry.add({id, label, summary}, [rule] { return std::make_unique<LetterSet>(rule); });
}

void addWordSet(Registry<Task>& registry, const std::string& id, const std::string& label,
                const std::string& summary, std::vector<std::string> words) {
    registry.add({id, label, summary},
                 [words = std::move(words)] { return std::make_unique<WordSet>(words); });
}

} // namespace

void addMathTasks(Registry<Task>& registry) {
    addNumberSet(registry, "multiarith", "MultiArith",
                 "Word problems of several steps; the last number counts.");
    addNumberSet(registry, "addsub", "AddSub",
                 "Word problems of addition and subtraction; the last number counts.");
    addNumberSet(registry, "singleeq", "SingleEq", "Word problems of one equation; the last number counts.");
    addNumberSet(registry, "gsm8k", "GSM8K", "Grade-school word problems; the last number counts.");
    addNumberSet(registry, "svamp", "SVAMP",
                 "Word problems with misleading wording; the last number counts.");
    addNumberSet(registry, "mawps", "MAWPS", "Word problems from several sources; the last number counts.");
    addLetterSet(registry, "aqua", "AQuA, first letter",
                 "Algebra with five options; the first capital letter from A to E counts, as published.",
                 LetterRule::First);
    addLetterSet(registry, "aqua-last", "AQuA, last letter",
                 "Algebra with five options; the last capital letter from A to E counts.", LetterRule::Last);
    addLetterSet(registry, "aqua-option", "AQuA, stated option",
                 "Algebra with five options; the option that the text states as its answer counts.",
                 LetterRule::OptionAware);
}

void addCommonsenseTasks(Registry<Task>& registry) {
    addWordSet(registry, "boolq", "BoolQ", "Yes-or-no questions; the first \"true\" or \"false\" counts.",
               {"true", "false"});
    addWordSet(registry, "piqa", "PIQA", "Which of two ways to do a thing works.", numbered("solution", 2));
    addWordSet(registry, "social_i_qa", "Social IQa", "What people do, feel and want.",
               numbered("answer", 5));
    addWordSet(registry, "hellaswag", "HellaSwag", "Which of four endings continues a scene.",
               numbered("ending", 4));
    addWordSet(registry, "winogrande", "WinoGrande", "Which of two words fills a blank.",
               numbered("option", 2));
    addWordSet(registry, "arc_easy", "ARC-Easy", "Science questions of school, the easier ones.",
               numbered("answer", 5));
    addWordSet(registry, "arc_challenge", "ARC-Challenge", "Science questions of school, the harder ones.",
               numbered("answer", 5));
    addWordSet(registry, "openbookqa", "OpenBookQA", "Science facts applied to new situations.",
               numbered("answer", 5));
}

} // namespace lathe
