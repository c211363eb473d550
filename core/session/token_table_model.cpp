#include "core/session/token_table_model.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace lathe {

namespace {

constexpr std::array kParts = {
    QT_TRANSLATE_NOOP("TokenParts", "Template"),    QT_TRANSLATE_NOOP("TokenParts", "System"),
    QT_TRANSLATE_NOOP("TokenParts", "Instruction"), QT_TRANSLATE_NOOP("TokenParts", "Input"),
    QT_TRANSLATE_NOOP("TokenParts", "Answer"),      QT_TRANSLATE_NOOP("TokenParts", "Special token"),
    QT_TRANSLATE_NOOP("TokenParts", "Text"),        QT_TRANSLATE_NOOP("TokenParts", "Second text")};

} // namespace

QString partName(TokenPart part) {
    return QCoreApplication::translate("TokenParts", kParts.at(static_cast<std::size_t>(part)));
}

QString visibleToken(const QString& text) {
    QString shown = text;
    for (const qsizetype end : {qsizetype{0}, shown.size() - 1})
        if (!shown.isEmpty() && shown[end] == QLatin1Char(' '))
            shown[end] = QChar(0x00B7);
    shown.replace(QLatin1Char('\n'), QChar(0x21B5));
    shown.replace(QLatin1Char('\r'), QChar(0x240D));
    return shown.replace(QLatin1Char('\t'), QChar(0x21E5));
}

int TokenTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_tokens.size());
}

int TokenTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(ColumnCount);
}

QVariant TokenTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>(
            (index.column() == Number || index.column() == Id ? Qt::AlignRight : Qt::AlignLeft) |
            Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    const DatasetToken& token = m_tokens[index.row()];
    switch (index.column()) {
    case Number:
        return index.row() + 1;
    case Token:
        return visibleToken(token.text);
    case Id:
        return token.id;
    case Part:
        return partName(token.part);
    case Loss:
        return token.isMasked ? tr("no", "is the loss taken on a token")
                              : tr("yes", "is the loss taken on a token");
    default:
        return {};
    }
}

QVariant TokenTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Number:
        return tr("No.");
    case Token:
        return tr("Token");
    case Id:
        return tr("Id");
    case Part:
        return tr("Part");
    case Loss:
        return tr("Trained on");
    default:
        return {};
    }
}

void TokenTableModel::setTokens(QVector<DatasetToken> tokens) {
    beginResetModel();
    m_tokens = std::move(tokens);
    endResetModel();
}

qsizetype TokenTableModel::trainedCount() const {
    return std::ranges::count_if(m_tokens, [](const DatasetToken& token) { return !token.isMasked; });
}

} // namespace lathe
