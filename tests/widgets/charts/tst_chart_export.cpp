#include "core/analysis/metric_charts.h"
#include "tests/support/temp_folder.h"
#include "widgets/charts/chart_export.h"
#include "widgets/charts/chart_view.h"

#include <QFile>
#include <QImage>
#include <QSvgRenderer>
#include <QTest>

#include <charconv>
#include <limits>

using namespace lathe;

namespace {

QStringList linesOf(const std::string& csv) {
    return QString::fromStdString(csv).split(QLatin1Char('\n'), Qt::SkipEmptyParts);
}

double readBack(const QString& cell) {
    const std::string text = cell.toStdString();
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

ChartData lossChart() {
    return {"Loss, train",
            {"step", "", false},
            {"loss", "nats", false},
            {Lines{"loss", {1, 2, 3}, {3, 2, 1}, 0}, Lines{"eval_loss", {2}, {2.5}, 1}}};
}

} // namespace

class TestChartExport : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void csvHasARowForEachXAndEmptyCells() {
        QCOMPARE(linesOf(toCsv(lossChart())),
                 QStringList({QStringLiteral("step,loss,eval_loss"), QStringLiteral("1,3,"),
                              QStringLiteral("2,2,2.5"), QStringLiteral("3,1,")}));
    }

    void csvNumbersReadBackToTheSameBits() {
        const double third = 1.0 / 3, tiny = std::numeric_limits<double>::denorm_min(),
                     large = 1.7976931348623157e308;
        const ChartData data{
            "", {"x", "", false}, {}, {Lines{"y", {0.1, 0.2, 0.3}, {third, tiny, large}, 0}}};
        const QStringList lines = linesOf(toCsv(data));
        QCOMPARE(readBack(lines[1].section(QLatin1Char(','), 1)), third);
        QCOMPARE(readBack(lines[2].section(QLatin1Char(','), 1)), tiny);
        QCOMPARE(readBack(lines[3].section(QLatin1Char(','), 1)), large);
        QCOMPARE(readBack(lines[3].section(QLatin1Char(','), 0, 0)), 0.3);
    }

    void csvKeepsWhatIsNotFinite() {
        const double infinity = std::numeric_limits<double>::infinity();
        const ChartData data{
            "", {"x", "", false}, {}, {Lines{"y", {1, 2, 3}, {std::nan(""), infinity, -infinity}, 0}}};
        QCOMPARE(linesOf(toCsv(data)).mid(1),
                 QStringList({QStringLiteral("1,nan"), QStringLiteral("2,inf"), QStringLiteral("3,-inf")}));
    }

    void csvQuotesNames() {
        const ChartData data{"", {"x", "", false}, {}, {Lines{"a, \"b\"", {1}, {2}, 0}}};
        QCOMPARE(linesOf(toCsv(data)).front(), QStringLiteral("x,\"a, \"\"b\"\"\""));
    }

    void csvWithSmoothingHasTheSmoothedColumnOfTheTrainingLine() {
        const QStringList lines = linesOf(toCsv(lossChart(), 0.5));
        QCOMPARE(lines[0], QStringLiteral("step,loss,loss (smoothed),eval_loss"));
        QCOMPARE(readBack(lines[3].section(QLatin1Char(','), 2, 2)),
                 smoothed(std::vector<double>{3, 2, 1}, 0.5)[2]);
    }

    void csvOfDotsKeepsEveryPointAtTheSameX() {
        const ChartData data{"", {"x", "", false}, {}, {Dots{"y", {1, 1}, {5, 6}, 0}}};
        QCOMPARE(linesOf(toCsv(data)).size(), 3);
    }

    void csvOfBarsAndHeatMaps() {
        const ChartData bars{"", {"parameter", "", false}, {}, {Bars{"share", {"lr"}, {0.5}}}};
        QCOMPARE(linesOf(toCsv(bars)),
                 QStringList({QStringLiteral("parameter,series,value"), QStringLiteral("lr,share,0.5")}));
        const ChartData heat{"", {}, {}, {Heat{"h", 2, 1, {1, 2}}}};
        QCOMPARE(linesOf(toCsv(heat)).last(), QStringLiteral("1,0,h,2"));
    }

    void picturesOfEachFormatCanBeRead() {
        const test::TempFolder folder;
        ChartView view;
        view.resize(500, 300);
        view.setData(lossChart());
        const auto path = [&folder](const char* name) {
            return QString::fromStdString((folder / name).string());
        };
        QVERIFY(view.saveImage(path("a.png"), ChartImageFormat::Png));
        QVERIFY(view.saveImage(path("a.svg"), ChartImageFormat::Svg));
        QVERIFY(view.saveImage(path("a.pdf"), ChartImageFormat::Pdf));
        const QImage image(path("a.png"));
        QVERIFY(image.width() >= 1000);
        QVERIFY(QSvgRenderer(path("a.svg")).isValid());
        QFile svg(path("a.svg"));
        QVERIFY(svg.open(QIODevice::ReadOnly));
        QVERIFY(svg.readAll().contains("eval_loss")); // the legend is in it
        QFile pdf(path("a.pdf"));
        QVERIFY(pdf.open(QIODevice::ReadOnly));
        QVERIFY(pdf.readAll().startsWith("%PDF"));
    }

    void savingLeavesTheChartAsItWas() {
        const test::TempFolder folder;
        ChartView view;
        view.resize(500, 300);
        view.setData(lossChart());
        const QImage before = view.grab().toImage();
        QVERIFY(view.saveImage(QString::fromStdString((folder / "a.pdf").string()), ChartImageFormat::Pdf));
        QCOMPARE(view.grab().toImage(), before);
    }

    void savingWhereThereIsNoFolderSaysWhich() {
        ChartView view;
        view.setData(lossChart());
        const QString path = QStringLiteral("/nowhere/at/all/a.png");
        const Status image = view.saveImage(path, ChartImageFormat::Png);
        QVERIFY(!image);
        QCOMPARE(image.error().kind, Error::Kind::Io);
        QCOMPARE(QString::fromStdString(image.error().where), path);
        QVERIFY(!view.saveCsv(path));
    }
};

QTEST_MAIN(TestChartExport)
#include "tst_chart_export.moc"
