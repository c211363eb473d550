#pragma once

#include <string>
#include <variant>
#include <vector>

namespace lathe {

struct ChartAxis {
    std::string label;
    std::string unit;
    bool logScale = false;
    bool operator==(const ChartAxis&) const = default;
};
/// How much a line stands out: the rest of many is faint, the one that is looked for is bold.
enum class Emphasis { Normal, Faint, Bold };
struct Lines {
    std::string name;
    std::vector<double> x, y;
    int style = 0; ///< index of colour, dash and marker; the same number is the same run everywhere
    Emphasis emphasis = Emphasis::Normal;
    bool operator==(const Lines&) const = default;
};
struct Dots {
    std::string name;
    std::vector<double> x, y;
    int style = 0;
    bool operator==(const Dots&) const = default;
};
struct Bars {
    std::string name;
    std::vector<std::string> labels;
    std::vector<double> values;
    bool operator==(const Bars&) const = default;
};
struct Band {
    std::string name;
    std::vector<double> x, low, high;
    int style = 0;
    bool operator==(const Band&) const = default;
};
struct Heat {
    std::string name;
    std::size_t columns = 0, rows = 0;
    std::vector<double> values; ///< row-major
    bool operator==(const Heat&) const = default;
};

using Layer = std::variant<Lines, Dots, Bars, Band, Heat>;

/// A chart as data: tested without a window, drawn by one renderer on the screen and one in reports.
struct ChartData {
    std::string title;
    ChartAxis x, y;
    std::vector<Layer> layers;
    bool operator==(const ChartData&) const = default;
};

} // namespace lathe
