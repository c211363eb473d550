#include "widgets/pages/recipe_inspector.h"

#include "core/base/machine_memory.h"
#include "core/session/text.h"
#include "widgets/pages/study_options.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QEvent>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>

namespace lathe {

namespace {

constexpr int kCheckIconSize = 16;
constexpr qsizetype kMostProblems = 5;

QString bytesText(double bytes) {
    return QLocale().formattedDataSize(static_cast<qint64>(bytes), 1, QLocale::DataSizeTraditionalFormat);
}

QString countText(std::int64_t count) { return QLocale().toString(qlonglong{count}); }

QLabel* makeLabel(QWidget* parent, const QString& name, Look look) {
    auto* label = new QLabel(parent);
    label->setObjectName(name);
    label->setWordWrap(true);
    setLook(label, look);
    return label;
}

} // namespace

RecipeInspector::RecipeInspector(QWidget* parent) : QFrame(parent) {
    setObjectName("recipeInspector");
    setLook(this, Look::Card);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(18, 16, 18, 18);
    column->setSpacing(10);
    m_heading = makeLabel(this, "inspectorHeadingLabel", Look::Heading);
    column->addWidget(m_heading);
    m_nameLabel = new QLabel(this);
    m_name = new QLineEdit(this);
    m_name->setObjectName("runNameEdit");
    m_nameLabel->setBuddy(m_name);
    column->addWidget(m_nameLabel);
    column->addWidget(m_name);
    addFacts(*column);
    m_fields = addCheck(*column, "fieldsCheckLabel");
    m_files = addCheck(*column, "filesCheckLabel");
    m_memoryCheck = addCheck(*column, "memoryCheckLabel");
    m_notes = addCheck(*column, "recipeNotesLabel");
    m_problemList = new QVBoxLayout;
    m_problemList->setSpacing(2);
    column->addLayout(m_problemList);
    column->addStretch(1);
    addLaunch(*column);
    retranslate();
}

void RecipeInspector::addFacts(QVBoxLayout& column) {
    auto* grid = new QGridLayout;
    grid->setVerticalSpacing(4);
    m_parametersText = makeLabel(this, "parametersTextLabel", Look::Muted);
    m_parameters = makeLabel(this, "trainableParametersLabel", Look::Heading);
    m_memoryText = makeLabel(this, "memoryTextLabel", Look::Muted);
    m_memory = makeLabel(this, "memoryLabel", Look::Heading);
    for (QLabel* value : {m_parameters, m_memory})
        value->setAlignment(Qt::AlignRight | Qt::AlignTop);
    for (QLabel* text : {m_parametersText, m_memoryText, m_parameters, m_memory})
        text->setWordWrap(false);
    grid->addWidget(m_parametersText, 0, 0, Qt::AlignTop);
    grid->addWidget(m_parameters, 0, 1);
    grid->addWidget(m_memoryText, 1, 0, Qt::AlignTop);
    grid->addWidget(m_memory, 1, 1);
    grid->setColumnStretch(1, 1);
    column.addSpacing(4);
    column.addLayout(grid);
    const auto addButton = [&](const char* icon, const char* name) {
        auto* button = new QPushButton(themedIcon(icon), {}, this);
        button->setObjectName(QLatin1String(name));
        button->setAutoDefault(false);
        setLook(button, Look::QuietButton);
        column.addWidget(button, 0, Qt::AlignLeft);
        return button;
    };
    m_places = addButton("layout", "placesButton");
    m_profile = addButton("chart", "profileButton");
    connect(m_profile, &QPushButton::clicked, this, &RecipeInspector::profileWanted);
    connect(m_places, &QPushButton::clicked, this, &RecipeInspector::placesWanted);
    column.addSpacing(4);
}

RecipeInspector::Check RecipeInspector::addCheck(QVBoxLayout& column, const QString& name) {
    Check check{new QLabel(this), makeLabel(this, name, Look::Muted)};
    check.icon->setFixedWidth(kCheckIconSize + 4);
    check.icon->setAlignment(Qt::AlignTop);
    auto* row = new QHBoxLayout;
    row->setSpacing(6);
    row->addWidget(check.icon);
    row->addWidget(check.text, 1);
    column.addLayout(row);
    return check;
}

void RecipeInspector::addLaunch(QVBoxLayout& column) {
    m_study = new StudyOptions(this);
    m_study->hide();
    m_refusal = makeLabel(this, "refusalLabel", Look::Problem);
    m_refusal->hide();
    m_start = new QPushButton(themedIcon("start", IconTone::OnAccent), {}, this);
    m_start->setObjectName("startButton");
    m_start->setMinimumHeight(44);
    m_start->setAutoDefault(true);
    setLook(m_start, Look::PrimaryButton);
    column.addWidget(m_study);
    column.addWidget(m_refusal);
    column.addWidget(m_start);
    connect(m_start, &QPushButton::clicked, this, &RecipeInspector::startPressed);
}

QString RecipeInspector::runName() const {
    const QString typed = m_name->text().trimmed();
    return typed.isEmpty() ? m_name->placeholderText() : typed;
}

void RecipeInspector::setRunName(const QString& name) { m_name->setText(name); }
void RecipeInspector::setSuggestedName(const QString& name) { m_name->setPlaceholderText(name); }

void RecipeInspector::showCost(const std::optional<RecipeCost>& cost) {
    m_cost = cost;
    updateFacts();
    updateChecks();
}

void RecipeInspector::updateFacts() {
    const QString unknown = QStringLiteral("–");
    m_places->setEnabled(m_cost && !m_cost->places.empty());
    m_parameters->setText(m_cost ? countText(m_cost->trainableParameters) : unknown);
    m_memory->setText(m_cost ? tr("about %1").arg(bytesText(m_cost->memoryBytes)) : unknown);
    const bool hasShare = m_cost && m_cost->baseParameters > 0;
    const double share = hasShare ? 100 * static_cast<double>(m_cost->trainableParameters) /
                                        static_cast<double>(m_cost->baseParameters)
                                  : 0;
    m_parameters->setToolTip(
        hasShare ? tr("%1 % of the base model's %2")
                       .arg(QLocale().toString(share, 'f', 2), countText(m_cost->baseParameters))
                 : QString());
}

void RecipeInspector::setFiles(FilesState state) {
    m_filesState = state;
    updateChecks();
}

void RecipeInspector::showProblems(std::span<const Problem> problems, const QStringList& labels) {
    m_problemCount = static_cast<qsizetype>(problems.size());
    while (m_problemButtons.size() < std::min(m_problemCount, kMostProblems)) {
        auto* button = new QPushButton(themedIcon("warning", IconTone::Danger), {}, this);
        button->setObjectName(QStringLiteral("problem%1Button").arg(m_problemButtons.size()));
        setLook(button, Look::QuietButton);
        connect(button, &QPushButton::clicked, this,
                [this, button] { Q_EMIT fieldWanted(button->property("key").toString()); });
        m_problemList->addWidget(button, 0, Qt::AlignLeft);
        m_problemButtons.append(button);
    }
    for (qsizetype i = 0; i < m_problemButtons.size(); ++i) {
        QPushButton* button = m_problemButtons[i];
        button->setVisible(i < m_problemCount);
        if (i >= m_problemCount)
            continue;
        const Problem& problem = problems[static_cast<std::size_t>(i)];
        button->setText(labels.value(i));
        button->setToolTip(toQString(problem.message));
        button->setAccessibleDescription(toQString(problem.message));
        button->setProperty("key", toQString(problem.key));
    }
    updateChecks();
}

void RecipeInspector::set(const Check& check, const QString& icon, const QString& text) {
    const IconTone tone = icon == QLatin1String("success")   ? IconTone::Success
                          : icon == QLatin1String("warning") ? IconTone::Danger
                                                             : IconTone::Muted;
    check.icon->setPixmap(themedIcon(icon, tone).pixmap(kCheckIconSize));
    check.text->setText(text);
}

void RecipeInspector::updateChecks() {
    if (m_problemCount > 0) {
        set(m_fields, "warning",
            tr("%n field(s) need another value:", nullptr, static_cast<int>(m_problemCount)));
        set(m_files, "dot", tr("Model and data: checked when the fields are right"));
    } else {
        set(m_fields, "success", tr("Every field has a good value"));
        if (m_filesState == FilesState::Fine)
            set(m_files, "success", tr("Model and data can be read and fit together"));
        else
            set(m_files, "dot", tr("Model and data: being checked…"));
    }
    const QString notes = m_cost ? joinedLines(m_cost->notes) : QString();
    m_notes.icon->setVisible(!notes.isEmpty());
    m_notes.text->setVisible(!notes.isEmpty());
    set(m_notes, "info", notes);
    const std::optional<double> available = availableMemory();
    if (!m_cost)
        set(m_memoryCheck, "dot", tr("Memory: not known yet"));
    else if (!available)
        set(m_memoryCheck, "dot", tr("Memory: this system does not tell what is free"));
    else if (m_cost->memoryBytes > *available)
        set(m_memoryCheck, "warning",
            tr("Memory: only %1 are free; try a smaller batch").arg(bytesText(*available)));
    else
        set(m_memoryCheck, "success", tr("Memory: fits, %1 are free").arg(bytesText(*available)));
}

void RecipeInspector::showRefusal(const QString& text) {
    m_refusal->setText(text);
    m_refusal->setVisible(!text.isEmpty());
}

void RecipeInspector::setStarting(bool isStarting) {
    m_isStarting = isStarting;
    updateStart();
}

void RecipeInspector::setStudyMode(bool isStudy) {
    m_isStudy = isStudy;
    m_study->setVisible(isStudy);
    updateStart();
}

void RecipeInspector::updateStart() {
    m_start->setText(m_isStarting ? tr("Starting…") : m_isStudy ? tr("Start study") : tr("Start", "train"));
    m_start->setToolTip(tr("Train with the recipe as it is (Ctrl+Return)"));
}

/// The signs are pictures in the colours of the moment.
void RecipeInspector::changeEvent(QEvent* event) {
    QFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_start != nullptr)
        updateChecks();
}

void RecipeInspector::retranslate() {
    m_heading->setText(tr("Before the start"));
    m_nameLabel->setText(tr("Name of the run"));
    m_name->setAccessibleName(tr("Name of the run"));
    m_parametersText->setText(tr("Trainable parameters"));
    m_memoryText->setText(tr("Memory needed"));
    m_places->setText(tr("Where the adapter goes…"));
    m_profile->setText(tr("Profile a step…"));
    m_study->retranslate();
    updateFacts();
    updateChecks();
    updateStart();
}

} // namespace lathe
