#include "app/search/command_output.h"

#include <QtTest>

#include <cmath>

using namespace lathe;

namespace {

TrialReport reportOf(std::string_view text, const std::string& failure = {}) {
    CommandOutput output;
    for (const char sign : text) // in the smallest pieces there are
        output.add(std::string_view(&sign, 1));
    return output.report(failure);
}

} // namespace

class TestCommandOutput : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theLastNumberCounts_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<double>("value");
        QTest::newRow("one") << QByteArray("1.25") << 1.25;
        QTest::newRow("whole") << QByteArray("loading\n3\n") << 3.0;
        QTest::newRow("last") << QByteArray("1\n2\n-3e-2 \r\n\n") << -0.03;
        QTest::newRow("words behind") << QByteArray("0.5\ndone in 3 s\n") << 0.5;
        QTest::newRow("plus") << QByteArray("+4\n") << 4.0;
        QTest::newRow("tiny") << QByteArray("1e-999\n") << 0.0;
        QTest::newRow("object") << QByteArray("1\n{\"value\": 2.5, \"more\": [1]}\n") << 2.5;
        QTest::newRow("other object") << QByteArray("1\n{\"loss\": 2.5}\n{broken\n") << 1.0;
        QTest::newRow("no number") << QByteArray("7\n7 apples\n0x10\n1_000\n") << 7.0;
    }
    void theLastNumberCounts() {
        QFETCH(QByteArray, text);
        QFETCH(double, value);
        const TrialReport report = reportOf(text.toStdString());
        QVERIFY2(!report.isFailed, report.reason.c_str());
        QCOMPARE(report.value.value(), value);
    }

    void severalValuesAreAResult() {
        const TrialReport report = reportOf(R"({"values": [1, 2.5]})");
        QVERIFY(!report.isFailed);
        QCOMPARE(report.value.value(), 1.0);
        QCOMPARE(report.furtherValues, (std::vector<double>{2.5}));
    }

    void anObjectTellsMore() {
        const TrialReport report =
            reportOf(R"({"value": 1, "constraints": [-1, 2], "intermediate": {"3": 0.5}})");
        QCOMPARE(report.constraints, (std::vector<double>{-1, 2}));
        QCOMPARE(report.intermediate.at(3), 0.5);
        QVERIFY(reportOf(R"({"failed": true, "reason": "diverged"})").isFailed);
    }

    void infiniteValuesArePassedOn() {
        for (const char* text : {"nan", "inf", "-inf", "1e999", R"({"value": NaN})", R"({"value": null})"})
            QVERIFY2(!std::isfinite(reportOf(text).value.value()), text);
    }

    void whatHasNoResultFails() {
        QVERIFY(reportOf("").reason.find("it printed no number") == 0);
        QVERIFY(reportOf("hello\n").isFailed);
        QVERIFY(
            reportOf(R"({"value": "much"})").reason.find("its result cannot be read: value: is \"much\"") ==
            0);
    }

    void aCommandThatFailsHasNoValue() {
        CommandOutput output;
        output.add("1.5\n");
        output.addErrors("Traceback:\n  line 3\nValueError: no such layer\n\n");
        const TrialReport report = output.report("exit code 1");
        QVERIFY(report.isFailed && !report.value);
        QCOMPARE(report.reason, std::string("exit code 1: ValueError: no such layer"));
    }

    void linesWithoutEndDoNotFillTheMemory() {
        CommandOutput output;
        output.add("5\n");
        const std::string piece(1 << 16, '1');
        for (int i = 0; i < 100; ++i)
            output.add(piece);
        output.add("\n");
        QCOMPARE(output.report({}).value.value(), 5.0);
    }
};

QTEST_GUILESS_MAIN(TestCommandOutput)
#include "tst_command_output.moc"
