#pragma once

#include <QFrame>
#include <QTextEdit>

class QLabel;
class QToolButton;

namespace lathe {

/// A text to read and select that is as tall as its lines; what is appended does not disturb a selection.
class ChatText : public QTextEdit {
    Q_OBJECT
public:
    explicit ChatText(QWidget* parent);

    void appendText(const QString& text);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    void fitHeight();
};

/// A question or an answer: who, what, a note, a problem if there is one, and a button to copy it.
class ChatMessageView : public QFrame {
    Q_OBJECT
public:
    enum class Kind { Question, Answer };
    /// `name` begins the object names of its parts: "question0Text", "question0CopyButton", ….
    ChatMessageView(Kind kind, const QString& name, QWidget* parent);

    void setTitle(const QString& title);
    void setText(const QString& text);
    void appendText(const QString& text);
    void setNote(const QString& note);
    void setProblem(const QString& problem);
    [[nodiscard]] QString text() const;

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();

    QLabel* m_title;
    ChatText* m_text;
    QLabel* m_note;
    QLabel* m_problem;
    QToolButton* m_copy;
};

} // namespace lathe
