#pragma once

#include "core/base/random.h"
#include "core/model/language_model.h"

#include <functional>
#include <span>
#include <vector>

namespace lathe {

struct Decoding {
    std::int64_t maxNewTokens = 64;
    std::vector<std::int64_t> eosIds; ///< a row that makes one of them is done
    std::int64_t padId = 0;           ///< what a row that is done is filled with
    double temperature = 0;           ///< 0: greedy
    double topP = 1;                  ///< nucleus, Holtzman et al. 2020 (arXiv:1904.09751)
    std::uint64_t seed = 0;
};

/// Continues each row of left-padded prompts token by token, with cached keys and values. ids, mask: [B, T].
/// Positions count the real tokens. Returns [B, new tokens] int64; it ends where all rows are done. `onStep`
/// sees the new ids of all rows and returns false to stop.
[[nodiscard]] at::Tensor generate(LanguageModel& model, const at::Tensor& ids, const at::Tensor& mask,
                                  const Decoding& decoding,
                                  const std::function<bool(std::span<const std::int64_t>)>& onStep = {});

/// positions[b, t] = number of real tokens up to t, less one; padding gets 0. mask: [B, T] bool.
[[nodiscard]] at::Tensor positionsOf(const at::Tensor& mask);

} // namespace lathe
