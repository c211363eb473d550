#pragma once

#include "core/base/prediction.h"

#include <QFrame>

class QTextEdit;
class QLabel;

namespace lathe {

/// One row of an evaluation to read: its prompt, what was expected, what the model answered, and in it what
/// was compared.
class PredictionDetails : public QFrame {
    Q_OBJECT
public:
    explicit PredictionDetails(QWidget* parent = nullptr);

    /// Null: nothing is chosen. `other`: the same row in another evaluation, or null.
    void show(const PredictionRecord* row, const PredictionRecord* other, const QString& otherName);
    void retranslate();

protected:
    void changeEvent(QEvent* event) override;

private:
    void render();

    QLabel* m_heading;
    QTextEdit* m_text;
    bool m_hasRow = false;
    bool m_hasOther = false;
    PredictionRecord m_row, m_other;
    QString m_otherName;
};

/// The answer with what was compared marked in it, as HTML; as it is where that is not in it.
[[nodiscard]] QString markedAnswer(const QString& answer, const QString& extracted, const QString& color);

} // namespace lathe
