#include "core/model/attention.h"

#include "core/kernels/work_scope.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>
#include <algorithm>
#include <limits>

namespace lathe {

namespace {

constexpr double kForbidden = -std::numeric_limits<double>::infinity();

/// [B, K, S, d] → [B, K·copies, S, d], each head followed by its copies.
at::Tensor repeatHeads(const at::Tensor& x, std::int64_t copies) {
    if (copies == 1)
        return x;
    const auto b = x.size(0);
    const auto k = x.size(1);
    const auto s = x.size(2);
    const auto d = x.size(3);
    return x.unsqueeze(2).expand({b, k, copies, s, d}).reshape({b, k * copies, s, d});
}

at::Tensor eagerAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                          const AttentionMask& mask, double scale, double softcap) {
    at::Tensor scores = at::matmul(q, k.transpose(2, 3)) * scale;
    if (softcap > 0)
        scores = at::tanh(scores / softcap) * softcap;
    if (mask.added.defined())
        scores = scores + mask.added;
    if (mask.allowed.defined())
        scores = scores.masked_fill(mask.allowed.logical_not(), kForbidden);
    if (mask.isCausal)
        scores = scores.masked_fill(at::arange(k.size(2), k.options().dtype(at::kLong)) >
                                        at::arange(q.size(2), k.options().dtype(at::kLong)).unsqueeze(1),
                                    kForbidden);
    const at::ScalarType wide = q.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    return at::matmul(scores.softmax(-1, wide).to(q.scalar_type()), v);
}

at::Tensor fusedAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                          const AttentionMask& mask, double scale) {
    std::optional<at::Tensor> given;
    if (mask.added.defined())
        given = mask.added;
    else if (mask.allowed.defined())
        given = mask.allowed;
    return at::scaled_dot_product_attention(q, k, v, given, 0.0, mask.isCausal, scale);
}

/// A prefix [K, n, d] of all texts, or [texts, K, n, d] of each, as [1, K, n, d] of each.
std::vector<at::Tensor> ofEachText(const at::Tensor& prefix, std::size_t texts) {
    if (prefix.dim() == 4)
        return prefix.split(1, 0);
    return std::vector<at::Tensor>(texts, prefix.unsqueeze(0));
}

} // namespace

at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const AttentionMask& mask,
                  double scale, double softcap, bool isEager) {
    const auto run = [&](const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                         const AttentionMask& shaped) {
        return isEager || softcap > 0 ? eagerAttention(query, key, value, shaped, scale, softcap)
                                      : fusedAttention(query, key, value, shaped, scale);
    };
    const std::int64_t rows = q.size(0);
    const std::int64_t heads = q.size(1);
    const std::int64_t copies = heads / k.size(1);
    if (copies > 1 && q.size(2) == 1 && !mask.isCausal) {
        // One new token: the heads that share keys become rows of one product, and nothing is copied.
        AttentionMask folded = mask;
        if (folded.added.defined())
            folded.added = folded.added.view({folded.added.size(0), k.size(1), copies, k.size(2)});
        return run(q.reshape({rows, k.size(1), copies, q.size(3)}), k, v, folded)
            .reshape({rows, 1, heads * q.size(3)});
    }
    const at::Tensor mixed = run(q, repeatHeads(k, copies), repeatHeads(v, copies), mask);
    return mixed.transpose(1, 2).reshape({rows, q.size(2), heads * q.size(3)});
}

PassContext::PassContext(const ModelInput& input, std::int64_t past, bool isCausal, at::TensorOptions options)
    : cache(input.cache),
      isEager(input.isEager),
      m_padding(input.mask),
      m_past(past),
      m_count(input.tokens()),
      m_isCausal(isCausal),
      m_options(options) {}

PassContext::PassContext(std::int64_t past, std::int64_t count, bool isCausal, bool isEagerPass,
                         at::TensorOptions options)
    : cache(nullptr),
      isEager(isEagerPass),
      m_past(past),
      m_count(count),
      m_isCausal(isCausal),
      m_options(options) {}

const AttentionMask& PassContext::mask(std::int64_t window) {
    if (window >= m_past + m_count)
        window = 0;
    const auto [it, isNew] = m_masks.try_emplace(window);
    if (isNew)
        it->second = make(window);
    return it->second;
}

std::optional<TextAttention> PassContext::plainTexts(std::int64_t rows, std::int64_t window) const {
    TextAttention shape;
    shape.isCausal = m_isCausal;
    shape.window = window;
    if (!isPlain() || (texts.empty() && m_past > 0))
        return std::nullopt;
    if (texts.empty()) {
        for (std::int64_t row = 0; row < rows; ++row)
            shape.texts.push_back({row, 0, m_count});
        return shape;
    }
    std::int64_t start = 0;
    for (const auto& text : texts) {
        const bool isInWindow = window == 0 || text->m_past == 0 || window >= text->m_past + text->m_count;
        if (!text->isPlain() || !isInWindow)
            return std::nullopt;
        shape.texts.push_back({0, start, text->m_count});
        start += text->m_count;
    }
    return shape;
}

AttentionMask PassContext::make(std::int64_t window) const {
    const bool isBare = !m_padding.defined() && window == 0;
    at::Tensor allowed;
    if (m_isCausal && isBare && m_past == 0 && m_count > 1 && !m_bias.defined())
        return {{}, {}, true};
    if (m_isCausal && !(isBare && m_count == 1)) { // one new token sees everything before it
        const auto whole = m_options.dtype(at::kLong);
        const at::Tensor query = at::arange(m_past, m_past + m_count, whole).unsqueeze(1); // [T, 1]
        const at::Tensor key = at::arange(m_past + m_count, whole).unsqueeze(0);           // [1, S]
        allowed = key <= query;
        if (window > 0)
            allowed = allowed.logical_and(key > query - window);
        allowed = allowed.unsqueeze(0).unsqueeze(0);
        if (m_padding.defined()) // a padded query sees itself, so that no row is empty; nobody reads it
            allowed = allowed.logical_and(m_padding.unsqueeze(1).unsqueeze(1))
                          .logical_or((key == query).unsqueeze(0).unsqueeze(0));
    } else if (!m_isCausal && m_padding.defined()) {
        allowed = m_padding.unsqueeze(1).unsqueeze(1);
    }
    if (!m_bias.defined())
        return {allowed, {}, false};
    at::Tensor added = m_bias;
    if (allowed.defined())
        added = added.masked_fill(allowed.logical_not(), kForbidden);
    return {{}, added.contiguous(), false};
}

Attention::Attention(const AttentionSpec& spec, const LanguageModel& model, const Rope* rope,
                     std::int64_t layer)
    : m_spec(spec), m_rope(rope), m_layer(layer), m_output(spec.output, model) {
    for (const LinearSpec& projection : spec.projections)
        m_projections.emplace_back(projection, model);
    if (spec.queryNorm)
        m_queryNorm.emplace(*spec.queryNorm, model);
    if (spec.keyNorm)
        m_keyNorm.emplace(*spec.keyNorm, model);
}

Attention::Heads Attention::headsOf(const std::vector<at::Tensor>& projected) const {
    const std::int64_t rows = projected.front().size(0);
    const std::int64_t time = projected.front().size(1);
    const std::int64_t h = m_spec.heads;
    const std::int64_t k = m_spec.keyValueHeads;
    const std::int64_t d = m_spec.headSize;
    if (m_spec.inputs == AttentionSpec::Inputs::Separate) {
        const auto split = [&](std::size_t which, std::int64_t heads) {
            return projected[which].view({rows, time, heads, d});
        };
        return {split(0, h), split(1, k), split(2, k)};
    }
    const at::Tensor& all = projected.front();
    if (m_spec.inputs == AttentionSpec::Inputs::Concatenated) {
        const at::Tensor heads = all.view({rows, time, h + 2 * k, d});
        return {heads.narrow(2, 0, h), heads.narrow(2, h, k), heads.narrow(2, h + k, k)};
    }
    const std::int64_t copies = h / k;
    const at::Tensor groups = all.view({rows, time, k, copies + 2, d});
    return {groups.narrow(3, 0, copies).reshape({rows, time, h, d}), groups.select(3, copies),
            groups.select(3, copies + 1)};
}

namespace {

/// Neighbouring texts of one length.
struct Run {
    std::int64_t texts = 0;
    std::int64_t tokens = 0; ///< of all
    PassContext* context = nullptr;
};

/// Such texts attend in one call, as rows of a batch: many short texts cost calls.
std::vector<Run> runsOf(const PassContext& pass) {
    std::vector<Run> runs;
    for (const auto& text : pass.texts) {
        const bool joins = pass.prefix.empty() && !runs.empty() && runs.back().context == text.get();
        if (!joins)
            runs.push_back({0, 0, text.get()});
        ++runs.back().texts;
        runs.back().tokens += text->count();
    }
    return runs;
}

/// [1, H, texts · T, d] → [texts, H, T, d], a view.
at::Tensor oneBelowTheOther(const at::Tensor& x, std::int64_t texts) {
    return x.squeeze(0).unflatten(1, {texts, x.size(2) / texts}).transpose(0, 1);
}

} // namespace

at::Tensor Attention::attendApart(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                  PassContext& pass) const {
    const std::vector<Run> runs = runsOf(pass);
    std::vector<std::int64_t> lengths;
    for (const Run& run : runs)
        lengths.push_back(run.tokens);
    // Split, not narrow: the backward pass of one split writes each gradient once.
    const auto queries = q.split_with_sizes(lengths, 2);
    const auto keys = k.split_with_sizes(lengths, 2);
    const auto values = v.split_with_sizes(lengths, 2);
    std::vector<at::Tensor> prefixKeys, prefixValues;
    if (!pass.prefix.empty()) {
        const auto& [before, behind] = pass.prefix[static_cast<std::size_t>(m_layer)];
        prefixKeys = ofEachText(before, lengths.size());
        prefixValues = ofEachText(behind, lengths.size());
    }
    std::vector<at::Tensor> mixed;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const Run& run = runs[i];
        at::Tensor key = oneBelowTheOther(keys[i], run.texts);
        at::Tensor value = oneBelowTheOther(values[i], run.texts);
        if (!pass.prefix.empty()) {
            key = at::cat({prefixKeys[i], key}, 2);
            value = at::cat({prefixValues[i], value}, 2);
        }
        const at::Tensor rows =
            attend(oneBelowTheOther(queries[i], run.texts), key, value, run.context->mask(m_spec.window),
                   m_spec.scale, m_spec.softcap, pass.isEager);
        mixed.push_back(rows.reshape({1, run.tokens, rows.size(2)}));
    }
    return at::cat(mixed, 1);
}

/// By the loops that know texts of unequal lengths, where they can; else nothing.
std::optional<at::Tensor> Attention::attendAtOnce(const at::Tensor& q, const at::Tensor& k,
                                                  const at::Tensor& v, const PassContext& pass) const {
    if (pass.isEager || m_spec.softcap > 0 || !isForTextAttention(q, k, v))
        return std::nullopt;
    auto shape = pass.plainTexts(q.size(0), m_spec.window);
    if (!shape)
        return std::nullopt;
    shape->scale = m_spec.scale;
    return attendTexts(q, k, v, *shape, pass);
}

at::Tensor Attention::attendTexts(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                  const TextAttention& shape, const PassContext& pass) const {
    if (pass.prefix.empty())
        return textAttention(q, k, v, shape);
    const auto& [keys, values] = pass.prefix[static_cast<std::size_t>(m_layer)];
    return textAttention(q, k, v, shape, keys, values);
}

at::Tensor Attention::forward(const at::Tensor& x, PassContext& pass) const {
    std::vector<at::Tensor> projected;
    for (const Projection& projection : m_projections)
        projected.push_back(projection.forward(x));
    return m_output.forward(mix(projected, pass));
}

std::optional<TextAttention> Attention::queriesAt(const at::Tensor& x, const at::Tensor& places,
                                                  const PassContext& pass) const {
    if (m_rope != nullptr || m_queryNorm || m_keyNorm || m_spec.softcap > 0 || pass.isEager || x.dim() != 3 ||
        m_spec.inputs != AttentionSpec::Inputs::Separate || !isForTextAttention(x, m_spec.headSize))
        return std::nullopt;
    auto shape = pass.plainTexts(x.size(0), m_spec.window);
    if (!shape)
        return std::nullopt;
    shape->scale = m_spec.scale;
    const auto* begin = places.const_data_ptr<std::int64_t>();
    const auto* end = begin + places.numel();
    const auto* own = begin;
    for (const TextSpan& text : shape->texts) {
        const std::int64_t first = text.row * x.size(1) + text.start;
        const auto* behind = std::lower_bound(own, end, first + text.length);
        const std::int64_t count = behind - own;
        if (count > 0 && behind[-1] - *own != count - 1)
            return std::nullopt;
        shape->queries.push_back({own - begin, count > 0 ? *own - first : 0, count});
        own = behind;
    }
    return shape;
}

at::Tensor Attention::mixAt(const std::vector<at::Tensor>& projected, const TextAttention& shape,
                            const PassContext& pass) const {
    const WorkScope scope("lathe::attention");
    const auto byHeads = [this](const at::Tensor& rows, std::int64_t heads) {
        return rows.view({rows.size(0), rows.size(1), heads, m_spec.headSize}).transpose(1, 2);
    };
    return attendTexts(byHeads(projected[0].unsqueeze(0), m_spec.heads),
                       byHeads(projected[1], m_spec.keyValueHeads),
                       byHeads(projected[2], m_spec.keyValueHeads), shape, pass)
        .squeeze(0);
}

HeadTurn Attention::turnOf(const at::Tensor& x, const PassContext& pass) const {
    if (m_rope == nullptr || m_queryNorm || m_keyNorm || m_spec.inputs != AttentionSpec::Inputs::Separate ||
        !m_rope->turnsHalves(m_spec.headSize) || x.dim() != 3)
        return {};
    return {pass.angles->cos.contiguous(),
            pass.angles->sin.contiguous(),
            x.size(1),
            {m_spec.heads, m_spec.keyValueHeads, 0}};
}

at::Tensor Attention::mix(const std::vector<at::Tensor>& projected, PassContext& pass, bool isTurned) const {
    const WorkScope scope("lathe::attention");
    Heads heads = headsOf(projected);
    if (m_queryNorm)
        heads.q = m_queryNorm->forward(heads.q);
    if (m_keyNorm)
        heads.k = m_keyNorm->forward(heads.k);
    at::Tensor q = heads.q.transpose(1, 2);
    at::Tensor k = heads.k.transpose(1, 2);
    at::Tensor v = heads.v.transpose(1, 2);
    if (m_rope != nullptr && !isTurned) {
        q = m_rope->rotate(q, *pass.angles);
        k = m_rope->rotate(k, *pass.angles);
    }
    if (const auto mixed = attendAtOnce(q, k, v, pass))
        return *mixed;
    if (!pass.texts.empty())
        return attendApart(q, k, v, pass);
    if (pass.cache != nullptr)
        std::tie(k, v) = pass.cache->append(m_layer, k, v);
    return attend(q, k, v, pass.mask(m_spec.window), m_spec.scale, m_spec.softcap, pass.isEager);
}

} // namespace lathe
