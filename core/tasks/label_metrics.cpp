#include "core/tasks/label_metrics.h"

#include "core/base/contract.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lathe {

namespace {

double f1Of(const LabelTally::Counts& counts) {
    const double involved = counts.expected + counts.given;
    return involved > 0 ? 2 * counts.hits / involved : 0;
}

} // namespace

LabelTally::LabelTally(std::span<const LabelPair> pairs) {
    for (const LabelPair& pair : pairs)
        add(pair);
}

void LabelTally::add(LabelPair pair) {
    LATHE_EXPECT(pair.expected >= -1 && pair.given >= -1);
    if (pair.expected < 0)
        return;
    const auto expected = static_cast<std::size_t>(pair.expected + 1);
    const auto given = static_cast<std::size_t>(pair.given + 1);
    m_counts.resize(std::max({m_counts.size(), expected + 1, given + 1}));
    ++m_counts[expected].expected;
    ++m_counts[given].given;
    m_counts[expected].hits += expected == given ? 1 : 0;
    ++m_rows;
}

double LabelTally::accuracy() const {
    double hits = 0;
    for (const Counts& counts : m_counts)
        hits += counts.hits;
    return m_rows > 0 ? hits / m_rows : std::numeric_limits<double>::quiet_NaN();
}

double LabelTally::f1(std::int32_t label) const {
    LATHE_EXPECT(label >= 0);
    const auto place = static_cast<std::size_t>(label + 1);
    return place < m_counts.size() ? f1Of(m_counts[place]) : 0;
}

double LabelTally::macroF1(Over over) const {
    double sum = 0;
    double labels = 0;
    for (std::size_t i = 1; i < m_counts.size(); ++i) {
        const Counts& counts = m_counts[i];
        if (counts.expected == 0 && (over == Over::Expected || counts.given == 0))
            continue;
        sum += f1Of(counts);
        ++labels;
    }
    return labels > 0 ? sum / labels : 0;
}

double LabelTally::matthews() const {
    double right = 0;
    double both = 0;
    double givenSquares = 0;
    double expectedSquares = 0;
    for (const Counts& counts : m_counts) {
        right += counts.hits;
        both += counts.expected * counts.given;
        givenSquares += counts.given * counts.given;
        expectedSquares += counts.expected * counts.expected;
    }
    const double scale = (m_rows * m_rows - givenSquares) * (m_rows * m_rows - expectedSquares);
    return scale > 0 ? (right * m_rows - both) / std::sqrt(scale) : 0;
}

} // namespace lathe
