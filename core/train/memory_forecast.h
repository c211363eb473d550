#pragma once

#include <cstdint>

namespace lathe {

/// What the memory of a training depends on. Counts are of numbers, not bytes.
struct MemoryDemand {
    std::int64_t parameters = 0; ///< of the base model
    std::int64_t trainable = 0;
    std::int64_t layers = 0;
    std::int64_t hiddenSize = 0;
    std::int64_t vocabularySize = 0;
    std::int64_t tokens = 0;   ///< of one step: rows of the batch times their length
    double bytesPerValue = 4;  ///< of the base model and its activations: 4 for float32, 2 for bfloat16
    bool isRecomputed = false; ///< layers keep their input alone
    /// Of the parameters, those that are kept in codes; the bytes these take, statistics included; and those
    /// of the largest matrix that is unpacked while it is used.
    std::int64_t packed = 0;
    double packedBytes = 0;
    std::int64_t largestPacked = 0;
};

/// Bytes, by what they are for.
struct MemoryForecast {
    double weights = 0;
    double trained = 0;
    double activations = 0;
    double logits = 0;
    double program = 0;

    [[nodiscard]] double total() const { return weights + trained + activations + logits + program; }
};

/// The memory a training will need at its peak, without running it:
///   weights      = (parameters − packed + largest packed matrix) · bytes + bytes of the codes
///   trained      = trainable · 16: value, gradient and the two moments of AdamW, each in float32
///   activations  = tokens · layers · 26 · hidden · bytes: what each layer keeps of a token for the backward
///                  pass, about 14 rows of the model's width (norms, q, k, v, mixed values, residuals) and
///                  four of the feed-forward width, which is close to 3 · hidden. Recomputed: the input of
///                  each layer, and all of that of one
///   logits       = tokens · vocabulary · 12: log probabilities of the labelled rows and two gradients of the
///                  same size on the way back, in float32; all rows are counted, as in a text where each
///                  token is a label, but no more than go through the head at once
///   program      = 125 MB: the program and its libraries before anything is loaded, as measured
[[nodiscard]] MemoryForecast forecastMemory(const MemoryDemand& demand);

} // namespace lathe
