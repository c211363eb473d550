#include "core/data/quality_checks.h"
#include "core/data/text_key.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace lathe {

namespace {

/// More different values than this are no labels but answers or scores.
constexpr std::size_t kLabels = 200;
/// From this ratio of the commonest to the rarest label on, accuracy misleads.
constexpr std::size_t kUnbalanced = 10;

class ConflictingLabelsCheck final : public QualityCheck {
public:
    void see(const CheckedRow& row) override {
        if (row.label.empty() || row.prompt.empty())
            return;
        ++m_seen;
        Group& group = m_groups[keyOf(normalised(row.prompt, Likeness::CaseAndSpace))];
        const TextKey label = keyOf(row.label);
        group.isMixed = group.isMixed || (group.rows > 0 && group.label != label);
        group.label = label;
        ++group.rows;
    }

    Result<std::vector<QualityFinding>> finish(const QualityInput& input,
                                               const std::stop_token& stop) override {
        const bool isAnyMixed =
            std::ranges::any_of(m_groups, [](const auto& group) { return group.second.isMixed; });
        if (!isAnyMixed)
            return std::vector<QualityFinding>();
        ConcernedRows rows;
        for (std::size_t place = 0; place < input.data.size(); ++place) {
            if (stop.stop_requested())
                return Error{Error::Kind::Cancelled, {}, "the check of the data was stopped"};
            const std::size_t index = input.data.rowAt(place);
            const CheckedRow row = checkedRow(input.data.table->row(index), input.data.fields, index);
            const auto group = m_groups.find(keyOf(normalised(row.prompt, Likeness::CaseAndSpace)));
            if (!row.label.empty() && group != m_groups.end() && group->second.isMixed)
                rows.add(row);
        }
        QualityFinding finding = rows.finding("conflicting_labels", m_seen);
        finding.severity = QualitySeverity::Warning;
        finding.message = rowsInWords(rows.size(), m_seen) + " have a text that has another label elsewhere";
        finding.fix = "drop_conflicts";
        finding.leaveOut = finding.rows;
        return std::vector{std::move(finding)};
    }

private:
    struct Group {
        TextKey label = {};
        std::uint32_t rows = 0;
        bool isMixed = false;
    };
    std::size_t m_seen = 0;
    std::unordered_map<TextKey, Group, TextKeyHash> m_groups;
};

class LabelBalanceCheck final : public QualityCheck {
public:
    void see(const CheckedRow& row) override {
        if (row.label.empty() || m_counts.size() > kLabels)
            return;
        ++m_seen;
        ++m_counts[row.label];
    }

    Result<std::vector<QualityFinding>> finish(const QualityInput&, const std::stop_token&) override {
        if (m_counts.empty() || m_counts.size() > kLabels)
            return std::vector<QualityFinding>();
        std::vector<std::pair<std::string, std::size_t>> byCount(m_counts.begin(), m_counts.end());
        std::ranges::stable_sort(byCount, std::greater(), [](const auto& label) { return label.second; });
        QualityFinding finding = ConcernedRows().finding("label_balance", 0);
        const bool isUnbalanced =
            byCount.size() == 1 || byCount.front().second >= kUnbalanced * byCount.back().second;
        finding.severity = isUnbalanced ? QualitySeverity::Warning : QualitySeverity::Note;
        finding.count = byCount.back().second;
        finding.share = static_cast<double>(byCount.back().second) / static_cast<double>(m_seen);
        finding.message = std::to_string(byCount.size()) + (byCount.size() == 1 ? " label: " : " labels: ");
        for (std::size_t i = 0; i < byCount.size() && i < kQualityExamples; ++i)
            finding.message += (i == 0 ? "\"" : ", \"") + byCount[i].first.substr(0, 40) + "\" " +
                               rowsInWords(byCount[i].second, m_seen);
        finding.parts = std::move(byCount);
        return std::vector{std::move(finding)};
    }

private:
    std::size_t m_seen = 0;
    std::map<std::string, std::size_t> m_counts;
};

} // namespace

std::unique_ptr<QualityCheck> makeConflictingLabelsCheck() {
    return std::make_unique<ConflictingLabelsCheck>();
}
std::unique_ptr<QualityCheck> makeLabelBalanceCheck() { return std::make_unique<LabelBalanceCheck>(); }

} // namespace lathe
