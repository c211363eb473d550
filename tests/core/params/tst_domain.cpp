#include "core/params/param_schema.h"
#include "tests/core/params/sample_schema.h"

#include <QtTest>

#include <clocale>
#include <cmath>
#include <limits>

using namespace lathe;

namespace {

const ParamSchema kSchema = test::sampleSchema();

Result<ParamValue> parse(std::string_view key, std::string_view text) {
    return parseValue(*findSpec(kSchema, key), text);
}

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

} // namespace

class TestDomain : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsNumbersAsPeopleWriteThem() {
        QVERIFY(parse("learning_rate", "3e-4").value() == ParamValue(3e-4));
        QVERIFY(parse("learning_rate", "0.0003").value() == ParamValue(3e-4));
        QVERIFY(parse("learning_rate", " +1 ").value() == ParamValue(1.0));
        QVERIFY(parse("rank", "16").value() == ParamValue(std::int64_t{16}));
        QVERIFY(parse("rank", "-3").value() == ParamValue(std::int64_t{-3}));
    }

    void readsTruthInEveryCommonSpelling() {
        for (const char* text : {"true", "yes", "on", "1", "True", "YES"})
            QVERIFY2(parse("bf16", text).value() == ParamValue(true), text);
        for (const char* text : {"false", "no", "off", "0", "False", "OFF"})
            QVERIFY2(parse("bf16", text).value() == ParamValue(false), text);
        QVERIFY(!parse("bf16", "maybe").has_value());
    }

    void readingDoesNotDependOnTheLocale() {
        if (std::setlocale(LC_NUMERIC, "de_DE.UTF-8") == nullptr)
            QSKIP("needs the locale de_DE.UTF-8");
        const bool isSame = parse("learning_rate", "0.5").value() == ParamValue(0.5);
        const std::string text = toText(0.5);
        std::setlocale(LC_NUMERIC, "C");
        QVERIFY(isSame);
        QCOMPARE(text, std::string("0.5"));
    }

    void refusesWhatIsNotWhollyANumber_data() {
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<QByteArray>("text");
        for (const char* text : {"", "x", "8x", "8.5", "1e3", "99999999999999999999", "+-8", "+"})
            QTest::addRow("rank %s", text) << QByteArray("rank") << QByteArray(text);
        for (const char* text : {"", "x", "0,5", "1e", "0x1p3", "1e999", "+-1"})
            QTest::addRow("learning_rate %s", text) << QByteArray("learning_rate") << QByteArray(text);
    }

    void refusesWhatIsNotWhollyANumber() {
        QFETCH(QByteArray, key);
        QFETCH(QByteArray, text);
        const Result<ParamValue> value = parse(key.toStdString(), text.toStdString());
        QVERIFY(!value.has_value());
        QCOMPARE(value.error().kind, Error::Kind::Input);
        QCOMPARE(value.error().where, key.toStdString());
        QVERIFY(value.error().message.find("\"" + text.toStdString() + "\" is not a") == 0);
    }

    void parsingLeavesTheRangeToValidation() {
        QVERIFY(parse("rank", "0").has_value());
        QVERIFY(parse("method", "unknown").has_value());
    }

    void shownTextReadsBackAsTheSameValue() {
        for (const double value : {0.1, 1e-300, 5e-324, 1.7976931348623157e308, 0.30000000000000004})
            QVERIFY(parse("learning_rate", toText(value)).value() == ParamValue(value));
    }

    void wholeNumbersServeWhereRealsAreWanted() {
        QVERIFY(!problemWith(RealDomain{0, 1}, std::int64_t{1}).has_value());
        QVERIFY(problemWith(IntDomain{0, 1}, 1.0).has_value());
    }

    void endsBelongToAClosedRangeOnly() {
        QVERIFY(!problemWith(RealDomain{0, 1}, 0.0).has_value());
        QVERIFY(!problemWith(RealDomain{0, 1}, 1.0).has_value());
        QVERIFY(problemWith(RealDomain{0, 1, false, true}, 0.0).has_value());
        QVERIFY(!problemWith(RealDomain{0, 1, false, true}, 5e-324).has_value());
    }

    void noDomainTakesWhatIsNotFinite() {
        const double infinity = std::numeric_limits<double>::infinity();
        QVERIFY(problemWith(RealDomain{0, infinity}, infinity).has_value());
        QVERIFY(problemWith(RealDomain{0, infinity}, std::nan("")).has_value());
    }

    void theGridHoldsAtTheEndsOfTheType() {
        const IntDomain domain{kLowest, kHighest, 3};
        QVERIFY(!problemWith(domain, kLowest + 3).has_value());
        QVERIFY(problemWith(domain, kLowest + 4).has_value());
        QVERIFY(!problemWith(domain, kHighest).has_value()); // 2^64 - 1 is a multiple of 3
    }

    void describesItself() {
        QCOMPARE(describe(BoolDomain{}), std::string("true or false"));
        QCOMPARE(describe(IntDomain{1, 256}), std::string("1 to 256"));
        QCOMPARE(describe(IntDomain{1, kHighest}), std::string("1 or more"));
        QCOMPARE(describe(IntDomain{2, 8, 2}), std::string("2 to 8 in steps of 2"));
        QCOMPARE(describe(RealDomain{0, 1, false, true}), std::string("0 < x ≤ 1"));
        QCOMPARE(describe(RealDomain{0, 0.9}), std::string("0 to 0.9"));
        QCOMPARE(describe(ChoiceDomain{{"linear", "cosine"}, {}}), std::string("one of linear, cosine"));
        QCOMPARE(describe(TextDomain{TextDomain::Kind::File, true}), std::string("a file or nothing"));
    }
};

QTEST_GUILESS_MAIN(TestDomain)
#include "tst_domain.moc"
