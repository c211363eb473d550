#include "widgets/pages/chat_message.h"

#include "widgets/forms/elided.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QAbstractTextDocumentLayout>
#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

constexpr int kFocusFrame = 2;

/// Tokenizers put the space between prompt and answer into the answer.
QString withoutLeadingSpace(const QString& text) {
    const auto first = std::ranges::find_if(text, [](QChar sign) { return !sign.isSpace(); });
    return text.mid(first - text.begin());
}

} // namespace

ChatText::ChatText(QWidget* parent) : QTextEdit(parent) {
    setReadOnly(true);
    setAcceptRichText(false); // a model may well answer with "<b>"
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setTabChangesFocus(true);
    setFrameShape(QFrame::NoFrame);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setContextMenuPolicy(Qt::DefaultContextMenu);
    document()->setDocumentMargin(0);
    setLook(this, Look::Message);
    connect(document()->documentLayout(), &QAbstractTextDocumentLayout::documentSizeChanged, this,
            &ChatText::fitHeight);
}

void ChatText::appendText(const QString& text) {
    QTextCursor end(document());
    end.movePosition(QTextCursor::End);
    end.insertText(text);
}

void ChatText::resizeEvent(QResizeEvent* event) {
    QTextEdit::resizeEvent(event);
    fitHeight();
}

/// The list around it scrolls.
void ChatText::wheelEvent(QWheelEvent* event) { event->ignore(); }

void ChatText::fitHeight() {
    const int frame = height() - viewport()->height();
    const int wanted = static_cast<int>(std::ceil(document()->size().height())) + std::max(0, frame);
    if (wanted != height() || wanted != minimumHeight())
        setFixedHeight(wanted);
}

ChatMessageView::ChatMessageView(Kind kind, const QString& name, QWidget* parent)
    : QFrame(parent),
      m_title(new ElidedLabel(Qt::ElideRight, this)),
      m_text(new ChatText(this)),
      m_note(new QLabel(this)),
      m_problem(new QLabel(this)),
      m_copy(new QToolButton(this)) {
    setObjectName(name);
    setLook(this, kind == Kind::Question ? Look::Question : Look::Answer);
    m_title->setObjectName(name + QStringLiteral("TitleLabel"));
    m_text->setObjectName(name + QStringLiteral("Text"));
    m_note->setObjectName(name + QStringLiteral("NoteLabel"));
    m_problem->setObjectName(name + QStringLiteral("ProblemLabel"));
    m_copy->setObjectName(name + QStringLiteral("CopyButton"));
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // answers are equally wide
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setWordWrap(true);
    m_problem->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_note->setWordWrap(true);
    setLook(m_title, Look::Heading);
    setLook(m_note, Look::Muted);
    setLook(m_problem, Look::Problem);
    for (QLabel* label : {m_title, m_note, m_problem})
        label->setContentsMargins(kFocusFrame, 0, 0, 0); // in line with the text, which has room for a frame
    m_copy->setIcon(themedIcon("copy", IconTone::Muted));
    m_copy->setFocusPolicy(Qt::StrongFocus);
    auto* head = new QHBoxLayout;
    head->addWidget(m_title, 1);
    head->addWidget(m_copy);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 6, 8, 10);
    column->setSpacing(2);
    column->addLayout(head);
    for (QWidget* part : std::initializer_list<QWidget*>{m_text, m_problem, m_note})
        column->addWidget(part);
    column->addStretch(1);
    connect(m_copy, &QToolButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(text()); });
    setNote({});
    setProblem({});
    setText({});
    retranslate();
}

void ChatMessageView::setTitle(const QString& title) {
    m_title->setText(title);
    m_text->setAccessibleName(title);
}

void ChatMessageView::setText(const QString& text) {
    m_text->setPlainText(withoutLeadingSpace(text));
    m_copy->setEnabled(!m_text->document()->isEmpty());
    m_text->setVisible(!m_text->document()->isEmpty());
}

void ChatMessageView::appendText(const QString& text) {
    if (m_text->document()->isEmpty())
        return setText(text);
    m_text->appendText(text);
}

void ChatMessageView::setNote(const QString& note) {
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
}

void ChatMessageView::setProblem(const QString& problem) {
    m_problem->setText(problem);
    m_problem->setVisible(!problem.isEmpty());
}

QString ChatMessageView::text() const { return m_text->toPlainText(); }

void ChatMessageView::retranslate() {
    m_copy->setToolTip(tr("Copy this message"));
    m_copy->setAccessibleName(tr("Copy this message"));
}

void ChatMessageView::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QFrame::changeEvent(event);
}

} // namespace lathe
