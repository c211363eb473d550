#pragma once

#include "core/data/quality.h"

#include <memory>

namespace lathe {

[[nodiscard]] std::unique_ptr<QualityCheck> makeEmptyFieldsCheck();
[[nodiscard]] std::unique_ptr<QualityCheck> makeAnswerInPromptCheck();
[[nodiscard]] std::unique_ptr<QualityCheck> makeEncodingCheck();
[[nodiscard]] std::unique_ptr<QualityCheck> makeDuplicatesCheck();
[[nodiscard]] std::unique_ptr<QualityCheck> makeNearDuplicatesCheck();
[[nodiscard]] std::unique_ptr<QualityCheck> makeOverlapCheck();
[[nodiscard]] std::unique_ptr<QualityCheck> makeConflictingLabelsCheck();
[[nodiscard]] std::unique_ptr<QualityCheck> makeLabelBalanceCheck();
[[nodiscard]] std::unique_ptr<QualityCheck> makeLengthsCheck();
[[nodiscard]] std::unique_ptr<QualityCheck> makeTurnOrderCheck();

/// Rows concerned, and a few of them to show.
class ConcernedRows {
public:
    void add(const CheckedRow& row, std::string belongsTo = {});
    [[nodiscard]] bool empty() const { return m_rows.empty(); }
    [[nodiscard]] std::size_t size() const { return m_rows.size(); }
    /// A finding of these rows, all but severity, message and fix. Contract: id names a check.
    [[nodiscard]] QualityFinding finding(const std::string& id, std::size_t rowsInAll) const;

private:
    std::vector<std::size_t> m_rows;
    std::vector<QualityExample> m_examples;
};

/// "12 of 340 rows (3.5 %)".
[[nodiscard]] std::string rowsInWords(std::size_t count, std::size_t all);
/// "3,271".
[[nodiscard]] std::string grouped(std::size_t number);

/// The fixed texts of a finding; PartInfo's summary is the advice.
[[nodiscard]] PartInfo qualityTexts(const std::string& id);

} // namespace lathe
