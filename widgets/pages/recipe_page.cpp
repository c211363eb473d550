#include "widgets/pages/recipe_page.h"

#include "core/session/model_library.h"
#include "core/session/project_session.h"
#include "core/session/settings.h"
#include "core/session/text.h"
#include "widgets/actions/action_binder.h"
#include "widgets/dialogs/places_dialog.h"
#include "widgets/forms/domain_editors.h"
#include "widgets/forms/param_form.h"
#include "widgets/pages/recipe_inspector.h"
#include "widgets/pages/recipe_notes.h"
#include "widgets/pages/study_options.h"
#include "widgets/theme/theme.h"

#include <QAction>
#include <QCheckBox>
#include <QCompleter>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

namespace lathe {

namespace {

constexpr int kAskDelayMs = 250;
constexpr int kInspectorWidth = 340;

} // namespace

RecipePage::RecipePage(const WindowParts& parts, ActionBinder& actions, QWidget* parent)
    : Page(parent), m_parts(parts), m_actions(actions) {
    setObjectName("recipePage");
    m_inspector = new RecipeInspector(this);
    m_inspector->study().offer(m_parts.project.searchMethods(), m_parts.project.pruners());
    m_inspector->study().setSlotCount(m_parts.settings.studySlots.value());
    m_inspector->setFixedWidth(kInspectorWidth);
    auto* scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(m_inspector);
    scroll->setFixedWidth(kInspectorWidth + 14); // room for the scroll bar
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(20, 16, 16, 16);
    row->setSpacing(16);
    row->addWidget(makeForm(), 1);
    row->addWidget(scroll);
    followDraft();
    offerModels();
    bindActions(actions);
    retranslate();
    takeDraft();
}

QWidget* RecipePage::makeForm() {
    auto* left = new QWidget(this);
    m_title = new QLabel(left);
    m_title->setObjectName("recipeTitleLabel");
    setLook(m_title, Look::Title);
    m_filter = new QLineEdit(left);
    m_filter->setObjectName("recipeFilterEdit");
    m_filter->setClearButtonEnabled(true);
    m_advanced = new QCheckBox(left);
    m_advanced->setObjectName("advancedCheckBox");
    m_studySwitch = new QCheckBox(left);
    m_studySwitch->setObjectName("studyCheckBox");
    m_form = new ParamForm(left);
    m_form->setObjectName("recipeForm");
    m_form->setSchema(m_parts.project.recipeSchema());
    auto* scroll = new QScrollArea(left);
    scroll->setObjectName("recipeScrollArea");
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(m_form);
    auto* tools = new QHBoxLayout;
    tools->setSpacing(16);
    tools->addWidget(m_filter, 1);
    tools->addWidget(m_advanced);
    tools->addWidget(m_studySwitch);
    auto* column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    column->addWidget(m_title);
    column->addLayout(tools);
    column->addWidget(scroll, 1);
    connect(m_filter, &QLineEdit::textChanged, m_form, &ParamForm::setFilter);
    return left;
}

void RecipePage::followDraft() {
    RecipeDraft& draft = m_parts.project.draft();
    m_draftDelay.setSingleShot(true);
    m_askDelay.setSingleShot(true);
    m_askDelay.setInterval(kAskDelayMs);
    connect(&m_draftDelay, &QTimer::timeout, this, &RecipePage::takeDraft);
    connect(&m_askDelay, &QTimer::timeout, this, &RecipePage::ask);
    connect(&draft, &RecipeDraft::changed, this, [this] { m_draftDelay.start(0); });
    connect(m_form, &ParamForm::valueEdited, this,
            [&draft](const QString& key, const ParamValue& value) { draft.setValue(key, value); });
    connect(m_form, &ParamForm::problemsChanged, this, &RecipePage::updateProblems);
    connect(m_form, &ParamForm::searchSpaceEdited, this, &RecipePage::takeSearch);
    connect(&m_inspector->study(), &StudyOptions::edited, this, &RecipePage::updateOutlook);
    connect(m_inspector, &RecipeInspector::fieldWanted, m_form, &ParamForm::showField);
    connect(m_inspector, &RecipeInspector::startPressed, this, &RecipePage::start);
    connect(m_inspector, &RecipeInspector::placesWanted, this, &RecipePage::showPlaces);
    connect(m_inspector, &RecipeInspector::profileWanted, m_actions.action(u"run.profile"),
            &QAction::trigger);
    ProjectSession& project = m_parts.project;
    connect(&project, &ProjectSession::opened, this, &RecipePage::askSoon);
    connect(&project, &ProjectSession::preflightReady, this, &RecipePage::takePreflight);
    connect(&project, &ProjectSession::forecastReady, this,
            [this](const RecipeCost& cost) { takeCost(cost); });
    connect(&project, &ProjectSession::forecastFailed, this, [this] { takeCost({}); });
}

void RecipePage::takeCost(const std::optional<RecipeCost>& cost) {
    m_cost = cost;
    m_inspector->showCost(cost);
    const bool hasPlaces = cost && !cost->places.empty();
    hasPlaces
        ? m_actions.enable(u"recipe.places")
        : m_actions.disable(u"recipe.places",
                            cost ? tr("This method takes the model as a whole.")
                                 : tr("The model and the fields of the adapter have to be in order first."));
    if (m_places && cost)
        m_places->showCost(*cost);
}

void RecipePage::showPlaces() {
    if (!m_cost || m_cost->places.empty())
        return;
    m_places = new PlacesDialog(m_parts.project.draft(), *m_cost, this);
    m_places->open();
}

/// The library's models appear while a part of their path is typed as the base model.
void RecipePage::offerModels() {
    auto* line = qobject_cast<QLineEdit*>(m_form->editor(QStringLiteral("model")));
    if (line == nullptr)
        return;
    auto* completer = new QCompleter(&m_parts.library.models(), line);
    completer->setCompletionRole(ModelTableModel::FolderRole);
    completer->setCaseSensitivity(Qt::CaseInsensitive);
    completer->setFilterMode(Qt::MatchContains);
    line->setCompleter(completer);
    connect(completer, qOverload<const QString&>(&QCompleter::activated), this,
            [this](const QString& folder) {
                m_parts.project.draft().setValue(QStringLiteral("model"), folder.toStdString());
            });
}

void RecipePage::bindActions(ActionBinder& actions) {
    const auto bindSwitch = [&](QStringView id, QCheckBox* box, auto set) {
        QAction* action = actions.action(id);
        actions.bind(id, this, [box](bool isChecked) { box->setChecked(isChecked); });
        connect(box, &QCheckBox::toggled, this, [action, set](bool isChecked) {
            action->setChecked(isChecked);
            set(isChecked);
        });
    };
    bindSwitch(u"view.advanced", m_advanced, [this](bool isAdvanced) {
        m_parts.settings.isRecipeAdvanced.set(isAdvanced);
        m_form->setDetail(isAdvanced ? FormDetail::Advanced : FormDetail::Simple);
    });
    actions.bind(u"recipe.places", this, [this] { showPlaces(); });
    takeCost({});
    bindSwitch(u"study.search", m_studySwitch, [this](bool isStudy) { setStudyMode(isStudy); });
    m_form->setDetail(FormDetail::Simple);
    m_advanced->setChecked(m_parts.settings.isRecipeAdvanced.value());
}

void RecipePage::setRecipe(const ParamValues& values, const QString& name) {
    m_parts.project.draft().setValues(values);
    m_inspector->setRunName(name);
    m_studySwitch->setChecked(false);
    m_filter->clear();
    m_draftDelay.stop();
    takeDraft();
    m_inspector->startButton().setFocus(Qt::OtherFocusReason);
}

void RecipePage::entered() {
    m_parts.library.refresh(); // what offerModels() offers
    m_inspector->startButton().setFocus(Qt::OtherFocusReason);
}

/// Shows what the draft has and the form has not. A field the user is just typing in stays as it is.
void RecipePage::takeDraft() {
    const ParamValues shown = m_form->values();
    ParamValues other;
    for (const auto& [key, value] : m_parts.project.draft().values().map())
        if (const ParamValue* there = shown.find(key); there == nullptr || *there != value)
            other.set(key, value);
    if (!other.map().empty())
        m_form->setValues(other);
    m_inspector->showRefusal({});
    suggestName();
    updateProblems();
    tellStudy();
    updateOutlook();
    askSoon();
}

void RecipePage::suggestName() {
    const ParamValues& values = m_parts.project.draft().values();
    const ParamValue* method = values.find("method");
    const ParamValue* file = values.find("train_file");
    const QString dataName = file == nullptr ? QString() : QFileInfo(toQString(toText(*file))).baseName();
    const QString how = method == nullptr ? tr("Run") : toQString(toText(*method));
    m_inspector->setSuggestedName(dataName.isEmpty() ? how
                                                     : tr("%1 on %2", "method on data").arg(how, dataName));
}

QString RecipePage::labelOf(const std::string& key) const {
    const ParamSpec* spec = findSpec(m_form->schema(), key);
    return spec == nullptr ? toQString(key) : schemaText(spec->label);
}

void RecipePage::updateProblems() {
    const std::vector<Problem> problems = m_form->problems();
    QStringList labels;
    for (const Problem& problem : problems)
        labels << labelOf(problem.key);
    m_inspector->showProblems(problems, labels);
    m_form->setNotes(exportNotes(m_form->values()));
}

void RecipePage::askSoon() {
    m_inspector->setFiles(RecipeInspector::FilesState::Asking);
    m_askDelay.start();
}

void RecipePage::ask() {
    if (!m_parts.project.isOpen() || !m_form->problems().empty())
        return;
    m_isAskedFor = true;
    m_parts.project.requestPreflight(m_parts.project.draft().values());
    m_parts.project.requestForecast(m_parts.project.draft().values());
}

void RecipePage::takePreflight(const QVector<Problem>& problems) {
    if (!m_isAskedFor || m_askDelay.isActive())
        return; // edited since
    m_isAskedFor = false;
    m_form->setProblems(problems);
    m_inspector->setFiles(problems.isEmpty() ? RecipeInspector::FilesState::Fine
                                             : RecipeInspector::FilesState::NotAsked);
    updateProblems();
}

void RecipePage::setStudyMode(bool isStudy) {
    m_form->setSearchOffered(isStudy ? FormSearch::Offered : FormSearch::Hidden);
    if (!isStudy)
        m_form->setSearchSpace({});
    takeSearch();
    m_inspector->setStudyMode(isStudy);
    m_inspector->showRefusal({});
}

void RecipePage::takeSearch() {
    m_inspector->study().setSearchedCount(static_cast<qsizetype>(m_form->searchSpace().size()));
    tellStudy();
    updateOutlook();
}

/// What the options of a study are about.
void RecipePage::tellStudy() {
    if (!m_studySwitch->isChecked())
        return;
    StudySpec study;
    study.fixed = m_form->values();
    study.space = m_form->searchSpace();
    m_inspector->study().setStudy(study, m_parts.project.recipeSchema(),
                                  m_parts.project.reportedMetrics(study.fixed));
}

/// Contract: the options have no problem.
StudySpec RecipePage::studySpec() const {
    StudySpec study;
    study.name = m_inspector->runName().toStdString();
    study.kind = "study";
    study.fixed = m_form->values();
    study.space = m_form->searchSpace();
    m_inspector->study().fill(study);
    return study;
}

void RecipePage::updateOutlook() {
    StudyOptions& options = m_inspector->study();
    const bool isStudy = m_studySwitch->isChecked() && options.problem().isEmpty();
    options.showOutlook(
        isStudy ? std::optional(outlookOf(studySpec(), options.slotCount(), m_parts.project.runs()))
                : std::nullopt);
}

void RecipePage::start() {
    if (m_starting)
        return;
    if (!m_parts.project.isOpen())
        return refuse(tr("The project folder is not open. Open one with File, Open project…"));
    if (m_draftDelay.isActive()) { // what was set elsewhere just now is meant too
        m_draftDelay.stop();
        takeDraft();
    }
    if (const std::vector<Problem> problems = m_form->problems(); !problems.empty())
        return refuse(problems);
    if (m_studySwitch->isChecked())
        return startStudy();
    (void)m_parts.project.setSlots(1); // where others train, it takes its turn among them
    launched(*m_parts.project.startRun(m_inspector->runName(), m_form->values()));
}

void RecipePage::startStudy() {
    const StudyOptions& options = m_inspector->study();
    if (const QString problem = options.problem(); !problem.isEmpty())
        return refuse(problem);
    const std::int64_t atOnce = options.slotCount();
    if (const Status set = m_parts.project.setSlots(static_cast<std::size_t>(atOnce)); !set.has_value())
        return refuse(toQString(set.error().message));
    m_parts.settings.studySlots.set(static_cast<int>(atOnce));
    launched(*m_parts.project.startStudy(studySpec()));
}

void RecipePage::launched(StudySession& study) {
    m_starting = &study;
    m_inspector->showRefusal({});
    m_inspector->setStarting(true);
    connect(&study, &StudySession::phaseChanged, this, [this, begun = &study](StudySession::Phase phase) {
        if (m_starting != begun || phase == StudySession::Phase::Starting)
            return;
        m_starting.clear();
        m_inspector->setStarting(false);
        if (phase == StudySession::Phase::Running)
            Q_EMIT started(begun);
    });
    connect(&study, &StudySession::problemsFound, this, [this](const QVector<Problem>& problems) {
        m_form->setProblems(problems);
        refuse(problems);
    });
    connect(&study, &StudySession::failed, this, [this, begun = &study](const QString& message) {
        if (begun->phase() == StudySession::Phase::Refused)
            refuse(message);
    });
}

void RecipePage::refuse(const QString& why) { m_inspector->showRefusal(why); }

void RecipePage::refuse(std::span<const Problem> problems) {
    const Problem& first = problems.front();
    const QString label = labelOf(first.key);
    m_inspector->showRefusal(
        tr("Not started. %1: %2", "field: problem").arg(label, toQString(first.message)));
    m_form->showField(toQString(first.key));
}

void RecipePage::retranslate() {
    m_title->setText(tr("Recipe"));
    m_filter->setPlaceholderText(tr("Filter the fields (Ctrl+F)"));
    m_filter->setAccessibleName(tr("Filter the fields"));
    m_advanced->setText(tr("Advanced fields"));
    m_studySwitch->setText(tr("Search (≈) as a study"));
    m_studySwitch->setToolTip(tr("Give ranges to some fields and train several variants"));
    m_form->setGroupTitle("model", tr("Base model"));
    m_form->setGroupTitle("adapter", tr("Adapter"));
    m_form->setGroupTitle("data", tr("Data"));
    m_form->setGroupTitle("optimizer", tr("Optimiser"));
    m_form->setGroupTitle("schedule", tr("Schedule and stopping"));
    m_form->setGroupTitle("evaluation", tr("Evaluation and samples"));
    m_form->setGroupTitle("resources", tr("Checkpoints"));
    m_inspector->retranslate();
    suggestName();
    updateProblems();
}

} // namespace lathe
