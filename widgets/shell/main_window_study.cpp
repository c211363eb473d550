#include "widgets/shell/main_window.h"

#include "core/session/project_session.h"
#include "core/session/recipe_draft.h"
#include "core/session/study_templates.h"
#include "core/session/text.h"
#include "widgets/actions/action_binder.h"
#include "widgets/dialogs/template_dialog.h"
#include "widgets/pages/study_page.h"
#include "widgets/shell/banner.h"
#include "widgets/shell/run_exports.h"

#include <QAction>

#include <numeric>

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
    m_actions->bind(u"study.template", this, [this] { askForTemplate(); });
    if (studyTemplates(m_parts.project.recipeSchema()).empty())
        m_actions->disable(u"study.template", tr("The methods that are compared are missing here."));
    connect(&m_parts.project, &ProjectSession::confirmationStarted, this, [this](StudyId study) {
        m_study->showStudy(study);
        showPage(PageId::Study);
    });
    m_actions->bind(u"study.show", this, [this] {
        if (const auto run = page()->chosenRun()) {
            m_study->showStudy(run->study);
            showPage(PageId::Study);
        }
    });
}

void MainWindow::askForTemplate() {
    if (!m_parts.project.isOpen())
        return m_banner->show(Banner::Kind::Problem,
                              tr("The project folder is not open. Open one with File, Open project…"));
    auto* dialog = new TemplateDialog(studyTemplates(m_parts.project.recipeSchema()), this);
    connect(dialog, &FormDialog::chosen, this, [this](const ParamValues& values) {
        const std::string id = values.text("template");
        StudySpec base;
        base.name = findTemplate(m_parts.project.recipeSchema(), id)->label;
        base.fixed = m_parts.project.draft().values();
        base.objective = {values.text("objective"), !isLowBest(values.text("objective"))};
        std::vector<std::uint64_t> seeds(static_cast<std::size_t>(values.integer("seeds")));
        std::iota(seeds.begin(), seeds.end(), std::uint64_t{1});
        m_parts.project.startTemplate(toQString(id), base, seeds);
    });
    dialog->open();
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
