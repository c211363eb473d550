#include "core/base/text.h"

#include <QTest>

#include <cstring>
#include <limits>
#include <vector>

using namespace lathe;

class TestText : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void namesAreSeparatedByCommas() {
        QCOMPARE(joined(std::vector<std::string>{}), std::string());
        QCOMPARE(joined(std::vector<std::string>{"a"}), std::string("a"));
        QCOMPARE(joined(std::vector<std::string>{"a", "b", "c"}), std::string("a, b, c"));
    }

    void numbersReadBackToTheSameBits() {
        for (const double value : {0.1, -0.0, 1.0 / 3, std::numeric_limits<double>::max()}) {
            const double back = std::stod(csvNumber(value));
            QCOMPARE(std::memcmp(&back, &value, sizeof value), 0);
        }
        QCOMPARE(csvNumber(-std::numeric_limits<double>::quiet_NaN()), std::string("nan"));
        QCOMPARE(csvNumber(-std::numeric_limits<double>::infinity()), std::string("-inf"));
    }

    void separatorsAreQuoted() {
        QCOMPARE(csvField("plain text"), std::string("plain text"));
        QCOMPARE(csvField("a,b"), std::string("\"a,b\""));
        QCOMPARE(csvField("say \"so\"\n"), std::string("\"say \"\"so\"\"\n\""));
    }
};

QTEST_GUILESS_MAIN(TestText)
#include "tst_text.moc"
