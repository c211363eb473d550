#include "core/data/token_lengths.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

template <typename IsDropped>
CutOff cutOff(const std::vector<RowLength>& rows, std::size_t maxLength, IsDropped isDropped) {
    CutOff result;
    for (const RowLength& row : rows) {
        if (isDropped(row))
            ++result.dropped;
        else if (row.whole > maxLength)
            ++result.truncated;
        else
            ++result.untouched;
    }
    return result;
}

} // namespace

TokenLengths::TokenLengths(std::vector<RowLength> rows) : m_rows(std::move(rows)) {
    m_sorted.reserve(m_rows.size());
    for (const RowLength& row : m_rows)
        m_sorted.push_back(row.whole);
    std::ranges::sort(m_sorted);
}

std::uint32_t TokenLengths::longest() const { return m_sorted.empty() ? 0 : m_sorted.back(); }

std::uint32_t TokenLengths::quantile(double share) const {
    if (m_sorted.empty())
        return 0;
    const double place = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(m_sorted.size()));
    return m_sorted[static_cast<std::size_t>(std::max(place, 1.0)) - 1];
}

std::vector<TokenLengths::Bin> TokenLengths::histogram(std::size_t count) const {
    LATHE_EXPECT(count > 0);
    const auto width = static_cast<std::uint32_t>(longest() / count + 1);
    std::vector<Bin> bins;
    for (std::uint32_t from = 0; from <= longest() && !m_sorted.empty(); from += width)
        bins.push_back({from, 0});
    for (const std::uint32_t length : m_sorted)
        ++bins[length / width].count;
    return bins;
}

CutOff TokenLengths::whereAnswersAreCut(std::size_t maxLength) const {
    return cutOff(m_rows, maxLength, [=](const RowLength& row) { return row.prompt >= maxLength; });
}

CutOff TokenLengths::wherePromptsAreCut(std::size_t maxLength) const {
    return cutOff(m_rows, maxLength,
                  [=](const RowLength& row) { return row.whole - row.prompt >= maxLength; });
}

CutOff TokenLengths::whereRowsAreDropped(std::size_t maxLength) const {
    return cutOff(m_rows, maxLength, [=](const RowLength& row) { return row.whole > maxLength; });
}

TokenLengths measureLengths(const ExampleList& examples) {
    std::vector<RowLength> rows;
    rows.reserve(examples.size());
    for (std::size_t i = 0; i < examples.size(); ++i) {
        const Example example = examples[i];
        const auto first = std::ranges::find_if(example.labels, [](auto id) { return id != kIgnoreLabel; });
        const auto ignored = static_cast<std::uint32_t>(first - example.labels.begin());
        rows.push_back({example.row, example.textLabel || example.textNumber ? 0 : ignored,
                        static_cast<std::uint32_t>(example.ids.size())});
    }
    return TokenLengths(std::move(rows));
}

} // namespace lathe
