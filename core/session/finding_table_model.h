#pragma once

#include "core/data/quality.h"

#include <QAbstractTableModel>

namespace lathe {

/// What the quality checks have found: a row each.
class FindingTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Label, Count, Share, Message, ColumnCount };
    enum Role { SeverityRole = Qt::UserRole }; ///< int of QualitySeverity

    using QAbstractTableModel::QAbstractTableModel;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

    void setFindings(std::vector<QualityFinding> findings);
    /// Contract: row in [0, rowCount()).
    [[nodiscard]] const QualityFinding& finding(int row) const {
        return m_findings.at(static_cast<std::size_t>(row));
    }

private:
    std::vector<QualityFinding> m_findings;
};

/// A fixed text of a check, translated (context "Quality").
[[nodiscard]] QString qualityText(const std::string& text);
/// "note", "warning", "problem", translated.
[[nodiscard]] QString severityName(QualitySeverity severity);

} // namespace lathe
