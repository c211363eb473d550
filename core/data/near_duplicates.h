#pragma once

#include "core/base/result.h"

#include <array>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// A row and an earlier one that says nearly the same.
struct NearDuplicate {
    std::size_t row = 0;
    std::size_t earlier = 0;
    double likeness = 0; ///< Jaccard's, of the sets of three words in a row: 1 is the same set
};

/// Finds rows that share most of their three-word sequences, in time linear in the rows: MinHash (Broder
/// 1997) in one permutation (Li, Owen and Zhang 2012, arXiv:1208.1259) with optimal densification
/// (Shrivastava 2017, arXiv:1703.04664), 64 values of 16 bits (Li and König 2010), in 16 bands of four.
/// Candidates are compared exactly. Deterministic. 128 bytes a row.
class NearDuplicates {
public:
    /// Two rows are nearly the same from this likeness on.
    static constexpr double kThreshold = 0.8;

    /// Rows come in ascending order. Case, white space and punctuation do not count.
    void add(std::size_t row, std::string_view text);
    /// Each row at most once, ascending. `textOf` gives the text of a row again. Cancelled.
    [[nodiscard]] Result<std::vector<NearDuplicate>>
    find(const std::function<std::string(std::size_t row)>& textOf, const std::stop_token& stop) const;

    static constexpr std::size_t kValues = 64;
    using Signature = std::array<std::uint16_t, kValues>;

private:
    std::vector<std::size_t> m_rows;
    std::vector<Signature> m_signatures;
};

} // namespace lathe
