#include "widgets/charts/series_style.h"
#include "widgets/theme/theme.h"

#include <QTest>

#include <set>

using namespace lathe;

class TestSeriesStyle : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyColorStandsOutFromItsPaper() {
        for (int style = 0; style < seriesColorCount(); ++style) {
            QVERIFY2(contrast(seriesStyle(style, false).color, lightColors().surface) >= 3,
                     qPrintable(QString::number(style)));
            QVERIFY2(contrast(seriesStyle(style, true).color, darkColors().surface) >= 3,
                     qPrintable(QString::number(style)));
        }
    }

    void aDozenSeriesDifferWithoutColor() {
        std::set<std::pair<int, int>> looks;
        for (int style = 0; style < 12; ++style)
            looks.emplace(static_cast<int>(seriesStyle(style, false).dash),
                          static_cast<int>(seriesStyle(style, false).marker));
        QCOMPARE(looks.size(), std::size_t{12});
    }

    void twoDozenSeriesDifferInSomething() {
        std::set<std::tuple<QRgb, int, int>> looks;
        for (int style = 0; style < 24; ++style) {
            const SeriesStyle look = seriesStyle(style, true);
            looks.emplace(look.color.rgb(), static_cast<int>(look.dash), static_cast<int>(look.marker));
        }
        QCOMPARE(looks.size(), std::size_t{24});
    }

    void theSameStyleHasTheSameDashAndMarkerInBothSchemes() {
        for (int style = 0; style < 24; ++style) {
            QCOMPARE(seriesStyle(style, true).dash, seriesStyle(style, false).dash);
            QCOMPARE(seriesStyle(style, true).marker, seriesStyle(style, false).marker);
        }
    }

    /// Colours that only differ in red against green fall together for about one man in twelve: in lightness
    /// or in blue against yellow neighbours must differ, too.
    void neighboursDifferForTheColorBlind() {
        for (int style = 0; style + 1 < seriesColorCount(); ++style) {
            const QColor a = seriesStyle(style, false).color, b = seriesStyle(style + 1, false).color;
            const int yellowA = (a.red() + a.green()) / 2, yellowB = (b.red() + b.green()) / 2;
            const int distance = std::abs(yellowA - yellowB) + std::abs(a.blue() - b.blue());
            QVERIFY2(distance >= 40, qPrintable(a.name() + QLatin1Char(' ') + b.name()));
        }
    }
};

QTEST_GUILESS_MAIN(TestSeriesStyle)
#include "tst_series_style.moc"
