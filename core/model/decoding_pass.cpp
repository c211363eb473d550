#include "core/model/decoding_pass.h"

#include "core/base/contract.h"
#include "core/model/generate.h"
#include "core/model/sampling.h"

#include <ATen/ops/argmax.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace lathe {

void likeliestTokens(const at::Tensor& logits, std::span<std::int64_t> ids) {
    if (!logits.is_cpu()) { // so that no row of logits leaves the device
        const at::Tensor best = logits.argmax(-1).cpu();
        std::copy_n(best.const_data_ptr<std::int64_t>(), ids.size(), ids.begin());
        return;
    }
    const at::Tensor rows = logits.to(at::kFloat).contiguous();
    const auto width = static_cast<std::size_t>(rows.size(1));
    for (std::size_t row = 0; row < ids.size(); ++row)
        ids[row] = likeliestToken({rows.const_data_ptr<float>() + row * width, width});
}

DecodingPass::DecodingPass(LanguageModel& model, const at::Tensor& ids, const at::Tensor& mask,
                           std::int64_t newTokens, KeyValueCache start)
    : m_model(model), m_cache(std::move(start)), m_length(m_cache.length()), m_prompts(ids) {
    const std::int64_t rows = ids.size(0);
    const std::int64_t past = m_length;
    const std::int64_t inFront = model.virtualTokens() != nullptr ? model.virtualTokens()->count() : 0;
    const std::int64_t length = ids.size(1);
    LATHE_EXPECT(ids.dim() == 2 && (!mask.defined() || mask.sizes() == ids.sizes()));
    if (const auto startId = model.summary().decoderStartId) {
        m_sourceIds = ids;
        m_sourceMask = mask;
        m_prompts = at::full({rows, 1}, *startId, ids.options());
        m_cache.reserve(1 + newTokens);
        return;
    }
    m_room = past + length + newTokens;
    if (!FusedDecoder::covers(model, rows)) // which makes room of its own
        m_cache.reserve(inFront + m_room);
    if (!mask.defined() || mask.all().item<bool>())
        return;
    m_mask = at::ones({rows, past + length + newTokens}, mask.options().dtype(at::kBool));
    m_mask.narrow(1, past, length).copy_(mask);
    m_positions = positionsOf(m_mask.narrow(1, 0, past + length)).narrow(1, past, length);
}

at::Tensor DecodingPass::readPrompts() {
    const at::Tensor logits = read(m_prompts);
    if (m_positions.defined())
        m_positions = m_positions.select(1, -1).unsqueeze(1).contiguous(); // the last token is never padding
    return logits;
}

at::Tensor DecodingPass::reread(std::span<const std::int64_t> tokens) {
    const std::int64_t limit = m_model.summary().rereadBeyond;
    if (limit == 0)
        return {};
    const auto rows = static_cast<std::int64_t>(tokens.size());
    const at::Tensor next =
        at::from_blob(const_cast<std::int64_t*>(tokens.data()), {rows, 1}, at::kLong).to(m_prompts.device());
    m_history = at::cat({m_history.defined() ? m_history : m_prompts, next}, 1);
    if (m_history.size(1) <= limit || m_length > limit || m_length + 1 != m_history.size(1))
        return {}; // the last: virtual tokens stand before the text, and they cannot be read again
    m_cache = KeyValueCache();
    m_length = 0;
    m_cache.reserve(m_mask.defined() ? m_mask.size(1) : m_history.size(1));
    if (m_positions.defined())
        m_positions = positionsOf(m_mask.narrow(1, 0, m_history.size(1)));
    const at::Tensor logits = read(m_history);
    if (m_positions.defined())
        m_positions = m_positions.select(1, -1).unsqueeze(1).contiguous();
    return logits;
}

bool DecodingPass::readFused(std::span<const std::int64_t> tokens) {
    const auto rows = static_cast<std::int64_t>(tokens.size());
    if (std::exchange(m_fusedRows, rows) != rows) {
        m_fused = FusedDecoder::make(m_model, rows);
        if (m_fused) {
            m_fused->takeFrom(m_cache, m_room);
            m_cache = KeyValueCache();
        }
    }
    if (m_fused) {
        m_fused->read(tokens, m_positions, seen(1));
        m_length += 1;
    }
    return m_fused != nullptr;
}

at::Tensor DecodingPass::advance(std::span<const std::int64_t> tokens) {
    const auto rows = static_cast<std::int64_t>(tokens.size());
    if (at::Tensor logits = reread(tokens); logits.defined())
        return logits;
    if (m_positions.defined())
        m_positions.add_(1);
    if (readFused(tokens))
        return {};
    if (!m_tokens.defined() || m_tokens.size(0) != rows)
        m_tokens = at::empty({rows, 1}, m_prompts.options());
    if (m_tokens.is_cpu())
        std::copy(tokens.begin(), tokens.end(), m_tokens.data_ptr<std::int64_t>());
    else
        m_tokens.copy_(at::from_blob(const_cast<std::int64_t*>(tokens.data()), {rows, 1}, at::kLong));
    return read(m_tokens);
}

at::Tensor DecodingPass::readTokens(std::span<const std::int64_t> tokens) {
    at::Tensor logits = advance(tokens);
    return logits.defined() ? logits : m_fused->logits();
}

void DecodingPass::readLikeliest(std::span<std::int64_t> tokens) {
    if (const at::Tensor logits = advance(tokens); logits.defined())
        likeliestTokens(logits, tokens);
    else
        std::ranges::copy(m_fused->likeliest(), tokens.begin());
}

at::Tensor DecodingPass::read(const at::Tensor& ids) {
    ModelInput input;
    input.ids = ids;
    input.mask = seen(ids.size(1));
    input.positions = m_positions;
    input.sourceIds = m_sourceIds;
    input.sourceMask = m_sourceMask;
    input.cache = &m_cache;
    const at::Tensor hidden = m_model.hidden(input);
    m_length += ids.size(1);
    return m_model.logits(ids.size(1) == 1 ? hidden.squeeze(1) : hidden.select(1, -1));
}

at::Tensor DecodingPass::seen(std::int64_t tokens) const {
    return m_mask.defined() ? m_mask.narrow(1, 0, m_length + tokens) : at::Tensor();
}

void DecodingPass::takeRows(std::span<const std::int64_t> rows) {
    std::vector<std::int64_t> same(rows.size());
    std::iota(same.begin(), same.end(), 0);
    if (static_cast<std::int64_t>(rows.size()) == m_prompts.size(0) &&
        std::equal(rows.begin(), rows.end(), same.begin()))
        return;
    const at::Tensor index = at::from_blob(const_cast<std::int64_t*>(rows.data()),
                                           {static_cast<std::int64_t>(rows.size())}, at::kLong)
                                 .to(m_prompts.device());
    if (m_fused && m_fusedRows == index.size(0)) {
        m_fused->takeRows(rows);
    } else {
        if (const auto fused = std::exchange(m_fused, nullptr))
            m_cache = fused->given();
        m_fusedRows = 0;
        m_cache.takeRows(index);
    }
    m_prompts = m_prompts.index_select(0, index);
    if (m_history.defined())
        m_history = m_history.index_select(0, index);
    if (m_sourceIds.defined())
        m_sourceIds = m_sourceIds.index_select(0, index);
    if (m_sourceMask.defined())
        m_sourceMask = m_sourceMask.index_select(0, index);
    if (m_mask.defined()) {
        m_mask = m_mask.index_select(0, index);
        m_positions = m_positions.index_select(0, index);
    }
}

} // namespace lathe
