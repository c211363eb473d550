#include "widgets/pages/chat_page.h"

#include "core/base/files.h"
#include "core/session/background_job.h"
#include "core/session/chat_options.h"
#include "core/session/chat_session.h"
#include "core/session/model_library.h"
#include "core/session/settings.h"
#include "core/session/text.h"
#include "widgets/dialogs/prompt_dialog.h"
#include "widgets/forms/domain_editors.h"
#include "widgets/pages/chat_adapters.h"
#include "widgets/pages/chat_examples.h"
#include "widgets/pages/chat_input.h"
#include "widgets/pages/chat_messages.h"
#include "widgets/pages/chat_settings.h"
#include "widgets/pages/chat_voices.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QClipboard>
#include <QFileDialog>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QShortcut>
#include <QStackedLayout>
#include <QThreadPool>
#include <QVBoxLayout>

namespace lathe {

namespace {

constexpr int kFirstLetter = 2; ///< characterCount() counts the end too

QFileDialog* makeFileDialog(QWidget* parent, const char* name, const QString& title) {
    auto* dialog = new QFileDialog(parent, title);
    dialog->setObjectName(name);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setNameFilter(QStringLiteral("JSON (*.json)"));
    dialog->setDefaultSuffix(QStringLiteral("json"));
    return dialog;
}

QString labelOfForm(const std::string& form) {
    const ParamSchema schema = chatOptionsSchema();
    const auto& forms = std::get<ChoiceDomain>(findSpec(schema, "prompt_form")->domain);
    for (std::size_t i = 0; i < forms.values.size(); ++i)
        if (forms.values[i] == form)
            return schemaText(forms.labels[i]);
    return toQString(form);
}

} // namespace

ChatPage::ChatPage(const WindowParts& parts, QWidget* parent)
    : Page(parent),
      m_parts(parts),
      m_voices(new ChatVoices(parts, this)),
      m_messages(new ChatMessages(parts.chat, this)),
      m_examples(new ChatExamples(this)),
      m_settings(new ChatSettings(parts.chat, parts.settings, this)),
      m_stack(new QStackedLayout),
      m_title(new QLabel(this)),
      m_problem(new QLabel(this)),
      m_notice(new QLabel(this)),
      m_hint(new QLabel(this)),
      m_input(new ChatInput(this)),
      m_send(new QPushButton(themedIcon("send", IconTone::OnAccent), {}, this)),
      m_stop(new QPushButton(themedIcon("stop"), {}, this)) {
    setObjectName("chatPage");
    auto* left = new QVBoxLayout;
    left->setSpacing(12);
    left->addWidget(m_voices);
    left->addWidget(makeConversation(), 1);
    auto* row = new QHBoxLayout;
    row->setSpacing(16);
    row->addLayout(left, 1);
    row->addWidget(m_settings);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 16, 20, 16);
    column->setSpacing(12);
    column->addWidget(makeHead());
    column->addLayout(row, 1);
    auto* adapters = new ChatAdapters(parts.chat, *m_voices, this);
    m_settings->addSection(adapters);
    adapters->chainBefore(m_settings->firstButton());
    connect(adapters, &ChatAdapters::combineWanted, this, &ChatPage::combineWanted);
    followSession();
    retranslate();
    m_settings->setVisible(m_showSettings->isChecked());
    m_parts.chat.setVoices(m_voices->voices());
    refresh();
}

QPushButton* ChatPage::addButton(QHBoxLayout& row, const QString& icon, const QString& name) {
    auto* button = new QPushButton(themedIcon(icon), {}, this);
    button->setObjectName(name);
    row.addWidget(button);
    return button;
}

QWidget* ChatPage::makeHead() {
    auto* head = new QWidget(this);
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    m_title->setObjectName("chatTitleLabel");
    setLook(m_title, Look::Title);
    row->addWidget(m_title);
    row->addStretch(1);
    m_clear = addButton(*row, "plus", "clearChatButton");
    m_open = addButton(*row, "folder", "openChatButton");
    m_save = addButton(*row, "save", "saveChatButton");
    m_copy = addButton(*row, "copy", "copyChatButton");
    m_showSettings = addButton(*row, "gear", "chatSettingsButton");
    m_showSettings->setCheckable(true);
    m_showSettings->setChecked(m_parts.settings.areChatSettingsShown.value());
    connect(m_clear, &QPushButton::clicked, this, &ChatPage::clearOrUndo);
    connect(m_open, &QPushButton::clicked, this, &ChatPage::open);
    connect(m_save, &QPushButton::clicked, this, &ChatPage::save);
    connect(m_copy, &QPushButton::clicked, this, &ChatPage::copyAll);
    connect(m_showSettings, &QPushButton::toggled, this, [this](bool isShown) {
        m_parts.settings.areChatSettingsShown.set(isShown);
        m_settings->setVisible(isShown);
    });
    return head;
}

QWidget* ChatPage::makeConversation() {
    auto* card = new QFrame(this);
    card->setObjectName("chatCard");
    setLook(card, Look::Card);
    auto* column = new QVBoxLayout(card);
    column->setContentsMargins(1, 1, 1, 1);
    column->setSpacing(0);
    column->addLayout(m_stack, 1);
    m_stack->addWidget(m_messages);
    m_stack->addWidget(m_examples);
    column->addWidget(makeInput());
    return card;
}

QWidget* ChatPage::makeInput() {
    auto* area = new QWidget(this);
    auto* column = new QVBoxLayout(area);
    column->setContentsMargins(14, 8, 14, 12);
    column->setSpacing(6);
    m_problem->setObjectName("chatProblemLabel");
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setLook(m_problem, Look::Problem);
    m_notice->setObjectName("chatNoticeLabel");
    setLook(m_notice, Look::Muted);
    m_hint->setObjectName("chatHintLabel");
    setLook(m_hint, Look::Muted);
    for (QLabel* label : {m_problem, m_notice}) {
        label->setWordWrap(true);
        label->hide();
        column->addWidget(label);
    }
    m_input->setObjectName("chatInput");
    m_send->setObjectName("sendButton");
    setLook(m_send, Look::PrimaryButton);
    m_stop->setObjectName("stopAnswerButton");
    auto* row = new QHBoxLayout;
    row->setSpacing(10);
    row->addWidget(m_input, 1);
    row->addWidget(m_send, 0, Qt::AlignBottom);
    row->addWidget(m_stop, 0, Qt::AlignBottom);
    column->addLayout(row);
    column->addWidget(m_hint);
    connect(m_input, &ChatInput::sent, this, &ChatPage::send);
    connect(m_input, &ChatInput::lastWanted, this, &ChatPage::beginEditing);
    connect(m_input, &QPlainTextEdit::textChanged, this, [this] {
        if (!m_parts.chat.hasChatTemplate() && m_input->document()->characterCount() == kFirstLetter)
            m_parts.chat.prepare(); // so that it is there when the question is
        refresh();
    });
    connect(m_send, &QPushButton::clicked, this, &ChatPage::send);
    connect(m_stop, &QPushButton::clicked, this, &ChatPage::escape);
    return area;
}

void ChatPage::followSession() {
    ChatSession& chat = m_parts.chat;
    connect(m_voices, &ChatVoices::changed, this, [this] {
        m_parts.chat.setVoices(m_voices->voices());
        showProblem({});
        refresh();
    });
    connect(m_voices, &ChatVoices::failed, this, &ChatPage::showProblem);
    connect(m_voices, &ChatVoices::promptFormWanted, m_settings, &ChatSettings::setPromptForm);
    connect(m_settings, &ChatSettings::changed, this, &ChatPage::refresh);
    connect(m_settings, &ChatSettings::promptWanted, this, [this] {
        showProblem({});
        m_parts.chat.requestPrompt(m_input->toPlainText());
    });
    connect(m_examples, &ChatExamples::chosen, this, [this](const QString& question) {
        m_input->setPlainText(question);
        m_input->setFocus(Qt::OtherFocusReason);
        send();
    });
    connect(m_messages, &ChatMessages::editWanted, this, &ChatPage::beginEditing);
    connect(m_messages, &ChatMessages::againWanted, this, &ChatPage::answerAgain);
    connect(&chat, &ChatSession::conversationChanged, this, &ChatPage::refresh);
    connect(&chat, &ChatSession::busyChanged, this, &ChatPage::refresh);
    connect(&chat, &ChatSession::modelReady, this, &ChatPage::refresh);
    connect(&chat, &ChatSession::failed, this, &ChatPage::showProblem);
    connect(&chat, &ChatSession::promptReady, this,
            [this](const QString& prompt) { (new PromptDialog(prompt, this))->open(); });
    auto* escapeKey = new QShortcut(Qt::Key_Escape, this, this, &ChatPage::escape);
    escapeKey->setContext(Qt::WidgetWithChildrenShortcut);
}

void ChatPage::chatWith(TrialId trial) {
    showProblem({});
    if (!m_voices->chooseRun(trial))
        showProblem(tr("This run has no adapter yet."));
}

void ChatPage::chatWithModel(const QString& path) {
    showProblem({});
    m_voices->addModel(path);
}

void ChatPage::chatWithAdapter(const QString& folder, const QString& model) {
    showProblem({});
    m_voices->chooseAdapter(folder, model);
}

void ChatPage::entered() {
    m_parts.library.refresh();
    m_input->setFocus(Qt::OtherFocusReason);
}

void ChatPage::send() {
    const QString question = m_input->toPlainText();
    if (question.trimmed().isEmpty() || m_parts.chat.isBusy())
        return;
    if (m_voices->voices().isEmpty())
        return showProblem(tr("There is nobody to answer: choose a model first."));
    showProblem({});
    const bool replacesLast = m_isEditing && !m_parts.chat.conversation().turns.isEmpty();
    m_isEditing = false;
    m_input->clear();
    replacesLast ? m_parts.chat.editLast(question) : m_parts.chat.ask(question);
}

void ChatPage::answerAgain() {
    if (m_settings->isDrawing())
        m_settings->newSeed(); // the same one would give the same answer
    m_input->setFocus(Qt::OtherFocusReason);
    m_parts.chat.regenerate();
}

void ChatPage::beginEditing() {
    if (m_parts.chat.isBusy() || m_parts.chat.conversation().turns.isEmpty())
        return;
    if (!m_isEditing)
        m_draft = m_input->toPlainText();
    m_isEditing = true;
    m_input->setPlainText(m_parts.chat.conversation().turns.last().question);
    m_input->moveCursor(QTextCursor::End);
    m_input->setFocus(Qt::OtherFocusReason);
}

void ChatPage::endEditing() {
    m_isEditing = false;
    m_input->setPlainText(m_draft);
    m_input->moveCursor(QTextCursor::End);
    refresh();
}

void ChatPage::escape() {
    if (m_parts.chat.isBusy())
        m_parts.chat.stop();
    else if (m_isEditing)
        endEditing();
    m_input->setFocus(Qt::OtherFocusReason);
}

void ChatPage::copyAll() { QGuiApplication::clipboard()->setText(m_messages->asText()); }

void ChatPage::clearOrUndo() {
    m_parts.chat.canUndoClear() ? m_parts.chat.undoClear() : m_parts.chat.clear();
    m_input->setFocus(Qt::OtherFocusReason);
}

void ChatPage::save() {
    auto* dialog = makeFileDialog(this, "saveChatDialog", tr("Save the conversation"));
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) {
        runInBackground(
            *QThreadPool::globalInstance(), *this,
            [file = toPath(file), json = m_parts.chat.toJson()] {
                return writeFileAtomically(file, json.toStdString());
            },
            [this](const Status& saved) {
                showProblem(saved.has_value() ? QString() : toQString(saved.error().text()));
            });
    });
    dialog->open();
}

void ChatPage::open() {
    auto* dialog = makeFileDialog(this, "openChatDialog", tr("Open a conversation"));
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) {
        runInBackground(
            *QThreadPool::globalInstance(), *this, [file = toPath(file)] { return readFile(file); },
            [this](const Result<std::string>& json) {
                const Status loaded = json.has_value()
                                          ? m_parts.chat.load(QByteArray::fromStdString(json.value()))
                                          : Status(json.error());
                showProblem(loaded.has_value() ? QString() : toQString(loaded.error().text()));
            });
    });
    dialog->open();
}

void ChatPage::showProblem(const QString& message) {
    m_problem->setText(message);
    m_problem->setVisible(!message.isEmpty());
}

void ChatPage::refresh() {
    const ChatSession& chat = m_parts.chat;
    const bool isEmpty = chat.conversation().turns.isEmpty();
    m_isEditing = m_isEditing && !isEmpty;
    m_stack->setCurrentIndex(isEmpty ? 1 : 0);
    const std::string& form = chat.options().text("prompt_form");
    m_examples->setKind(chat.voices().isEmpty()            ? ChatExamples::Kind::None
                        : !m_voices->isBuiltIn()           ? ChatExamples::Kind::Usual
                        : form == "auto" || form == "text" ? ChatExamples::Kind::BuiltIn
                                                           : ChatExamples::Kind::BuiltInTasks);
    m_send->setVisible(!chat.isBusy());
    m_stop->setVisible(chat.isBusy());
    m_send->setEnabled(!chat.voices().isEmpty() && !m_input->toPlainText().trimmed().isEmpty());
    m_clear->setText(chat.canUndoClear() ? tr("Undo") : tr("New"));
    m_clear->setIcon(themedIcon(chat.canUndoClear() ? "undo" : "plus"));
    m_clear->setToolTip(chat.canUndoClear() ? tr("Bring back the conversation that was taken away")
                                            : tr("Begin a new conversation; it can be undone"));
    m_clear->setEnabled(chat.canUndoClear() || !isEmpty);
    m_save->setEnabled(!isEmpty);
    m_copy->setEnabled(!isEmpty);
    m_hint->setText(m_isEditing
                        ? tr("Enter asks the changed question in place of the last one. Esc leaves it.")
                        : tr("Enter sends, Shift+Enter begins a new line, Esc stops the answer."));
    updateNotice();
}

/// Where questions do not become a conversation by the model's own template, that is said.
void ChatPage::updateNotice() {
    const std::string& form = m_parts.chat.options().text("prompt_form");
    QString text;
    if (form == "auto" && m_parts.chat.hasChatTemplate() == std::optional(false))
        text =
            tr("This model has no chat template: it continues each text as it stands, without those before "
               "it.");
    else if (form == "text")
        text = tr("The model continues each text as it stands, without those before it.");
    else if (form != "auto")
        text = tr("Prompt “%1”: the first line is the instruction, the lines below it are its input. Each "
                  "question stands alone.")
                   .arg(labelOfForm(form));
    m_notice->setText(text);
    m_notice->setVisible(!text.isEmpty());
}

void ChatPage::retranslate() {
    m_title->setText(tr("Chat"));
    m_open->setText(tr("Open…", "a conversation"));
    m_open->setToolTip(tr("Read a conversation from a JSON file"));
    m_save->setText(tr("Save…"));
    m_save->setToolTip(tr("Write the conversation as JSON: a list of messages with role and content"));
    m_copy->setText(tr("Copy"));
    m_copy->setToolTip(tr("Copy the whole conversation as text"));
    m_showSettings->setText(tr("Settings"));
    m_showSettings->setToolTip(tr("Show how the answers are made, or hide it"));
    m_input->setPlaceholderText(tr("Your question or text"));
    m_input->setAccessibleName(tr("Your question or text"));
    m_send->setText(tr("Send"));
    m_send->setToolTip(tr("Ask it (Enter)"));
    m_stop->setText(tr("Stop"));
    m_stop->setToolTip(tr("End the answer here and keep what is there (Esc)"));
    m_voices->retranslate();
    m_messages->retranslate();
    m_examples->retranslate();
    m_settings->retranslate();
    refresh();
}

} // namespace lathe
