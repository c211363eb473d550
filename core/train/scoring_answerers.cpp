#include "core/adapter/adapter_shelf.h"
#include "core/base/files.h"
#include "core/data/examples.h"
#include "core/model/load_model.h"
#include "core/train/answerer.h"
#include "core/train/threads.h"
#include "core/train/training_step.h"

#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <nlohmann/json.hpp>

namespace lathe {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kNoLimit = std::size_t{1} << 40;

/// A model with its adapters and tokenizer.
class ReadingModel {
public:
    static Result<ReadingModel> load(const EvaluationSpec& spec, const AnswererOptions& options,
                                     std::optional<NewHead> head) {
        loadCudaLibraries();
        useThreads(0);
        LoadOptions load;
        load.head = head;
        LATHE_ASSIGN(load.device, deviceFrom(spec.device));
        std::string precision = spec.precision;
        if (precision == "auto") {
            LATHE_ASSIGN(const ModelSummary summary, readModelSummary(spec.model));
            precision = load.device.is_cpu() || summary.storedDtype.empty() ? "float32" : summary.storedDtype;
        }
        LATHE_ASSIGN(load.dtype, scalarTypeFrom(precision));
        LATHE_ASSIGN(Tokenizer tokenizer, Tokenizer::load(spec.model));
        LATHE_ASSIGN(auto model, loadModel(spec.model, load));
        auto shelf = std::make_unique<AdapterShelf>(*model);
        LATHE_TRY(shelf->choose(spec.adapters));
        return ReadingModel(std::move(model), std::move(shelf), std::move(tokenizer), options);
    }

    [[nodiscard]] LanguageModel& model() const { return *m_model; }
    [[nodiscard]] const Tokenizer& tokenizer() const { return m_tokenizer; }
    /// Tokens that fit into the model.
    [[nodiscard]] std::size_t room() const {
        const std::int64_t positions = m_model->summary().maxPositions;
        const VirtualTokens* inFront = m_model->virtualTokens();
        return positions == 0
                   ? kNoLimit
                   : static_cast<std::size_t>(positions - (inFront == nullptr ? 0 : inFront->count()));
    }
    /// Tokens of a text that are read.
    [[nodiscard]] std::size_t length() const {
        return m_maxLength == 0 ? room() : std::min(room(), static_cast<std::size_t>(m_maxLength));
    }
    [[nodiscard]] Batch batch(std::span<const Example> examples) const {
        std::vector<const Example*> rows;
        for (const Example& example : examples)
            rows.push_back(&example);
        const std::int32_t usual = m_tokenizer.padId().value_or(m_tokenizer.eosId().value_or(0));
        const auto own = m_model->summary().padId; // by which a decoder's head finds the end of a text
        const bool isHead = m_model->summary().head == HeadKind::SequenceClassification;
        return makeBatch(rows, isHead && own ? static_cast<std::int32_t>(*own) : usual);
    }

private:
    ReadingModel(std::unique_ptr<LanguageModel> model, std::unique_ptr<AdapterShelf> shelf,
                 Tokenizer tokenizer, const AnswererOptions& options)
        : m_model(std::move(model)),
          m_shelf(std::move(shelf)),
          m_tokenizer(std::move(tokenizer)),
          m_maxLength(options.maxLength) {}

    std::unique_ptr<LanguageModel> m_model;
    std::unique_ptr<AdapterShelf> m_shelf; // after the model
    Tokenizer m_tokenizer;
    std::int64_t m_maxLength;
};

Table oneRow(Row row) {
    Table table;
    for (const auto& [column, value] : row)
        table.columns.push_back(column);
    table.add(std::move(row), 1);
    return table;
}

/// The example of a row alone; the error's message says why there is none.
Result<std::vector<Example>> examplesFrom(Result<ExampleSet> made) {
    if (!made.has_value())
        return made.error();
    return std::move(made->examples);
}

class HeadAnswerer final : public Answerer {
public:
    HeadAnswerer(ReadingModel model, std::vector<std::string> names)
        : m_model(std::move(model)), m_names(std::move(names)) {}

    std::vector<std::string> labelNames() const override { return m_names; }

    Result<std::vector<Result<ModelAnswer>>> answer(std::span<const Question* const> questions, std::uint64_t,
                                                    std::stop_token) override {
        std::vector<Result<ModelAnswer>> answers(questions.size(), Result<ModelAnswer>(ModelAnswer{}));
        std::vector<Example> examples;
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < questions.size(); ++i) {
            auto read = exampleOf(*questions[i]);
            if (!read.has_value()) {
                answers[i] = read.error();
                continue;
            }
            examples.push_back(std::move(read->front()));
            places.push_back(i);
        }
        if (examples.empty())
            return answers;
        const at::NoGradGuard noGrad;
        const at::Tensor logits =
            labelledLogits(m_model.model(), toDevice(m_model.batch(examples), m_model.model().device()))
                .to(at::kCPU, at::kDouble)
                .contiguous(); // [B, labels]
        for (std::size_t i = 0; i < places.size(); ++i)
            answers[places[i]] = answerOf(logits[static_cast<std::int64_t>(i)], *questions[places[i]]);
        return answers;
    }

private:
    Result<std::vector<Example>> exampleOf(const Question& question) const {
        const std::vector<std::string> any{"a", "b"}; // the head tells the label, not the row
        Row row{{"text", question.prompt}, {"label", any.front()}};
        if (question.pair)
            row["pair"] = *question.pair;
        ExampleOptions options;
        options.maxLength = m_model.length();
        return examplesFrom(makeLabelExamples(oneRow(std::move(row)),
                                              {"text", question.pair ? "pair" : "", "label"}, any,
                                              m_model.tokenizer(), options));
    }

    [[nodiscard]] ModelAnswer answerOf(const at::Tensor& logits, const Question& question) const {
        ModelAnswer answer;
        const auto* values = logits.const_data_ptr<double>();
        const std::int64_t count = logits.numel();
        if (count == 1) {
            answer.number = values[0];
            return answer;
        }
        const auto likeliest = std::max_element(values, values + count) - values;
        answer.label = static_cast<std::int32_t>(likeliest);
        // The task may count its labels in another order than the head was trained with.
        const auto place = static_cast<std::size_t>(likeliest);
        if (place < m_names.size())
            if (const auto named = std::ranges::find(question.choices, m_names[place]);
                named != question.choices.end())
                answer.label = static_cast<std::int32_t>(named - question.choices.begin());
        return answer;
    }

    ReadingModel m_model;
    std::vector<std::string> m_names;
};

/// Label names by number, as training writes them beside an adapter or transformers into a model's config.
/// "LABEL_1" is what transformers calls a label without a name: it is known by its number.
std::vector<std::string> namesFrom(const nlohmann::json& table) {
    std::vector<std::string> names;
    for (std::size_t i = 0; table.is_object() && table.contains(std::to_string(i)); ++i) {
        const auto& name = table[std::to_string(i)];
        const bool isNamed = name.is_string() && name != "LABEL_" + std::to_string(i);
        names.push_back(isNamed ? name.get<std::string>() : std::to_string(i));
    }
    return names;
}

nlohmann::json jsonIn(const fs::path& file) {
    return nlohmann::json::parse(readFile(file).value_or(std::string()), nullptr, false);
}

class ChoiceAnswerer final : public Answerer {
public:
    explicit ChoiceAnswerer(ReadingModel model) : m_model(std::move(model)) {}

    Result<std::vector<Result<ModelAnswer>>> answer(std::span<const Question* const> questions, std::uint64_t,
                                                    std::stop_token stop) override {
        std::vector<Result<ModelAnswer>> answers;
        for (const Question* question : questions) {
            if (stop.stop_requested())
                return Error{Error::Kind::Cancelled, {}, "stopped; it can be resumed"};
            answers.push_back(weigh(*question));
        }
        return answers;
    }

private:
    /// The choices of one question are one batch: their prompt is the same, so there is little padding.
    Result<ModelAnswer> weigh(const Question& question) const {
        std::vector<Example> examples;
        for (const std::string& choice : question.choices) {
            LATHE_ASSIGN(auto one, exampleOf(question.prompt, question.choicePrefix + choice));
            if (one.front().ids.size() > m_model.room())
                return inputError("", "the prompt with a choice has " +
                                          std::to_string(one.front().ids.size()) +
                                          " tokens; the model takes " + std::to_string(m_model.room()));
            examples.push_back(std::move(one.front()));
        }
        if (examples.empty())
            return inputError("", "there is nothing to choose from");
        ModelAnswer answer;
        for (const ExampleScore& score : scoreBatch(m_model.model(), m_model.batch(examples)))
            answer.choices.push_back(-score.lossSum);
        return answer;
    }

    Result<std::vector<Example>> exampleOf(const std::string& prompt, const std::string& continuation) const {
        const PromptTemplate joined{"choice", "{prompt}", "{prompt}", "continuation", ""};
        ExampleOptions options;
        options.maxLength = kNoLimit;
        options.shouldAppendEos = false;
        return examplesFrom(
            makeInstructionExamples(oneRow({{"prompt", prompt}, {"continuation", continuation}}), joined,
                                    m_model.tokenizer(), options));
    }

    ReadingModel m_model;
};

class LossAnswerer final : public Answerer {
public:
    explicit LossAnswerer(ReadingModel model) : m_model(std::move(model)) {}

    Result<std::vector<Result<ModelAnswer>>> answer(std::span<const Question* const> questions, std::uint64_t,
                                                    std::stop_token stop) override {
        std::vector<Result<ModelAnswer>> answers(questions.size(), Result<ModelAnswer>(ModelAnswer{}));
        std::vector<Example> blocks;
        std::vector<std::size_t> owners;
        for (std::size_t i = 0; i < questions.size(); ++i) {
            ExampleOptions options;
            options.maxLength = m_model.length();
            auto read = examplesFrom(makeTextExamples(oneRow({{"text", questions[i]->prompt}}), "text",
                                                      m_model.tokenizer(), options));
            if (!read.has_value())
                answers[i] = read.error();
            else
                for (Example& block : *read) {
                    blocks.push_back(std::move(block));
                    owners.push_back(i);
                }
        }
        // A long text has many blocks: as many at a time as there are questions.
        for (std::size_t begin = 0; begin < blocks.size(); begin += questions.size()) {
            if (stop.stop_requested())
                return Error{Error::Kind::Cancelled, {}, "stopped; it can be resumed"};
            const std::size_t count = std::min(questions.size(), blocks.size() - begin);
            const auto scores =
                scoreBatch(m_model.model(), m_model.batch(std::span(blocks).subspan(begin, count)));
            for (std::size_t i = 0; i < count; ++i) {
                ModelAnswer& answer = answers[owners[begin + i]].value();
                answer.lossSum += scores[i].lossSum;
                answer.lossTokens += scores[i].labelledTokens;
            }
        }
        for (std::size_t i = 0; i < answers.size(); ++i)
            if (answers[i].has_value() && answers[i]->lossTokens == 0)
                answers[i] = inputError("", "the text is too short to be predicted: one token");
        return answers;
    }

private:
    ReadingModel m_model;
};

Status requireNextTokens(const ReadingModel& model, const fs::path& folder) {
    if (model.model().summary().head == HeadKind::CausalLm)
        return ok();
    return inputError(folder.string(),
                      "is a model of the kind " + model.model().summary().architecture +
                          " that does not predict the next token; choose a causal language model");
}

} // namespace

Result<std::unique_ptr<Answerer>> makeHeadAnswerer(const EvaluationSpec& spec,
                                                   const AnswererOptions& options) {
    std::vector<std::string> names;
    std::optional<NewHead> head;
    for (const AdapterChoice& adapter : spec.adapters.adapters)
        if (auto found = namesFrom(jsonIn(adapter.folder / "id2label.json")); !found.empty()) {
            names = std::move(found);
            head = NewHead{HeadKind::SequenceClassification, static_cast<std::int64_t>(names.size()), 0};
        }
    if (!head) {
        const nlohmann::json config = jsonIn(spec.model / "config.json");
        names = namesFrom(config.is_object() ? config.value("id2label", nlohmann::json()) : config);
    }
    LATHE_ASSIGN(ReadingModel model, ReadingModel::load(spec, options, head));
    if (model.model().summary().head != HeadKind::SequenceClassification)
        return inputError(spec.model.string(),
                          "has no head that tells labels apart; choose an adapter that was "
                          "trained on labels, or a model with such a head");
    return std::unique_ptr<Answerer>(std::make_unique<HeadAnswerer>(std::move(model), std::move(names)));
}

Result<std::unique_ptr<Answerer>> makeChoiceAnswerer(const EvaluationSpec& spec,
                                                     const AnswererOptions& options) {
    LATHE_ASSIGN(ReadingModel model, ReadingModel::load(spec, options, {}));
    LATHE_TRY(requireNextTokens(model, spec.model));
    return std::unique_ptr<Answerer>(std::make_unique<ChoiceAnswerer>(std::move(model)));
}

Result<std::unique_ptr<Answerer>> makeLossAnswerer(const EvaluationSpec& spec,
                                                   const AnswererOptions& options) {
    LATHE_ASSIGN(ReadingModel model, ReadingModel::load(spec, options, {}));
    LATHE_TRY(requireNextTokens(model, spec.model));
    return std::unique_ptr<Answerer>(std::make_unique<LossAnswerer>(std::move(model)));
}

} // namespace lathe
