#include "core/store/study_reader.h"

#include <array>
#include <charconv>
#include <cmath>

namespace lathe {

namespace {

template <typename Number>
void appendNumber(std::string& csv, Number value) {
    std::array<char, 32> text{}; // the shortest form of a double has at most 24 characters
    csv.append(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
}

void appendReal(std::string& csv, double value) {
    if (std::isnan(value))
        csv += "nan"; // to_chars may write "-nan": the sign of a NaN means nothing and is not stored
    else
        appendNumber(csv, value);
}

/// RFC 4180: quoted where it holds a separator, with quotes doubled.
void appendText(std::string& csv, const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) {
        csv += text;
        return;
    }
    csv += '"';
    for (const char c : text)
        csv.append(c == '"' ? 2 : 1, c);
    csv += '"';
}

} // namespace

std::string toCsv(std::span<const MetricPoint> points) {
    std::string csv = "trial,metric,step,value,seconds\n";
    for (const MetricPoint& point : points) {
        appendNumber(csv, point.trial.value);
        csv += ',';
        appendText(csv, point.name);
        csv += ',';
        appendNumber(csv, point.step);
        csv += ',';
        appendReal(csv, point.value);
        csv += ',';
        appendReal(csv, point.seconds);
        csv += '\n';
    }
    return csv;
}

} // namespace lathe
