#include "core/params/param_value.h"

#include <QtTest>

#include <limits>

using namespace lathe;

class TestParamValue : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void textHasTheFewestDigitsThatReadBack() {
        QCOMPARE(toText(true), std::string("true"));
        QCOMPARE(toText(std::int64_t{-8}), std::string("-8"));
        QCOMPARE(toText(0.0003), std::string("0.0003"));
        QCOMPARE(toText(1e-5), std::string("1e-5"));
        QCOMPARE(toText(-2.5e20), std::string("-2.5e20"));
        QCOMPARE(toText(4096.0), std::string("4096"));
        QCOMPARE(toText(0.0), std::string("0"));
        QCOMPARE(toText(0.1 + 0.2), std::string("0.30000000000000004"));
        QCOMPARE(toText(std::numeric_limits<double>::infinity()), std::string("inf"));
        QCOMPARE(toText(std::string("q_proj")), std::string("q_proj"));
    }

    void jsonKeepsValuesAndTypes() {
        const ParamValues values{{"flag", true},
                                 {"rank", std::int64_t{8}},
                                 {"whole_real", 1.0},
                                 {"small", 5e-324},
                                 {"text", std::string("a \"b\"\nü")}};
        const Result<ParamValues> again = paramValuesFromJson(toJson(values));
        QVERIFY(again.has_value());
        QVERIFY(again.value() == values);
        QVERIFY(std::holds_alternative<double>(*again->find("whole_real")));
    }

    void equalValuesGiveEqualTextWhateverTheirOrder() {
        ParamValues first;
        first.set("a", true);
        first.set("b", 0.5);
        ParamValues second;
        second.set("b", 0.5);
        second.set("a", true);
        QCOMPARE(toJson(first), toJson(second));
    }

    void refusesWhatIsNotAnObjectOfPlainValues() {
        QVERIFY(!paramValuesFromJson("[1]").has_value());
        QVERIFY(!paramValuesFromJson("{").has_value());
        const Result<ParamValues> nested = paramValuesFromJson(R"({"rank": [8]})");
        QVERIFY(!nested.has_value());
        QCOMPARE(nested.error().where, std::string("rank"));
    }

    void aWholeNumberServesAsAReal() {
        const ParamValues values{{"alpha", std::int64_t{16}}};
        QCOMPARE(values.real("alpha"), 16.0);
    }

    void removedKeysAreGone() {
        ParamValues values{{"a", true}};
        values.remove("a");
        values.remove("never there");
        QVERIFY(!values.contains("a"));
    }
};

QTEST_GUILESS_MAIN(TestParamValue)
#include "tst_param_value.moc"
