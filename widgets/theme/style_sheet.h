#pragma once

#include <QString>

namespace lathe {

struct ThemeColors;

/// The part of the look that Fusion and a palette do not give: cards, rounded editors, the accent button, the
/// hierarchy of texts. `zoom` scales the lengths; `basePointSize` is the size of plain text, zoomed already.
[[nodiscard]] QString styleSheet(const ThemeColors& colors, double basePointSize, double zoom);

} // namespace lathe
