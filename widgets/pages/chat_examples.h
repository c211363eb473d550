#pragma once

#include <QVector>
#include <QWidget>

class QLabel;
class QPushButton;

namespace lathe {

/// What a chat shows before the first question: what to do, and a few questions to try.
class ChatExamples : public QWidget {
    Q_OBJECT
public:
    explicit ChatExamples(QWidget* parent = nullptr);

    /// What the questions are for: any model, the one that Lathe brings, or that one with an adapter that
    /// learnt one of its tasks. None: there is no model to ask.
    enum class Kind { None, Usual, BuiltIn, BuiltInTasks };
    void setKind(Kind kind);
    void retranslate();
    [[nodiscard]] QPushButton* firstButton() const { return m_buttons.first(); }

Q_SIGNALS:
    void chosen(const QString& question);

private:
    QLabel* m_title;
    QLabel* m_text;
    QVector<QPushButton*> m_buttons;
    Kind m_kind = Kind::None;
};

} // namespace lathe
