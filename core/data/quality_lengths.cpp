#include "core/data/quality_checks.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace lathe {

namespace {

std::string percent(std::size_t count, std::size_t all) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f %%",
                  100.0 * static_cast<double>(count) / static_cast<double>(all));
    return text.data();
}

/// Knows lengths by row; texts are read again for the few examples alone.
class LengthsCheck final : public QualityCheck {
public:
    void see(const CheckedRow&) override {}

    Result<std::vector<QualityFinding>> finish(const QualityInput& input, const std::stop_token&) override {
        if (input.lengths == nullptr || input.lengths->rows().empty())
            return std::vector<QualityFinding>();
        const TokenLengths& lengths = *input.lengths;
        ConcernedRows tooLong;
        for (const RowLength& length : lengths.rows())
            if (length.whole > input.maxLength)
                tooLong.add(describedRow(input, length), std::to_string(length.whole) + " tokens");
        const std::size_t all = lengths.rows().size();
        const CutOff cut = lengths.whereAnswersAreCut(input.maxLength);
        QualityFinding finding = tooLong.finding("lengths", all);
        finding.severity = tooLong.empty()    ? QualitySeverity::Note
                           : cut.dropped == 0 ? QualitySeverity::Warning
                                              : QualitySeverity::Problem;
        finding.message = "Half of the rows have at most " + std::to_string(lengths.quantile(0.5)) +
                          " tokens, the longest " + std::to_string(lengths.longest()) + "; at " +
                          std::to_string(input.maxLength) + " tokens " + percent(cut.truncated, all) +
                          " truncated, " + percent(cut.dropped, all) + " dropped";
        if (!tooLong.empty()) {
            finding.fix = "drop_long";
            std::ranges::sort(finding.rows);
            finding.leaveOut = finding.rows;
        }
        return std::vector{std::move(finding)};
    }

private:
    static CheckedRow describedRow(const QualityInput& input, const RowLength& length) {
        return length.row < input.data.table->size()
                   ? checkedRow(input.data.table->row(length.row), input.data.fields, length.row)
                   : CheckedRow();
    }
};

} // namespace

std::unique_ptr<QualityCheck> makeLengthsCheck() { return std::make_unique<LengthsCheck>(); }

} // namespace lathe
