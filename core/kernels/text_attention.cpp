#include "core/kernels/text_attention.h"

#include "core/base/contract.h"
#include "core/kernels/text_attention_heads.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

namespace lathe {

namespace {

using namespace attention;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

/// A second thread is worth waking for so many multiplications.
constexpr std::int64_t kGrain = 1 << 18;

// One version for each instruction set: the loader picks among whole functions, so both dtypes are named. kD:
// the width of a head where the loops over it should be unrolled, or 0.
template <std::int64_t kD, typename S>
LATHE_INLINE void forwardFrom(const Inputs<S>& given, std::int64_t begin, std::int64_t end,
                              const HeadRows<S>& out, const HeadRows<S>& lse) {
    Inputs<S> in = given;
    in.sizes.d = kD > 0 ? kD : given.sizes.d;
    Room<S> room(in.sizes);
    for (std::int64_t item = begin; item < end; ++item)
        forwardOf(in, item / in.sizes.shared, item % in.sizes.shared, room, out, lse);
}
template <std::int64_t kD, typename S>
LATHE_INLINE void backwardFrom(const Inputs<S>& given, const Gradients<S>& to, std::int64_t begin,
                               std::int64_t end) {
    Inputs<S> in = given;
    in.sizes.d = kD > 0 ? kD : given.sizes.d;
    Room<S> room(in.sizes);
    for (std::int64_t item = begin; item < end; ++item)
        backwardOf(in, to, item / in.sizes.shared, item % in.sizes.shared, room);
}
LATHE_WIDE void forwardRange(const Inputs<float>& in, std::int64_t begin, std::int64_t end,
                             const HeadRows<float>& out, const HeadRows<float>& lse) {
    if (in.sizes.d == 8)
        forwardFrom<8>(in, begin, end, out, lse);
    else if (in.sizes.d == 32)
        forwardFrom<32>(in, begin, end, out, lse);
    else
        forwardFrom<0>(in, begin, end, out, lse);
}
LATHE_WIDE void backwardRange(const Inputs<float>& in, const Gradients<float>& to, std::int64_t begin,
                              std::int64_t end) {
    if (in.sizes.d == 8)
        backwardFrom<8>(in, to, begin, end);
    else if (in.sizes.d == 32)
        backwardFrom<32>(in, to, begin, end);
    else
        backwardFrom<0>(in, to, begin, end);
}
void forwardRange(const Inputs<double>& in, std::int64_t begin, std::int64_t end, const HeadRows<double>& out,
                  const HeadRows<double>& lse) {
    forwardFrom<0>(in, begin, end, out, lse);
}
void backwardRange(const Inputs<double>& in, const Gradients<double>& to, std::int64_t begin,
                   std::int64_t end) {
    backwardFrom<0>(in, to, begin, end);
}

/// [K, n, d] of all texts as if it were [texts, K, n, d].
at::Tensor ofTexts(const at::Tensor& prefix, std::int64_t texts) {
    return !prefix.defined() || prefix.dim() == 4 ? prefix : prefix.unsqueeze(0).expand({texts, -1, -1, -1});
}

template <typename S>
Inputs<S> inputsOf(const variable_list& tensors, const TextAttention& shape) {
    const at::Tensor& q = tensors[0];
    const at::Tensor& k = tensors[1];
    Inputs<S> in;
    const bool hasPrefix = tensors[3].defined();
    in.sizes = {q.size(1),      k.size(1),    q.size(3),  hasPrefix ? tensors[3].size(-2) : 0,
                shape.isCausal, shape.window, shape.scale};
    in.q = HeadRows<const S>(q);
    in.k = HeadRows<const S>(k);
    in.v = HeadRows<const S>(tensors[2]);
    if (hasPrefix) {
        const auto texts = static_cast<std::int64_t>(shape.texts.size());
        in.prefixKeys = HeadRows<const S>(ofTexts(tensors[3], texts));
        in.prefixValues = HeadRows<const S>(ofTexts(tensors[4], texts));
    }
    in.shape = &shape;
    return in;
}

/// Texts times heads of keys, in pieces that are worth a thread.
template <typename F>
void overItems(const Sizes& sizes, const TextAttention& shape, const F& range) {
    std::int64_t cost = 1;
    for (std::size_t which = 0; which < shape.texts.size(); ++which)
        cost += queriesOf(shape, which).length * (sizes.prefix + shape.texts[which].length) * sizes.d *
                (sizes.heads / sizes.shared);
    const auto count = static_cast<std::int64_t>(shape.texts.size());
    const std::int64_t each = std::max<std::int64_t>(1, cost / std::max<std::int64_t>(1, count));
    at::parallel_for(0, count * sizes.shared, std::max<std::int64_t>(1, kGrain / each), range);
}

/// [B, T, H·d] as [B, H, T, d].
at::Tensor byHeads(const at::Tensor& x, std::int64_t heads) {
    return x.unflatten(2, {heads, x.size(2) / heads}).transpose(1, 2);
}

class TextAttentionNode : public Function<TextAttentionNode> {
public:
    static at::Tensor forward(AutogradContext* context, const at::Tensor& q, const at::Tensor& k,
                              const at::Tensor& v, const std::optional<at::Tensor>& givenKeys,
                              const std::optional<at::Tensor>& givenValues, const TextAttention& shape) {
        const at::Tensor prefixKeys = givenKeys.value_or(at::Tensor());
        const at::Tensor prefixValues = givenValues.value_or(at::Tensor());
        const std::int64_t heads = q.size(1);
        at::Tensor out = at::empty({q.size(0), q.size(2), heads * q.size(3)}, q.options());
        at::Tensor lse = at::empty({q.size(0), heads, q.size(2), 1}, q.options());
        AT_DISPATCH_FLOATING_TYPES(q.scalar_type(), "text_attention", [&] {
            const auto in = inputsOf<scalar_t>({q, k, v, prefixKeys, prefixValues}, shape);
            const HeadRows<scalar_t> to(byHeads(out, heads));
            const HeadRows<scalar_t> sums(lse);
            overItems(in.sizes, shape,
                      [&](std::int64_t begin, std::int64_t end) { forwardRange(in, begin, end, to, sums); });
        });
        context->save_for_backward({q, k, v, prefixKeys, prefixValues, out, lse});
        context->saved_data["causal"] = shape.isCausal;
        context->saved_data["window"] = shape.window;
        context->saved_data["scale"] = shape.scale;
        std::vector<std::int64_t> spans;
        for (const TextSpan& text : shape.texts)
            spans.insert(spans.end(), {text.row, text.start, text.length});
        context->saved_data["texts"] = spans;
        spans.clear();
        for (const QuerySpan& span : shape.queries)
            spans.insert(spans.end(), {span.start, span.first, span.length});
        context->saved_data["queries"] = spans;
        return out;
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const variable_list saved = context->get_saved_variables();
        const TextAttention shape = shapeOf(*context);
        const at::Tensor upstream = gradients[0].contiguous();
        const auto texts = static_cast<std::int64_t>(shape.texts.size());
        variable_list result{
            at::empty_like(saved[0]), at::empty_like(saved[1]), at::empty_like(saved[2]), {}, {}, {}};
        for (const std::size_t i : {3, 4})
            if (const at::Tensor prefix = ofTexts(saved[i], texts); prefix.defined())
                result[i] = at::empty(prefix.sizes(), prefix.options());
        AT_DISPATCH_FLOATING_TYPES(upstream.scalar_type(), "text_attention_backward", [&] {
            const auto in = inputsOf<scalar_t>(saved, shape);
            Gradients<scalar_t> to;
            to.upstream = HeadRows<const scalar_t>(byHeads(upstream, in.sizes.heads));
            to.out = HeadRows<const scalar_t>(byHeads(saved[5], in.sizes.heads));
            to.lse = HeadRows<const scalar_t>(saved[6]);
            to.q = HeadRows<scalar_t>(result[0]);
            to.k = HeadRows<scalar_t>(result[1]);
            to.v = HeadRows<scalar_t>(result[2]);
            if (result[3].defined()) {
                to.prefixKeys = HeadRows<scalar_t>(result[3]);
                to.prefixValues = HeadRows<scalar_t>(result[4]);
            }
            overItems(in.sizes, shape,
                      [&](std::int64_t begin, std::int64_t end) { backwardRange(in, to, begin, end); });
        });
        for (const std::size_t i : {3, 4})
            if (saved[i].defined() && saved[i].dim() == 3)
                result[i] = result[i].sum(0);
        return result;
    }

private:
    static TextAttention shapeOf(AutogradContext& context) {
        TextAttention shape;
        shape.isCausal = context.saved_data["causal"].toBool();
        shape.window = context.saved_data["window"].toInt();
        shape.scale = context.saved_data["scale"].toDouble();
        const std::vector<std::int64_t> spans = context.saved_data["texts"].toIntVector();
        for (std::size_t i = 0; i < spans.size(); i += 3)
            shape.texts.push_back({spans[i], spans[i + 1], spans[i + 2]});
        const std::vector<std::int64_t> queries = context.saved_data["queries"].toIntVector();
        for (std::size_t i = 0; i < queries.size(); i += 3)
            shape.queries.push_back({queries[i], queries[i + 1], queries[i + 2]});
        return shape;
    }
};

at::Tensor withPlainRows(const at::Tensor& x) { return x.stride(-1) == 1 ? x : x.contiguous(); }

std::optional<at::Tensor> maybe(const at::Tensor& x) {
    return x.defined() ? std::optional(withPlainRows(x)) : std::nullopt;
}

} // namespace

at::Tensor textAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                         const TextAttention& shape, const at::Tensor& prefixKeys,
                         const at::Tensor& prefixValues) {
    LATHE_EXPECT(q.dim() == 4 && k.sizes() == v.sizes() && q.size(1) % k.size(1) == 0);
    LATHE_EXPECT(shape.queries.empty() || (shape.queries.size() == shape.texts.size() && q.size(0) == 1));
    LATHE_EXPECT(prefixKeys.defined() == prefixValues.defined());
    return TextAttentionNode::apply(withPlainRows(q), withPlainRows(k), withPlainRows(v), maybe(prefixKeys),
                                    maybe(prefixValues), shape);
}

bool isForTextAttention(const at::Tensor& x, std::int64_t headSize) {
    constexpr std::int64_t kWidest = 64;
    return x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble) &&
           headSize <= kWidest;
}

bool isForTextAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
    const auto fits = [&q](const at::Tensor& x) {
        return x.is_cpu() && x.scalar_type() == q.scalar_type() && x.size(3) == q.size(3);
    };
    return isForTextAttention(q, q.size(3)) && fits(k) && fits(v);
}

} // namespace lathe
