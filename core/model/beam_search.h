#pragma once

#include "core/model/generate.h"

namespace lathe {

/// How beam search goes on and ends.
struct BeamOptions {
    std::int64_t beams = 4;
    double lengthPenalty = 1; ///< a finished text's score is its log-probability / (new tokens)^penalty
    /// Ends as soon as a row has as many finished texts as beams, instead of when no running one can become
    /// better than the worst of them at its present length.
    bool shouldStopEarly = false;
};

/// Beam search without sampling, as transformers 5 does it. ids, mask: [B, T], padded on the left. Of
/// `decoding` the temperature, the filters and the seed do not count. Returns each row's best continuation,
/// [B, longest] int64, filled with padId; after a stop request the best so far. Contract: the vocabulary is
/// larger than the number of eosIds.
[[nodiscard]] at::Tensor beamSearch(LanguageModel& model, const at::Tensor& ids, const at::Tensor& mask,
                                    const Decoding& decoding, const BeamOptions& options,
                                    KeyValueCache start = {});

} // namespace lathe
