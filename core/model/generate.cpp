#include "core/model/generate.h"

#include "core/model/decoding_pass.h"

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/tensor.h>
#include <algorithm>

namespace lathe {

namespace {

/// The choice of each row's next token, once the tokens in `ids` are read; the prompts, at the first step.
void chooseTokens(DecodingPass& pass, bool isFirst, const Decoding& decoding,
                  std::vector<TokenSampler>& samplers, std::vector<std::int64_t>& ids) {
    const bool isGreedy = decoding.temperature <= 0 && !decoding.readsHistory();
    if (isGreedy && !isFirst)
        return pass.readLikeliest(ids);
    const at::Tensor logits = isFirst ? pass.readPrompts() : pass.readTokens(ids);
    if (isGreedy)
        return likeliestTokens(logits, ids);
    const at::Tensor rows = logits.to(at::kCPU, at::kFloat).contiguous();
    const auto width = static_cast<std::size_t>(rows.size(1));
    for (std::size_t row = 0; row < ids.size(); ++row)
        ids[row] = samplers[row].next({rows.const_data_ptr<float>() + row * width, width});
}

/// Fills the rows that are done, and marks those that just ended.
void endRows(GenerationStep& step, const Decoding& decoding) {
    for (std::size_t row = 0; row < step.ids.size(); ++row) {
        if (step.isDone[row] != 0)
            step.ids[row] = decoding.padId;
        else if (std::find(decoding.eosIds.begin(), decoding.eosIds.end(), step.ids[row]) !=
                 decoding.eosIds.end())
            step.isDone[row] = 1;
    }
}

} // namespace

at::Tensor positionsOf(const at::Tensor& mask) { return (mask.to(at::kLong).cumsum(1) - 1).clamp_min(0); }

std::vector<std::vector<std::int64_t>> realTokens(const at::Tensor& ids, const at::Tensor& mask) {
    const at::Tensor table = ids.cpu().contiguous();
    const at::Tensor isReal = mask.defined() ? mask.to(at::kCPU, at::kBool).contiguous() : at::Tensor();
    std::vector<std::vector<std::int64_t>> rows(static_cast<std::size_t>(ids.size(0)));
    for (std::int64_t place = 0; place < table.numel(); ++place)
        if (!isReal.defined() || isReal.const_data_ptr<bool>()[place])
            rows[static_cast<std::size_t>(place / ids.size(1))].push_back(
                table.const_data_ptr<std::int64_t>()[place]);
    return rows;
}

at::Tensor generate(LanguageModel& model, const at::Tensor& ids, const at::Tensor& mask,
                    const Decoding& decoding, const std::function<void(GenerationStep&)>& onStep,
                    KeyValueCache start) {
    // Below autograd the operators skip its bookkeeping; unlike in inference mode, what a model or an adapter
    // keeps from this pass can be trained through later.
    const at::NoGradGuard noGrad;
    const at::AutoDispatchBelowADInplaceOrView belowAutograd;
    const auto rows = static_cast<std::size_t>(ids.size(0));
    std::vector<TokenSampler> samplers;
    for (const auto& prompt : realTokens(ids, mask))
        samplers.emplace_back(decoding, prompt, model.summary().vocabularySize,
                              mixSeed(decoding.seed, samplers.size()));
    DecodingPass pass(model, ids, mask, decoding.maxNewTokens, std::move(start));
    GenerationStep step{std::vector<std::int64_t>(rows), std::vector<std::uint8_t>(rows, 0)};
    std::vector<std::int64_t> made; // [steps, B]
    for (std::int64_t i = 0; i < decoding.maxNewTokens && !decoding.stop.stop_requested(); ++i) {
        chooseTokens(pass, i == 0, decoding, samplers, step.ids);
        endRows(step, decoding);
        made.insert(made.end(), step.ids.begin(), step.ids.end());
        if (onStep)
            onStep(step);
        if (std::all_of(step.isDone.begin(), step.isDone.end(), [](std::uint8_t done) { return done != 0; }))
            break;
    }
    const auto steps = static_cast<std::int64_t>(made.size() / rows);
    return at::tensor(made, at::kLong).view({steps, ids.size(0)}).t().contiguous().to(ids.device());
}

} // namespace lathe
