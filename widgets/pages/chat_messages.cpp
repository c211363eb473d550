#include "widgets/pages/chat_messages.h"

#include "widgets/forms/elided.h"
#include "widgets/pages/chat_message.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

namespace lathe {

namespace {

constexpr int kGap = 10;
constexpr int kMargin = 14;
constexpr int kHeadingIndent = 17; ///< where the texts of the answers begin
constexpr int kMostVoices = 4;
const QString kDot = QStringLiteral(" · ");

QString endText(GeneratedText::End end) {
    switch (end) {
    case GeneratedText::End::EndToken:
        return ChatMessages::tr("ended by itself");
    case GeneratedText::End::StopText:
        return ChatMessages::tr("ended before a stop text");
    case GeneratedText::End::Length:
        return ChatMessages::tr("reached the longest length");
    case GeneratedText::End::Stopped:
        break;
    }
    return ChatMessages::tr("stopped");
}

/// How it goes, or how it went.
QString noteOf(const ChatAnswer& answer) {
    switch (answer.state) {
    case ChatAnswer::State::Waiting:
        return ChatMessages::tr("waiting…");
    case ChatAnswer::State::Loading:
        return ChatMessages::tr("loading the model…");
    case ChatAnswer::State::Writing:
        return ChatMessages::tr("writing…");
    case ChatAnswer::State::Failed:
        return {};
    case ChatAnswer::State::Done:
    case ChatAnswer::State::Stopped:
        break;
    }
    const bool isStopped = answer.state == ChatAnswer::State::Stopped;
    QStringList parts;
    if (answer.text.trimmed().isEmpty() && !isStopped)
        parts << ChatMessages::tr("(nothing)", "the model's answer is empty");
    if (answer.tokens > 0)
        parts << ChatMessages::tr("%Ln tokens", nullptr, static_cast<int>(answer.tokens));
    if (answer.tokens > 0 && answer.seconds > 0)
        parts << ChatMessages::tr("%1 per second")
                     .arg(QLocale().toString(qRound64(static_cast<double>(answer.tokens) / answer.seconds)));
    parts << endText(isStopped ? GeneratedText::End::Stopped : answer.end);
    return parts.join(kDot);
}

} // namespace

ChatMessages::ChatMessages(ChatSession& session, QWidget* parent)
    : QWidget(parent),
      m_session(session),
      m_headingRow(new QWidget(this)),
      m_scroll(new QScrollArea(this)),
      m_column(new QVBoxLayout),
      m_tools(new QWidget(this)),
      m_edit(new QPushButton(themedIcon("edit"), {}, m_tools)),
      m_again(new QPushButton(themedIcon("reset"), {}, m_tools)) {
    setUpHeadings();
    setUpScroll();
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_headingRow);
    column->addWidget(m_scroll, 1);
    followSession();
    followEnd();
    retranslate();
    refresh();
}

void ChatMessages::setUpHeadings() {
    auto* headings = new QHBoxLayout(m_headingRow);
    headings->setContentsMargins(kMargin, 8, kMargin, 8);
    headings->setSpacing(kGap);
    for (int voice = 0; voice < kMostVoices; ++voice) {
        auto* label = new ElidedLabel(Qt::ElideRight, m_headingRow);
        label->setObjectName(QStringLiteral("chatColumn%1Label").arg(voice));
        label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
        label->setIndent(kHeadingIndent);
        setLook(label, Look::Heading);
        headings->addWidget(label, 1);
        m_headings.append(label);
    }
}

void ChatMessages::setUpScroll() {
    m_scroll->setObjectName("chatScrollArea");
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    auto* content = new QWidget(m_scroll);
    content->setLayout(m_column);
    m_column->setContentsMargins(kMargin, 12, kMargin, 12);
    m_column->setSpacing(kGap);
    auto* tools = new QHBoxLayout(m_tools);
    tools->setContentsMargins(4, 0, 0, 0);
    for (QPushButton* button : {m_again, m_edit}) {
        setLook(button, Look::QuietButton);
        tools->addWidget(button);
    }
    m_edit->setObjectName("editQuestionButton");
    m_again->setObjectName("answerAgainButton");
    tools->addStretch(1);
    m_column->addWidget(m_tools);
    m_column->addStretch(1);
    m_scroll->setWidget(content);
}

void ChatMessages::followSession() {
    connect(m_edit, &QPushButton::clicked, this, &ChatMessages::editWanted);
    connect(m_again, &QPushButton::clicked, this, &ChatMessages::againWanted);
    connect(&m_session, &ChatSession::conversationChanged, this, &ChatMessages::refresh);
    connect(&m_session, &ChatSession::busyChanged, this, &ChatMessages::updateTools);
    connect(&m_session, &ChatSession::textArrived, this,
            [this](int voice, const QString& text) { m_turns.last().answers[voice]->appendText(text); });
    connect(&m_session, &ChatSession::answerChanged, this,
            [this](int voice) { showAnswer(*m_turns.last().answers[voice], m_turns.size() - 1, voice); });
}

void ChatMessages::followEnd() {
    QScrollBar* bar = m_scroll->verticalScrollBar();
    connect(bar, &QScrollBar::valueChanged, this,
            [this, bar](int value) { m_isAtEnd = value >= bar->maximum() - fontMetrics().height(); });
    connect(bar, &QScrollBar::rangeChanged, this, [this, bar](int low, int high) {
        const int barWidth = high > low ? bar->sizeHint().width() : 0; // it takes it from the answers
        m_headingRow->layout()->setContentsMargins(kMargin, 8, kMargin + barWidth, 8);
        if (m_isAtEnd)
            bar->setValue(bar->maximum());
    });
}

/// Only what is not on the screen yet is made anew.
void ChatMessages::refresh() {
    const qsizetype count = m_session.conversation().turns.size();
    qsizetype same = 0;
    while (same < m_turns.size() && same < count && isShown(m_turns[same], same))
        ++same;
    while (m_turns.size() > same)
        delete m_turns.takeLast().widget;
    for (qsizetype turn = same; turn < count; ++turn) {
        m_turns.append(makeTurn(turn));
        m_column->insertWidget(static_cast<int>(turn), m_turns.last().widget);
    }
    m_isAtEnd = true;
    updateHeadings();
    updateTools();
}

bool ChatMessages::isShown(const TurnView& view, qsizetype turn) const {
    const ChatConversation& conversation = m_session.conversation();
    const QVector<ChatVoice>& voices = m_session.voices();
    if (view.question->property("question").toString() != conversation.turns[turn].question ||
        view.answers.size() != voices.size())
        return false;
    for (qsizetype i = 0; i < voices.size(); ++i) {
        const ChatAnswer* answer = conversation.answer(turn, voices[i]);
        // A running answer is always made anew: it may be the same question asked again.
        if (answer == nullptr || !answer->isOver() ||
            view.answers[i]->property("said").toString() != answer->text ||
            view.answers[i]->property("voice").toString() != answer->voice.name)
            return false;
    }
    return true;
}

ChatMessages::TurnView ChatMessages::makeTurn(qsizetype turn) {
    TurnView view;
    const ChatConversation& conversation = m_session.conversation();
    view.widget = new QWidget(m_scroll->widget());
    auto* column = new QVBoxLayout(view.widget);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    const QString& question = conversation.turns[turn].question;
    view.question = new ChatMessageView(ChatMessageView::Kind::Question,
                                        QStringLiteral("question%1").arg(turn), view.widget);
    view.question->setTitle(tr("You"));
    view.question->setText(question);
    view.question->setProperty("question", question);
    column->addWidget(view.question);
    auto* row = new QHBoxLayout;
    row->setSpacing(kGap);
    for (qsizetype voice = 0; voice < m_session.voices().size(); ++voice) {
        view.answers.append(new ChatMessageView(
            ChatMessageView::Kind::Answer, QStringLiteral("answer%1_%2").arg(turn).arg(voice), view.widget));
        row->addWidget(view.answers.last(), 1);
        if (const ChatAnswer* answer = conversation.answer(turn, m_session.voices()[voice]))
            view.answers.last()->setText(answer->text);
        showAnswer(*view.answers.last(), turn, voice);
    }
    column->addLayout(row);
    return view;
}

void ChatMessages::showAnswer(ChatMessageView& view, qsizetype turn, qsizetype voice) const {
    const ChatAnswer* answer = m_session.conversation().answer(turn, m_session.voices()[voice]);
    if (answer == nullptr)
        return view.setNote(tr("was not asked"));
    view.setTitle(answer->voice.name);
    view.setNote(noteOf(*answer));
    view.setProblem(answer->problem);
    view.setProperty("said", answer->text);
    view.setProperty("voice", answer->voice.name);
}

void ChatMessages::updateHeadings() {
    const QVector<ChatVoice>& voices = m_session.voices();
    m_headingRow->setVisible(voices.size() > 1);
    for (qsizetype i = 0; i < m_headings.size() && i < voices.size(); ++i)
        m_headings[i]->setText(voices[i].name);
}

void ChatMessages::updateTools() {
    m_tools->setVisible(!m_turns.isEmpty() && !m_session.isBusy() && !m_session.voices().isEmpty());
}

QString ChatMessages::asText() const {
    QStringList parts;
    const ChatConversation& conversation = m_session.conversation();
    for (qsizetype turn = 0; turn < conversation.turns.size(); ++turn) {
        parts << tr("You: %1").arg(conversation.turns[turn].question);
        for (const ChatAnswer& answer : conversation.turns[turn].answers)
            parts << QStringLiteral("%1: %2").arg(answer.voice.name, answer.text.trimmed());
    }
    return parts.join(QStringLiteral("\n\n")) + QLatin1Char('\n');
}

void ChatMessages::retranslate() {
    m_edit->setText(tr("Edit the question"));
    m_edit->setToolTip(tr("Change the last question and ask again (Up, in the empty field)"));
    m_again->setText(tr("Answer again"));
    m_again->setToolTip(tr("Ask the last question again; where tokens are drawn, with a new seed"));
    m_scroll->setAccessibleName(tr("Conversation"));
    for (qsizetype turn = 0; turn < m_turns.size(); ++turn) {
        m_turns[turn].question->setTitle(tr("You"));
        for (qsizetype voice = 0; voice < m_turns[turn].answers.size(); ++voice)
            showAnswer(*m_turns[turn].answers[voice], turn, voice);
    }
}

} // namespace lathe
