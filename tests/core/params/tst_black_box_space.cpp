#include "core/params/black_box_space.h"

#include <QtTest>

#include <nlohmann/json.hpp>

using namespace lathe;

namespace {

using Json = nlohmann::ordered_json;

const char* const kEveryKind = R"({
    "z": {"type": "float", "low": -5, "high": 10},
    "lr": {"type": "float", "low": 1e-6, "high": 1e-3, "log": true},
    "dropout": {"type": "float", "low": 0, "high": 0.5, "step": 0.1},
    "k": {"type": "int", "low": 1, "high": 6},
    "width": {"type": "int", "low": 8.0, "high": 64, "step": 8, "log": true, "if": {"c": ["a", 2], "b": true}},
    "c": {"type": "categorical", "choices": ["a", 2, 2.5, true, "2 b "]},
    "size": {"type": "categorical", "choices": [16, 32], "ordered": true},
    "b": {"type": "bool"}})";

BlackBoxSpace everyKind() { return blackBoxSpaceFromJson(Json::parse(kEveryKind)).value(); }

std::string errorOf(const char* json) {
    const auto space = blackBoxSpaceFromJson(Json::parse(json));
    return space.has_value() ? "no error" : space.error().text();
}

} // namespace

class TestBlackBoxSpace : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyKindIsRead() {
        const SearchSpace expected{
            {"z", RealDomain{-5, 10}, {}},
            {"lr", RealDomain{1e-6, 1e-3, true}, {}},
            {"dropout", RealDomain{0, 0.5, false, false, 0.1}, {}},
            {"k", IntDomain{1, 6}, {}},
            {"width", IntDomain{8, 64, 8, true}, {{{"c", {"a", "2"}}, {"b", {"true"}}}}},
            {"c", ChoiceDomain{{"a", "2", "2.5", "true", "2 b "}, {}, false}, {}},
            {"size", ChoiceDomain{{"16", "32"}, {}, true}, {}},
            {"b", BoolDomain{}, {}},
        };
        QVERIFY(everyKind().dimensions == expected); // in the order of the file
    }

    void aPointKeepsTheOrderAndTheTypes() {
        const BlackBoxSpace space = everyKind();
        const ParamValues point{{"z", 1.0},   {"c", std::string("2")},     {"k", std::int64_t{3}},
                                {"b", false}, {"size", std::string("16")}, {"lr", 0.1 + 0.2}};
        const Json json = pointToJson(space, point);
        QCOMPARE(json.dump(),
                 std::string(R"({"z":1.0,"lr":0.30000000000000004,"k":3,"c":2,"size":16,"b":false})"));
    }

    void aPointReadsBackAsItWas() {
        const BlackBoxSpace space = everyKind();
        ParamValues point{{"z", 1.0},  {"lr", 1.0 / 3000},         {"dropout", 0.3}, {"k", std::int64_t{3}},
                          {"b", true}, {"width", std::int64_t{16}}};
        for (const char* choice : {"a", "2", "2.5", "true", "2 b "}) {
            point.set("c", std::string(choice));
            const auto again = pointFromJson(space, Json::parse(pointToJson(space, point).dump()));
            QVERIFY(again.has_value());
            QVERIFY(again.value() == point);
        }
    }

    void aForeignPointIsRefused() {
        const auto problem = [](const char* json) {
            const auto point = pointFromJson(everyKind(), Json::parse(json));
            return point.has_value() ? std::string("no error") : point.error().text();
        };
        QCOMPARE(problem(R"({"z": 11})"), std::string("z 11 is above 10; choose -5 to 10"));
        QVERIFY(problem(R"({"y": 1})").find("y is no parameter") == 0);
        QVERIFY(problem(R"({"c": "b"})").find("c \"b\" is not one of a, 2") == 0);
        QVERIFY(problem(R"({"k": 1.5})").find("k 1.5 is not a whole number") == 0);
        QVERIFY(problem("[]").find("an object of values is needed") != std::string::npos);
    }

    void badSpacesNameTheParameterAndTheReason_data() {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArray>("words");
        const auto row = [](const char* json, const char* words) {
            QTest::newRow(json) << QByteArray(json) << QByteArray(words);
        };
        row("[]", "space: is an array; give an object of parameters");
        row("{}", "space: holds no parameter");
        row(R"({"": {"type": "bool"}})", "without a name");
        row(R"({"x": 1})", "x: is 1; describe it by an object");
        row(R"({"x": {}})", "x: has no \"type\"; choose one of float, int, categorical, bool");
        row(R"({"x": {"type": "flaot"}})", "x: has the type \"flaot\"; choose one of");
        row(R"({"x": {"type": 3}})", "x: has the type 3");
        row(R"({"x": {"type": "float", "low": 1}})", "x: has no \"high\"; give both ends");
        row(R"({"x": {"type": "int", "high": 1}})", "x: has no \"low\"");
        row(R"({"x": {"type": "float", "low": "1", "high": 2}})", "x: \"low\" is \"1\"; write a number");
        row(R"({"x": {"type": "float", "low": null, "high": 2}})", "x: \"low\" is null");
        row(R"({"x": {"type": "float", "low": 2, "high": 1}})", "x has the empty range 2..1");
        row(R"({"x": {"type": "float", "low": 0, "high": 1, "log": true}})",
            "x begins at 0; a logarithmic range");
        row(R"({"x": {"type": "float", "low": 1, "high": 2, "log": 1}})",
            "x: \"log\" is 1; write true or false");
        row(R"({"x": {"type": "float", "low": 1, "high": 2, "log": true, "step": 0.5}})",
            "x has a step and a logarithmic scale; choose one of the two");
        row(R"({"x": {"type": "float", "low": 1, "high": 2, "step": 0}})", "x: has the step 0");
        row(R"({"x": {"type": "float", "low": 1, "high": 2, "step": -0.5}})", "x has the step -0.5; choose");
        row(R"({"x": {"type": "float", "low": 1, "high": 2, "hgih": 3}})",
            "x: \"hgih\" is not known of a float");
        row(R"({"x": {"type": "float", "low": -1e308, "high": 1e308}})", "x: has the range");
        row(R"({"x": {"type": "int", "low": 1, "high": 2.5}})", "x: \"high\" is 2.5; write a whole number");
        row(R"({"x": {"type": "int", "low": 3, "high": 1}})", "x has the empty range 3..1");
        row(R"({"x": {"type": "int", "low": 0, "high": 8, "log": true}})", "x begins at 0");
        row(R"({"x": {"type": "int", "low": 0, "high": 8, "step": 0}})",
            "x: has the step 0; choose 1 or more");
        row(R"({"x": {"type": "int", "low": 0, "high": 18446744073709551615}})",
            "x: \"high\" is 18446744073709551615");
        row(R"({"x": {"type": "int", "low": -9007199254740992, "high": 9007199254740992}})",
            "a narrower one");
        row(R"({"x": {"type": "categorical"}})", "x: has no \"choices\"; list them");
        row(R"({"x": {"type": "categorical", "choices": []}})", "x: has the choices []");
        row(R"({"x": {"type": "categorical", "choices": "ab"}})", "x: has the choices \"ab\"");
        row(R"({"x": {"type": "categorical", "choices": ["a", null]}})", "x: null cannot be a value");
        row(R"({"x": {"type": "categorical", "choices": ["a", ["b"]]}})", "x: [\"b\"] cannot be a value");
        row(R"({"x": {"type": "categorical", "choices": [1, "1"]}})", "x: lists the choice 1 twice");
        row(R"({"x": {"type": "bool", "low": 0}})", "x: \"low\" is not known of a bool; there are type, if");
        row(R"({"x": {"type": "bool", "if": []}})", "x: its condition is []; write it as");
        row(R"({"x": {"type": "bool", "if": {"y": [1]}}})",
            "x: its condition looks at \"y\", which is no parameter");
        row(R"({"x": {"type": "bool", "if": {"c": "d"}}, "c": {"type": "categorical", "choices": ["a"]}})",
            "x: its condition can never hold: c \"d\" is not one of a");
        row(R"({"x": {"type": "bool", "if": {"c": []}}, "c": {"type": "bool"}})",
            "x: its condition lists no value");
        row(R"({"x": {"type": "bool", "if": {"c": 1}}, "c": {"type": "float", "low": 0, "high": 1}})",
            "x: its condition looks at c, a float");
        row(R"({"x": {"type": "bool", "if": {"x": true}}})",
            "x: its condition depends on itself in a circle");
        row(R"({"x": {"type": "bool", "if": {"y": true}}, "y": {"type": "bool", "if": {"x": true}}})",
            "x: its condition depends on itself in a circle");
    }
    void badSpacesNameTheParameterAndTheReason() {
        QFETCH(QByteArray, json);
        QFETCH(QByteArray, words);
        const std::string message = errorOf(json.constData());
        QVERIFY2(message.find(words.toStdString()) != std::string::npos, message.c_str());
    }
};

QTEST_GUILESS_MAIN(TestBlackBoxSpace)
#include "tst_black_box_space.moc"
