#include "widgets/theme/theme.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

double linear(double channel) {
    return channel <= 0.03928 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double luminance(const QColor& color) {
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

} // namespace

const ThemeColors& lightColors() {
    static const ThemeColors colors = {
        .window = QColor(0xf4, 0xf5, 0xf8),
        .surface = QColor(0xff, 0xff, 0xff),
        .raised = QColor(0xed, 0xef, 0xf4),
        .border = QColor(0xd9, 0xdd, 0xe5),
        .text = QColor(0x1a, 0x1e, 0x27),
        .mutedText = QColor(0x57, 0x5f, 0x6e),
        .accent = QColor(0x31, 0x5b, 0xd0),
        .onAccent = QColor(0xff, 0xff, 0xff),
        .accentText = QColor(0x2b, 0x52, 0xbe),
        .success = QColor(0x13, 0x70, 0x44),
        .warning = QColor(0x86, 0x55, 0x00),
        .danger = QColor(0xb3, 0x26, 0x1e),
        .grid = QColor(0xea, 0xec, 0xf1),
    };
    return colors;
}

const ThemeColors& darkColors() {
    static const ThemeColors colors = {
        .window = QColor(0x15, 0x17, 0x1c),
        .surface = QColor(0x1d, 0x20, 0x27),
        .raised = QColor(0x29, 0x2d, 0x36),
        .border = QColor(0x38, 0x3d, 0x49),
        .text = QColor(0xe8, 0xea, 0xef),
        .mutedText = QColor(0xa9, 0xb0, 0xbd),
        .accent = QColor(0x3d, 0x6b, 0xe0),
        .onAccent = QColor(0xff, 0xff, 0xff),
        .accentText = QColor(0x93, 0xb4, 0xff),
        .success = QColor(0x4f, 0xc9, 0x8f),
        .warning = QColor(0xe8, 0xb0, 0x4a),
        .danger = QColor(0xff, 0x8f, 0x85),
        .grid = QColor(0x2a, 0x2e, 0x37),
    };
    return colors;
}

bool isDark(const QPalette& palette) {
    return palette.color(QPalette::Active, QPalette::Window).lightness() < 128;
}

const ThemeColors& themeColors(const QPalette& palette) {
    return isDark(palette) ? darkColors() : lightColors();
}

double contrast(const QColor& a, const QColor& b) {
    const double lighter = std::max(luminance(a), luminance(b));
    const double darker = std::min(luminance(a), luminance(b));
    return (lighter + 0.05) / (darker + 0.05);
}

} // namespace lathe
