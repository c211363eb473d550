#pragma once

#include "core/data/examples.h"
#include "core/model/model_summary.h"

#include <span>

namespace lathe {

/// What a step has to compute on, whatever the way it does.
struct StepWork {
    double tokens = 0;     ///< padding left out
    double headRows = 0;   ///< that the head reads
    double pairs = 0;      ///< of a query and a key it sees, over all texts
    double ownTrained = 0; ///< numbers of the base's matrices that are trained
    double added = 0;      ///< numbers of the adapter's matrices
};

/// Tokens, head rows and pairs of the batches.
[[nodiscard]] StepWork workOf(std::span<const Batch> batches, const ModelSummary& model);

/// Floating-point operations of a training step by its mathematics: with N numbers in the matrices of the
/// layers 2 N a token forward and 2 N back to the activations; attention 4 a pair, layer and number of its
/// width forward and 8 back; the head likewise, where it is read; 2 more a token for each trained number of
/// the base, 6 for each of the adapter. What an implementation saves or repeats does not change it
/// (Chowdhery et al. 2022, arXiv:2204.02311, appendix B, for a frozen base).
[[nodiscard]] double stepFlops(const StepWork& work, const ModelSummary& model);

} // namespace lathe
