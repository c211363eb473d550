#include "widgets/pages/study_options.h"

#include "core/session/text.h"
#include "widgets/forms/domain_editors.h"
#include "widgets/forms/number_box.h"
#include "widgets/theme/theme.h"

#include <QComboBox>
#include <QGridLayout>
#include <QLabel>

#include <algorithm>
#include <array>

namespace lathe {

namespace {

constexpr std::int64_t kMostTrials = 100000;
constexpr std::int64_t kUsualTrials = 4;
constexpr std::int64_t kUsualSeed = 42;

struct ObjectiveChoice {
    const char* metric;
    bool maximize;
};
constexpr std::array kObjectives = {ObjectiveChoice{"eval_accuracy", true},
                                    ObjectiveChoice{"eval_loss", false}, ObjectiveChoice{"loss", false}};

} // namespace

StudyOptions::StudyOptions(QWidget* parent)
    : QWidget(parent),
      m_searched(new QLabel(this)),
      m_methodLabel(new QLabel(this)),
      m_method(new QComboBox(this)),
      m_trialsLabel(new QLabel(this)),
      m_trials(new NumberBox(IntDomain{1, kMostTrials, 1, true}, this)),
      m_seedLabel(new QLabel(this)),
      m_seed(new NumberBox(IntDomain{0, std::numeric_limits<std::int32_t>::max()}, this)),
      m_objectiveLabel(new QLabel(this)),
      m_objective(new QComboBox(this)) {
    m_searched->setObjectName("searchedFieldsLabel");
    m_searched->setWordWrap(true);
    setLook(m_searched, Look::Muted);
    m_method->setObjectName("studyMethodBox");
    m_trials->setObjectName("studyTrialsEditor");
    m_trials->show(kUsualTrials);
    m_seed->setObjectName("studySeedEditor");
    m_seed->show(kUsualSeed);
    m_objective->setObjectName("studyObjectiveBox");
    for (const ObjectiveChoice& choice : kObjectives)
        m_objective->addItem(QString(), QString::fromLatin1(choice.metric));
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setVerticalSpacing(8);
    grid->addWidget(m_searched, 0, 0, 1, 2);
    const std::array<std::pair<QLabel*, QWidget*>, 4> rows{{{m_methodLabel, m_method},
                                                            {m_trialsLabel, m_trials},
                                                            {m_seedLabel, m_seed},
                                                            {m_objectiveLabel, m_objective}}};
    for (int row = 0; row < static_cast<int>(rows.size()); ++row) {
        const auto& [label, editor] = rows[static_cast<std::size_t>(row)];
        label->setBuddy(editor);
        grid->addWidget(label, row + 1, 0);
        grid->addWidget(editor, row + 1, 1);
    }
    grid->setColumnStretch(1, 1);
    retranslate();
}

void StudyOptions::setSearchMethods(std::vector<PartInfo> methods) {
    m_methods = std::move(methods);
    m_method->clear();
    for (const PartInfo& method : m_methods)
        m_method->addItem(QString(), toQString(method.id));
    retranslate();
}

std::string StudyOptions::samplerId() const {
    const auto row = static_cast<std::size_t>(std::max(0, m_method->currentIndex()));
    return row < m_methods.size() ? m_methods[row].id : StudySpec().samplerId;
}

std::int64_t StudyOptions::trialCount() const {
    return std::get<std::int64_t>(m_trials->number().value_or(kUsualTrials));
}

std::uint64_t StudyOptions::seed() const {
    return static_cast<std::uint64_t>(std::get<std::int64_t>(m_seed->number().value_or(kUsualSeed)));
}

Objective StudyOptions::objective() const {
    const ObjectiveChoice& chosen = kObjectives[static_cast<std::size_t>(m_objective->currentIndex())];
    return {chosen.metric, chosen.maximize};
}

QString StudyOptions::problem() const {
    const auto isGood = [](const NumberBox& box, std::int64_t low, std::int64_t high) {
        const auto number = box.number();
        const auto* whole = number ? std::get_if<std::int64_t>(&*number) : nullptr;
        return whole != nullptr && *whole >= low && *whole <= high;
    };
    if (!isGood(*m_trials, 1, kMostTrials))
        return tr("“%1” is no number of trials; choose 1 to %2.").arg(m_trials->shownText()).arg(kMostTrials);
    if (!isGood(*m_seed, 0, std::numeric_limits<std::int32_t>::max()))
        return tr("“%1” is no seed; choose a whole number from 0.").arg(m_seed->shownText());
    if (m_searchedCount == 0)
        return tr("No field is searched yet: press ≈ at one field at least.");
    return {};
}

void StudyOptions::setSearchedCount(qsizetype count) {
    m_searchedCount = count;
    m_searched->setText(count == 0 ? tr("Press ≈ at the fields to search.")
                                   : tr("%n field(s) searched", nullptr, static_cast<int>(count)));
}

void StudyOptions::retranslate() {
    m_methodLabel->setText(tr("Search"));
    m_method->setAccessibleName(tr("How the next point is found"));
    for (std::size_t i = 0; i < m_methods.size(); ++i) {
        const int row = static_cast<int>(i);
        m_method->setItemText(row, schemaText(m_methods[i].label));
        m_method->setItemData(row, schemaText(m_methods[i].summary), Qt::ToolTipRole);
    }
    m_trialsLabel->setText(tr("Trials"));
    m_trials->setAccessibleName(tr("Number of trials"));
    m_seedLabel->setText(tr("Seed"));
    m_seed->setAccessibleName(tr("Seed of the study"));
    m_objectiveLabel->setText(tr("Best is"));
    m_objective->setAccessibleName(tr("What makes a trial the best"));
    m_objective->setItemText(0, tr("highest accuracy"));
    m_objective->setItemText(1, tr("lowest evaluation loss"));
    m_objective->setItemText(2, tr("lowest training loss"));
    setSearchedCount(m_searchedCount);
}

} // namespace lathe
