#pragma once

#include <QObject>
#include <QPointer>

namespace lathe {

class ActionBinder;
class RecipeDraft;

/// Undo and redo, of whatever draft the page in front edits.
class HistoryActions : public QObject {
    Q_OBJECT
public:
    explicit HistoryActions(ActionBinder& actions, QObject* parent);

    void follow(RecipeDraft& draft);
    void update();

private:
    ActionBinder& m_actions;
    QPointer<RecipeDraft> m_draft;
    QMetaObject::Connection m_link;
};

} // namespace lathe
