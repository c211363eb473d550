#pragma once

#include <QProxyStyle>

namespace lathe {

/// Fusion with icons, gaps and margins that grow with the interface zoom, as texts do.
class ZoomStyle : public QProxyStyle {
    Q_OBJECT
public:
    ZoomStyle();

    /// Takes effect when widgets ask again: after the next change of the style sheet.
    void setZoom(double zoom) { m_zoom = zoom; }

    int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override;
    int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                  QStyleHintReturn* returned) const override;

private:
    double m_zoom = 1;
};

} // namespace lathe
