#pragma once

#include "core/session/chat_session.h"

#include <QVector>
#include <QWidget>

class QHBoxLayout;
class QLabel;
class QPushButton;
class QScrollArea;
class QVBoxLayout;

namespace lathe {

class ChatMessageView;

/// The conversation as it is shown: questions over the answers of the voices, which stand side by side and
/// scroll together. It follows the newest text unless the user has scrolled away from it.
class ChatMessages : public QWidget {
    Q_OBJECT
public:
    explicit ChatMessages(ChatSession& session, QWidget* parent = nullptr);

    /// As a person would paste it: who said what.
    [[nodiscard]] QString asText() const;
    void retranslate();

Q_SIGNALS:
    void editWanted(); ///< of the last question
    void againWanted();

private:
    struct TurnView {
        QWidget* widget = nullptr;
        ChatMessageView* question = nullptr;
        QVector<ChatMessageView*> answers;
    };

    void setUpHeadings();
    void setUpScroll();
    void followSession();
    void refresh();
    void updateHeadings();
    void updateTools();
    [[nodiscard]] bool isShown(const TurnView& view, qsizetype turn) const;
    [[nodiscard]] TurnView makeTurn(qsizetype turn);
    void showAnswer(ChatMessageView& view, qsizetype turn, qsizetype voice) const;
    void followEnd();

    ChatSession& m_session;
    QWidget* m_headingRow;
    QVector<QLabel*> m_headings;
    QScrollArea* m_scroll;
    QVBoxLayout* m_column;
    QVector<TurnView> m_turns;
    QWidget* m_tools;
    QPushButton* m_edit;
    QPushButton* m_again;
    bool m_isAtEnd = true;
};

} // namespace lathe
