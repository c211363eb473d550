#pragma once

#include "core/adapter/dropout.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace lathe {

/// N virtual tokens, D width of a token's vector, W numbers of one virtual token, H hidden width.

/// A trained tensor of an encoder, and how it starts.
struct EncoderTensor {
    std::string name; ///< as PEFT calls it within its prompt_encoder
    std::vector<std::int64_t> shape;
    double bound = 0; ///< uniform in ±bound; 0: normal with variance 1

    [[nodiscard]] std::int64_t count() const;
};

/// Makes the table of virtual tokens, [N, W], out of trained tensors. What is kept of it after training is
/// the table alone.
class PromptEncoder {
public:
    PromptEncoder() = default;
    PromptEncoder(const PromptEncoder&) = delete;
    PromptEncoder& operator=(const PromptEncoder&) = delete;
    virtual ~PromptEncoder() = default;

    /// In a fixed order; the first is the embedding of the virtual tokens.
    [[nodiscard]] virtual std::vector<EncoderTensor> tensors() const = 0;
    /// values: one for each of tensors(). Returns [N, W].
    [[nodiscard]] virtual at::Tensor table(std::span<const at::Tensor> values,
                                           const DropoutClock& clock) const = 0;
};

/// The table itself.
[[nodiscard]] std::unique_ptr<PromptEncoder> makePlainEncoder(std::int64_t tokens, std::int64_t width);

/// Reparametrised prefix, Li and Liang 2021 (arXiv:2101.00190): W2 tanh(W1 e + b1) + b2 of an embedding e of
/// `in` numbers.
[[nodiscard]] std::unique_ptr<PromptEncoder> makeProjectionEncoder(std::int64_t tokens, std::int64_t in,
                                                                   std::int64_t hidden, std::int64_t width);

/// P-tuning, Liu et al. 2021 (arXiv:2103.10385): three linear layers with ReLU between them.
[[nodiscard]] std::unique_ptr<PromptEncoder> makeMlpEncoder(std::int64_t tokens, std::int64_t width,
                                                            std::int64_t hidden);

/// P-tuning as first published: a bidirectional LSTM (Hochreiter and Schmidhuber 1997) of `layers` layers
/// over the virtual tokens, then two linear layers with ReLU between them. `dropout` acts between the layers
/// of the LSTM.
[[nodiscard]] std::unique_ptr<PromptEncoder> makeLstmEncoder(std::int64_t tokens, std::int64_t width,
                                                             std::int64_t hidden, std::int64_t layers,
                                                             double dropout);

} // namespace lathe
