#include "widgets/pages/chat_examples.h"

#include "widgets/theme/theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace lathe {

namespace {

constexpr int kQuestions = 3;
constexpr qsizetype kLongestLabel = 72;

/// In English in every language: the built-in model has read nothing else.
QStringList builtInQuestions() {
    return {QStringLiteral("Yuki put her dress in the attic. Arthur hung his scarf in the hall. "
                           "Where is Arthur's scarf?"),
            QStringLiteral("Emma had 3 pears. She found 4 more pears. How many pears does she have now?"),
            QStringLiteral("The soup was cold and the waiter was rude. Did Tom like it?")};
}

/// As the rows of the built-in tasks are made: instruction, then input.
QStringList taskQuestions() {
    return {
        QStringLiteral("Read the text and answer.\nGeorge forgot a mop at the waterfall. Clara came by "
                       "coach. Who came by coach?"),
        QStringLiteral("Is this review positive or negative?\nThe soup was cold and the waiter was rude."),
        QStringLiteral(
            "Give the number.\nEmma had 3 pears. She found 4 more pears. How many does she have now?")};
}

QStringList usualQuestions() {
    return {ChatExamples::tr("What is a lathe? Answer in two sentences."),
            ChatExamples::tr("Write a short poem about the sea."),
            ChatExamples::tr("Name three uses of an old newspaper.")};
}

QString labelOf(const QString& question) {
    const QString line = question.simplified();
    return line.size() <= kLongestLabel ? line : line.first(kLongestLabel - 1) + QChar(0x2026);
}

} // namespace

ChatExamples::ChatExamples(QWidget* parent)
    : QWidget(parent), m_title(new QLabel(this)), m_text(new QLabel(this)) {
    setObjectName("chatExamples");
    m_title->setObjectName("chatEmptyTitleLabel");
    m_text->setObjectName("chatEmptyLabel");
    setLook(m_title, Look::Heading);
    setLook(m_text, Look::Muted);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(24, 16, 24, 16);
    column->setSpacing(8);
    column->addStretch(1);
    for (QLabel* label : {m_title, m_text}) {
        label->setAlignment(Qt::AlignCenter);
        label->setWordWrap(true);
        column->addWidget(label);
    }
    column->addSpacing(8);
    auto* questions = new QVBoxLayout; // as wide as the longest
    questions->setSpacing(8);
    for (int i = 0; i < kQuestions; ++i) {
        auto* button = new QPushButton(this);
        button->setObjectName(QStringLiteral("chatExample%1Button").arg(i));
        button->setAutoDefault(true); // Enter presses it
        questions->addWidget(button);
        connect(button, &QPushButton::clicked, this,
                [this, button] { Q_EMIT chosen(button->property("question").toString()); });
        m_buttons.append(button);
    }
    auto* middle = new QHBoxLayout;
    middle->addStretch(1);
    middle->addLayout(questions);
    middle->addStretch(1);
    column->addLayout(middle);
    column->addStretch(2);
    retranslate();
}

void ChatExamples::setKind(Kind kind) {
    if (m_kind == kind)
        return;
    m_kind = kind;
    retranslate();
}

void ChatExamples::retranslate() {
    const bool isSomebodyThere = m_kind != Kind::None;
    m_title->setText(isSomebodyThere ? tr("Ask something") : tr("No model yet"));
    m_text->setText(isSomebodyThere
                        ? tr("Write below and press Enter. Choose an adapter above to hear what it has "
                             "learnt, and compare it with the base model. Or begin with one of these:")
                        : tr("Choose a model above: a folder with its config.json and weights."));
    const QStringList questions = m_kind == Kind::BuiltIn        ? builtInQuestions()
                                  : m_kind == Kind::BuiltInTasks ? taskQuestions()
                                                                 : usualQuestions();
    for (int i = 0; i < kQuestions; ++i) {
        // A button takes & for a mnemonic.
        m_buttons[i]->setText(labelOf(questions[i]).replace(QLatin1Char('&'), QStringLiteral("&&")));
        m_buttons[i]->setAccessibleName(tr("Ask: %1").arg(questions[i]));
        m_buttons[i]->setProperty("question", questions[i]);
        m_buttons[i]->setVisible(isSomebodyThere);
    }
}

} // namespace lathe
