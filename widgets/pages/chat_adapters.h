#pragma once

#include "widgets/pages/chat_voices.h"

#include <QTimer>
#include <QVector>
#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;
class QMenu;
class QPushButton;
class QToolButton;
class QVBoxLayout;

namespace lathe {

class ChatAdapterRow;
class ChatSession;

/// The adapters of each column of the chat: put on and off, made weaker or stronger, brought into another
/// order, folded into the base. Nothing of it loads the base anew.
class ChatAdapters : public QWidget {
    Q_OBJECT
public:
    /// Both outlive it.
    ChatAdapters(ChatSession& session, ChatVoices& voices, QWidget* parent = nullptr);

    /// Puts its parts in front of `next` in the order of the Tab key.
    void chainBefore(QWidget& next);

Q_SIGNALS:
    void combineWanted(const QVector<lathe::ChatAdapter>& adapters); ///< those of the column

protected:
    void changeEvent(QEvent* event) override;

private:
    void setUpHead(QVBoxLayout& column);
    void setUpFoot(QVBoxLayout& column);
    void follow();
    [[nodiscard]] ChatAdapterRow* makeRow(int place);
    /// Shows what the voices say; rows are made anew only where other adapters are on.
    void refresh();
    void makeRows(const QStringList& folders);
    void fillMenu();
    void retranslate();
    void takeBack(const QString& message);
    void showNote(const QString& text);

    [[nodiscard]] ChatColumn column() const;
    void change(const ChatColumn& column);
    void add(const ChatAdapter& adapter);
    void addFolder();
    void move(int place, int by);
    void setStrength(int place, double strength);
    void addColumn();
    void removeColumn();
    void remove(int place);
    void setMerged(bool isMerged);

    ChatSession& m_session;
    ChatVoices& m_voices;
    QLabel* m_title;
    QComboBox* m_columns;
    QToolButton* m_addColumn;
    QToolButton* m_removeColumn;
    QVBoxLayout* m_list;
    QVector<ChatAdapterRow*> m_rows;
    QStringList m_shown; ///< folders of the rows
    QLabel* m_empty;
    QPushButton* m_add;
    QMenu* m_menu;
    QPushButton* m_combine;
    QCheckBox* m_merge;
    QLabel* m_note;   ///< what a merge changes, or why an adapter was refused
    QString m_added;  ///< folder; until it is known to fit
    QTimer m_recheck; ///< of the merge, after the adapters changed
    qsizetype m_current = 0;
};

} // namespace lathe
