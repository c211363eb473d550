#include "core/model/generate.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <algorithm>
#include <numeric>

namespace lathe {

namespace {

std::int64_t sampleRow(const at::Tensor& logits, const Decoding& decoding, Rng& rng) {
    const at::Tensor probabilities = (logits / decoding.temperature).softmax(-1).to(at::kDouble).cpu();
    const double* p = probabilities.const_data_ptr<double>();
    std::vector<std::int64_t> order(static_cast<std::size_t>(probabilities.numel()));
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [p](auto a, auto b) { return p[a] > p[b]; });
    double kept = 0;
    std::size_t count = 0;
    while (count < order.size() && (count == 0 || kept < decoding.topP))
        kept += p[order[count++]];
    double left = rng.uniform() * kept;
    for (std::size_t i = 0; i < count; ++i)
        if ((left -= p[order[i]]) <= 0)
            return order[i];
    return order[count - 1];
}

std::vector<std::int64_t> pickTokens(const at::Tensor& logits, const Decoding& decoding,
                                     std::vector<Rng>& rngs) {
    std::vector<std::int64_t> picked;
    const at::Tensor greedy = logits.argmax(-1).cpu();
    for (std::int64_t row = 0; row < logits.size(0); ++row)
        picked.push_back(decoding.temperature <= 0
                             ? greedy[row].item<std::int64_t>()
                             : sampleRow(logits[row], decoding, rngs[static_cast<std::size_t>(row)]));
    return picked;
}

} // namespace

at::Tensor positionsOf(const at::Tensor& mask) { return (mask.to(at::kLong).cumsum(1) - 1).clamp_min(0); }

at::Tensor generate(LanguageModel& model, const at::Tensor& ids, const at::Tensor& mask,
                    const Decoding& decoding,
                    const std::function<bool(std::span<const std::int64_t>)>& onStep) {
    const at::NoGradGuard noGrad;
    const std::int64_t rows = ids.size(0);
    KeyValueCache cache;
    at::Tensor seen = mask; // [B, P + T]
    at::Tensor next = ids;  // [B, T], then [B, 1]
    at::Tensor positions = positionsOf(mask);
    std::vector<Rng> rngs; // one a row: a row's text does not depend on its neighbours
    for (std::int64_t row = 0; row < rows; ++row)
        rngs.emplace_back(mixSeed(decoding.seed, static_cast<std::uint64_t>(row)));
    std::vector<bool> isDone(static_cast<std::size_t>(rows), false);
    std::vector<at::Tensor> made;
    while (static_cast<std::int64_t>(made.size()) < decoding.maxNewTokens) {
        const at::Tensor hidden = model.hidden({next, seen, positions, &cache, nullptr});
        std::vector<std::int64_t> tokens =
            pickTokens(model.logits(hidden.select(1, -1)).to(at::kFloat), decoding, rngs);
        for (std::size_t row = 0; row < tokens.size(); ++row) {
            if (isDone[row])
                tokens[row] = decoding.padId;
            else if (std::find(decoding.eosIds.begin(), decoding.eosIds.end(), tokens[row]) !=
                     decoding.eosIds.end())
                isDone[row] = true;
        }
        next = at::tensor(tokens, at::kLong).to(ids.device()).unsqueeze(1);
        made.push_back(next);
        if ((onStep && !onStep(tokens)) ||
            std::all_of(isDone.begin(), isDone.end(), [](bool done) { return done; }))
            break;
        seen = at::cat({seen, at::ones({rows, 1}, seen.options())}, 1);
        positions = positions.select(1, -1).unsqueeze(1) + 1;
    }
    return made.empty() ? at::empty({rows, 0}, ids.options()) : at::cat(made, 1);
}

} // namespace lathe
