#include "core/model/generate.h"
#include "core/train/scores.h"
#include "core/train/training_run.h"

#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <algorithm>

/// What a run does with a model besides training it: evaluation, test, samples.

namespace lathe {

namespace {

constexpr std::size_t kSamples = 3;
constexpr std::int64_t kSampleTokens = 24;

bool isLowBetter(const std::string& metric) { return isLowBest(metric) || metric.ends_with("perplexity"); }

/// Tokens that fit in the model's context behind so many.
std::int64_t roomBehind(const LanguageModel& model, std::int64_t tokens) {
    const VirtualTokens* inFront = model.virtualTokens();
    const std::int64_t limit = model.summary().maxPositions;
    return limit == 0 ? kSampleTokens : limit - tokens - (inFront == nullptr ? 0 : inFront->count());
}

} // namespace

Status TrainingRun::evaluate() {
    standAside();
    const std::optional<RowScores> scores = m_position.step == 0 ? validatedAtStart() : validated();
    m_position.isMeasured = scores.has_value();
    if (!scores)
        return ok(); // the loop notices the stop next and saves
    for (const auto& [metric, value] : scores->metrics) {
        report(metric, value);
        auto [best, isNew] = m_position.bestValues.try_emplace(metric, value);
        if (!isNew)
            best->second =
                isLowBetter(metric) ? std::min(best->second, value) : std::max(best->second, value);
    }
    for (const auto& [metric, value] : scores->spread)
        report(metric, value);
    keepIfBest(scores->metrics);
    return scores->passes.empty() ? ok() : notePasses(scores->passes);
}

/// By another trial of the process, where that comes to the same.
std::optional<RowScores> TrainingRun::validatedAtStart() {
    const auto key = m_desk == nullptr ? std::nullopt : startKey(m_recipe, m_data);
    if (!key)
        return validated();
    if (auto known = m_desk->startScores().find(*key)) {
        log(LogLine::Level::Info,
            "not evaluated before training: another trial was, which starts the same bit for bit");
        return known;
    }
    auto scores = validated();
    if (scores)
        m_desk->startScores().keep(*key, *scores);
    return scores;
}

RowsToScore TrainingRun::rowsOf(const ExampleList& examples) const {
    return {*m_model, *m_task, examples, m_view.batchSize, m_data.padId, m_context.stop, threadsForParts()};
}

void TrainingRun::answerSamples() {
    standAside();
    for (std::size_t i = 0; i < std::min(kSamples, m_data.eval.size()) && m_view.sampleEvery > 0; ++i) {
        const Example example = m_data.eval[i];
        m_position.isMeasured = m_position.isMeasured && !m_context.stop.stop_requested();
        if (example.prompt.empty() || example.textLabel || example.textNumber || !m_position.isMeasured)
            return;
        const auto prompt = encodePrompt(example, *m_tokenizer, m_view.examples);
        if (!prompt.has_value())
            return log(LogLine::Level::Warning, prompt.error().text());
        const auto ids = at::tensor(prompt.value(), at::kInt)
                             .to(at::TensorOptions(at::kLong).device(m_model->device()))
                             .unsqueeze(0);
        Decoding decoding;
        decoding.maxNewTokens = std::min(kSampleTokens, roomBehind(*m_model, ids.size(1)));
        if (decoding.maxNewTokens < 1)
            continue; // the prompt alone fills the context
        if (m_tokenizer->eosId().has_value())
            decoding.eosIds = {*m_tokenizer->eosId()};
        const at::Tensor made =
            generate(*m_model, ids, at::ones(ids.sizes(), ids.options().dtype(at::kBool)), decoding)
                .cpu()
                .to(at::kInt);
        const auto text = m_tokenizer->decode(
            {made.const_data_ptr<std::int32_t>(), static_cast<std::size_t>(made.numel())}, true);
        m_context.publish(SampleText{m_context.id, m_position.step, example.prompt,
                                     text.value_or(std::string()), example.answer});
    }
}

} // namespace lathe
