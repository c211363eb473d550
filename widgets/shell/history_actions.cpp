#include "widgets/shell/history_actions.h"

#include "core/session/recipe_draft.h"
#include "widgets/actions/action_binder.h"

namespace lathe {

HistoryActions::HistoryActions(ActionBinder& actions, QObject* parent) : QObject(parent), m_actions(actions) {
    m_actions.bind(u"edit.undo", this, [this] {
        if (m_draft)
            m_draft->undo();
    });
    m_actions.bind(u"edit.redo", this, [this] {
        if (m_draft)
            m_draft->redo();
    });
    update();
}

void HistoryActions::follow(RecipeDraft& draft) {
    disconnect(m_link);
    m_draft = &draft;
    m_link = connect(&draft, &RecipeDraft::historyChanged, this, &HistoryActions::update);
    update();
}

void HistoryActions::update() {
    m_draft && m_draft->canUndo() ? m_actions.enable(u"edit.undo")
                                  : m_actions.disable(u"edit.undo", tr("Nothing was changed yet."));
    m_draft && m_draft->canRedo() ? m_actions.enable(u"edit.redo")
                                  : m_actions.disable(u"edit.redo", tr("Nothing was taken back."));
}

} // namespace lathe
