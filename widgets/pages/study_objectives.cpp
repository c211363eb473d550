#include "widgets/pages/study_objectives.h"

#include "core/session/metric_label.h"
#include "core/session/text.h"
#include "widgets/forms/elided.h"
#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {

enum Direction { Highest, Lowest };

} // namespace

StudyObjectives::StudyObjectives(QWidget* parent)
    : QWidget(parent), m_column(new QVBoxLayout(this)), m_add(new QToolButton(this)) {
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(4);
    m_add->setObjectName("addObjectiveButton");
    m_add->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_add->setIcon(themedIcon("plus"));
    m_add->setAutoRaise(true);
    m_add->setFocusPolicy(Qt::StrongFocus);
    m_column->addWidget(m_add, 0, Qt::AlignLeft);
    connect(m_add, &QToolButton::clicked, this, &StudyObjectives::addByHand);
    addLine();
}

void StudyObjectives::addLine() {
    Line line;
    line.row = new QWidget(this);
    line.metric = new ElidedComboBox(line.row);
    line.metric->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    line.direction = new QComboBox(line.row);
    line.direction->addItems({QString(), QString()}); // as Direction
    line.remove = new QToolButton(line.row);
    line.remove->setIcon(themedIcon("close"));
    line.remove->setAutoRaise(true);
    line.remove->setFocusPolicy(Qt::StrongFocus);
    auto* row = new QHBoxLayout(line.row);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    row->addWidget(line.metric, 1);
    row->addWidget(line.direction);
    row->addWidget(line.remove);
    m_column->insertWidget(static_cast<int>(m_lines.size()), line.row);
    connect(line.metric, &QComboBox::currentIndexChanged, this, [this, line] {
        takeUsualDirection(line);
        Q_EMIT edited();
    });
    connect(line.direction, &QComboBox::activated, this, &StudyObjectives::edited);
    connect(line.remove, &QToolButton::clicked, this, [this, row = line.row] { removeLine(row); });
    m_lines.push_back(line);
    fill(line);
    linesChanged();
}

/// The new line has the first metric that no other one has.
void StudyObjectives::addByHand() {
    const std::vector<Objective> chosen = objectives();
    addLine();
    const Line& line = m_lines.back();
    const auto fresh = std::ranges::find_if(m_known, [&chosen](const Objective& known) {
        return std::ranges::find(chosen, known.metric, &Objective::metric) == chosen.end();
    });
    if (fresh != m_known.end())
        line.metric->setCurrentIndex(static_cast<int>(fresh - m_known.begin()));
    takeUsualDirection(line);
    QWidget::setTabOrder(m_lines[m_lines.size() - 2].remove, line.metric);
    QWidget::setTabOrder(line.metric, line.direction);
    QWidget::setTabOrder(line.direction, line.remove);
    QWidget::setTabOrder(line.remove, m_add);
    line.metric->setFocus(Qt::OtherFocusReason);
    Q_EMIT edited();
}

void StudyObjectives::removeLine(const QWidget* row) {
    const auto gone = std::ranges::find(m_lines, row, &Line::row);
    gone->row->setParent(nullptr);
    gone->row->deleteLater(); // its button has just been clicked
    m_lines.erase(gone);
    m_lines.back().metric->setFocus(Qt::OtherFocusReason);
    linesChanged();
    Q_EMIT edited();
}

void StudyObjectives::offer(std::vector<Objective> known) {
    if (known == m_known)
        return;
    m_known = std::move(known);
    for (const Line& line : m_lines)
        fill(line);
}

void StudyObjectives::fill(const Line& line) {
    const QSignalBlocker silent(line.metric);
    const QVariant before = line.metric->currentData();
    line.metric->clear();
    for (const Objective& objective : m_known)
        line.metric->addItem(metricLabel(objective.metric), toQString(objective.metric));
    const int kept = before.isValid() ? line.metric->findData(before) : -1;
    line.metric->setCurrentIndex(std::max(kept, 0));
    if (kept < 0)
        takeUsualDirection(line);
}

void StudyObjectives::takeUsualDirection(const Line& line) {
    const auto place = static_cast<std::size_t>(std::max(0, line.metric->currentIndex()));
    if (place < m_known.size())
        line.direction->setCurrentIndex(m_known[place].maximize ? Highest : Lowest);
}

std::vector<Objective> StudyObjectives::objectives() const {
    std::vector<Objective> chosen;
    for (const Line& line : m_lines)
        chosen.push_back(
            {line.metric->currentData().toString().toStdString(), line.direction->currentIndex() == Highest});
    return chosen;
}

QString StudyObjectives::problem() const {
    std::vector<std::string> metrics;
    for (const Objective& objective : objectives()) {
        if (std::ranges::find(metrics, objective.metric) != metrics.end())
            return tr("“%1” is an objective twice; choose another one, or take it away.")
                .arg(metricLabel(objective.metric));
        metrics.push_back(objective.metric);
    }
    return {};
}

void StudyObjectives::linesChanged() {
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        const Line& line = m_lines[i];
        const QString number = i == 0 ? QString() : QString::number(i + 1);
        line.metric->setObjectName(QStringLiteral("studyObjectiveBox") + number);
        line.direction->setObjectName(QStringLiteral("studyDirectionBox") + number);
        line.remove->setObjectName(QStringLiteral("removeObjectiveButton") + number);
        line.remove->setVisible(m_lines.size() > 1);
    }
    setFocusProxy(m_lines.front().metric);
    retranslate();
}

void StudyObjectives::retranslate() {
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        const Line& line = m_lines[i];
        for (int place = 0; place < line.metric->count(); ++place)
            line.metric->setItemText(place,
                                     metricLabel(line.metric->itemData(place).toString().toStdString()));
        line.direction->setItemText(Highest, tr("highest", "value is the best"));
        line.direction->setItemText(Lowest, tr("lowest", "value is the best"));
        line.metric->setAccessibleName(m_lines.size() == 1 ? tr("What makes a trial the best")
                                                           : tr("Objective %1").arg(i + 1));
        line.direction->setAccessibleName(tr("Which value of it is the best"));
        line.remove->setToolTip(tr("Take this objective away"));
        line.remove->setAccessibleName(tr("Take objective %1 away").arg(i + 1));
    }
    m_add->setText(tr("Another objective"));
    m_add->setToolTip(tr("Look for the trials that no other betters in every objective"));
}

} // namespace lathe
