#pragma once

#include "core/base/result.h"
#include "core/kernels/quantisation.h"
#include "core/kernels/quantised_codec.h"

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <memory>
#include <mutex>
#include <variant>
#include <vector>

namespace lathe {

/// Memory for weights that are unpacked to be used once. What was given back is taken again, so that there is
/// as much of it as weights are in use at the same time. May be used from several threads.
class ScratchPool {
public:
    /// One-dimensional, uint8, at least so long.
    [[nodiscard]] at::Tensor take(std::int64_t bytes);
    void giveBack(at::Tensor memory);

private:
    std::mutex m_mutex; // guards m_free
    std::vector<at::Tensor> m_free;
};

/// An NF4 weight as tensors. With nested statistics absmax is of uint8, else of float32.
struct Nf4Parts {
    at::Tensor codes;        ///< uint8
    at::Tensor levels;       ///< [16] float32
    at::Tensor absmax;       ///< [blocks]
    at::Tensor nestedLevels; ///< [256] float32, or undefined
    at::Tensor nestedAbsmax; ///< float32, or undefined
    std::int64_t block = kNf4Block;
    std::int64_t nestedBlock = kStatisticsBlock;
    float offset = 0;
    at::ScalarType rounding = at::ScalarType::Float; ///< as Nf4View's
};

/// Some rows of a matrix, one behind the other.
struct RowRange {
    std::int64_t first = 0;
    std::int64_t count = 0;
};

/// How much of a packed matrix is unpacked at a time: all of it, or, of a table that is large and of which
/// mostly a few rows are wanted, no more rows than some.
enum class Unpacking { Whole, SomeRows };

/// A frozen matrix [out, in] in few bits. Its numbers never change, and it may be read from several threads.
class PackedWeight {
public:
    /// Contract: sizes and dtypes fit [out, in] as told above; `scratch` is there.
    PackedWeight(std::int64_t out, std::int64_t in, Nf4Parts parts, std::shared_ptr<ScratchPool> scratch);
    PackedWeight(Int8Codes parts, std::shared_ptr<ScratchPool> scratch,
                 Unpacking unpacking = Unpacking::Whole);

    [[nodiscard]] std::int64_t out() const { return m_out; }
    [[nodiscard]] std::int64_t in() const { return m_in; }
    [[nodiscard]] Quantisation kind() const;
    /// What it takes in memory.
    [[nodiscard]] std::int64_t bytes() const;
    /// The numbers, [out, in], in memory of their own. dtype: any floating one.
    [[nodiscard]] at::Tensor unpacked(at::ScalarType dtype) const;
    /// Writes them. into: [out, in], contiguous, float32 or bfloat16.
    void unpackInto(const at::Tensor& into) const;
    /// The same of some rows, into: [count, in]. Contract: of an int8 weight, or all rows.
    void unpackInto(const at::Tensor& into, const RowRange& rows) const;
    /// The rows asked for, in memory of their own, [rows.numel(), in]. rows: int64, of any shape, on the CPU.
    /// dtype: float32 or bfloat16. Contract: of an int8 weight; the rows are there.
    [[nodiscard]] at::Tensor unpackedRows(const at::Tensor& rows, at::ScalarType dtype) const;
    /// How many rows are unpacked at a time.
    [[nodiscard]] std::int64_t rowsAtOnce() const { return m_rowsAtOnce; }
    /// |w|, over the same codes where that is possible.
    [[nodiscard]] std::shared_ptr<const PackedWeight> absolute() const;
    [[nodiscard]] ScratchPool& scratch() const { return *m_scratch; }
    [[nodiscard]] const std::variant<Nf4Parts, Int8Codes>& parts() const { return m_parts; }

private:
    [[nodiscard]] Int8View viewOf(const Int8Codes& parts, const RowRange& rows) const;

    std::int64_t m_out, m_in, m_rowsAtOnce;
    std::variant<Nf4Parts, Int8Codes> m_parts;
    std::shared_ptr<ScratchPool> m_scratch; // shared: by the weights of a model
};

/// weight: [out, in], as bitsandbytes packs it: NF4 in blocks of 64 with quantised statistics, or int8. Its
/// numbers unpack to `dtype` (float32 or bfloat16). Input error if a number is not finite.
[[nodiscard]] Result<std::shared_ptr<const PackedWeight>> packWeight(const at::Tensor& weight,
                                                                     Quantisation kind, at::ScalarType dtype,
                                                                     std::shared_ptr<ScratchPool> scratch);

/// A table of tokens, [rows, width], as int8, unpacked some rows at a time. Errors as packWeight().
[[nodiscard]] Result<std::shared_ptr<const PackedWeight>> packTable(const at::Tensor& table,
                                                                    std::shared_ptr<ScratchPool> scratch);

/// The packed weight as a tensor that can be handed on, saved for a backward pass and asked for its shape and
/// dtype, but has no numbers of its own: whoever wants them takes DenseWeight or denseOf(), and any operator
/// that does not refuses it. It never requires a gradient. dtype: float32 or bfloat16.
[[nodiscard]] at::Tensor packedTensor(std::shared_ptr<const PackedWeight> weight, at::ScalarType dtype);
/// Null where `weight` is an ordinary tensor, or undefined.
[[nodiscard]] const PackedWeight* packedIn(const at::Tensor& weight);
/// The same numbers the other way round: [in, out] of [out, in].
[[nodiscard]] at::Tensor transposedWeight(const at::Tensor& weight);
/// A tensor of its own over the same numbers, which requires no gradient: an ordinary one detached.
[[nodiscard]] at::Tensor anotherHandle(const at::Tensor& weight);
/// |w|, of an ordinary tensor or a packed one.
[[nodiscard]] at::Tensor absoluteWeight(const at::Tensor& weight);
/// An ordinary tensor as it is; a packed one unpacked into memory of its own.
[[nodiscard]] at::Tensor denseOf(const at::Tensor& weight);
/// Rows of a table, ordinary or packed: table: [V, D], ids: [...] int64. Returns [..., D].
[[nodiscard]] at::Tensor rowsOf(const at::Tensor& table, const at::Tensor& ids);
/// The rows that are unpacked together, in their order: all of them where `weight` is no packed table.
[[nodiscard]] std::vector<RowRange> unpackedTogether(const at::Tensor& weight);

/// A weight's numbers for as long as this object lives: an ordinary tensor's own, or a packed one's, unpacked
/// into memory that the next weight will use.
class DenseWeight {
public:
    explicit DenseWeight(const at::Tensor& weight);
    /// Of some rows alone. Contract: as PackedWeight's; of a transposed packed weight, all.
    DenseWeight(const at::Tensor& weight, const RowRange& rows);
    DenseWeight(const DenseWeight&) = delete;
    DenseWeight& operator=(const DenseWeight&) = delete;
    ~DenseWeight();

    [[nodiscard]] const at::Tensor& tensor() const { return m_tensor; }

private:
    void unpack(const PackedWeight& packed, const RowRange& rows, at::ScalarType dtype);

    at::Tensor m_tensor;
    at::Tensor m_memory;              // undefined: nothing was unpacked
    ScratchPool* m_scratch = nullptr; // lives as long as the weight
};

/// y = x Wᵀ + b; a packed W is unpacked when it is needed, forward and backward, and not kept in between, and
/// has no gradient. x: [..., in], weight: [out, in] of x's dtype, bias: [out] or undefined. Returns [...,
/// out].
[[nodiscard]] at::Tensor frozenLinear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

} // namespace lathe
