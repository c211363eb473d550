#pragma once

#include "core/model/language_model.h"
#include "core/model/sampling.h"

#include <functional>
#include <stop_token>
#include <vector>

namespace lathe {

/// How to continue: the choice of each token, and when to end.
struct Decoding : Sampling {
    std::int64_t maxNewTokens = 64;
    std::vector<std::int64_t> eosIds; ///< a row that makes one of them is done
    std::int64_t padId = 0;           ///< what a row that is done is filled with
    std::uint64_t seed = 0;
    std::stop_token stop; ///< asked before each token
};

/// One token of each row, as soon as it is chosen.
struct GenerationStep {
    std::vector<std::int64_t> ids;    ///< [B]; padId in rows that were done before
    std::vector<std::uint8_t> isDone; ///< [B]; whoever watches may end rows
};

/// Continues each row of left-padded prompts token by token, with cached keys and values. ids, mask: [B, T];
/// positions count the real tokens. Returns [B, new tokens] int64; it ends where all rows are done or a stop
/// is requested. What a row becomes depends on its prompt, its number and the seed, not on its neighbours.
/// `start`: as for DecodingPass.
[[nodiscard]] at::Tensor generate(LanguageModel& model, const at::Tensor& ids, const at::Tensor& mask,
                                  const Decoding& decoding,
                                  const std::function<void(GenerationStep&)>& onStep = {},
                                  KeyValueCache start = {});

/// positions[b, t] = number of real tokens up to t, less one; padding gets 0. mask: [B, T] bool.
[[nodiscard]] at::Tensor positionsOf(const at::Tensor& mask);

/// The real tokens of each row. ids, mask: [B, T]; mask undefined: all.
[[nodiscard]] std::vector<std::vector<std::int64_t>> realTokens(const at::Tensor& ids,
                                                                const at::Tensor& mask);

} // namespace lathe
