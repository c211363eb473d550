#include "widgets/pages/chat_input.h"

#include <QDragEnterEvent>
#include <QKeyEvent>
#include <QMimeData>

#include <algorithm>

namespace lathe {

namespace {
constexpr int kFewestLines = 2;
constexpr int kMostLines = 7;
constexpr int kFrame = 24; // the style sheet's border and padding and the document's margin, twice

bool isEnter(const QKeyEvent& event) { return event.key() == Qt::Key_Return || event.key() == Qt::Key_Enter; }
} // namespace

ChatInput::ChatInput(QWidget* parent) : QPlainTextEdit(parent) {
    setTabChangesFocus(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(this, &QPlainTextEdit::textChanged, this, &QWidget::updateGeometry);
}

QSize ChatInput::sizeHint() const {
    const int lines = std::clamp(blockCount(), kFewestLines, kMostLines);
    return {QPlainTextEdit::sizeHint().width(), fontMetrics().lineSpacing() * lines + kFrame};
}

/// Ctrl+Enter, which sends in many programs, would start a training.
bool ChatInput::event(QEvent* event) {
    if (event->type() == QEvent::ShortcutOverride && isEnter(*static_cast<QKeyEvent*>(event))) {
        event->accept();
        return true;
    }
    return QPlainTextEdit::event(event);
}

void ChatInput::keyPressEvent(QKeyEvent* event) {
    if (isEnter(*event) && !event->modifiers().testFlag(Qt::ShiftModifier))
        Q_EMIT sent();
    else if (event->key() == Qt::Key_Up && document()->isEmpty())
        Q_EMIT lastWanted();
    else
        QPlainTextEdit::keyPressEvent(event);
}

/// What files are for is the window's business; here their names would be inserted.
void ChatInput::dragEnterEvent(QDragEnterEvent* event) {
    if (event->mimeData()->hasUrls())
        event->ignore();
    else
        QPlainTextEdit::dragEnterEvent(event);
}

} // namespace lathe
