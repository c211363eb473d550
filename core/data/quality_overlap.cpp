#include "core/data/quality_checks.h"
#include "core/data/text_key.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace lathe {

namespace {

constexpr std::array kLevels{Likeness::Exact, Likeness::CaseAndSpace, Likeness::Punctuation};

/// What is asked: an answer may differ while the question is the same.
std::string question(const CheckedRow& row) { return row.prompt.empty() ? row.conversation : row.prompt; }

/// Rows of the evaluation data for which the training data has a row, by how alike they are.
struct SharedRows {
    std::array<std::size_t, kLevels.size()> counts{};
    [[nodiscard]] std::size_t same() const { return counts[0] + counts[1]; }
};

/// Training rows that are met in the evaluation data; whether only punctuation differs.
class OverlapCheck final : public QualityCheck {
public:
    Status begin(const QualityInput& input, const std::stop_token& stop) override {
        for (const CheckedTable& other : input.evaluation)
            LATHE_TRY(forEach(other, stop, [this](const CheckedRow& row) {
                for (std::size_t level = 0; level < kLevels.size(); ++level)
                    m_isMet[level].try_emplace(key(row, level), false);
            }));
        return ok();
    }

    void see(const CheckedRow& row) override {
        if (m_isMet[0].empty() || question(row).empty())
            return;
        bool isSame = false;
        for (std::size_t level = 0; level < kLevels.size(); ++level) {
            const auto found = m_isMet[level].find(key(row, level));
            if (found == m_isMet[level].end())
                continue;
            found->second = true;
            isSame = isSame || kLevels[level] != Likeness::Punctuation;
        }
        if (isSame)
            m_rows.add(row);
    }

    Result<std::vector<QualityFinding>> finish(const QualityInput& input,
                                               const std::stop_token& stop) override {
        SharedRows all;
        std::size_t rows = 0;
        QualityFinding finding = m_rows.finding("overlap", 0);
        for (const CheckedTable& other : input.evaluation) {
            SharedRows shared;
            LATHE_TRY(forEach(other, stop, [&](const CheckedRow& row) { count(row, shared); }));
            finding.parts.emplace_back(other.label(), shared.same());
            for (std::size_t level = 0; level < kLevels.size(); ++level)
                all.counts[level] += shared.counts[level];
            rows += other.size();
        }
        if (all.same() + all.counts.back() == 0)
            return std::vector<QualityFinding>();
        finding.count = all.same();
        finding.share = static_cast<double>(all.same()) / static_cast<double>(rows);
        finding.severity = all.same() > 0 ? QualitySeverity::Problem : QualitySeverity::Note;
        finding.message = sentence(all, rows, isTest(input) ? " test rows" : " evaluation rows");
        finding.fix = "remove_overlap";
        finding.leaveOut = finding.rows;
        return std::vector{std::move(finding)};
    }

private:
    template <typename See>
    static Status forEach(const CheckedTable& other, const std::stop_token& stop, See see) {
        for (std::size_t place = 0; place < other.size(); ++place) {
            if (stop.stop_requested())
                return Error{Error::Kind::Cancelled, {}, "the check of the data was stopped"};
            const std::size_t index = other.rowAt(place);
            const CheckedRow row = checkedRow(other.table->row(index), other.fields, index);
            if (!question(row).empty())
                see(row);
        }
        return ok();
    }

    static TextKey key(const CheckedRow& row, std::size_t level) {
        return keyOf(normalised(question(row), kLevels[level]));
    }

    void count(const CheckedRow& row, SharedRows& shared) const {
        for (std::size_t level = 0; level < kLevels.size(); ++level)
            if (const auto met = m_isMet[level].find(key(row, level)); met->second) {
                ++shared.counts[level];
                return;
            }
    }

    static bool isTest(const QualityInput& input) {
        return std::ranges::all_of(input.evaluation, [](const auto& other) { return other.name == "test"; });
    }

    static std::string sentence(const SharedRows& shared, std::size_t rows, const std::string& noun) {
        std::string text =
            grouped(shared.same()) + " of " + grouped(rows) + noun + " also occur in the training data";
        if (shared.counts[1] > 0)
            text += ", " + grouped(shared.counts[1]) + " of them in another case or spacing";
        if (shared.counts[2] > 0)
            text += "; " + grouped(shared.counts[2]) + " more differ in punctuation only";
        return text;
    }

    std::array<std::unordered_map<TextKey, bool, TextKeyHash>, kLevels.size()> m_isMet;
    ConcernedRows m_rows;
};

} // namespace

std::unique_ptr<QualityCheck> makeOverlapCheck() { return std::make_unique<OverlapCheck>(); }

} // namespace lathe
