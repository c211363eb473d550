#pragma once

#include "core/model/language_model.h"

#include <cstdint>
#include <memory>
#include <span>

namespace lathe {

class TransformerModel;

/// Reads one token a row without LibTorch's operators, where a model's parts allow it: what LLaMA, Mistral,
/// Qwen 2 and 3 are made of, fp32 on the CPU, nothing attached, up to 16 rows. A model of a few million
/// parameters spends most of its time in the operators' bookkeeping otherwise.
class FusedDecoder {
public:
    /// Null where the model, or the number of rows, is not covered. The model outlives the decoder; attaching
    /// an adapter to it or changing where its weights lie ends the decoder's use.
    [[nodiscard]] static std::unique_ptr<FusedDecoder> make(const LanguageModel& model, std::int64_t rows);
    ~FusedDecoder();

    /// positions: [B, 1] int64, undefined: the cache's length in every row. mask: [B, P + 1] bool, undefined:
    /// no padding. Extends the cache. Returns the logits [B, V], valid until the next call.
    [[nodiscard]] at::Tensor read(std::span<const std::int64_t> tokens, const at::Tensor& positions,
                                  const at::Tensor& mask, KeyValueCache& cache);
    /// The cache holds other rows than at the last read().
    void forgetKeys();

private:
    struct Content;
    explicit FusedDecoder(std::unique_ptr<Content> content);
    std::unique_ptr<Content> m_content;
};

} // namespace lathe
