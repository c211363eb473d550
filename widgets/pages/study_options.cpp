#include "widgets/pages/study_options.h"

#include "core/session/run_table_model.h"
#include "widgets/forms/number_box.h"
#include "widgets/pages/part_picker.h"
#include "widgets/pages/study_objectives.h"
#include "widgets/pages/study_rules_editor.h"
#include "widgets/theme/theme.h"

#include <QDialog>
#include <QDialogButtonBox>
#include <QGridLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace lathe {

namespace {

constexpr std::int64_t kMostTrials = 100000;
constexpr std::int64_t kUsualTrials = 4;
constexpr std::int64_t kUsualSeed = 42;
constexpr std::int64_t kMostSlots = 64;
constexpr double kMostHours = 10000;
constexpr double kSecondsPerHour = 3600;

constexpr QSize kRulesSize{720, 460};

} // namespace

StudyOptions::StudyOptions(QWidget* parent)
    : QWidget(parent),
      m_searched(new QLabel(this)),
      m_methodLabel(new QLabel(this)),
      m_method(new PartPicker(QStringLiteral("studyMethod"), this)),
      m_prunerLabel(new QLabel(this)),
      m_pruner(new PartPicker(QStringLiteral("studyPruner"), this)),
      m_trialsLabel(new QLabel(this)),
      m_trials(new NumberBox(IntDomain{1, kMostTrials, 1, true}, this)),
      m_slotsLabel(new QLabel(this)),
      m_slots(new NumberBox(IntDomain{1, kMostSlots}, this)),
      m_seedLabel(new QLabel(this)),
      m_seed(new NumberBox(IntDomain{0, std::numeric_limits<std::int32_t>::max()}, this)),
      m_limitLabel(new QLabel(this)),
      m_limit(new NumberBox(RealDomain{0, kMostHours}, this)),
      m_objectiveLabel(new QLabel(this)),
      m_objectives(new StudyObjectives(this)),
      m_rulesLabel(new QLabel(this)),
      m_rulesButton(new QPushButton(this)),
      m_rulesDialog(new QDialog(this)),
      m_rules(new StudyRulesEditor(m_rulesDialog)),
      m_outlookLabel(new QLabel(this)) {
    m_searched->setObjectName("searchedFieldsLabel");
    m_searched->setWordWrap(true);
    setLook(m_searched, Look::Muted);
    m_trials->setObjectName("studyTrialsEditor");
    m_trials->show(kUsualTrials);
    m_slots->setObjectName("studySlotsEditor");
    m_slots->show(std::int64_t{1});
    m_seed->setObjectName("studySeedEditor");
    m_seed->show(kUsualSeed);
    m_limit->setObjectName("studyLimitEditor");
    m_limit->show(0.0);
    m_outlookLabel->setObjectName("studyOutlookLabel");
    m_outlookLabel->setTextFormat(Qt::PlainText);
    m_outlookLabel->setWordWrap(true);
    for (const NumberBox* box : {m_trials, m_slots, m_seed, m_limit})
        connect(box, &NumberBox::edited, this, &StudyOptions::edited);
    for (const PartPicker* part : {m_method, m_pruner})
        connect(part, &PartPicker::edited, this, &StudyOptions::edited);
    connect(m_objectives, &StudyObjectives::edited, this, &StudyOptions::edited);
    makeRules();
    layOut();
    retranslate();
}

void StudyOptions::makeRules() {
    m_rulesButton->setObjectName("studyRulesButton");
    m_rulesButton->setAutoDefault(true);
    m_rulesDialog->setObjectName("studyRulesDialog");
    auto* scroll = new QScrollArea(m_rulesDialog);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(m_rules);
    auto* close = new QDialogButtonBox(QDialogButtonBox::Close, m_rulesDialog);
    auto* inside = new QVBoxLayout(m_rulesDialog);
    inside->addWidget(scroll, 1);
    inside->addWidget(close);
    connect(m_rulesButton, &QPushButton::clicked, this, &StudyOptions::openRules);
    connect(close, &QDialogButtonBox::rejected, m_rulesDialog, &QDialog::reject);
    connect(m_rules, &StudyRulesEditor::edited, this, [this] {
        tellRules();
        Q_EMIT edited();
    });
}

void StudyOptions::openRules() {
    m_rulesDialog->resize(kRulesSize);
    m_rulesDialog->open();
    m_rules->begin();
}

void StudyOptions::tellRules() {
    const auto count = static_cast<int>(m_rules->lines().size());
    const QString wrong = m_rules->problem();
    m_rulesButton->setText(count == 0        ? tr("None…", "rules")
                           : wrong.isEmpty() ? tr("%n rule(s)…", nullptr, count)
                                             : tr("%n rule(s), one is wrong…", nullptr, count));
    m_rulesButton->setToolTip(
        wrong.isEmpty()
            ? tr("Values that follow from others, bounds, forbidden combinations, limits on results")
            : wrong);
}

void StudyOptions::setStudy(const StudySpec& study, const ParamSchema& schema,
                            const ReportedMetrics& reported) {
    m_schema = schema;
    m_reported = reported;
    m_objectives->offer(reported.objectives);
    m_rules->setStudy(study, schema, reported.limits);
    tellRules();
}

void StudyOptions::layOut() {
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setVerticalSpacing(8);
    grid->addWidget(m_searched, 0, 0, 1, 2);
    const std::array<std::pair<QLabel*, QWidget*>, 8> rows{{{m_methodLabel, m_method},
                                                            {m_prunerLabel, m_pruner},
                                                            {m_trialsLabel, m_trials},
                                                            {m_slotsLabel, m_slots},
                                                            {m_seedLabel, m_seed},
                                                            {m_limitLabel, m_limit},
                                                            {m_objectiveLabel, m_objectives},
                                                            {m_rulesLabel, m_rulesButton}}};
    int row = 1;
    for (const auto& [label, editor] : rows) {
        const bool isWide = editor == m_objectives; // two boxes in a line need the width
        label->setBuddy(editor);
        grid->addWidget(label, row, 0, 1, isWide ? 2 : 1);
        row += isWide ? 1 : 0;
        grid->addWidget(editor, row, isWide ? 0 : 1, 1, isWide ? 2 : 1);
        ++row;
    }
    grid->addWidget(m_outlookLabel, row, 0, 1, 2);
    grid->setColumnStretch(1, 1);
}

void StudyOptions::offer(std::vector<OfferedPart> searchMethods, std::vector<OfferedPart> pruners) {
    m_method->offer(std::move(searchMethods));
    m_pruner->offer(std::move(pruners));
}

void StudyOptions::fill(StudySpec& study) const {
    std::vector<Objective> objectives = m_objectives->objectives();
    study.samplerId = m_method->id();
    study.samplerOptions = m_method->options();
    study.prunerId = m_pruner->id();
    study.prunerOptions = m_pruner->options();
    study.trialCount = std::get<std::int64_t>(m_trials->number().value_or(kUsualTrials));
    study.seed = static_cast<std::uint64_t>(std::get<std::int64_t>(m_seed->number().value_or(kUsualSeed)));
    study.maxSeconds = kSecondsPerHour * hours().value_or(0);
    study.objective = objectives.front();
    study.furtherObjectives.assign(objectives.begin() + 1, objectives.end());
    (void)addRuleLines(study, m_rules->lines(), m_schema, m_reported.limits); // problem() knows of wrong ones
}

std::optional<double> StudyOptions::hours() const {
    const auto number = m_limit->number();
    if (!number)
        return std::nullopt;
    const auto* whole = std::get_if<std::int64_t>(&*number);
    const double value = whole != nullptr ? static_cast<double>(*whole) : std::get<double>(*number);
    return value >= 0 && value <= kMostHours ? std::optional(value) : std::nullopt;
}

std::int64_t StudyOptions::slotCount() const {
    return std::get<std::int64_t>(m_slots->number().value_or(std::int64_t{1}));
}

void StudyOptions::setSlotCount(std::int64_t count) {
    m_slots->show(std::clamp<std::int64_t>(count, 1, kMostSlots));
}

QString StudyOptions::numberProblem() const {
    const auto isGood = [](const NumberBox& box, std::int64_t low, std::int64_t high) {
        const auto number = box.number();
        const auto* whole = number ? std::get_if<std::int64_t>(&*number) : nullptr;
        return whole != nullptr && *whole >= low && *whole <= high;
    };
    if (!isGood(*m_trials, 1, kMostTrials))
        return tr("“%1” is no number of trials; choose 1 to %2.").arg(m_trials->shownText()).arg(kMostTrials);
    if (!isGood(*m_slots, 1, kMostSlots))
        return tr("“%1” is no number of trials at the same time; choose 1 to %2.")
            .arg(m_slots->shownText())
            .arg(kMostSlots);
    if (!isGood(*m_seed, 0, std::numeric_limits<std::int32_t>::max()))
        return tr("“%1” is no seed; choose a whole number from 0.").arg(m_seed->shownText());
    if (!hours())
        return tr("“%1” is no number of hours; choose 0 to %2, 0 for no limit.")
            .arg(m_limit->shownText())
            .arg(kMostHours);
    return {};
}

QString StudyOptions::problem() const {
    if (const QString problem = numberProblem(); !problem.isEmpty())
        return problem;
    for (const PartPicker* part : {m_method, m_pruner})
        if (const QString problem = part->problem(); !problem.isEmpty())
            return problem;
    for (const QString& problem : {m_objectives->problem(), m_rules->problem()})
        if (!problem.isEmpty())
            return problem;
    if (m_searchedCount == 0)
        return tr("No field is searched yet: press ≈ at one field at least.");
    return {};
}

void StudyOptions::showOutlook(const std::optional<StudyOutlook>& outlook) {
    m_outlook = outlook;
    m_outlookLabel->setVisible(outlook.has_value());
    if (outlook)
        m_outlookLabel->setText(costText(*outlook) + QLatin1Char(' ') + timeText(*outlook));
}

/// "24 different configurations. 8 trials cost at most 8 full runs."
QString StudyOptions::costText(const StudyOutlook& outlook) const {
    const auto trials = std::get<std::int64_t>(m_trials->number().value_or(kUsualTrials));
    const QString runs = QLocale().toString(outlook.forecast.fullRunsLeft, 'g', 4);
    QString text =
        outlook.isAtMost ? tr("Cost: at most %1 full runs.").arg(runs) : tr("Cost: %1 full runs.").arg(runs);
    const std::optional<double>& configurations = outlook.forecast.configurations;
    if (!configurations)
        return text;
    const QString count = QLocale().toString(*configurations, 'f', 0);
    text += QLatin1Char(' ');
    text += *configurations < static_cast<double>(trials)
                ? tr("The ranges have only %1 different configurations: others would repeat them.").arg(count)
                : tr("The ranges have %1 different configurations.").arg(count);
    return text;
}

QString StudyOptions::timeText(const StudyOutlook& outlook) {
    const StudyForecast& forecast = outlook.forecast;
    if (!forecast.hours)
        return tr("How long that takes is known once one such run is complete.");
    const auto text = [](double hours) { return durationText(kSecondsPerHour * hours); };
    QString time = text(*forecast.hours);
    if (forecast.lowHours && forecast.highHours)
        time = tr("%1 (%2 to %3)", "time, from, to")
                   .arg(time, text(*forecast.lowHours), text(*forecast.highHours));
    return outlook.isAtMost ? tr("That takes at most about %1, at the speed of “%2”.").arg(time, outlook.like)
                            : tr("That takes about %1, at the speed of “%2”.").arg(time, outlook.like);
}

void StudyOptions::setSearchedCount(qsizetype count) {
    m_searchedCount = count;
    m_searched->setText(count == 0 ? tr("Press ≈ at the fields to search.")
                                   : tr("%n field(s) searched", nullptr, static_cast<int>(count)));
}

void StudyOptions::retranslate() {
    m_methodLabel->setText(tr("Search"));
    m_method->setAccessibleNames(tr("How the next point is found"), tr("Options of the search"));
    m_method->retranslate();
    m_prunerLabel->setText(tr("Pruning"));
    m_pruner->setAccessibleNames(tr("When a trial is given up"), tr("Options of the pruning"));
    m_pruner->retranslate();
    m_trialsLabel->setText(tr("Trials"));
    m_trials->setAccessibleName(tr("Number of trials"));
    m_slotsLabel->setText(tr("At once", "trials at the same time"));
    m_slots->setAccessibleName(tr("Trials at the same time"));
    m_slots->setToolTip(tr("So many trials run at the same time and share the cores"));
    m_seedLabel->setText(tr("Seed"));
    m_seed->setAccessibleName(tr("Seed of the study"));
    m_limitLabel->setText(tr("Hours"));
    m_limit->setAccessibleName(tr("Hours at most"));
    m_limit->setToolTip(tr("No trial is started once they are over; 0: no limit"));
    m_objectiveLabel->setText(tr("Best is"));
    m_objectives->retranslate();
    m_rulesLabel->setText(tr("Rules", "of a study"));
    m_rulesButton->setAccessibleName(tr("Rules of the study"));
    m_rulesDialog->setWindowTitle(tr("Rules of the study"));
    m_rules->retranslate();
    tellRules();
    setSearchedCount(m_searchedCount);
    showOutlook(m_outlook);
}

} // namespace lathe
