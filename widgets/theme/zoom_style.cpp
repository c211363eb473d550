#include "widgets/theme/zoom_style.h"

#include <cmath>

namespace lathe {

ZoomStyle::ZoomStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

int ZoomStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const {
    const int usual = QProxyStyle::pixelMetric(metric, option, widget);
    switch (metric) {
    case PM_SmallIconSize: // tab bars, lists and line edits ask for this one
    case PM_ButtonIconSize:
    case PM_ToolBarIconSize:
    case PM_LayoutLeftMargin:
    case PM_LayoutTopMargin:
    case PM_LayoutRightMargin:
    case PM_LayoutBottomMargin:
    case PM_LayoutHorizontalSpacing:
    case PM_LayoutVerticalSpacing:
        return usual < 0 ? usual : static_cast<int>(std::lround(usual * m_zoom));
    default:
        return usual;
    }
}

int ZoomStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                         QStyleHintReturn* returned) const {
    if (hint == SH_DialogButtonBox_ButtonsHaveIcons) // Qt's own are black on any ground
        return 0;
    return QProxyStyle::styleHint(hint, option, widget, returned);
}

} // namespace lathe
