#include "widgets/pages/evaluation_form.h"

#include "core/session/model_library.h"
#include "core/session/project_session.h"
#include "core/session/settings.h"
#include "core/session/text.h"
#include "widgets/forms/elided.h"
#include "widgets/forms/param_form.h"
#include "widgets/pages/evaluation_adapters.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QDir>
#include <QEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QStyle>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {

constexpr int kLetters = 42; ///< that fit into a line at least
constexpr int kListed = 20;
constexpr int kGapToBar = 4;
const QString kOther = QStringLiteral("\n"); ///< asks for a folder: no folder has this name

} // namespace

EvaluationForm::EvaluationForm(const WindowParts& parts, QWidget* parent)
    : QWidget(parent),
      m_parts(parts),
      m_title(new QLabel(this)),
      m_modelLabel(new QLabel(this)),
      m_models(new ElidedComboBox(this)),
      m_adaptersLabel(new QLabel(this)),
      m_adapters(new EvaluationAdapters(parts.project.runs(), this)),
      m_form(new ParamForm(this)),
      m_scroll(new QScrollArea(this)),
      m_start(new QPushButton(themedIcon("start", IconTone::OnAccent), {}, this)),
      m_problem(new QLabel(this)),
      m_model(parts.settings.chatModel.value()) {
    setUp();
    connectParts();
    fillModels();
    retranslate();
}

void EvaluationForm::setUp() {
    setObjectName("evaluationForm");
    m_models->setObjectName("evaluationModelBox");
    m_models->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_models->setFocusPolicy(Qt::StrongFocus);
    m_models->setMaxVisibleItems(kListed);
    m_modelLabel->setBuddy(m_models);
    m_start->setObjectName("startEvaluationButton");
    m_problem->setObjectName("evaluationFormProblemLabel");
    m_problem->setWordWrap(true);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->hide();
    setLook(m_title, Look::Title);
    setLook(m_start, Look::PrimaryButton);
    setLook(m_problem, Look::Problem);
    m_form->setSchema(evaluationFormSchema(m_parts.project.readingSchema()));
    m_form->leaveOutMnemonics(); // the rows beside it have them
    setUpScroll();
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(10);
    column->addWidget(m_title);
    column->addWidget(m_scroll, 1);
    column->addWidget(m_problem);
    column->addWidget(m_start);
}

void EvaluationForm::setUpScroll() {
    auto* content = new QWidget(this);
    auto* inner = new QVBoxLayout(content);
    inner->setContentsMargins(0, 0, kGapToBar, 0);
    inner->setSpacing(8);
    inner->addWidget(m_modelLabel);
    inner->addWidget(m_models);
    inner->addSpacing(4);
    inner->addWidget(m_adaptersLabel);
    inner->addWidget(m_adapters);
    inner->addSpacing(4);
    inner->addWidget(m_form, 1);
    m_scroll->setObjectName("evaluationFormScrollArea");
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setWidget(content);
    content->installEventFilter(this);
}

void EvaluationForm::connectParts() {
    connect(m_models, &QComboBox::activated, this, &EvaluationForm::modelActivated);
    connect(m_adapters, &EvaluationAdapters::runChosen, this, &EvaluationForm::takeRun);
    connect(m_start, &QPushButton::clicked, this, &EvaluationForm::start);
    const ModelTableModel& models = m_parts.library.models();
    for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
        connect(&models, signal, this, &EvaluationForm::fillModels);
    connect(&models, &QAbstractItemModel::dataChanged, this, &EvaluationForm::fillModels);
    connect(&models, &QAbstractItemModel::modelReset, this, &EvaluationForm::fillModels);
}

void EvaluationForm::fillModels() {
    const ModelTableModel& models = m_parts.library.models();
    const QSignalBlocker silent(m_models);
    m_models->clear();
    for (int row = 0; row < models.rowCount(); ++row) {
        const ModelEntry& entry = models.row(row);
        if (entry.state == ModelEntry::State::Ready || entry.state == ModelEntry::State::Reading ||
            entry.folder == m_model)
            m_models->addItem(entry.name, entry.folder);
    }
    if (m_model.isEmpty() && m_models->count() > 0) // the built-in one comes first
        m_model = m_models->itemData(0).toString();
    if (!m_model.isEmpty() && m_models->findData(m_model) < 0)
        m_models->addItem(QDir(m_model).dirName(), m_model);
    m_models->insertSeparator(m_models->count());
    m_models->addItem(tr("Choose a folder…"), kOther);
    m_models->setCurrentIndex(m_models->findData(m_model));
}

void EvaluationForm::modelActivated(int index) {
    const QString folder = m_models->itemData(index).toString();
    if (folder != kOther) {
        m_model = folder;
        return;
    }
    m_models->setCurrentIndex(m_models->findData(m_model));
    askForModel();
}

void EvaluationForm::askForModel() {
    auto* dialog = new QFileDialog(this, tr("Choose a model's folder"));
    dialog->setObjectName("evaluationModelDialog");
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, &EvaluationForm::setModel);
    dialog->open();
}

void EvaluationForm::setModel(const QString& folder) {
    m_model = QDir::cleanPath(folder);
    fillModels();
}

void EvaluationForm::setAdapter(const QString& folder) { m_adapters->setOnly(QDir::cleanPath(folder)); }

void EvaluationForm::setDataFile(const QString& file) {
    m_form->setValues({{"data", QDir::toNativeSeparators(file).toStdString()}});
    m_form->setProblems({});
    m_problem->hide();
}

void EvaluationForm::takeRun(TrialId trial) {
    const RunTableModel& runs = m_parts.project.runs();
    const int row = runs.rowOf(trial);
    if (row < 0)
        return;
    const EvaluationSpec run = evaluationOf(runs.row(row).trial, m_parts.project.readingSchema());
    setModel(pathText(run.model));
    const QString adapter =
        run.adapters.adapters.empty() ? QString() : pathText(run.adapters.adapters.front().folder);
    m_adapters->setOnly(adapter);
    ParamValues values = run.reading;
    if (!run.task.empty())
        values.set("task", run.task);
    if (!run.dataFile.empty())
        values.set("data", run.dataFile.string());
    m_form->setValues(values);
    m_problem->hide();
}

std::vector<Problem> EvaluationForm::missing() const {
    std::vector<Problem> problems = m_form->problems();
    std::erase_if(problems, [](const Problem& one) { return one.key == "data"; }); // said better below
    const QString file = toQString(m_form->values().text("data"));
    if (file.isEmpty())
        problems.insert(problems.begin(),
                        {"data", tr("Choose a file with rows to ask, or drop one here.").toStdString()});
    else if (!QFileInfo(file).isFile())
        problems.insert(problems.begin(), {"data", tr("There is no such file.").toStdString()});
    return problems;
}

EvaluationSpec EvaluationForm::spec() const {
    EvaluationSpec spec = evaluationFromForm(m_form->values(), m_parts.project.readingSchema());
    spec.model = toPath(m_model);
    spec.adapters.adapters = m_adapters->adapters();
    const QString who = m_adapters->firstName().isEmpty() ? m_models->currentText() : m_adapters->firstName();
    spec.name = tr("%1 on %2", "a model or a run, and a data file")
                    .arg(who, QFileInfo(toQString(spec.dataFile.string())).fileName())
                    .toStdString();
    return spec;
}

/// The run whose adapter it is, where there is one alone.
TrialId EvaluationForm::trialOf(const EvaluationSpec& spec) const {
    const RunTableModel& runs = m_parts.project.runs();
    for (int row = 0; row < runs.rowCount() && spec.adapters.adapters.size() <= 1; ++row) {
        const TrialRecord& trial = runs.row(row).trial;
        const std::filesystem::path& folder =
            spec.adapters.adapters.empty() ? spec.model : spec.adapters.adapters.front().folder;
        if (!trial.adapterFolder.empty() && trial.adapterFolder == folder)
            return trial.id;
    }
    return {};
}

void EvaluationForm::start() {
    const std::vector<Problem> problems = missing();
    if (m_model.isEmpty()) {
        m_problem->setText(tr("Choose a model first."));
        m_problem->show();
        m_models->setFocus(Qt::OtherFocusReason);
        return;
    }
    m_problem->setVisible(!problems.empty());
    if (!problems.empty()) {
        m_problem->setText(toQString(problems.front().message));
        m_form->setProblems(problems);
        m_form->showField(toQString(problems.front().key));
        return;
    }
    const EvaluationSpec wanted = spec();
    Q_EMIT startWanted(wanted, trialOf(wanted));
}

void EvaluationForm::focusFirst() { m_models->setFocus(Qt::OtherFocusReason); }

void EvaluationForm::retranslate() {
    m_title->setText(tr("Evaluate"));
    m_modelLabel->setText(tr("&Model"));
    m_models->setAccessibleName(tr("Model"));
    m_adaptersLabel->setText(tr("Adapters"));
    m_form->setGroupTitle(QStringLiteral("rows"), tr("Rows"));
    m_form->setGroupTitle(QStringLiteral("answers"), tr("Answers"));
    m_start->setText(tr("Start", "an evaluation"));
    m_start->setToolTip(tr("Ask the model every row and score its answers (Ctrl+Enter)"));
    m_adapters->retranslate();
    fillModels();
}

/// The fields change with the language and the zoom.
bool EvaluationForm::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::LayoutRequest) {
        const int bar = style()->pixelMetric(QStyle::PM_ScrollBarExtent);
        setFixedWidth(std::max(kLetters * fontMetrics().averageCharWidth(),
                               m_scroll->widget()->minimumSizeHint().width() + kGapToBar + bar));
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace lathe
