#include "widgets/charts/chart_legend.h"

#include "widgets/charts/flow_layout.h"
#include "widgets/charts/series_style.h"
#include "widgets/theme/theme.h"

#include <QEvent>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolButton>

#include <algorithm>

namespace lathe {

namespace {

constexpr QSize kSwatch(34, 14); // beside a text 16 pixels high

} // namespace

ChartLegend::ChartLegend(const ChartState& state, QWidget* parent) : QScrollArea(parent), m_state(state) {
    setObjectName(QStringLiteral("chartLegend"));
    constexpr int kGap = 2;
    setWidget(new QWidget);
    new FlowLayout(widget(), kGap);
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::NoFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

QToolButton* ChartLegend::makeButton(std::size_t layer) {
    const QString name = QString::fromStdString(layerName(m_state.data.layers[layer]));
    auto* button = new QToolButton(widget());
    button->setObjectName(name + QStringLiteral("SeriesButton"));
    button->setText(name);
    button->setToolTip(tr("Click to hide or show, Ctrl+click to show only this one"));
    button->setAccessibleName(tr("Show %1", "a series of a chart").arg(name));
    button->setCheckable(true);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    button->setFocusPolicy(Qt::StrongFocus);
    button->installEventFilter(this);
    setLook(button, Look::QuietButton);
    connect(button, &QToolButton::clicked, this, [this, layer] { Q_EMIT toggled(layer); });
    return button;
}

/// A series once, whatever it is drawn by; of many, not the faint ones.
bool ChartLegend::isListed(std::size_t layer) const {
    constexpr std::size_t kMostFaint = 12;
    for (std::size_t i = 0; i < layer; ++i)
        if (isSameSeries(m_state.data.layers[i], m_state.data.layers[layer]))
            return false;
    const auto* lines = std::get_if<Lines>(&m_state.data.layers[layer]);
    return m_state.data.layers.size() <= kMostFaint || lines == nullptr || lines->emphasis != Emphasis::Faint;
}

void ChartLegend::rebuild() {
    qDeleteAll(m_buttons);
    m_buttons.clear();
    m_layers.clear();
    for (std::size_t i = 0; i < m_state.data.layers.size(); ++i) {
        if (!isListed(i))
            continue;
        m_layers.push_back(i);
        m_buttons.push_back(makeButton(i));
        widget()->layout()->addWidget(m_buttons.back());
    }
    setVisible(!m_buttons.empty() && m_state.data.layers.size() > 1);
    refresh();
}

void ChartLegend::refresh() {
    // Not its own palette: the style sheet makes a scroll area see-through, which reads as black.
    const bool isDarkNow = isDark(parentWidget()->palette());
    for (std::size_t i = 0; i < m_buttons.size(); ++i) {
        const std::size_t place = m_layers[i];
        SeriesStyle style = seriesStyle(layerStyle(m_state.data.layers[place], place), isDarkNow);
        if (!m_state.isShown[place])
            style.color = faint(style.color, themeColors(parentWidget()->palette()).surface, 0.7);
        m_buttons[i]->setIconSize(kSwatch * (fontMetrics().height() / 16.0));
        m_buttons[i]->setIcon(seriesSwatch(style, devicePixelRatioF() * fontMetrics().height() / 16.0));
        m_buttons[i]->setChecked(m_state.isShown[place]);
        QFont font = this->font();
        font.setStrikeOut(!m_state.isShown[place]); // not by colour alone
        m_buttons[i]->setFont(font);
    }
    fitHeight();
}

/// A scroll area has no height for width of its own.
void ChartLegend::fitHeight() {
    if (m_buttons.empty())
        return;
    constexpr int kLines = 3;
    const int line = m_buttons.front()->sizeHint().height() + 2;
    const int wanted = widget()->layout()->heightForWidth(viewport()->width());
    setFixedHeight(std::min(wanted, kLines * line));
}

void ChartLegend::resizeEvent(QResizeEvent* event) {
    QScrollArea::resizeEvent(event);
    fitHeight();
}

void ChartLegend::changeEvent(QEvent* event) {
    QScrollArea::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange ||
        event->type() == QEvent::FontChange)
        refresh();
}

bool ChartLegend::eventFilter(QObject* watched, QEvent* event) {
    const auto button = std::find(m_buttons.begin(), m_buttons.end(), watched);
    if (button == m_buttons.end())
        return QScrollArea::eventFilter(watched, event);
    const bool isSoloClick = event->type() == QEvent::MouseButtonRelease &&
                             static_cast<QMouseEvent*>(event)->modifiers().testFlag(Qt::ControlModifier);
    const bool isSoloKey = event->type() == QEvent::KeyPress &&
                           static_cast<QKeyEvent*>(event)->key() == Qt::Key_Space &&
                           static_cast<QKeyEvent*>(event)->modifiers().testFlag(Qt::ControlModifier);
    if (!isSoloClick && !isSoloKey)
        return false;
    (*button)->setDown(false);
    Q_EMIT soloAsked(m_layers[static_cast<std::size_t>(button - m_buttons.begin())]);
    return true;
}

} // namespace lathe
