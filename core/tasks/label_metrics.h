#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lathe {

/// The right label of a row and the one that was given, as numbers from 0. -1: none of the labels.
struct LabelPair {
    std::int32_t expected = -1;
    std::int32_t given = -1;
};

/// How often each label is right, expected and given: all that the metrics below need.
class LabelTally {
public:
    struct Counts {
        double hits = 0;
        double expected = 0;
        double given = 0;
    };

    LabelTally() = default;
    /// Pairs without an expected label are left out.
    explicit LabelTally(std::span<const LabelPair> pairs);
    void add(LabelPair pair);

    [[nodiscard]] double rows() const { return m_rows; }
    /// NaN where there is no row.
    [[nodiscard]] double accuracy() const;
    /// F1 of one label against all others; 0 where it is neither expected nor given.
    [[nodiscard]] double f1(std::int32_t label = 1) const;
    /// Which labels a mean is over.
    enum class Over {
        Expected, ///< those that are expected somewhere: what is said beside them adds no label
        Seen      ///< those that are expected or given: scikit-learn's labels
    };
    /// Mean of the F1 of each label, so that a rare label counts as much as a frequent one; 0 of nothing.
    [[nodiscard]] double macroF1(Over over = Over::Expected) const;
    /// Matthews' correlation for any number of labels, Gorodkin 2004: (c s - p·t) / sqrt((s² - p·p)(s² -
    /// t·t)) with c right answers of s, p given and t expected counts; 0 where one of both is constant.
    [[nodiscard]] double matthews() const;

private:
    std::vector<Counts> m_counts; ///< [label + 1]: the first is "none of them"
    double m_rows = 0;
};

} // namespace lathe
