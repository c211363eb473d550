#pragma once

#include "core/data/example_list.h"

#include <cstdint>
#include <vector>

namespace lathe {

/// The tokens of a row as they are, whatever the longest sequence. Without the end token, which is put behind
/// only where it fits.
struct RowLength {
    std::size_t row = 0;
    std::uint32_t prompt = 0; ///< 0 where there is no prompt, as in plain text
    std::uint32_t whole = 0;
};

/// What a longest sequence does to the rows.
struct CutOff {
    std::size_t untouched = 0;
    std::size_t truncated = 0;
    std::size_t dropped = 0;
};

/// How long the rows are.
class TokenLengths {
public:
    struct Bin {
        std::uint32_t from = 0; ///< tokens; up to the next bin's
        std::size_t count = 0;
    };

    TokenLengths() = default;
    explicit TokenLengths(std::vector<RowLength> rows);

    [[nodiscard]] const std::vector<RowLength>& rows() const { return m_rows; }
    [[nodiscard]] std::uint32_t longest() const;
    /// The length that a share of the rows does not exceed: 0.5 is the median. 0 without rows.
    [[nodiscard]] std::uint32_t quantile(double share) const;
    /// `count` bins of equal width over all lengths, fewer where the lengths are fewer.
    [[nodiscard]] std::vector<Bin> histogram(std::size_t count) const;

    /// Where the end of an answer is cut: a row whose prompt alone fills the sequence is dropped.
    [[nodiscard]] CutOff whereAnswersAreCut(std::size_t maxLength) const;
    /// Where the prompt is cut: a row whose answer alone fills the sequence is dropped.
    [[nodiscard]] CutOff wherePromptsAreCut(std::size_t maxLength) const;
    /// Where too long rows are dropped.
    [[nodiscard]] CutOff whereRowsAreDropped(std::size_t maxLength) const;

private:
    std::vector<RowLength> m_rows;
    std::vector<std::uint32_t> m_sorted; ///< whole lengths
};

/// Of examples made without a limit, an end token or a loss on the prompt.
[[nodiscard]] TokenLengths measureLengths(const ExampleList& examples);

} // namespace lathe
