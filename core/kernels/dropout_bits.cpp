#include "core/kernels/dropout_bits.h"

#include "core/base/contract.h"
#include "core/kernels/vectors.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/ones.h>
#include <algorithm>

namespace lathe {

namespace {

constexpr std::int64_t kByte = 8;
constexpr std::int64_t kReading = 4;     // bytes that are read at once
constexpr std::int64_t kGrain = 1 << 16; // elements that a second thread is worth waking for
constexpr Whole<Lanes> kLaneBits{1,      1 << 1, 1 << 2,  1 << 3,  1 << 4,  1 << 5,  1 << 6,  1 << 7,
                                 1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15};

/// Bits from `place` on, 25 of them at least.
LATHE_INLINE std::uint32_t bitsAt(const std::uint8_t* bytes, std::int64_t place) {
    std::uint32_t word;
    std::memcpy(&word, bytes + place / kByte, sizeof word);
    return word >> (place % kByte);
}

enum class Into { Put, Add };

/// Of a row's elements those from j on, one by one.
template <Into into, typename S>
LATHE_INLINE void restOf(const std::uint8_t* bytes, std::int64_t place, const S* x, S* to, std::int64_t width,
                         std::int64_t j) {
    for (; j < width; ++j) {
        const bool isKept = (bitsAt(bytes, place + j) & 1U) != 0;
        if (into == Into::Put)
            to[j] = isKept ? x[j] : S(0);
        else if (isKept)
            to[j] += x[j];
    }
}

template <Into into>
LATHE_INLINE void rowOf(const std::uint8_t* bytes, std::int64_t place, const float* x, float* to,
                        std::int64_t width) {
    std::int64_t j = 0;
    for (; j + kLanesOf<Lanes> <= width; j += kLanesOf<Lanes>) {
        const auto bits = static_cast<std::int32_t>(bitsAt(bytes, place + j));
        Lanes value, kept = {};
        load(x + j, value);
        if constexpr (into == Into::Add)
            load(to + j, kept);
        const Lanes other = into == Into::Add ? kept + value : value;
        store(to + j, ((bits & kLaneBits) != 0) ? other : kept);
    }
    restOf<into>(bytes, place, x, to, width, j);
}

// Overloads, not templates: these are what the loader chooses from.
LATHE_WIDE void putRow(const std::uint8_t* bytes, std::int64_t place, const float* x, float* to,
                       std::int64_t width) {
    rowOf<Into::Put>(bytes, place, x, to, width);
}
LATHE_WIDE void addRow(const std::uint8_t* bytes, std::int64_t place, const float* x, float* to,
                       std::int64_t width) {
    rowOf<Into::Add>(bytes, place, x, to, width);
}
void putRow(const std::uint8_t* bytes, std::int64_t place, const double* x, double* to, std::int64_t width) {
    restOf<Into::Put>(bytes, place, x, to, width, 0);
}
void addRow(const std::uint8_t* bytes, std::int64_t place, const double* x, double* to, std::int64_t width) {
    restOf<Into::Add>(bytes, place, x, to, width, 0);
}

/// each(row) for the rows, on as many threads as they are worth.
template <typename Each>
void forRows(std::int64_t count, std::int64_t width, const Each& each) {
    const std::int64_t grain = std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(1, width));
    at::parallel_for(0, count, grain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row)
            each(row);
    });
}

std::vector<std::uint8_t> bytesOf(const at::Tensor& mask) {
    const at::Tensor kept = mask.ne(0).contiguous();
    const bool* from = kept.const_data_ptr<bool>();
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>((mask.numel() + kByte - 1) / kByte));
    for (std::int64_t i = 0; i < mask.numel(); ++i)
        bytes[static_cast<std::size_t>(i / kByte)] |= static_cast<std::uint8_t>(from[i] << (i % kByte));
    return bytes;
}

} // namespace

DropoutBits::DropoutBits(std::vector<std::uint8_t> bytes, std::int64_t first, std::int64_t rows,
                         std::int64_t width, double factor)
    : m_first(first), m_stride(width), m_rows(rows), m_width(width), m_factor(factor) {
    LATHE_EXPECT(first >= 0 && static_cast<std::int64_t>(bytes.size()) * kByte >= first + rows * width);
    bytes.resize(bytes.size() + kReading);
    m_bytes = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
}

DropoutBits::DropoutBits(const at::Tensor& mask)
    : DropoutBits(bytesOf(mask), 0, mask.size(0), mask.size(1),
                  mask.numel() > 0 ? mask.max().item<double>() : 1) {}

DropoutBits DropoutBits::ofRows(std::span<const std::int64_t> rows) const {
    LATHE_EXPECT(isDefined());
    const auto count = static_cast<std::int64_t>(rows.size());
    const std::int64_t each = (m_width + kByte - 1) / kByte; // bytes of a row
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count * each + kReading));
    for (std::int64_t i = 0; i < count; ++i)
        for (std::int64_t byte = 0; byte < each; ++byte)
            bytes[static_cast<std::size_t>(i * each + byte)] = static_cast<std::uint8_t>(bitsAt(
                m_bytes->data(), m_first + rows[static_cast<std::size_t>(i)] * m_stride + byte * kByte));
    DropoutBits result;
    result.m_bytes = std::make_shared<const std::vector<std::uint8_t>>(std::move(bytes));
    result.m_stride = each * kByte;
    result.m_rows = count;
    result.m_width = m_width;
    result.m_factor = m_factor;
    return result;
}

at::Tensor DropoutBits::mask(at::ScalarType dtype) const {
    LATHE_EXPECT(isDefined());
    const at::Tensor all = at::ones({m_rows, m_width}, at::kDouble);
    at::Tensor kept = at::empty_like(all);
    keep<double>(all.const_data_ptr<double>(), 0, m_rows, kept.data_ptr<double>());
    return kept.mul_(m_factor).to(dtype);
}

template <typename S>
void DropoutBits::keep(const S* x, std::int64_t first, std::int64_t count, S* to) const {
    LATHE_EXPECT(isDefined() && first >= 0 && first + count <= m_rows);
    forRows(count, m_width, [&](std::int64_t row) {
        putRow(m_bytes->data(), m_first + (first + row) * m_stride, x + row * m_width, to + row * m_width,
               m_width);
    });
}

template <typename S>
void DropoutBits::addKept(const S* x, std::int64_t first, std::int64_t count, S* to) const {
    LATHE_EXPECT(isDefined() && first >= 0 && first + count <= m_rows);
    forRows(count, m_width, [&](std::int64_t row) {
        addRow(m_bytes->data(), m_first + (first + row) * m_stride, x + row * m_width, to + row * m_width,
               m_width);
    });
}

template void DropoutBits::keep(const float*, std::int64_t, std::int64_t, float*) const;
template void DropoutBits::keep(const double*, std::int64_t, std::int64_t, double*) const;
template void DropoutBits::addKept(const float*, std::int64_t, std::int64_t, float*) const;
template void DropoutBits::addKept(const double*, std::int64_t, std::int64_t, double*) const;

} // namespace lathe
