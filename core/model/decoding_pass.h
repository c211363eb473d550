#pragma once

#include "core/model/fused_decoder.h"
#include "core/model/language_model.h"

#include <cstdint>
#include <span>

namespace lathe {

/// The first of the largest of each row. logits: [B, V] in any dtype and place; ids: [B].
void likeliestTokens(const at::Tensor& logits, std::span<std::int64_t> ids);

/// The passes through a model that continue a batch: the prompts first, then one token a row each time. Keys
/// and values have their whole room from the start, so that nothing moves on the way. To be used without
/// gradients.
class DecodingPass {
public:
    /// ids, mask: [B, T], padded on the left; mask undefined: no padding. `start`: keys and values of P
    /// virtual tokens that stand before each row (empty: none); the text's positions then begin at P. Room
    /// for `newTokens` more.
    DecodingPass(LanguageModel& model, const at::Tensor& ids, const at::Tensor& mask, std::int64_t newTokens,
                 KeyValueCache start = {});

    /// Reads the prompts. Returns the logits after each, [B, V], in the model's dtype and on its device.
    [[nodiscard]] at::Tensor readPrompts();
    /// Reads one token a row. Returns the logits after it, [B, V].
    [[nodiscard]] at::Tensor readTokens(std::span<const std::int64_t> tokens);
    /// The same, in greedy search: puts the likeliest token after each in its place.
    void readLikeliest(std::span<std::int64_t> tokens);
    /// Goes on with the rows `rows`, in this order; a row may be taken several times.
    void takeRows(std::span<const std::int64_t> rows);

private:
    [[nodiscard]] at::Tensor read(const at::Tensor& ids);
    /// Reads one token a row. Returns the logits; undefined where the fused decoder has them.
    [[nodiscard]] at::Tensor advance(std::span<const std::int64_t> tokens);
    /// Whether there is a fused decoder for so many rows; it has read them then.
    bool readFused(std::span<const std::int64_t> tokens);
    /// Where the next token makes the cache void: all so far and `tokens`, read anew. Undefined elsewhere.
    [[nodiscard]] at::Tensor reread(std::span<const std::int64_t> tokens);
    /// The mask of what is in the cache and `tokens` more; undefined where nothing is padded.
    [[nodiscard]] at::Tensor seen(std::int64_t tokens) const;

    LanguageModel& m_model;
    KeyValueCache m_cache;     // empty while the fused decoder reads
    std::int64_t m_length = 0; // P + tokens read so far; virtual tokens attached to the model do not count
    std::int64_t m_room = 0;   // what the length may come to
    at::Tensor m_prompts;      // [B, T]
    at::Tensor m_mask;         // [B, P + T + new tokens] bool; undefined where nothing is padded
    at::Tensor m_positions;    // of the next tokens, [B, T] or [B, 1]; undefined where nothing is padded
    at::Tensor m_tokens;       // [B, 1]
    at::Tensor m_history;      // [B, P + T], kept where the model rereads
    at::Tensor m_sourceIds,
        m_sourceMask; // what an encoder-decoder model reads, [B, S]; it writes after one token
    std::unique_ptr<FusedDecoder> m_fused; // null where the model has none
    std::int64_t m_fusedRows = 0;          // that it was asked for
};

} // namespace lathe
