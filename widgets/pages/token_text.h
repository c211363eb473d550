#pragma once

#include "core/session/dataset_parts.h"

#include <QTextEdit>
#include <QWidget>

namespace lathe {

/// Tokens as a text to read and to copy, each on a ground of its part's colour, two tints by turns; those no
/// loss is taken on are struck through.
class TokenText : public QTextEdit {
    Q_OBJECT
public:
    explicit TokenText(QWidget* parent = nullptr);

    void setTokens(const QVector<DatasetToken>& tokens);
    /// The tokens in the colours of now.
    void recolor();

private:
    QVector<DatasetToken> m_tokens;
};

/// What the colours stand for: the parts that are there.
class TokenLegend : public QWidget {
    Q_OBJECT
public:
    explicit TokenLegend(QWidget* parent = nullptr);

    void setTokens(const QVector<DatasetToken>& tokens);
};

/// Ground of a part's tokens; `turn`: 0 or 1.
[[nodiscard]] QColor partColor(TokenPart part, const QPalette& palette, int turn);

} // namespace lathe
