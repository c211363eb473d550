#include "core/base/result.h"

#include <QtTest>

#include <memory>

using namespace lathe;

namespace {

Result<int> half(int number) {
    if (number % 2 != 0)
        return inputError("number", std::to_string(number) + " is odd");
    return number / 2;
}

Result<int> quarter(int number) {
    LATHE_ASSIGN(const int once, half(number));
    LATHE_ASSIGN(const int twice, half(once));
    return twice;
}

Status mustBeEven(int number) {
    LATHE_TRY(half(number));
    return ok();
}

} // namespace

class TestResult : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void holdsItsValue() {
        const Result<int> result = half(8);
        QVERIFY(result.has_value());
        QCOMPARE(result.value(), 4);
        QCOMPARE(result.value_or(7), 4);
    }

    void holdsItsError() {
        const Result<int> result = half(7);
        QVERIFY(!result);
        QCOMPARE(result.error().kind, Error::Kind::Input);
        QCOMPARE(result.error().text(), std::string("number: 7 is odd"));
        QCOMPARE(result.value_or(5), 5);
    }

    void anErrorWithoutAPlaceIsOnlyItsMessage() {
        QCOMPARE(inputError({}, "rank 0 is below 1").text(), std::string("rank 0 is below 1"));
    }

    void assignPassesTheFirstErrorOn() {
        QCOMPARE(quarter(12).value(), 3);
        QCOMPARE(quarter(6).error().message, std::string("3 is odd"));
    }

    void tryPassesTheErrorOn() {
        QVERIFY(mustBeEven(2).has_value());
        QCOMPARE(mustBeEven(9).error().message, std::string("9 is odd"));
    }

    void andThenStopsAtTheFirstError() {
        QCOMPARE(half(8).and_then(half).value(), 2);
        QCOMPARE(half(6).and_then(half).error().message, std::string("3 is odd"));
    }

    void transformWrapsTheNewValue() {
        const Result<std::string> text = half(8).transform([](int n) { return std::to_string(n); });
        QCOMPARE(text.value(), std::string("4"));
        QVERIFY(!half(7).transform([](int n) { return n; }).has_value());
    }

    void carriesWhatCanOnlyBeMoved() {
        Result<std::unique_ptr<int>> result = std::make_unique<int>(3);
        const std::unique_ptr<int> moved = std::move(result).value();
        QCOMPARE(*moved, 3);
    }
};

QTEST_GUILESS_MAIN(TestResult)
#include "tst_result.moc"
