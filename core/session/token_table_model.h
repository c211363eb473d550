#pragma once

#include "core/session/dataset_parts.h"

#include <QAbstractTableModel>

namespace lathe {

/// The tokens of a row as a table: what colours and lines say in words.
class TokenTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Number, Token, Id, Part, Loss, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

    void setTokens(QVector<DatasetToken> tokens);
    [[nodiscard]] const QVector<DatasetToken>& tokens() const { return m_tokens; }
    /// How many the loss is taken on.
    [[nodiscard]] qsizetype trainedCount() const;

private:
    QVector<DatasetToken> m_tokens;
};

/// "Template", "Answer", …: translated.
[[nodiscard]] QString partName(TokenPart part);
/// A token with its white space to be seen: line breaks and tabs as signs, a space at either end as a dot.
[[nodiscard]] QString visibleToken(const QString& text);

} // namespace lathe
