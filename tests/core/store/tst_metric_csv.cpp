#include "core/base/random.h"
#include "tests/core/store/store_fixture.h"

#include <charconv>
#include <cmath>
#include <limits>

using namespace lathe;
using namespace lathe::test;

class TestMetricCsv : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void numbersAreInTheirShortestExactForm();
    void textEqualsTheRows();
    void nameWithSeparatorsIsQuoted();
};

void TestMetricCsv::numbersAreInTheirShortestExactForm() {
    const std::vector<MetricPoint> points{{TrialId{7}, "loss", 1, 0.1, 1},
                                          {TrialId{7}, "loss", 2, 2.5e-05, 0.30000000000000004},
                                          {TrialId{7}, "loss", 3, -std::nan(""), 1e100},
                                          {TrialId{7}, "loss", 4, -INFINITY, -0.0}};
    QCOMPARE(toCsv(points), std::string("trial,metric,step,value,seconds\n"
                                        "7,loss,1,0.1,1\n"
                                        "7,loss,2,2.5e-05,0.30000000000000004\n"
                                        "7,loss,3,nan,1e+100\n"
                                        "7,loss,4,-inf,-0\n"));
    QCOMPARE(toCsv({}), std::string("trial,metric,step,value,seconds\n"));
}

void TestMetricCsv::textEqualsTheRows() {
    const TempFolder folder;
    StudyWriter writer = need(StudyWriter::open(folder / "lathe.db"));
    const TrialId trial = need(writer.createTrial(sampleTrial(need(writer.createStudy(sampleSpec())))));
    Rng rng(5);
    std::vector<Event> events;
    for (std::int64_t step = 0; step < 2000; ++step)
        events.push_back(MetricPoint{trial, "loss", step,
                                     std::ldexp(rng.normal(), static_cast<int>(rng.integer(-300, 300))),
                                     rng.uniform()});
    need(writer.append(events));
    const auto points = need(need(StudyReader::open(folder / "lathe.db")).points(trial));
    QCOMPARE(points.size(), events.size());

    const QStringList lines = QString::fromStdString(toCsv(points)).split(QLatin1Char('\n'));
    for (std::size_t i = 0; i < events.size(); ++i) {
        const std::string field =
            lines[static_cast<qsizetype>(i) + 1].split(QLatin1Char(','))[3].toStdString();
        double parsed = 0;
        std::from_chars(field.data(), field.data() + field.size(), parsed);
        QCOMPARE(std::bit_cast<std::uint64_t>(parsed),
                 std::bit_cast<std::uint64_t>(std::get<MetricPoint>(events[i]).value));
    }
}

void TestMetricCsv::nameWithSeparatorsIsQuoted() {
    const std::vector<MetricPoint> points{{TrialId{1}, "a,\"b\"", 1, 1, 1}};
    QCOMPARE(toCsv(points), std::string("trial,metric,step,value,seconds\n1,\"a,\"\"b\"\"\",1,1,1\n"));
}

QTEST_GUILESS_MAIN(TestMetricCsv)
#include "tst_metric_csv.moc"
