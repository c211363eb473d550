#include "core/session/finding_table_model.h"

#include "core/session/text.h"

#include <QCoreApplication>
#include <QLocale>

namespace lathe {

QString qualityText(const std::string& text) { return QCoreApplication::translate("Quality", text.c_str()); }

QString severityName(QualitySeverity severity) {
    switch (severity) {
    case QualitySeverity::Problem:
        return FindingTableModel::tr("problem");
    case QualitySeverity::Warning:
        return FindingTableModel::tr("warning");
    case QualitySeverity::Note:
        break;
    }
    return FindingTableModel::tr("note");
}

int FindingTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_findings.size());
}

int FindingTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(ColumnCount);
}

QVariant FindingTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const QualityFinding& found = finding(index.row());
    const bool isNumber = index.column() == Count || index.column() == Share;
    if (role == SeverityRole)
        return static_cast<int>(found.severity);
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role == Qt::AccessibleTextRole && index.column() == Label)
        return tr("%1, %2", "finding, severity").arg(qualityText(found.label), severityName(found.severity));
    if (role == Qt::ToolTipRole && index.column() == Message)
        return toQString(found.message);
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Label:
        return qualityText(found.label);
    case Count:
        return static_cast<qulonglong>(found.count);
    case Share:
        return tr("%1 %", "share").arg(QLocale().toString(100 * found.share, 'f', 1));
    case Message:
        return toQString(found.message);
    default:
        return {};
    }
}

QVariant FindingTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Label:
        return tr("Finding");
    case Count:
        return tr("Rows");
    case Share:
        return tr("Share");
    case Message:
        return tr("What it is");
    default:
        return {};
    }
}

void FindingTableModel::setFindings(std::vector<QualityFinding> findings) {
    beginResetModel();
    m_findings = std::move(findings);
    endResetModel();
}

} // namespace lathe
