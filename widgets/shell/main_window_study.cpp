#include "widgets/shell/main_window.h"

#include "core/session/project_session.h"
#include "widgets/actions/action_binder.h"
#include "widgets/pages/study_page.h"
#include "widgets/shell/run_exports.h"

#include <QAction>

namespace lathe {

/// What leads to the study board and away from it.
void MainWindow::connectStudy() {
    connect(m_study, &StudyPage::trialOpened, this, &MainWindow::openRun);
    connect(m_study, &StudyPage::recipeWanted, this, &MainWindow::recipeFrom);
    connect(m_study, &StudyPage::promoted, this, [this](const RunChoice& winner) {
        recipeFrom(winner.trial);
        if (!winner.adapterFolder.isEmpty())
            m_exports->exportAdapter(winner);
    });
    connect(m_study, &StudyPage::makeStudyWanted, this, [this] {
        showPage(PageId::Recipe);
        if (QAction* search = m_actions->action(u"study.search"); !search->isChecked())
            search->trigger();
    });
    m_actions->bind(u"study.show", this, [this] {
        if (const auto run = page()->chosenRun()) {
            m_study->showStudy(run->study);
            showPage(PageId::Study);
        }
    });
}

void MainWindow::updateStudyAction() {
    const RunTableModel& runs = m_parts.project.runs();
    const std::optional<RunChoice> run = page()->chosenRun();
    const int row = run ? runs.rowOf(run->trial) : -1;
    if (row < 0)
        m_actions->disable(u"study.show", tr("Open a run or choose one in the table first."));
    else if (runs.row(row).trialCount < 2)
        m_actions->disable(u"study.show", tr("This run is not part of a study."));
    else
        m_actions->enable(u"study.show");
}

} // namespace lathe
