#include "core/train/schedule.h"

#include "core/base/files.h"
#include "tests/support/shared_files.h"

#include <QtTest>

#include <cmath>
#include <nlohmann/json.hpp>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;

class TestSchedule : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void followsTransformers_data();
    void followsTransformers();
    void linearFallsToZeroAfterTheWarmUp();
    void warmUpLongerThanTheRunNeverReachesItsBase();
};

namespace {

constexpr const char* kOracle = "oracles/schedules.json";

/// The name here of a schedule of transformers; empty: it is not built yet. Our constant one has a warm-up,
/// so it is theirs "with warm-up"; theirs without ignores the warm-up it is given.
QString nameHere(const json& data) {
    const auto name = QString::fromStdString(data.at("name").get<std::string>());
    if (!data.at("arguments").empty() || (name == "constant" && data.at("warmup") != 0))
        return {};
    if (name == "constant_with_warmup")
        return QStringLiteral("constant");
    return QStringList{"constant", "linear", "cosine"}.contains(name) ? name : QString();
}

} // namespace

void TestSchedule::followsTransformers_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("reference");
    if (!hasShared(kOracle)) {
        QTest::newRow("without reference") << QString() << QString();
        return;
    }
    int index = 0;
    for (const json& data : json::parse(readFile(sharedFile(kOracle)).value()))
        if (const QString kind = nameHere(data); !kind.isEmpty())
            QTest::addRow("%d: %s, warm-up %d", index++, data.at("name").get<std::string>().c_str(),
                          data.at("warmup").get<int>())
                << kind << QString::fromStdString(data.dump());
}

void TestSchedule::followsTransformers() {
    LATHE_NEED_SHARED(kOracle);
    QFETCH(QString, kind);
    QFETCH(QString, reference);
    const json data = json::parse(reference.toStdString());
    const auto expected = data.at("lr").get<std::vector<double>>();
    const Schedule schedule{kind.toStdString(), data.at("base_lr").get<double>(),
                            data.at("warmup").get<std::int64_t>(), data.at("total").get<std::int64_t>()};
    QCOMPARE(expected.size(), 50U);
    for (std::size_t step = 0; step < expected.size(); ++step) {
        const double actual = schedule.at(static_cast<std::int64_t>(step));
        QVERIFY2(std::abs(actual - expected[step]) <= 1e-6 * expected[step],
                 qPrintable(QStringLiteral("step %1: %2, %3").arg(step).arg(actual).arg(expected[step])));
    }
    const double last = data.at("lr_after_last").get<double>();
    QVERIFY(std::abs(schedule.at(50) - last) <= 1e-6 * last);
}

void TestSchedule::linearFallsToZeroAfterTheWarmUp() {
    const Schedule schedule{"linear", 1.0, 2, 6};
    const std::vector<double> expected{0.0, 0.5, 1.0, 0.75, 0.5, 0.25, 0.0, 0.0};
    for (std::size_t step = 0; step < expected.size(); ++step)
        QCOMPARE(schedule.at(static_cast<std::int64_t>(step)), expected[step]);
}

void TestSchedule::warmUpLongerThanTheRunNeverReachesItsBase() {
    const Schedule schedule{"cosine", 1.0, 10, 4};
    QCOMPARE(schedule.at(3), 0.3);
}

QTEST_GUILESS_MAIN(TestSchedule)
#include "tst_schedule.moc"
