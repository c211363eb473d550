#include "core/data/near_duplicates.h"
#include "core/data/quality_checks.h"
#include "core/data/text_key.h"

#include <array>
#include <cstdio>
#include <unordered_map>

namespace lathe {

namespace {

/// All that the model reads of a row, its parts kept apart.
std::string wholeText(const CheckedRow& row) {
    std::string text;
    for (const std::string& part : row.promptParts)
        text += part + '\x1f';
    return text + '\x1f' + row.answer + '\x1f' + row.label + '\x1f' + row.conversation;
}

std::string rowName(std::size_t row) { return "row " + std::to_string(row + 1); }

class DuplicatesCheck final : public QualityCheck {
public:
    void see(const CheckedRow& row) override {
        ++m_seen;
        const auto [first, isNew] = m_first.try_emplace(keyOf(wholeText(row)), row.index);
        if (!isNew)
            m_rows.add(row, rowName(first->second));
    }

    Result<std::vector<QualityFinding>> finish(const QualityInput&, const std::stop_token&) override {
        if (m_rows.empty())
            return std::vector<QualityFinding>();
        QualityFinding finding = m_rows.finding("duplicates", m_seen);
        finding.severity = QualitySeverity::Warning;
        finding.message = rowsInWords(m_rows.size(), m_seen) + " repeat an earlier row word by word";
        finding.fix = "remove_duplicates";
        finding.leaveOut = finding.rows;
        return std::vector{std::move(finding)};
    }

private:
    std::size_t m_seen = 0;
    std::unordered_map<TextKey, std::size_t, TextKeyHash> m_first;
    ConcernedRows m_rows;
};

/// Rows that repeat another exactly are the other check's.
class NearDuplicatesCheck final : public QualityCheck {
public:
    void see(const CheckedRow& row) override {
        ++m_seen;
        if (m_first.try_emplace(keyOf(wholeText(row)), row.index).second)
            m_search.add(row.index, textOf(row));
    }

    Result<std::vector<QualityFinding>> finish(const QualityInput& input,
                                               const std::stop_token& stop) override {
        const auto read = [&input](std::size_t row) {
            return checkedRow(input.data.table->row(row), input.data.fields, row);
        };
        LATHE_ASSIGN(const auto pairs,
                     m_search.find([&read](std::size_t row) { return textOf(read(row)); }, stop));
        if (pairs.empty())
            return std::vector<QualityFinding>();
        ConcernedRows rows;
        for (const NearDuplicate& pair : pairs) {
            std::array<char, 32> likeness{};
            std::snprintf(likeness.data(), likeness.size(), " (%.0f %%)", 100 * pair.likeness);
            rows.add(read(pair.row), rowName(pair.earlier) + likeness.data());
        }
        QualityFinding finding = rows.finding("near_duplicates", m_seen);
        finding.severity = QualitySeverity::Note;
        finding.message = rowsInWords(rows.size(), m_seen) + " say nearly what an earlier row says";
        finding.fix = "remove_near_duplicates";
        finding.leaveOut = finding.rows;
        return std::vector{std::move(finding)};
    }

private:
    static std::string textOf(const CheckedRow& row) {
        return row.prompt + "\n" + row.conversation + "\n" + row.answer;
    }

    std::size_t m_seen = 0;
    std::unordered_map<TextKey, std::size_t, TextKeyHash> m_first;
    NearDuplicates m_search;
};

} // namespace

std::unique_ptr<QualityCheck> makeDuplicatesCheck() { return std::make_unique<DuplicatesCheck>(); }
std::unique_ptr<QualityCheck> makeNearDuplicatesCheck() { return std::make_unique<NearDuplicatesCheck>(); }

} // namespace lathe
