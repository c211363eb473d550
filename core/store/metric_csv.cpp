#include "core/base/text.h"
#include "core/store/study_reader.h"

namespace lathe {

std::string toCsv(std::span<const MetricPoint> points) {
    std::string csv = "trial,metric,step,value,seconds\n";
    for (const MetricPoint& point : points)
        csv += std::to_string(point.trial.value) + ',' + csvField(point.name) + ',' +
               std::to_string(point.step) + ',' + csvNumber(point.value) + ',' + csvNumber(point.seconds) +
               '\n';
    return csv;
}

} // namespace lathe
