#include "core/adapter/parameter_budget.h"
#include "tests/support/shared_files.h"

#include <QtTest>

using namespace lathe;
using namespace lathe::test;

/// A method with a size that takes multiples of 3 alone, and more of them than are looked at one by one.
class Coarse final : public AdapterMethod {
public:
    ParamSchema options() const override {
        return {{"size", "adapter", "Size", "", "", IntDomain{1, 100000}, std::int64_t{1}, {}, false, true}};
    }
    std::string sizeKey() const override { return "size"; }
    std::vector<Problem> check(const ModelSummary&, const ParamValues& values) const override {
        if (values.integer("size") > 30000)
            return {{"size", "is too much"}};
        return {};
    }
    std::int64_t countParameters(const ModelSummary&, const ParamValues& values) const override {
        return values.integer("size") / 3 * 10;
    }
    std::unique_ptr<Adapter> attach(LanguageModel&, const ParamValues&, std::uint64_t) const override {
        return nullptr;
    }
};

class TestParameterBudget : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theNearestSizeIsTaken_data();
    void theNearestSizeIsTaken();
    void largeDomainsAreSearched_data();
    void largeDomainsAreSearched();
    void aMethodWithoutASizeIsRefused();
    void whatElseIsWrongIsTold();

private:
    ModelSummary m_model = readModelSummary(sourceFile("tests/data/golden/llama")).value();
};

void TestParameterBudget::theNearestSizeIsTaken_data() {
    QTest::addColumn<qint64>("target");
    QTest::addColumn<qint64>("rank");
    const auto method = makeLoraMethod();
    ParamValues values = defaults(method->options());
    values.set("rank", std::int64_t{1});
    const std::int64_t each = method->countParameters(m_model, values);
    QTest::newRow("exact") << qint64(5 * each) << qint64(5);
    QTest::newRow("a little more") << qint64(5 * each + each / 3) << qint64(5);
    QTest::newRow("nearly the next") << qint64(5 * each + 2 * each / 3) << qint64(6);
    QTest::newRow("in the middle, the smaller") << qint64(5 * each + each / 2) << qint64(5);
    QTest::newRow("less than there can be") << qint64(1) << qint64(1);
    // The narrowest projection of the model is 24 wide: no rank beyond that fits.
    QTest::newRow("more than there can be") << qint64(1000 * each) << qint64(24);
}

void TestParameterBudget::theNearestSizeIsTaken() {
    QFETCH(qint64, target);
    QFETCH(qint64, rank);
    const auto method = makeLoraMethod();
    ParamValues values = defaults(method->options());
    const auto match = matchParameters(*method, m_model, values, target);
    QVERIFY(match.has_value());
    QCOMPARE(qint64(match->size), rank);
    values.set("rank", match->size);
    QCOMPARE(match->parameters, method->countParameters(m_model, values));
}

void TestParameterBudget::largeDomainsAreSearched_data() {
    QTest::addColumn<qint64>("target");
    QTest::addColumn<qint64>("parameters");
    QTest::newRow("nothing") << qint64(0) << qint64(0);
    QTest::newRow("exact") << qint64(54320) << qint64(54320);
    QTest::newRow("below") << qint64(54324) << qint64(54320);
    QTest::newRow("above") << qint64(54326) << qint64(54330);
    QTest::newRow("beyond what fits") << qint64(5000000) << qint64(100000);
}

void TestParameterBudget::largeDomainsAreSearched() {
    QFETCH(qint64, target);
    QFETCH(qint64, parameters);
    const Coarse method;
    const auto match = matchParameters(method, m_model, defaults(method.options()), target);
    QVERIFY(match.has_value());
    QCOMPARE(qint64(match->parameters), parameters);
}

void TestParameterBudget::aMethodWithoutASizeIsRefused() {
    const auto match = matchParameters(*makeFullMethod(), m_model, {}, 1000);
    QVERIFY(!match.has_value());
    QCOMPARE(QString::fromStdString(match.error().where), QStringLiteral("match_parameters"));
}

void TestParameterBudget::whatElseIsWrongIsTold() {
    const auto method = makeLoraMethod();
    ParamValues values = defaults(method->options());
    values.set("target_modules", std::string("query"));
    const auto match = matchParameters(*method, m_model, values, 1000);
    QVERIFY(!match.has_value());
    QCOMPARE(QString::fromStdString(match.error().where), QStringLiteral("target_modules"));
}

QTEST_GUILESS_MAIN(TestParameterBudget)
#include "tst_parameter_budget.moc"
