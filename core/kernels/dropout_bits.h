#pragma once

#include <ATen/core/Tensor.h>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

namespace lathe {

/// Where the bits of rows stand, for loops that read many at once: that of column j of row i is bit `first` +
/// i · stride
/// + j, the lowest of each byte first. Three bytes behind the last one may be read.
struct BitRows {
    const std::uint8_t* bytes = nullptr; ///< null: there are none
    std::int64_t first = 0, stride = 0;

    /// The bits from a column on, 25 of them at least.
    [[nodiscard]] std::uint32_t at(std::int64_t row, std::int64_t column) const {
        const std::int64_t place = first + row * stride + column;
        std::uint32_t word;
        std::memcpy(&word, bytes + place / 8, sizeof word);
        return word >> (place % 8);
    }
    [[nodiscard]] BitRows from(std::int64_t row, std::int64_t column) const {
        return {bytes, first + row * stride + column, stride};
    }
};

/// Which elements of rows dropout keeps, a bit each: m of y = m ⊙ x without its factor 1 / (1 - p). A mask of
/// fp32 takes a small model's step longer to read than its products with A. Immutable; copies share the bits.
class DropoutBits {
public:
    /// No dropout: everything is kept.
    DropoutBits() = default;
    /// Element (i, j) is kept where bit `first` + i · width + j is set, the lowest of each byte first.
    /// factor: what the kept ones are multiplied by. Contract: as many bytes as that takes.
    DropoutBits(std::vector<std::uint8_t> bytes, std::int64_t first, std::int64_t rows, std::int64_t width,
                double factor);
    /// Kept where the mask, [rows, width] on the CPU, is not 0; its greatest number is the factor.
    explicit DropoutBits(const at::Tensor& mask);

    [[nodiscard]] bool isDefined() const { return m_bytes != nullptr; }
    [[nodiscard]] std::int64_t rows() const { return m_rows; }
    [[nodiscard]] std::int64_t width() const { return m_width; }
    [[nodiscard]] double factor() const { return m_factor; }
    /// Of these rows, in their order.
    [[nodiscard]] DropoutBits ofRows(std::span<const std::int64_t> rows) const;
    [[nodiscard]] BitRows bitsFrom(std::int64_t row) const {
        return isDefined() ? BitRows{m_bytes->data(), m_first + row * m_stride, m_stride} : BitRows();
    }
    /// m, [rows, width], with the factor.
    [[nodiscard]] at::Tensor mask(at::ScalarType dtype) const;

    /// to = m ⊙ x of `count` rows from `first` on, without the factor; x and to begin with the first of them
    /// and have no gaps. S: float or double.
    template <typename S>
    void keep(const S* x, std::int64_t first, std::int64_t count, S* to) const;
    /// to += m ⊙ x, likewise.
    template <typename S>
    void addKept(const S* x, std::int64_t first, std::int64_t count, S* to) const;

private:
    std::shared_ptr<const std::vector<std::uint8_t>> m_bytes; // behind the last bit, room for one reading
    std::int64_t m_first = 0, m_stride = 0;                   // in bits; from row to row
    std::int64_t m_rows = 0, m_width = 0;
    double m_factor = 1;
};

extern template void DropoutBits::keep(const float*, std::int64_t, std::int64_t, float*) const;
extern template void DropoutBits::keep(const double*, std::int64_t, std::int64_t, double*) const;
extern template void DropoutBits::addKept(const float*, std::int64_t, std::int64_t, float*) const;
extern template void DropoutBits::addKept(const double*, std::int64_t, std::int64_t, double*) const;

} // namespace lathe
