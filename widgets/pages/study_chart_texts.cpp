#include "widgets/pages/study_chart_texts.h"

#include "widgets/charts/chart_view.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace lathe {

namespace {

constexpr std::array kNames = {
    QT_TRANSLATE_NOOP("StudyCharts", "best so far"), QT_TRANSLATE_NOOP("StudyCharts", "trials"),
    QT_TRANSLATE_NOOP("StudyCharts", "infeasible"),  QT_TRANSLATE_NOOP("StudyCharts", "complete"),
    QT_TRANSLATE_NOOP("StudyCharts", "pruned"),      QT_TRANSLATE_NOOP("StudyCharts", "best"),
    QT_TRANSLATE_NOOP("StudyCharts", "importance"),  QT_TRANSLATE_NOOP("StudyCharts", "share"),
    QT_TRANSLATE_NOOP("StudyCharts", "step"),        QT_TRANSLATE_NOOP("StudyCharts", "steps"),
    QT_TRANSLATE_NOOP("StudyCharts", "full runs"),   QT_TRANSLATE_NOOP("StudyCharts", "time"),
    QT_TRANSLATE_NOOP("StudyCharts", "reached"),     QT_TRANSLATE_NOOP("StudyCharts", "kept"),
    QT_TRANSLATE_NOOP("StudyCharts", "front")};

} // namespace

std::string translatedName(const std::string& name) {
    const bool isKnown = std::ranges::any_of(kNames, [&](const char* known) { return name == known; });
    return isKnown ? QCoreApplication::translate("StudyCharts", name.c_str()).toStdString() : name;
}

void translateNames(ChartData& data) {
    data.x.label = translatedName(data.x.label);
    data.y.label = translatedName(data.y.label);
    for (Layer& layer : data.layers)
        std::visit([](auto& each) { each.name = translatedName(each.name); }, layer);
}

void markTrial(ChartData& data, const std::string& name, double x, double y) {
    constexpr int kStyle = 4; // one that no series of these charts has
    data.layers.emplace_back(Dots{name, {x}, {y}, kStyle});
}

void refreshChart(ChartView& view, ChartData data) {
    data.y.logScale = view.yScale() == AxisScale::Log;
    if (data == view.data())
        return;
    const bool isZoomed = !view.isFollowing() && data.x == view.data().x;
    const AxisRange range = view.xRange();
    view.setData(std::move(data));
    if (isZoomed)
        view.setXRange(range);
}

} // namespace lathe
