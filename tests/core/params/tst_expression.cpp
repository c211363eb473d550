#include "core/params/expression.h"

#include <QtTest>

#include <cmath>

using namespace lathe;

namespace {

ExpressionNames sampleNames() {
    return {{{"rank", ExpressionType::Int},
             {"rate", ExpressionType::Real},
             {"method", ExpressionType::Text},
             {"bf16", ExpressionType::Bool},
             {"my-key", ExpressionType::Int}},
            false};
}

const ParamValues kValues{{"rank", std::int64_t{8}},
                          {"rate", 0.25},
                          {"method", std::string("lora")},
                          {"bf16", true},
                          {"my-key", std::int64_t{3}}};

std::string valueOf(std::string_view text, const ParamValues& values = kValues) {
    const auto expression = Expression::parse(text, sampleNames());
    if (!expression.has_value())
        return expression.error().text();
    const auto value = expression->value([&](std::string_view name) { return values.find(name); });
    if (!value.has_value())
        return value.error().text();
    return value->has_value() ? toText(**value) : "unknown";
}

std::string errorOf(std::string_view text) {
    const auto expression = Expression::parse(text, sampleNames());
    return expression.has_value() ? "no error" : expression.error().text();
}

std::string excessOf(std::string_view text) {
    ExpressionNames names = sampleNames();
    names.takesMetrics = true;
    const auto excess = Expression::parse(text, names).value().excess([](std::string_view name) {
        return kValues.find(name);
    });
    return !excess.has_value() ? excess.error().text() : excess->has_value() ? toText(**excess) : "unknown";
}

} // namespace

class TestExpression : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void expressionsHaveTheirValues_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("value");
        const auto row = [](const char* text, const char* value) {
            QTest::newRow(text) << QByteArray(text) << QByteArray(value);
        };
        row("2 * rank", "16");
        row("rank / 2", "4");
        row("1 + 2 * 3 - 4 / 2", "5");
        row("(1 + 2) * 3", "9");
        row("10 - 3 - 2", "5");
        row("-rank + 1", "-7");
        row("--2", "2");
        row("- -rank", "8");
        row("2*-rank", "-16");
        row("rate * 10", "2.5");
        row(".5 + 1.", "1.5");
        row("3e-1", "0.3");
        row("min(rank, 3, 5)", "3");
        row("max(rank, rate)", "8");
        row("floor(2.7) + ceil(2.1) + round(2.5)", "8");
        row("floor(-0.5)", "-1");
        row("round(rank / 3)", "3");
        row("abs(-3) + sqrt(16) + log2(8) + log10(100) + pow(2, 5)", "44");
        row("'lora'", "lora");
        row("\"a 'b'\"", "a 'b'");
        row("`my-key` + 1", "4");
        row("true", "true");
        row("not bf16", "false");
        row("!bf16 || rank == 8", "true");
        row("rank > 4 and method == 'lora'", "true");
        row("rank>4&&method!=\"lora\"", "false");
        row("not rank > 4 or bf16 and rate < 1", "true"); // not binds more than and, and more than or
        row("false and true or true", "true");
        row("true or false and false", "true");
        row("rank >= 8 and rank <= 8 and not (rank < 8 or rank > 8)", "true");
        row("rank == 8.0", "true");
        row("bf16 == (rank > 4)", "true");
        row(" \t rank \n", "8");
    }

    void expressionsHaveTheirValues() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, value);
        QCOMPARE(valueOf(text.toStdString()), value.toStdString());
    }

    void aTypeFollowsFromTheParts_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("type");
        const auto row = [](const char* text, ExpressionType type) {
            QTest::newRow(text) << QByteArray(text) << static_cast<int>(type);
        };
        row("2 * rank", ExpressionType::Int);
        row("2.0 * rank", ExpressionType::Real);
        row("rank / 2", ExpressionType::Real);
        row("round(rank / 2)", ExpressionType::Int);
        row("min(rank, 2)", ExpressionType::Int);
        row("min(rank, 2.5)", ExpressionType::Real);
        row("-rank", ExpressionType::Int);
        row("pow(2, rank)", ExpressionType::Real);
        row("rank > 2", ExpressionType::Bool);
        row("method", ExpressionType::Text);
    }

    void aTypeFollowsFromTheParts() {
        QFETCH(QByteArray, text);
        QFETCH(int, type);
        QCOMPARE(static_cast<int>(Expression::parse(text.toStdString(), sampleNames()).value().type()), type);
    }

    void mistakesAreToldWithTheirColumn_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("words");
        const auto row = [](const char* text, const char* words) {
            QTest::newRow(text) << QByteArray(text) << QByteArray(words);
        };
        row("", "column 1: it ends here, where a value is needed");
        row("2 *", "column 4: it ends here, where a value is needed");
        row("rank rank", "column 6: \"rank\" stands here, where an operator or the end is needed");
        row("(rank", "column 6: it ends here, where ) is needed for the ( in column 1");
        row("rank)", "column 5: \")\" stands here");
        row("rank = 8", "column 6: a single = stands here; write ==");
        row("ranc + 1", "column 1: ranc is not known here; did you mean rank?");
        row("2rank", "column 2: \"rank\" stands here right behind a number; write 2 * x");
        row("1..5", "right behind a number");
        row("1e999", "column 1: ");
        row("1 < rank < 9", "column 10: two comparisons in a row");
        row("method > 3", "column 8: a text is compared with a whole number");
        row("method < 'a'", "column 8: only numbers are smaller or larger");
        row("method + 1", "column 1: + needs a number, this is a text");
        row("rank and bf16", "column 1: and needs true or false, this is a whole number");
        row("not rank", "column 5: not needs true or false");
        row("-bf16", "column 2: - needs a number");
        row("bf16 == 1", "true or false is compared with a whole number");
        row("'lora", "column 1: the quote that begins here does not end");
        row("sin(1)", "column 1: sin is no function; there are min, max");
        row("min(1)", "column 1: min takes 2 numbers and more, not 1");
        row("log2(1, 2)", "column 1: log2 takes 1 number, not 2");
        row("pow(2)", "column 1: pow takes 2 numbers, not 1");
        row("min(1 2)", "column 7: \"2\" stands here, where , or ) is needed");
        row("and", "column 1: \"and\" stands here, where a value is needed");
        row("rank $ 2", "column 6: \"$\" stands here");
        row("rank + é", "column 8: \"é\" stands here");
    }

    void mistakesAreToldWithTheirColumn() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, words);
        const std::string message = errorOf(text.toStdString());
        QVERIFY2(message.find(words.toStdString()) != std::string::npos, message.c_str());
    }

    void whatIsTooLongOrTooDeepIsRefused() {
        QVERIFY(errorOf(std::string(1001, ' ')).find("at most 1000 are read") != std::string::npos);
        for (const char* opening : {"(", "not ", "-", "abs("}) {
            std::string deep;
            for (int i = 0; i < 60; ++i)
                deep += opening;
            QVERIFY(errorOf(deep + "1").find("within each other") != std::string::npos);
        }
        std::string wide = "1";
        for (int i = 0; i < 400; ++i)
            wide += "+1";
        QCOMPARE(valueOf(wide), std::string("401"));
    }

    void aNameWithoutAValueMakesUnknownWhatDependsOnIt() {
        const ParamValues few{{"method", std::string("full")}, {"bf16", true}};
        QCOMPARE(valueOf("2 * rank", few), std::string("unknown"));
        QCOMPARE(valueOf("rank > 4", few), std::string("unknown"));
        QCOMPARE(valueOf("rank > 4 and method == 'lora'", few), std::string("false"));
        QCOMPARE(valueOf("method == 'lora' and rank > 4", few), std::string("false"));
        QCOMPARE(valueOf("rank > 4 or bf16", few), std::string("true"));
        QCOMPARE(valueOf("rank > 4 or not bf16", few), std::string("unknown"));
        QCOMPARE(valueOf("not (rank > 4)", few), std::string("unknown"));
    }

    void whatHasNoFiniteValueIsAnError() {
        QVERIFY(valueOf("1 / (rank - 8)").find("column 3: this has no finite value") != std::string::npos);
        QVERIFY(valueOf("log2(0)").find("no finite value") != std::string::npos);
        QVERIFY(valueOf("sqrt(-1)").find("no finite value") != std::string::npos);
        QVERIFY(valueOf("9007199254740992 * 2").find("too large for a whole number") != std::string::npos);
        QCOMPARE(valueOf("false and 1 / 0 > 1"), std::string("false"));
    }

    void aTextOfTheNamesTypeCountsAsIt() {
        const ParamValues texts{{"rank", std::string("16")}, {"bf16", std::string("false")}};
        QCOMPARE(valueOf("rank + 1", texts), std::string("17"));
        QCOMPARE(valueOf("not bf16", texts), std::string("true"));
        QVERIFY(valueOf("rank + 1", {{"rank", std::string("x")}}).find("rank is x, not a whole number") !=
                std::string::npos);
        QVERIFY(valueOf("rank", {{"rank", 2.5}}).find("rank is 2.5, not a whole number") !=
                std::string::npos);
        QVERIFY(valueOf("rate", {{"rate", std::nan("")}}).find("not a number") != std::string::npos);
    }

    void aLimitTellsByHowMuchItIsMissed() {
        QCOMPARE(excessOf("rank <= 6"), toText(2.0 / 6));
        QCOMPARE(excessOf("rank < 10"), std::string("-0.2"));
        QCOMPARE(excessOf("rank >= 16"), std::string("0.5"));
        QCOMPARE(excessOf("4 <= rank"), std::string("-1"));
        QCOMPARE(excessOf("rank <= 0"), std::string("8"));
        QCOMPARE(excessOf("rank - 2 <= `my-key` * 2"), std::string("0"));
        QCOMPARE(excessOf("seconds <= 600"), std::string("unknown"));
        QVERIFY(!Expression::parse("rank == 8", sampleNames())->isLimit());
        QVERIFY(!Expression::parse("rank > 8 and bf16", sampleNames())->isLimit());
    }

    void namesAreListedOnce() {
        QCOMPARE(Expression::parse("rank + rank * rate", sampleNames())->names(),
                 (std::vector<std::string>{"rank", "rate"}));
    }
};

QTEST_GUILESS_MAIN(TestExpression)
#include "tst_expression.moc"
