#include "widgets/shell/main_window.h"

#include "core/session/project_session.h"
#include "core/session/settings.h"
#include "widgets/actions/action_binder.h"
#include "widgets/dialogs/leave_dialog.h"
#include "widgets/pages/chat_page.h"
#include "widgets/pages/dataset_page.h"
#include "widgets/pages/evaluation_page.h"
#include "widgets/pages/live_page.h"
#include "widgets/pages/model_page.h"
#include "widgets/pages/recipe_page.h"
#include "widgets/pages/runs_page.h"
#include "widgets/pages/start_page.h"
#include "widgets/pages/study_page.h"
#include "widgets/shell/appearance.h"
#include "widgets/shell/banner.h"
#include "widgets/shell/help_actions.h"
#include "widgets/shell/history_actions.h"
#include "widgets/shell/log_panel.h"
#include "widgets/shell/navigation_bar.h"
#include "widgets/shell/profile_action.h"
#include "widgets/shell/run_exports.h"
#include "widgets/shell/status_line.h"
#include "widgets/shell/window_layout.h"
#include "widgets/theme/icons.h"

#include <QAction>
#include <QCloseEvent>
#include <QCoreApplication>
#include <QDir>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenuBar>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace lathe {

namespace {
constexpr int kLogHeight = 180;
constexpr QSize kFirstSize{1440, 900}; ///< or what the screen has
} // namespace

MainWindow::MainWindow(WindowParts parts, QWidget* parent)
    : QMainWindow(parent),
      m_parts(std::move(parts)),
      m_actions(new ActionBinder(this)),
      m_navigation(new NavigationBar(*m_actions, this)),
      m_banner(new Banner(this)),
      m_pages(new QStackedWidget(this)),
      m_start(new StartPage(m_parts, this)),
      m_recipe(new RecipePage(m_parts, *m_actions, this)),
      m_live(new LivePage(m_parts, *m_actions, this)),
      m_runs(new RunsPage(m_parts, *m_actions, this)),
      m_models(new ModelPage(m_parts, *m_actions, this)),
      m_chat(new ChatPage(m_parts, this)),
      m_data(new DatasetPage(m_parts, *m_actions, this)),
      m_evaluation(new EvaluationPage(m_parts, *m_actions, this)),
      m_study(new StudyPage(m_parts, *m_actions, this)),
      m_log(new LogPanel(this)),
      m_status(new StatusLine(this)),
      m_exports(new RunExports(m_parts, *m_banner, *this)),
      m_history(new HistoryActions(*m_actions, this)),
      m_layout(std::make_unique<WindowLayout>(*this, m_parts.settings)) {
    setObjectName("mainWindow");
    setWindowIcon(applicationIcon());
    setUpFrame();
    new Appearance(m_parts, *m_actions, this);
    connectPages();
    connectStudy();
    connectProject();
    takeDrops();
    bindFileActions();
    bindViewActions();
    bindHelpActions(m_parts, *m_actions, *this);
    retranslate();
    restoreLayout();
    showPage(PageId::Start);
}

MainWindow::~MainWindow() = default;

void MainWindow::setUpFrame() {
    m_pages->setObjectName("pages");
    for (Page* page : std::initializer_list<Page*>{m_start, m_recipe, m_live, m_runs, m_models, m_chat,
                                                   m_data, m_evaluation, m_study})
        m_pages->addWidget(page); // in the order of PageId
    auto* bannerRow = new QHBoxLayout;
    bannerRow->setContentsMargins(20, 8, 20, 0);
    bannerRow->addWidget(m_banner);
    auto* right = new QVBoxLayout;
    right->setSpacing(0);
    right->addLayout(bannerRow);
    right->addWidget(m_pages, 1);
    auto* central = new QWidget(this);
    auto* row = new QHBoxLayout(central);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(m_navigation);
    row->addLayout(right, 1);
    setCentralWidget(central);
    addDockWidget(Qt::BottomDockWidgetArea, m_log);
    m_log->hide();
    setStatusBar(m_status);
    m_actions->fill(*menuBar());
}

void MainWindow::connectPages() {
    connect(m_navigation, &NavigationBar::pageChosen, this, &MainWindow::showPage);
    connect(m_start, &StartPage::exampleChosen, this, &MainWindow::tryExample);
    connect(m_start, &StartPage::newRecipeWanted, m_actions->action(u"file.newRecipe"), &QAction::trigger);
    connect(m_start, &StartPage::openProjectWanted, this, &MainWindow::openProject);
    connect(m_start, &StartPage::runChosen, this, &MainWindow::openRun);
    connect(m_start, &StartPage::deviceKnown, m_status, &StatusLine::setDevice);
    connect(m_recipe, &RecipePage::started, this, [this](StudySession* study) { showRun(*study, {}); });
    connect(m_live, &LivePage::runsWanted, this, [this] { showPage(PageId::Runs); });
    connect(m_live, &LivePage::recipeWanted, this, &MainWindow::recipeFrom);
    connect(m_runs, &RunsPage::runOpened, this, &MainWindow::openRun);
    connect(m_runs, &RunsPage::resumed, this, &MainWindow::resumeRun);
    connect(m_runs, &RunsPage::recipeWanted, this, &MainWindow::recipeFrom);
    connect(m_runs, &RunsPage::tryItWanted, this, [this] { tryExample(0); });
    connect(m_data, &DatasetPage::trainWanted, this, [this](const ParamValues& recipe) {
        showPage(PageId::Recipe);
        m_recipe->setRecipe(recipe, {});
    });
    connect(&m_parts.dataset, &DatasetSession::exported, this, [this](const QString& file) {
        m_banner->show(Banner::Kind::Good, tr("Written: %1").arg(QDir::toNativeSeparators(file)));
    });
    connect(&m_parts.dataset, &DatasetSession::exportFailed, this,
            [this](const QString& message) { m_banner->show(Banner::Kind::Problem, message); });
    connect(m_data, &DatasetPage::wanted, this, [this] { showPage(PageId::Data); });
    connect(m_models, &ModelPage::modelChosen, this, &MainWindow::useModel);
    connect(m_models, &ModelPage::chatWanted, this, [this](const QString& folder) {
        showPage(PageId::Chat);
        m_chat->chatWithModel(folder);
    });
    connect(m_chat, &ChatPage::combineWanted, m_exports, &RunExports::combine);
    connect(m_exports, &RunExports::chatWanted, this, [this](const QString& model, const QString& adapter) {
        showPage(PageId::Chat);
        m_chat->chatWithAdapter(adapter, model);
    });
    connect(m_models, &ModelPage::downloadsAllowed, m_status, &StatusLine::setDownloadsAllowed);
    m_status->setDownloadsAllowed(m_parts.settings.areDownloadsAllowed.value());
    for (Page* each : std::initializer_list<Page*>{m_live, m_runs, m_study})
        connect(each, &Page::chosenRunChanged, this, [this, each] {
            if (each == page())
                updateRunActions();
        });
}

void MainWindow::connectProject() {
    ProjectSession& project = m_parts.project;
    const auto warn = [this](const QString& message) { m_banner->show(Banner::Kind::Problem, message); };
    connect(&project, &ProjectSession::opened, this, [this] {
        if (const int example = std::exchange(m_pendingExample, -1); example >= 0)
            tryExample(example);
    });
    connect(&project, &ProjectSession::openFailed, this, warn);
    connect(&project, &ProjectSession::failed, this, warn);
    connect(&project.draft(), &RecipeDraft::autosaveFailed, this, warn);
    connect(&project, &ProjectSession::storeProblemChanged, this, [this](const QString& message) {
        if (message.isEmpty())
            m_banner->show(Banner::Kind::Good,
                           tr("Writing works again. The run waits: resume it with Space."));
        else
            m_banner->show(Banner::Kind::Problem, tr("Training is paused: %1").arg(message));
    });
    connect(&project, &ProjectSession::activeStudiesChanged, this, &MainWindow::followActive);
    connect(&project, &ProjectSession::becameIdle, this, [this] {
        if (m_isLeaving)
            close();
    });
    connect(&project, &ProjectSession::studyAdded, this, [this, warn](StudySession* study) {
        connect(study, &StudySession::failed, this, [study, warn](const QString& message) {
            if (study->phase() != StudySession::Phase::Refused) // the recipe page tells that
                warn(message);
        });
    });
}

void MainWindow::bindFileActions() {
    m_actions->bind(u"file.newRecipe", this, [this] {
        m_recipe->setRecipe(defaults(m_parts.project.recipeSchema()), {});
        showPage(PageId::Recipe);
    });
    m_actions->bind(u"file.openProject", this, [this] { openProject(); });
    m_exports->bind(*m_actions, [this] { return page()->chosenRun(); });
    bindProfileAction(
        m_parts, *m_actions, [this] { return page()->chosenRun(); }, *this);
    m_actions->bind(u"file.quit", this, [this] { close(); });
    m_actions->bind(u"run.chat", this, [this] {
        if (const auto run = page()->chosenRun()) {
            m_chat->chatWith(run->trial);
            showPage(PageId::Chat);
        }
    });
    m_actions->bind(u"run.evaluate", this, [this] {
        if (const auto run = page()->chosenRun()) {
            m_evaluation->evaluateRun(run->trial);
            showPage(PageId::Evaluate);
        }
    });
    m_actions->bind(u"run.tryIt", this, [this] { tryExample(0); });
    m_actions->bind(u"run.start", this, [this] { startOrShowRecipe(); });
    if (m_parts.examples.isEmpty())
        m_actions->disable(u"run.tryIt", m_parts.examplesProblem);
}

void MainWindow::bindViewActions() {
    const std::pair<const char16_t*, PageId> pages[] = {
        {u"view.start", PageId::Start}, {u"view.recipe", PageId::Recipe},     {u"view.live", PageId::Live},
        {u"view.runs", PageId::Runs},   {u"view.models", PageId::Models},     {u"view.chat", PageId::Chat},
        {u"view.data", PageId::Data},   {u"view.evaluate", PageId::Evaluate}, {u"view.study", PageId::Study}};
    for (const auto& [id, target] : pages)
        m_actions->bind(id, this, [this, target = target] { showPage(target); });
    m_actions->bind(u"edit.filter", this, [this] {
        if (QLineEdit* filter = page()->filterEdit())
            filter->setFocus(Qt::ShortcutFocusReason);
    });
    QAction* log = m_actions->action(u"view.log");
    m_actions->bind(u"view.log", this, [this](bool isShown) { m_log->setVisible(isShown); });
    connect(m_log, &QDockWidget::visibilityChanged, log,
            [this, log] { log->setChecked(!m_log->isHidden()); });
    m_actions->bind(u"view.fullScreen", this, [this](bool isFull) {
        setWindowState(windowState().setFlag(Qt::WindowFullScreen, isFull));
    });
    m_actions->bind(u"window.resetLayout", this, [this] { resetLayout(); });
}

void MainWindow::showPage(PageId id) {
    m_pages->setCurrentIndex(static_cast<int>(id));
    m_navigation->setCurrent(id);
    RecipeDraft* history = page()->history();
    m_history->follow(history != nullptr ? *history : m_parts.project.draft());
    updateRunActions();
    page()->entered();
}

PageId MainWindow::currentPage() const { return static_cast<PageId>(m_pages->currentIndex()); }

Page* MainWindow::page() const { return qobject_cast<Page*>(m_pages->currentWidget()); }

void MainWindow::tryExample(int index) {
    if (index >= m_parts.examples.size())
        return;
    if (!m_parts.project.isOpen()) {
        m_pendingExample = index; // the draft of the project would be read over it
        return;
    }
    const ExampleCard& example = m_parts.examples[index];
    showPage(PageId::Recipe);
    m_recipe->setRecipe(example.recipe,
                        QCoreApplication::translate("Examples", example.title.toUtf8().constData()));
}

void MainWindow::openRun(StudyId study, TrialId trial) { showRun(*m_parts.project.openStudy(study), trial); }

void MainWindow::showRun(StudySession& study, TrialId trial) {
    m_log->follow(study);
    m_live->show(study, trial);
    showPage(PageId::Live);
}

void MainWindow::resumeRun(StudyId study, TrialId trial) {
    showRun(*m_parts.project.resumeStudy(study), trial);
}

void MainWindow::recipeFrom(TrialId trial) {
    const RunTableModel& runs = m_parts.project.runs();
    const int row = runs.rowOf(trial);
    if (row < 0)
        return;
    showPage(PageId::Recipe);
    m_recipe->setRecipe(runs.row(row).trial.values, {});
}

/// A recipe nobody has looked at is not launched.
void MainWindow::startOrShowRecipe() {
    if (currentPage() == PageId::Recipe)
        m_recipe->start();
    else if (currentPage() == PageId::Data && m_data->canTrain())
        m_data->train();
    else if (currentPage() == PageId::Evaluate)
        m_evaluation->start();
    else
        showPage(PageId::Recipe);
}

void MainWindow::openProject() {
    auto* dialog = new QFileDialog(this, tr("Open project"), m_parts.project.folder());
    dialog->setObjectName("openProjectDialog");
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::closeFor);
    dialog->open();
}

void MainWindow::closeFor(const QString& nextProject) {
    m_nextProject = nextProject;
    close();
}

void MainWindow::askBeforeLeaving() {
    auto* dialog = new LeaveDialog(this);
    connect(dialog, &LeaveDialog::stopChosen, this, [this] {
        m_isLeaving = true;
        m_status->showMessage(tr("Stopping the training; the window closes when everything is saved…"));
        m_parts.project.stopAll();
    });
    connect(dialog, &QDialog::rejected, this, [this] { m_nextProject.clear(); });
    dialog->open();
}

void MainWindow::closeEvent(QCloseEvent* event) {
    if (!m_parts.project.activeStudies().isEmpty()) {
        event->ignore();
        if (!m_isLeaving && findChild<LeaveDialog*>() == nullptr)
            askBeforeLeaving();
        return;
    }
    m_layout->save();
    event->accept();
    if (m_nextProject.isEmpty())
        Q_EMIT closed();
    else
        Q_EMIT projectWanted(m_nextProject);
}

void MainWindow::followActive() {
    const QVector<StudySession*> active = m_parts.project.activeStudies();
    m_navigation->setBusy(!active.isEmpty());
    if (!active.isEmpty())
        m_status->follow(*active.back());
}

void MainWindow::updateRunActions() {
    const std::optional<RunChoice> run = page()->chosenRun();
    const QString nothing = tr("Open a run or choose one in the table first.");
    run ? m_actions->enable(u"file.exportCsv") : m_actions->disable(u"file.exportCsv", nothing);
    for (const auto* id : {u"file.export", u"run.chat", u"run.evaluate"}) {
        if (!run)
            m_actions->disable(id, nothing);
        else if (run->adapterFolder.isEmpty())
            m_actions->disable(id, tr("This run has no adapter yet."));
        else
            m_actions->enable(id);
    }
    updateStudyAction();
    if (page()->filterEdit() != nullptr)
        m_actions->enable(u"edit.filter");
    else
        m_actions->disable(u"edit.filter", tr("This page has no filter."));
}

void MainWindow::restoreLayout() {
    resizeDocks({m_log}, {kLogHeight}, Qt::Vertical);
    m_layout->restore(kFirstSize);
    m_actions->action(u"view.log")->setChecked(!m_log->isHidden());
}

void MainWindow::resetLayout() {
    m_layout->reset();
    m_actions->action(u"view.log")->setChecked(!m_log->isHidden());
}

void MainWindow::useModel(const QString& folder) {
    m_parts.project.draft().setValue(QStringLiteral("model"), folder.toStdString());
    showPage(PageId::Recipe);
}

void MainWindow::retranslate() {
    setWindowTitle(tr("Lathe"));
    m_actions->retranslate();
    m_navigation->retranslate();
    updateRunActions();
}

void MainWindow::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    if (event->type() == QEvent::WindowStateChange)
        m_actions->action(u"view.fullScreen")->setChecked(isFullScreen());
    QMainWindow::changeEvent(event);
}

} // namespace lathe
