#include "core/params/param_schema.h"
#include "tests/core/params/sample_schema.h"

#include <QtTest>

using namespace lathe;

namespace {

const ParamSchema kSchema = test::sampleSchema();

std::string onlyMessage(const ParamValues& values) {
    const std::vector<Problem> problems = validate(kSchema, values);
    return problems.size() == 1 ? problems.front().message
                                : std::to_string(problems.size()) + " problems instead of one";
}

} // namespace

class TestParamSchema : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fallbacksAreValid() {
        QVERIFY(validate(kSchema, defaults(kSchema)).empty());
        QVERIFY(validate(kSchema, {}).empty());
        QVERIFY(check(kSchema, {}).has_value());
    }

    void givenValuesGoOverTheFallbacks() {
        const ParamValues all = withDefaults(kSchema, {{"rank", std::int64_t{4}}});
        QCOMPARE(all.integer("rank"), 4);
        QCOMPARE(all.text("method"), std::string("lora"));
        QCOMPARE(all.map().size(), kSchema.size());
    }

    void messagesNameTheKeyAndBothValues_data() {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArray>("message");
        const auto row = [](const char* json, const char* message) {
            QTest::newRow(json) << QByteArray(json) << QByteArray(message);
        };
        row(R"({"rank": 0})", "rank 0 is below 1; choose 1 to 256");
        row(R"({"rank": 257})", "rank 257 is above 256; choose 1 to 256");
        row(R"({"rank": 8.5})", "rank 8.5 is not a whole number; choose 1 to 256");
        row(R"({"batch_size": 7})", "batch_size 7 is not on the grid; choose 2 to 64 in steps of 2");
        row(R"({"learning_rate": -0.1})", "learning_rate -0.1 must be above 0; choose 0 < x ≤ 1");
        row(R"({"learning_rate": 0})", "learning_rate 0 must be above 0; choose 0 < x ≤ 1");
        row(R"({"dropout": 0.95})", "dropout 0.95 is above 0.9; choose 0 to 0.9");
        row(R"({"weight_decay": -1})", "weight_decay -1 is below 0; choose 0 or more");
        row(R"({"method": "lorra"})", "method \"lorra\" is not one of lora, full");
        row(R"({"bf16": "yes"})", "bf16 \"yes\" is neither true nor false");
        row(R"({"model": ""})", "model is empty; give a folder");
        row(R"({"model": 3})", "model 3 is not a text");
        row(R"({"lerning_rate": 0.1})", "lerning_rate is not a parameter; did you mean learning_rate?");
    }

    void messagesNameTheKeyAndBothValues() {
        QFETCH(QByteArray, json);
        QFETCH(QByteArray, message);
        const ParamValues values = paramValuesFromJson(json.toStdString()).value();
        QCOMPARE(onlyMessage(values), message.toStdString());
        const Status status = check(kSchema, values);
        QCOMPARE(status.error().kind, Error::Kind::Input);
        QCOMPARE(status.error().text(), message.toStdString());
    }

    void problemsFollowTheSchemaAndUnknownKeysComeLast() {
        const std::vector<Problem> problems = validate(
            kSchema, {{"a", true}, {"dropout", 2.0}, {"rank", std::int64_t{0}}, {"zz", std::int64_t{1}}});
        std::vector<std::string> keys;
        for (const Problem& problem : problems)
            keys.push_back(problem.key);
        QVERIFY(keys == (std::vector<std::string>{"rank", "dropout", "a", "zz"}));
    }

    void aMissingFallbackThatMustNotBeEmptyIsAProblem() {
        ParamSchema schema = kSchema;
        schema[0].fallback = std::string();
        QCOMPARE(validate(schema, {}).front().message, std::string("model is empty; give a folder"));
        QVERIFY(validate(schema, {{"model", std::string("base")}}).empty());
    }

    void inactiveFieldsAreNotChecked() {
        QVERIFY(validate(kSchema, {{"method", std::string("full")}, {"rank", std::int64_t{0}}}).empty());
    }

    void conditionsLookAtTheValueAndElseAtTheFallback() {
        const Condition condition{{{"method", {"full"}}, {"bf16", {"true", "false"}}}};
        QVERIFY(!isActive(condition, kSchema, {}));
        QVERIFY(isActive(condition, kSchema, {{"method", std::string("full")}}));
        QVERIFY(isActive({}, kSchema, {}));
        QVERIFY(!isActive({{{"unknown", {"x"}}}}, kSchema, {}));
    }

    void conditionsOnNumbersCompareTheirText() {
        QVERIFY(isActive({{{"rank", {"4", "8"}}}}, kSchema, {}));
        QVERIFY(isActive({{{"learning_rate", {"0.0003"}}}}, kSchema, {}));
    }

    void theNearestKeyHasTheFewestEdits() {
        QCOMPARE(nearestKey(kSchema, "ranks"), std::string("rank"));
        QCOMPARE(nearestKey(kSchema, "batchsize"), std::string("batch_size"));
        QCOMPARE(nearestKey({}, "rank"), std::string());
    }
};

QTEST_GUILESS_MAIN(TestParamSchema)
#include "tst_param_schema.moc"
