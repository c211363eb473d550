#pragma once

#include "core/model/language_model.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace lathe {

class FusedStep;

/// Reads one token a row without LibTorch's operators, where a model's parts allow it: what LLaMA, Mistral,
/// Qwen 2 and 3 are made of, fp32 on the CPU, nothing attached, up to 16 rows. A model of a few million
/// parameters spends most of its time in the operators' bookkeeping otherwise. Keys and values are kept in
/// an order of its own.
class FusedDecoder {
public:
    /// Whether there is one for such a model and so many rows.
    [[nodiscard]] static bool covers(const LanguageModel& model, std::int64_t rows);
    /// Null where it does not cover them. The model outlives the decoder; attaching
    /// an adapter to it or changing where its weights lie ends the decoder's use.
    [[nodiscard]] static std::unique_ptr<FusedDecoder> make(const LanguageModel& model, std::int64_t rows);
    ~FusedDecoder();

    /// Tokens of each row whose keys and values it holds.
    [[nodiscard]] std::int64_t length() const { return m_length; }
    /// Goes on after what the cache holds, [B, K, P, d] a layer, with room for `tokens` in all.
    void takeFrom(const KeyValueCache& cache, std::int64_t tokens);
    /// A cache for whoever reads on.
    [[nodiscard]] KeyValueCache given() const;
    /// Goes on with the rows `rows`, as many as before, in this order; a row may be taken several times.
    void takeRows(std::span<const std::int64_t> rows);

    /// positions: [B, 1] int64, undefined: length() in every row. mask: [B, P + 1] bool, undefined: no
    /// padding.
    void read(std::span<const std::int64_t> tokens, const at::Tensor& positions, const at::Tensor& mask);
    /// After the tokens read last: [B, V], valid until the next call.
    [[nodiscard]] at::Tensor logits();
    /// The first of the largest of each row's logits; valid until the next call.
    [[nodiscard]] std::span<const std::int64_t> likeliest();

private:
    FusedDecoder(std::unique_ptr<FusedStep> step, std::int64_t layers, std::int64_t rows,
                 std::int64_t vocabulary);

    std::unique_ptr<FusedStep> m_step;
    std::int64_t m_layers, m_vocabulary;
    std::int64_t m_length = 0;
    std::vector<std::int64_t> m_positions; // [B]
};

} // namespace lathe
