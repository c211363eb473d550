#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <vector>

namespace lathe {

/// So many neighbouring tokens of one row that see each other and nobody else.
struct TextSpan {
    std::int64_t row = 0;
    std::int64_t start = 0;
    std::int64_t length = 0;
};

/// So many neighbouring tokens of a text that ask, where not all of them do.
struct QuerySpan {
    std::int64_t start = 0;  ///< of the first in q
    std::int64_t first = 0;  ///< its place in the text
    std::int64_t length = 0; ///< may be 0
};

struct TextAttention {
    std::vector<TextSpan> texts; ///< every token of every row is of one text
    std::vector<QuerySpan>
        queries; ///< of each text, in the only row of q; empty: all tokens, where they stand
    bool isCausal = true;
    std::int64_t window = 0; ///< of a causal one, how many tokens back each sees, itself included; 0: all
    double scale = 1;
};

/// Softmax attention (Vaswani et al. 2017, arXiv:1706.03762) of texts of unequal lengths without padding, as
/// one node. Block by block with running maxima, so that no matrix of scores is ever whole (Milakov and
/// Gimelshein 2018, arXiv:1805.02867; Dao et al. 2022, arXiv:2205.14135); the backward pass makes the scores
/// again. Plain loops with 16 queries side by side: for heads as narrow as small models have, products of
/// matrices spend most of their time getting ready. fp32 and fp64 on the CPU. A text's result does not
/// depend on the others, nor on the number of threads.
/// q: [B, H, T, d], or [1, H, N, d] with `queries`; k, v: [B, K, T, d], each serving H / K query heads; in
/// memory in any order of dimensions whose last has stride 1. prefixKeys, prefixValues: in front of each
/// text, seen by all its queries, [K, n, d] of all texts or [texts, K, n, d] of each, or undefined. Returns
/// [B, T, H·d], or [1, N, H·d]; the gradient goes to all five.
[[nodiscard]] at::Tensor textAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                       const TextAttention& shape, const at::Tensor& prefixKeys = {},
                                       const at::Tensor& prefixValues = {});

/// Whether textAttention() can and should take them, rather than LibTorch's operator.
[[nodiscard]] bool isForTextAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v);
/// The same of heads of so many numbers each, where all are of x's dtype and device.
[[nodiscard]] bool isForTextAttention(const at::Tensor& x, std::int64_t headSize);

} // namespace lathe
