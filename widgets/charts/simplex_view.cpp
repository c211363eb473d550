#include "widgets/charts/simplex_view.h"

#include "core/session/text.h"
#include "widgets/charts/chart_view.h"
#include "widgets/charts/shade_scale.h"
#include "widgets/charts/simplex_map.h"
#include "widgets/theme/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QSignalBlocker>
#include <QStackedLayout>
#include <QVBoxLayout>

#include <algorithm>

namespace lathe {

namespace {

constexpr int kMapsHeight = 300;
constexpr int kChartHeight = 240;
constexpr int kAllEdges = -1;
constexpr std::size_t kMostEdgesAtOnce = 6; ///< more lines than that are a tangle

QLabel* makeLabel(QWidget* parent, const char* name, Look look) {
    auto* label = new QLabel(parent);
    label->setObjectName(QLatin1String(name));
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    setLook(label, look);
    return label;
}

QString number(double value) { return QLocale().toString(value, 'g', 4); }

QString edgeName(const SimplexEdge& edge) {
    return QStringLiteral("%1–%2").arg(edge.from + 1).arg(edge.to + 1);
}

/// Of a triangle whose grid has no point there.
std::optional<SimplexPoint> interpolatedMidpoint(const SimplexLoss& loss) {
    const auto training = TriangleField::make(loss, LossOn::Training);
    const auto validation = TriangleField::make(loss, LossOn::Validation);
    if (!training.has_value() || !validation.has_value())
        return std::nullopt;
    const Barycentric middle{1.0 / 3, 1.0 / 3, 1.0 / 3};
    return SimplexPoint{{middle.begin(), middle.end()}, training->at(middle), validation->at(middle)};
}

} // namespace

SimplexView::SimplexView(QWidget* parent)
    : QFrame(parent),
      m_title(makeLabel(this, "simplexTitleLabel", Look::Heading)),
      m_facts(makeLabel(this, "simplexFactsLabel", Look::Muted)),
      m_point(makeLabel(this, "simplexPointLabel", Look::Muted)),
      m_problem(makeLabel(this, "simplexProblemLabel", Look::Problem)),
      m_empty(makeLabel(this, "simplexEmptyLabel", Look::Muted)),
      m_stack(new QStackedLayout) {
    setObjectName("simplexView");
    setLook(this, Look::Card);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setMinimumHeight(80);
    auto* content = new QWidget(this);
    auto* inner = new QVBoxLayout(content);
    inner->setContentsMargins(0, 0, 0, 0);
    inner->setSpacing(8);
    inner->addWidget(m_facts);
    inner->addWidget(m_problem);
    inner->addWidget(makeMaps());
    inner->addWidget(m_point);
    inner->addWidget(makeEdges(), 1);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(content);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 10, 14, 12);
    column->setSpacing(8);
    column->addWidget(m_title);
    column->addLayout(m_stack, 1);
    retranslate();
}

QWidget* SimplexView::makeMaps() {
    m_maps = new QWidget(this);
    m_maps->setMinimumHeight(kMapsHeight);
    m_training = new SimplexMap(LossOn::Training, m_maps);
    m_training->setObjectName("trainingSimplexMap");
    m_validation = new SimplexMap(LossOn::Validation, m_maps);
    m_validation->setObjectName("validationSimplexMap");
    m_scale = new ShadeScale(m_maps);
    auto* row = new QHBoxLayout(m_maps);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(16);
    row->addWidget(m_training, 1);
    row->addWidget(m_validation, 1);
    row->addWidget(m_scale);
    for (SimplexMap* map : {m_training, m_validation})
        connect(map, &SimplexMap::pointChosen, m_point, &QLabel::setText);
    return m_maps;
}

QWidget* SimplexView::makeEdges() {
    auto* edges = new QWidget(this);
    m_edgeLabel = new QLabel(edges);
    m_edge = new QComboBox(edges);
    m_edge->setObjectName("simplexEdgeBox");
    m_edge->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_edgeLabel->setBuddy(m_edge);
    m_chart = new ChartView(edges);
    m_chart->setObjectName("simplexEdgeChart");
    m_chart->setMinimumHeight(kChartHeight);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_edgeLabel);
    row->addWidget(m_edge);
    row->addStretch(1);
    auto* column = new QVBoxLayout(edges);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    column->addLayout(row);
    column->addWidget(m_chart, 1);
    connect(m_edge, &QComboBox::currentIndexChanged, this, &SimplexView::drawEdges);
    return edges;
}

void SimplexView::setLoss(const std::optional<SimplexLoss>& loss) {
    m_loss = loss;
    m_stack->setCurrentIndex(m_loss ? 1 : 0);
    if (!m_loss)
        return;
    m_facts->setText(facts());
    drawMaps();
    fillEdges();
    drawEdges();
}

/// The triangle is for three vertices; why another grid is none is told where its place would be.
void SimplexView::drawMaps() {
    const auto range = lossRange(*m_loss);
    const auto field = TriangleField::make(*m_loss, LossOn::Training);
    const bool isTriangle = m_loss->vertices == 3 && range.has_value() && field.has_value();
    m_maps->setVisible(isTriangle);
    m_point->setVisible(isTriangle);
    const bool isOdd = m_loss->vertices == 3 && !m_loss->grid.empty() && !field.has_value();
    m_problem->setText(isOdd ? toQString(field.error().text()) : QString());
    m_problem->setVisible(isOdd);
    if (!isTriangle)
        return;
    m_training->setLoss(*m_loss, *range);
    m_validation->setLoss(*m_loss, *range);
    m_scale->setRange(*range);
}

void SimplexView::fillEdges() {
    const QSignalBlocker silent(m_edge);
    const QVariant chosen = m_edge->currentData();
    m_edge->clear();
    if (m_loss->edges.size() > 1 && m_loss->edges.size() <= kMostEdgesAtOnce)
        m_edge->addItem(tr("all", "edges of a simplex"), kAllEdges);
    for (std::size_t i = 0; i < m_loss->edges.size(); ++i)
        m_edge->addItem(edgeName(m_loss->edges[i]), static_cast<int>(i));
    m_edge->setCurrentIndex(std::max(0, m_edge->findData(chosen)));
    m_edgeLabel->setVisible(m_edge->count() > 1);
    m_edge->setVisible(m_edge->count() > 1);
}

void SimplexView::drawEdges() {
    if (!m_loss)
        return;
    ChartData chart;
    chart.title = tr("Loss along the edges").toStdString();
    chart.x.label = tr("from one vertex to the other").toStdString();
    const int chosen = m_edge->currentIndex() < 0 ? kAllEdges : m_edge->currentData().toInt();
    for (std::size_t i = 0; i < m_loss->edges.size(); ++i) {
        const SimplexEdge& edge = m_loss->edges[i];
        if (chosen != kAllEdges && chosen != static_cast<int>(i))
            continue;
        const int style = chosen == kAllEdges ? 2 * static_cast<int>(i) : 0;
        chart.layers.emplace_back(
            Lines{tr("%1 training", "an edge").arg(edgeName(edge)).toStdString(), edge.t, edge.train, style});
        chart.layers.emplace_back(Lines{tr("%1 validation", "an edge").arg(edgeName(edge)).toStdString(),
                                        edge.t, edge.validation, style + 1});
    }
    if (chart != m_chart->data()) // keeps the user's zoom
        m_chart->setData(std::move(chart));
}

QString SimplexView::facts() const {
    QStringList parts;
    const auto pair = [](const QString& name, const SimplexPoint& point) {
        return tr("%1: training %2, validation %3", "a point of a simplex and its losses")
            .arg(name, number(point.train), number(point.validation));
    };
    if (const SimplexPoint* middle = midpoint(*m_loss))
        parts << pair(tr("Midpoint"), *middle);
    else if (const auto between = interpolatedMidpoint(*m_loss))
        parts << pair(tr("Midpoint (interpolated)"), *between);
    const SimplexPoint* best = nullptr;
    std::size_t bestVertex = 0;
    for (std::size_t i = 0; i < m_loss->vertices; ++i)
        if (const SimplexPoint* point = vertexPoint(*m_loss, i);
            point != nullptr && (best == nullptr || point->validation < best->validation)) {
            best = point;
            bestVertex = i;
        }
    if (best != nullptr)
        parts << pair(tr("Best vertex (%1)").arg(bestVertex + 1), *best);
    if (const QString text = barrierText(); !text.isEmpty())
        parts << text;
    return parts.join(QStringLiteral(" · "));
}

QString SimplexView::barrierText() const {
    if (m_loss->edges.empty())
        return {};
    double most = 0;
    for (const SimplexEdge& edge : m_loss->edges)
        most = std::max(most, barrier(edge, LossOn::Validation));
    return most > 0 ? tr("the validation loss climbs by at most %1 on the way from vertex to vertex")
                          .arg(number(most))
                    : tr("the validation loss does not climb on the way from vertex to vertex");
}

void SimplexView::retranslate() {
    m_title->setText(tr("Simplex"));
    m_empty->setText(tr("The loss over the simplex is measured when the training has ended, if the recipe "
                        "says “Map the loss”."));
    m_edgeLabel->setText(tr("&Edge"));
    m_edge->setAccessibleName(tr("Edge that is shown"));
    m_chart->setEmptyText(tr("A simplex of one vertex has no edges."));
    m_training->retranslate();
    m_validation->retranslate();
    setLoss(m_loss);
}

} // namespace lathe
