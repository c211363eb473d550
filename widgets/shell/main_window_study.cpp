#include "widgets/shell/main_window.h"

#include "core/session/project_session.h"
#include "core/session/recipe_draft.h"
#include "core/session/study_templates.h"
#include "core/session/text.h"
#include "widgets/actions/action_binder.h"
#include "widgets/dialogs/form_dialog.h"
#include "widgets/pages/study_page.h"
#include "widgets/shell/banner.h"
#include "widgets/shell/run_exports.h"

#include <QAction>

#include <numeric>

namespace lathe {

namespace {

constexpr std::int64_t kFewestSeeds = 2;
constexpr std::int64_t kUsualSeeds = 5;

// clang-format off
ParamSchema templateFields(const std::vector<StudyTemplate>& offered) {
    ChoiceDomain templates;
    for (const StudyTemplate& one : offered) {
        templates.values.push_back(one.id);
        templates.labels.push_back(one.label);
    }
    const std::string first = templates.values.front();
    return {{"template", {}, QT_TRANSLATE_NOOP("ParamSchema", "Question"), "",
             QT_TRANSLATE_NOOP("ParamSchema", "Each of its recipes is made from the recipe of the recipe page."),
             std::move(templates), first, {}, false, false},
            {"seeds", {}, QT_TRANSLATE_NOOP("ParamSchema", "Seeds"), "",
             QT_TRANSLATE_NOOP("ParamSchema", "Each recipe is trained with so many seeds, the same ones for all."),
             IntDomain{kFewestSeeds, 100}, kUsualSeeds, {}, false, false},
            {"objective", {}, QT_TRANSLATE_NOOP("ParamSchema", "Compared by"), "",
             QT_TRANSLATE_NOOP("ParamSchema", "The metric whose last value counts."),
             ChoiceDomain{{"eval_accuracy", "eval_loss"},
                          {QT_TRANSLATE_NOOP("ParamSchema", "Highest accuracy"),
                           QT_TRANSLATE_NOOP("ParamSchema", "Lowest evaluation loss")}},
             std::string("eval_accuracy"), {}, false, false}};
}
// clang-format on

} // namespace

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
    auto* dialog = new FormDialog(
        {tr("Compare recipes with controls"),
         tr("A study with its controls: every recipe of it is trained in full with the same seeds, and the "
            "study says which is better than which by more than chance."),
         tr("&Run them")},
        templateFields(studyTemplates(m_parts.project.recipeSchema())), {}, this);
    dialog->setObjectName("templateDialog");
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
