#include "widgets/charts/series_style.h"

#include "widgets/charts/qcp.h"

#include <QPainter>
#include <QPixmap>

#include <array>

namespace lathe {

namespace {

// After Okabe and Ito (2008), darkened for white and lightened for dark paper until each has 3:1.
constexpr std::array<QRgb, 8> kOnLight = {0xff1f6fb2, 0xffcf4f0a, 0xff0a8763, 0xffb0478a,
                                          0xff9a6a00, 0xff2b8fc4, 0xff5a6270, 0xff5b4fb0};
constexpr std::array<QRgb, 8> kOnDark = {0xff5aa9e6, 0xffff8f52, 0xff35c79a, 0xffe58fc4,
                                         0xffe9b23b, 0xff8cd3f5, 0xffb4bcc8, 0xffa79bff};
constexpr std::array<Qt::PenStyle, 4> kDashes = {Qt::SolidLine, Qt::DashLine, Qt::DashDotLine, Qt::DotLine};
constexpr std::array<Marker, 6> kMarkers = {Marker::Disc,    Marker::Square, Marker::Triangle,
                                            Marker::Diamond, Marker::Cross,  Marker::Star};

QCPScatterStyle::ScatterShape shapeOf(Marker marker) {
    switch (marker) {
    case Marker::Disc:
        return QCPScatterStyle::ssDisc;
    case Marker::Square:
        return QCPScatterStyle::ssSquare;
    case Marker::Triangle:
        return QCPScatterStyle::ssTriangle;
    case Marker::Diamond:
        return QCPScatterStyle::ssDiamond;
    case Marker::Cross:
        return QCPScatterStyle::ssCross;
    case Marker::Star:
        return QCPScatterStyle::ssStar;
    }
    return QCPScatterStyle::ssDisc;
}

} // namespace

int seriesColorCount() { return static_cast<int>(kOnLight.size()); }

SeriesStyle seriesStyle(int style, bool isDark) {
    const auto index = static_cast<std::size_t>(style < 0 ? 0 : style);
    const auto& colors = isDark ? kOnDark : kOnLight;
    // The shift by index / 8 keeps colour and dash from repeating together after the eighth series.
    return {QColor(colors[index % colors.size()]), kDashes[(index + index / colors.size()) % kDashes.size()],
            kMarkers[index % kMarkers.size()]};
}

QCPScatterStyle scatterStyle(const SeriesStyle& style, double size) {
    const bool isOpen = style.marker == Marker::Cross || style.marker == Marker::Star;
    return QCPScatterStyle(shapeOf(style.marker), QPen(style.color, isOpen ? 2.2 : 1.4), QBrush(style.color),
                           isOpen ? 1.5 * size : size); // so that it shows over a filled one
}

QIcon seriesSwatch(const SeriesStyle& style, double devicePixelRatio) {
    constexpr QSize kSize(34, 14);
    constexpr double kLine = 26; // the rest is air before the text
    QPixmap pixmap(kSize * devicePixelRatio);
    pixmap.setDevicePixelRatio(devicePixelRatio);
    pixmap.fill(Qt::transparent);
    QCPPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    QPen pen(style.color, 1.8, style.dash);
    pen.setCapStyle(Qt::FlatCap);
    painter.setPen(pen);
    const QPointF middle(kLine / 2, kSize.height() / 2.0);
    painter.drawLine(QPointF(0, middle.y()), QPointF(kLine, middle.y()));
    const QCPScatterStyle scatter = scatterStyle(style, 6.5);
    scatter.applyTo(&painter, pen);
    scatter.drawShape(&painter, middle);
    return QIcon(pixmap);
}

QColor faint(const QColor& color, const QColor& background, double amount) {
    const auto mix = [amount](int from, int to) { return static_cast<int>(from + (to - from) * amount); };
    return {mix(color.red(), background.red()), mix(color.green(), background.green()),
            mix(color.blue(), background.blue())};
}

} // namespace lathe
