#pragma once

#include "core/base/ids.h"
#include "core/session/chat_conversation.h"
#include "widgets/shell/page.h"
#include "widgets/shell/window_parts.h"

class QHBoxLayout;
class QLabel;
class QPushButton;
class QStackedLayout;

namespace lathe {

class ChatExamples;
class ChatInput;
class ChatMessages;
class ChatSettings;
class ChatVoices;

/// Talk with a model, with an adapter, or with both at once, and see how they differ.
class ChatPage : public Page {
    Q_OBJECT
public:
    explicit ChatPage(const WindowParts& parts, QWidget* parent = nullptr);

    /// From now on the run's adapter answers.
    void chatWith(TrialId trial);
    /// From now on the model at this path answers, or the page says why it cannot.
    void chatWithModel(const QString& path);
    /// `model`: empty, the one that answers now.
    void chatWithAdapter(const QString& folder, const QString& model = {});
    void entered() override;

Q_SIGNALS:
    void combineWanted(const QVector<lathe::ChatAdapter>& adapters);

protected:
    void retranslate() override;

private:
    [[nodiscard]] QWidget* makeHead();
    [[nodiscard]] QWidget* makeConversation();
    [[nodiscard]] QWidget* makeInput();
    [[nodiscard]] QPushButton* addButton(QHBoxLayout& row, const QString& icon, const QString& name);
    void followSession();
    void send();
    void answerAgain();
    void beginEditing();
    void endEditing();
    void escape();
    void copyAll();
    void clearOrUndo();
    void save();
    void open();
    void showProblem(const QString& message);
    void refresh();
    void updateNotice();

    const WindowParts& m_parts;
    ChatVoices* m_voices;
    ChatMessages* m_messages;
    ChatExamples* m_examples;
    ChatSettings* m_settings;
    QStackedLayout* m_stack;
    QLabel* m_title;
    QLabel* m_problem;
    QLabel* m_notice;
    QLabel* m_hint;
    ChatInput* m_input;
    QPushButton* m_send;
    QPushButton* m_stop;
    QPushButton* m_clear = nullptr;
    QPushButton* m_open = nullptr;
    QPushButton* m_save = nullptr;
    QPushButton* m_copy = nullptr;
    QPushButton* m_showSettings = nullptr;
    QString m_draft;          ///< what was in the field before editing began
    bool m_isEditing = false; ///< what is in the field will replace the last question
};

} // namespace lathe
