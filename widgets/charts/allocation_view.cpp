#include "widgets/charts/allocation_view.h"

#include "core/session/text.h"
#include "widgets/charts/allocation_map.h"
#include "widgets/charts/chart_view.h"
#include "widgets/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QSignalBlocker>
#include <QSlider>
#include <QStackedLayout>
#include <QVBoxLayout>

#include <algorithm>
#include <limits>

namespace lathe {

namespace {

constexpr double kManyTies = 0.5;
constexpr int kChurnWidth = 300;

QLabel* makeLabel(QWidget* parent, const char* name, Look look) {
    auto* label = new QLabel(parent);
    label->setObjectName(QLatin1String(name));
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    setLook(label, look);
    return label;
}

} // namespace

AllocationView::AllocationView(QWidget* parent)
    : QFrame(parent),
      m_title(makeLabel(this, "allocationTitleLabel", Look::Heading)),
      m_shows(new QComboBox(this)),
      m_facts(makeLabel(this, "allocationFactsLabel", Look::Muted)),
      m_cell(makeLabel(this, "allocationCellLabel", Look::Muted)),
      m_ties(makeLabel(this, "allocationTiesLabel", Look::Problem)),
      m_empty(makeLabel(this, "allocationEmptyLabel", Look::Muted)),
      m_stack(new QStackedLayout) {
    setObjectName("allocationView");
    setLook(this, Look::Card);
    m_shows->setObjectName("allocationShowsBox");
    m_shows->addItems({{}, {}});
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setMinimumHeight(80);
    auto* head = new QHBoxLayout;
    head->addWidget(m_title, 1);
    head->addWidget(m_shows);
    auto* content = new QWidget(this);
    auto* inner = new QVBoxLayout(content);
    inner->setContentsMargins(0, 0, 0, 0);
    inner->setSpacing(8);
    inner->addWidget(makeSlider());
    inner->addWidget(m_facts);
    inner->addWidget(m_ties);
    inner->addWidget(makePicture(), 1);
    inner->addWidget(m_cell);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(content);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 10, 14, 12);
    column->setSpacing(8);
    column->addLayout(head);
    column->addLayout(m_stack, 1);
    connect(m_shows, &QComboBox::currentIndexChanged, this,
            [this](int index) { m_map->setShows(static_cast<AllocationMap::Shows>(index)); });
    retranslate();
}

QWidget* AllocationView::makeSlider() {
    auto* row = new QWidget(this);
    m_sliderLabel = new QLabel(row);
    m_slider = new QSlider(Qt::Horizontal, row);
    m_slider->setObjectName("allocationSlider");
    m_slider->setPageStep(5);
    m_sliderLabel->setBuddy(m_slider);
    m_step = new QLabel(row);
    m_step->setObjectName("allocationStepLabel");
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(12);
    layout->addWidget(m_sliderLabel);
    layout->addWidget(m_slider, 1);
    layout->addWidget(m_step);
    connect(m_slider, &QSlider::valueChanged, this, &AllocationView::showReallocation);
    return row;
}

QWidget* AllocationView::makePicture() {
    auto* picture = new QWidget(this);
    m_map = new AllocationMap(picture);
    m_churn = new ChartView(picture);
    m_churn->setObjectName("churnChart");
    m_churn->setMinimumWidth(kChurnWidth);
    auto* layout = new QHBoxLayout(picture);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(16);
    layout->addWidget(m_map, 3);
    layout->addWidget(m_churn, 2);
    connect(m_map, &AllocationMap::cellChosen, m_cell, &QLabel::setText);
    connect(m_map, &AllocationMap::stepWanted, this, &AllocationView::moveBy);
    return picture;
}

std::size_t AllocationView::shownReallocation() const { return static_cast<std::size_t>(m_slider->value()); }

void AllocationView::setHistory(const std::optional<AllocationHistory>& history) {
    const bool isAtEnd = !m_history || m_slider->value() == m_slider->maximum();
    m_history = history;
    m_stack->setCurrentIndex(m_history ? 1 : 0);
    if (!m_history)
        return;
    const int last = static_cast<int>(m_history->reallocations.size()) - 1;
    {
        const QSignalBlocker silent(m_slider);
        m_slider->setRange(0, last);
        if (isAtEnd)
            m_slider->setValue(last);
    }
    m_map->setHistory(*m_history);
    ChartData churn = churnChart(*m_history);
    churn.title = tr("Churn").toStdString();
    churn.x.label = tr("step").toStdString();
    churn.y.label.clear(); // the title names it
    for (Layer& layer : churn.layers)
        std::get<Lines>(layer).name = tr("modules that are new").toStdString();
    if (churn != m_churn->data()) // keeps the user's zoom
        m_churn->setData(std::move(churn));
    showReallocation();
}

void AllocationView::moveBy(int steps) {
    const auto wanted = static_cast<std::int64_t>(m_slider->value()) + steps;
    m_slider->setValue(static_cast<int>(std::clamp<std::int64_t>(wanted, 0, m_slider->maximum())));
}

void AllocationView::showReallocation() {
    if (!m_history)
        return;
    const std::size_t index = shownReallocation();
    const Reallocation& now = m_history->reallocations[index];
    m_map->setReallocation(index);
    m_step->setText(tr("step %1 (%2 of %3)")
                        .arg(QLocale().toString(qlonglong{now.step}))
                        .arg(index + 1)
                        .arg(m_history->reallocations.size()));
    m_slider->setAccessibleDescription(m_step->text());
    m_churn->setMarker(static_cast<double>(now.step));
    m_facts->setText(facts());
    const double tied = tiedShare(now);
    m_ties->setText(tr("%1 of the scores are tied: chance decides among them, not the proxy.")
                        .arg(QLocale().toString(static_cast<int>(100 * tied + 0.5)) + QLocale().percent()));
    m_ties->setVisible(tied > kManyTies);
}

QString AllocationView::facts() const {
    const std::size_t index = shownReallocation();
    QStringList parts{tr("%1 of %2 modules on")
                          .arg(countOn(m_history->reallocations[index]))
                          .arg(m_history->modules.size())};
    if (const auto parameters = parametersInUse(*m_history, index))
        parts << tr("%1 parameters in use").arg(QLocale().toString(qlonglong{*parameters}));
    const double share = churn(*m_history)[index];
    parts << tr("churn %1").arg(QLocale().toString(100 * share, 'f', 0) + QLocale().percent());
    if (const QString from = origin(); !from.isEmpty())
        parts << from;
    return parts.join(QStringLiteral(" · "));
}

QString AllocationView::origin() const {
    QStringList parts;
    if (!m_history->proxy.empty())
        parts << tr("scored by %1").arg(toQString(m_history->proxy));
    if (m_history->scope == "combined")
        parts << tr("one ranking of all");
    else if (m_history->scope == "separated")
        parts << tr("shortcuts ranked apart");
    return parts.join(QStringLiteral(", "));
}

void AllocationView::retranslate() {
    m_title->setText(tr("Allocation"));
    m_shows->setItemText(0, tr("At one time"));
    m_shows->setItemText(1, tr("How often on"));
    m_shows->setAccessibleName(tr("What the map shows"));
    m_sliderLabel->setText(tr("&Time"));
    m_slider->setAccessibleName(tr("Reallocation"));
    m_slider->setToolTip(tr("Looks back at earlier reallocations; at its end it follows the run"));
    m_empty->setText(tr("No allocation is recorded yet. The first one comes when the training begins."));
    m_churn->setEmptyText(tr("No reallocation yet."));
    m_map->retranslate();
    setHistory(m_history);
}

} // namespace lathe
