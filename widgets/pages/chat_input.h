#pragma once

#include <QPlainTextEdit>

namespace lathe {

/// The field for a question: Enter sends (with Ctrl too), Shift+Enter makes a new line, Up in the empty field
/// goes back to the last question. It grows with its text up to a few lines.
class ChatInput : public QPlainTextEdit {
    Q_OBJECT
public:
    explicit ChatInput(QWidget* parent = nullptr);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void sent(); ///< by Enter
    void lastWanted();

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
};

} // namespace lathe
