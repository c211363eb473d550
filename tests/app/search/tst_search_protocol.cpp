#include "app/search/search_protocol.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <cmath>
#include <sstream>

using namespace lathe;

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kCreate =
    R"({"create": {"sampler": "mads", "seed": 3, "budget": 30, "space": {
        "x": {"type": "float", "low": -5, "high": 10},
        "lr": {"type": "float", "low": 1e-6, "high": 1e-3, "log": true},
        "k": {"type": "int", "low": 1, "high": 6},
        "c": {"type": "categorical", "choices": ["a", 2, false]},
        "b": {"type": "bool", "if": {"c": "a"}}}}})";

Registry<Sampler> makeSamplers() {
    Registry<Sampler> registry;
    addBuiltinSamplers(registry);
    return registry;
}
const Registry<Sampler> kSamplers = makeSamplers();

Json said(SearchProtocol& protocol, const std::string& line) { return Json::parse(protocol.answer(line)); }

std::string errorOf(SearchProtocol& protocol, const std::string& line) {
    const Json answer = said(protocol, line);
    return answer.contains("error") && answer.size() == 1 ? answer["error"].get<std::string>()
                                                          : "no error: " + answer.dump();
}

std::string tellLine(const Json& trial) {
    const double x = trial["params"]["x"].get<double>();
    const double value = x * x + std::pow(std::log10(trial["params"]["lr"].get<double>()) + 4, 2);
    const Json told{{"id", trial["id"]}, {"value", value}};
    return Json::object({{"tell", told}}).dump();
}

/// One at a time until the budget is used up; all that was answered.
std::vector<std::string> finish(SearchProtocol& protocol) {
    std::vector<std::string> answers;
    while (true) {
        answers.push_back(protocol.answer(R"({"ask": 1})"));
        const Json answer = Json::parse(answers.back());
        if (!answer.contains("trials"))
            return answers;
        answers.push_back(protocol.answer(tellLine(answer["trials"][0])));
    }
}

} // namespace

class TestSearchProtocol : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aSearchByLines() {
        SearchProtocol protocol(kSamplers);
        QCOMPARE(said(protocol, kCreate).dump(), std::string(R"({"ok":true})"));
        const Json asked = said(protocol, R"({"ask": 2})");
        QCOMPARE(asked["trials"].size(), std::size_t{2});
        QCOMPARE(asked["trials"][1]["id"], 1);
        const Json& params = asked["trials"][0]["params"];
        QCOMPARE(params.begin().key(), std::string("x")); // in the order of the space
        QVERIFY(params["x"].is_number_float() && params["k"].is_number_integer());
        QVERIFY(params["c"] == "a" || params["c"] == 2 || params["c"] == false); // as they were given
        QCOMPARE(params.contains("b"), params["c"] == "a");
        QVERIFY(errorOf(protocol, R"({"best": true})").find("no trial is the best yet") == 0);
        QCOMPARE(said(protocol, R"({"tell": {"id": 1, "value": 1.25}})").dump(),
                 std::string(R"({"ok":true})"));
        const Json best = said(protocol, R"({"best": true})");
        QCOMPARE(best["id"], 1);
        QCOMPARE(best["value"], 1.25);
        QCOMPARE(best["params"], asked["trials"][1]["params"]);
    }

    void everythingToldIsInTheTable() {
        SearchProtocol protocol(kSamplers);
        (void)protocol.answer(kCreate);
        (void)protocol.answer(R"({"ask": 5})");
        for (const char* line :
             {R"({"tell": {"id": 0, "value": 0.1, "constraints": [-1, 0.5]}})",
              R"({"tell": {"id": 1, "failed": true, "reason": "out of memory"}})",
              R"({"tell": {"id": 2, "intermediate": {"10": 0.5, "2": 3}}})",
              R"({"tell": {"id": 2, "pruned": true}})", R"({"tell": {"id": 3, "value": NaN}})"})
            QCOMPARE(said(protocol, line).dump(), std::string(R"({"ok":true})"));
        Json trials = said(protocol, R"({"trials": true})")["trials"];
        for (Json& trial : trials)
            trial.erase("params");
        QCOMPARE(trials[0].dump(),
                 std::string(R"({"id":0,"state":"complete","value":0.1,"constraints":[-1.0,0.5]})"));
        QCOMPARE(trials[1].dump(), std::string(R"({"id":1,"state":"failed","reason":"out of memory"})"));
        QCOMPARE(trials[2].dump(),
                 std::string(R"({"id":2,"state":"pruned","value":0.5,"intermediate":{"2":3.0,"10":0.5}})"));
        QCOMPARE(trials[3]["state"], "failed");
        QCOMPARE(trials[4].dump(), std::string(R"({"id":4,"state":"pending"})"));
    }

    void numbersReadBackToTheSameBits() {
        SearchProtocol protocol(kSamplers);
        (void)protocol.answer(kCreate);
        const Json trial = said(protocol, R"({"ask": 1})")["trials"][0];
        const double value = 0.1 + 0.2;
        Json told{{"id", 0}, {"value", value}};
        (void)protocol.answer(Json::object({{"tell", told}}).dump());
        const Json best = said(protocol, R"({"best": true})");
        QVERIFY(best["value"].get<double>() == value);
        QVERIFY(best["params"]["lr"].get<double>() == trial["params"]["lr"].get<double>());
    }

    void aSavedSearchGoesOnAsIfNeverStopped() {
        const test::TempFolder folder;
        const std::string file = (folder / "search.json").string();
        SearchProtocol whole(kSamplers);
        SearchProtocol first(kSamplers);
        for (SearchProtocol* protocol : {&whole, &first}) {
            (void)protocol->answer(kCreate);
            for (int i = 0; i < 5; ++i) {
                const Json asked = said(*protocol, R"({"ask": 2})");
                (void)protocol->answer(tellLine(asked["trials"][1])); // the other one stays pending
            }
        }
        QCOMPARE(said(first, Json::object({{"save", file}}).dump()).dump(), std::string(R"({"ok":true})"));
        SearchProtocol second(kSamplers);
        QCOMPARE(said(second, Json::object({{"load", file}}).dump()).dump(), std::string(R"({"ok":true})"));
        QCOMPARE(second.answer(R"({"trials": true})"), whole.answer(R"({"trials": true})"));
        const auto expected = finish(whole);
        QCOMPARE(expected.size(), std::size_t{41}); // 20 are left, each asked and told, and a refusal
        QVERIFY(finish(second) == expected);
    }

    void aFileThatAnotherSearchSavesToIsRefusedUntilThatHasEnded() {
        const test::TempFolder folder;
        const std::string save = Json::object({{"save", (folder / "search.json").string()}}).dump();
        SearchProtocol second(kSamplers);
        (void)second.answer(kCreate);
        {
            SearchProtocol first(kSamplers);
            (void)first.answer(kCreate);
            QCOMPARE(said(first, save).dump(), std::string(R"({"ok":true})"));
            const std::string error = errorOf(second, save);
            QVERIFY2(error.find("search.json: is in use by another search (process ") != std::string::npos,
                     error.c_str());
            QCOMPARE(said(first, save).dump(), std::string(R"({"ok":true})")); // its own lock is no hindrance
        }
        QCOMPARE(said(second, save).dump(), std::string(R"({"ok":true})"));
    }

    void severalObjectivesAreToldTogether() {
        SearchProtocol protocol(kSamplers);
        const std::string space = R"("space": {"x": {"type": "float", "low": 0, "high": 1}})";
        QCOMPARE(
            said(protocol, R"({"create": {"sampler": "nsga2", "directions": ["minimize", "maximize"], )" +
                               space + "}}"),
            Json({{"ok", true}}));
        (void)protocol.answer(R"({"ask": 3})");
        QVERIFY(errorOf(protocol, R"({"tell": {"id": 0, "value": 1}})").find("has 1 value") !=
                std::string::npos);
        QVERIFY(errorOf(protocol, R"({"tell": {"id": 0, "value": 1, "values": [1, 2]}})").find("values") ==
                0);
        for (const char* line :
             {R"({"tell": {"id": 0, "values": [1, 2]}})", R"({"tell": {"id": 1, "values": [2, 3]}})",
              R"({"tell": {"id": 2, "values": [2, 2]}})"})
            QCOMPARE(said(protocol, line), Json({{"ok", true}}));
        const Json best = said(protocol, R"({"best": true})");
        QCOMPARE(best["front"].size(), std::size_t{2});
        QCOMPARE(best["front"][0]["id"], Json(0));
        QCOMPARE(best["front"][1]["values"], Json({2.0, 3.0}));
        QVERIFY(best["front"][1]["params"].contains("x"));

        test::TempFolder folder;
        const std::string file = (folder.path() / "search.json").string();
        (void)protocol.answer(Json::object({{"save", file}}).dump());
        SearchProtocol other(kSamplers);
        QCOMPARE(said(other, Json::object({{"load", file}}).dump()), Json({{"ok", true}}));
        QCOMPARE(other.answer(R"({"best": true})"), protocol.answer(R"({"best": true})"));
        QCOMPARE(other.answer(R"({"ask": 2})"), protocol.answer(R"({"ask": 2})"));

        for (const char* wrong :
             {R"("directions": [])", R"("directions": "minimize")", R"("directions": ["up"])",
              R"("direction": "minimize", "directions": ["minimize"])",
              R"("sampler": "mads", "directions": ["minimize", "minimize"])"})
            QVERIFY2(errorOf(protocol, R"({"create": {)" + space + ", " + wrong + "}}").find("no error") ==
                         std::string::npos,
                     wrong);
    }

    void linesInAndLinesOut() {
        const std::string longName(300'000, 'n');
        std::istringstream input(R"({"create": {"space": {")" + longName + R"(": {"type": "bool"}}}})" +
                                 "\n\n  \r\n{\"ask\": 1}\r\nnonsense\n{\"best\": true}");
        std::ostringstream output;
        SearchProtocol(kSamplers).serve(input, output);
        std::vector<Json> lines;
        std::istringstream read(output.str());
        for (std::string line; std::getline(read, line);)
            lines.push_back(Json::parse(line));
        QCOMPARE(lines.size(), std::size_t{4}); // empty lines are passed over
        QCOMPARE(lines[0]["ok"], true);
        QVERIFY(lines[1]["trials"][0]["params"].contains(longName));
        QVERIFY(lines[2]["error"].get<std::string>().find("this is not JSON") == 0);
        QVERIFY(lines[3].contains("error"));
    }

    void whatIsLeftOutIsAsUsual() {
        SearchProtocol protocol(kSamplers);
        const std::string space = R"({"x": {"type": "float", "low": 0, "high": 1}})";
        QCOMPARE(said(protocol, R"({"create": {"space": )" + space + "}}")["ok"], true);
        QCOMPARE(said(protocol, R"({"ask": 100})")["trials"].size(), std::size_t{100});
        QVERIFY(errorOf(protocol, R"({"ask": 1})").find("the budget of 100 trials has none left") !=
                std::string::npos);
        const auto problem = [&protocol, &space](const char* rest) {
            return errorOf(protocol, R"({"create": {"space": )" + space + ", " + rest + "}}");
        };
        QVERIFY(problem(R"("direction": "up")").find("choose minimize or maximize") != std::string::npos);
        QVERIFY(problem(R"("sampler": "tp")").find("tp: is not known; choose one of ") != std::string::npos);
        QVERIFY(problem(R"("sampler": 3)").find("sampler: is 3") == 0);
        QVERIFY(problem(R"("seed": -1)").find("seed: is -1") == 0);
        QVERIFY(problem(R"("budget": 0)").find("budget: 0 is below 1") == 0);
        QVERIFY(problem(R"("budgte": 5)").find("\"budgte\" is not known") != std::string::npos);
        QVERIFY(problem(R"("options": [])").find("options: is []") == 0);
        QVERIFY(problem(R"("options": {"a": 1})").find("a is not a parameter") == 0);
        QVERIFY(errorOf(protocol, R"({"ask": 1})").find("none left") != std::string::npos); // still the first
    }

    void everyMistakeIsAnswered_data() {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QByteArray>("words");
        const auto row = [](const char* line, const char* words) {
            QTest::newRow(line) << QByteArray(line) << QByteArray(words);
        };
        row("{", "this is not JSON: parse error at line 1");
        row("[1]", "one object with one command is needed");
        row("{}", "one object with one command is needed");
        row(R"({"ask": 1, "best": true})", "one object with one command is needed");
        row(R"({"aks": 1})", "\"aks\" is not known; there are create, ask");
        row(R"({"ask": 1, "ask": 2})", "\"ask\" stands twice");
        row(R"({"ask": 0})", "ask: 0 is below 1");
        row(R"({"ask": -1})", "ask: -1 is below 1");
        row(R"({"ask": "2"})", "ask: is \"2\"; a whole number is needed");
        row(R"({"ask": 1.5})", "ask: is 1.5; a whole number is needed");
        row(R"({"ask": 31})", "only 29 left");
        row(R"({"best": 1})", "best: is 1; write true");
        row(R"({"tell": 3})", "tell: is 3; write it as in");
        row(R"({"tell": {"value": 1}})", "id: is missing");
        row(R"({"tell": {"id": "0", "value": 1}})", "id: is \"0\"");
        row(R"({"tell": {"id": 1, "value": 1}})", "trial 1: was never asked for");
        row(R"({"tell": {"id": 0}})", "trial 0: is told nothing");
        row(R"({"tell": {"id": 0, "vaule": 1}})", "\"vaule\" is not known");
        row(R"({"tell": {"id": 0, "value": "1"}})", "value: is \"1\"; a number is needed");
        row(R"({"tell": {"id": 0, "value": 1e999}})", "this is not JSON");
        row(R"({"tell": {"id": 0, "failed": "yes"}})", "failed: is \"yes\"");
        row(R"({"tell": {"id": 0, "constraints": 1}})", "constraints: is 1; a list of numbers");
        row(R"({"tell": {"id": 0, "constraints": ["a"]}})", "constraints: is \"a\"");
        row(R"({"tell": {"id": 0, "intermediate": [1]}})", "intermediate: is [1]; steps and values");
        row(R"({"tell": {"id": 0, "intermediate": {"one": 1}}})", "\"one\" is no step");
        row(R"({"save": true})", "save: is true; the name of a file is needed");
        row(R"({"save": "/nowhere/at/all.json"})", "/nowhere/at/all.json: cannot be written");
        row(R"({"load": "/nowhere/at/all.json"})", "/nowhere/at/all.json: cannot be read");
        row("\"\xff\"", "this is not JSON");
    }
    void everyMistakeIsAnswered() {
        QFETCH(QByteArray, line);
        QFETCH(QByteArray, words);
        SearchProtocol protocol(kSamplers);
        (void)protocol.answer(kCreate);
        (void)protocol.answer(R"({"ask": 1})");
        const std::string before = protocol.answer(R"({"trials": true})");
        const std::string message = errorOf(protocol, line.toStdString());
        QVERIFY2(message.find(words.toStdString()) != std::string::npos, message.c_str());
        QCOMPARE(protocol.answer(R"({"trials": true})"), before);
    }

    void derivedValuesAreGivenAndForbiddenPointsAreNot() {
        SearchProtocol protocol(kSamplers);
        const test::TempFolder folder;
        const std::string file = (folder / "search.json").string();
        QCOMPARE(said(protocol, R"({"create": {"sampler": "auto", "budget": 40, "space": {
                     "rank": {"type": "int", "low": 1, "high": 64, "at_most": "2 * width"},
                     "width": {"type": "categorical", "choices": [4, 8, 64]},
                     "kind": {"type": "categorical", "choices": ["a", "b"]}},
                     "derived": {"alpha": "2 * rank", "name": "kind"},
                     "forbidden": ["kind == 'a' and rank > 8"]}})")
                     .dump(),
                 std::string(R"({"ok":true})"));
        for (int i = 0; i < 30; ++i) {
            const Json trial = said(protocol, R"({"ask": 1})")["trials"][0];
            const Json& params = trial["params"];
            QVERIFY(params["rank"] <= 2 * params["width"].get<int>());
            QVERIFY(params["kind"] == "b" || params["rank"] <= 8);
            QCOMPARE(params["alpha"].get<int>(), 2 * params["rank"].get<int>());
            QCOMPARE(params["name"], params["kind"]);
            const Json told{{"id", trial["id"]}, {"value", params["rank"].get<double>()}};
            (void)protocol.answer(Json::object({{"tell", told}}).dump());
        }
        QVERIFY(said(protocol, R"({"best": true})")["params"].contains("alpha"));
        QCOMPARE(said(protocol, Json::object({{"save", file}}).dump())["ok"], true);
        SearchProtocol again(kSamplers);
        QCOMPARE(said(again, Json::object({{"load", file}}).dump()).dump(), std::string(R"({"ok":true})"));
        QCOMPARE(again.answer(R"({"ask": 3})"), protocol.answer(R"({"ask": 3})"));
    }

    void limitsOnMetricsDecideWhichTrialCanBeTheBest() {
        SearchProtocol protocol(kSamplers);
        (void)protocol.answer(R"({"create": {"space": {"k": {"type": "int", "low": 1, "high": 6}},
                                             "constraints": ["seconds <= 10", "value >= 0"]}})");
        (void)protocol.answer(R"({"ask": 3})");
        QVERIFY(errorOf(protocol, R"({"tell": {"id": 0, "value": 1}})").find("trial 0: tells no seconds") ==
                0);
        QCOMPARE(said(protocol, R"({"tell": {"id": 0, "value": 1, "metrics": {"seconds": 20}}})")["ok"],
                 true);
        QCOMPARE(said(protocol, R"({"tell": {"id": 1, "value": 2, "metrics": {"seconds": 5}}})")["ok"], true);
        QCOMPARE(said(protocol, R"({"best": true})")["id"], 1);
        const Json trial = said(protocol, R"({"trials": true})")["trials"][0];
        QCOMPARE(trial["constraints"].dump(), std::string("[1.0,-1.0]"));
        QCOMPARE(trial["reason"], "seconds <= 10 does not hold: seconds is 20");
    }

    void rulesThatCannotBeReadAreAnswered_data() {
        QTest::addColumn<QByteArray>("rule");
        QTest::addColumn<QByteArray>("words");
        const auto row = [](const char* rule, const char* words) {
            QTest::newRow(rule) << QByteArray(rule) << QByteArray(words);
        };
        row(R"("forbidden": ["kk > 3"])",
            "forbidden: \"kk > 3\", column 1: kk is not known here; did you mean k?");
        row(R"("forbidden": "k > 3")", "forbidden: is \"k > 3\"; a list of expressions is needed");
        row(R"("forbidden": ["k > 0"])", "no error"); // found out when it is asked
        row(R"("derived": ["k"])", "derived: is [\"k\"]; names and expressions are needed");
        row(R"("derived": {"k": "2"})", "k is searched and derived");
        row(R"("derived": {"m": "k +"})", "derived m: \"k +\", column 4");
        row(R"("derived": {"m": 3})", "derived: m is 3; an expression in quotes is needed");
        row(R"("constraints": ["k and true"])", "constraint: ");
        row(R"("constraints": ["k == 3"])", "is no limit");
    }
    void rulesThatCannotBeReadAreAnswered() {
        QFETCH(QByteArray, rule);
        QFETCH(QByteArray, words);
        SearchProtocol protocol(kSamplers);
        const std::string message =
            errorOf(protocol, R"({"create": {"space": {"k": {"type": "int", "low": 1, "high": 6}}, )" +
                                  rule.toStdString() + "}}");
        QVERIFY2(message.find(words.toStdString()) != std::string::npos, message.c_str());
        if (words == "no error")
            QVERIFY(errorOf(protocol, R"({"ask": 1})").find("\"k > 0\" is forbidden") != std::string::npos);
    }

    void withoutASearchThereIsNothingToAsk() {
        SearchProtocol protocol(kSamplers);
        for (const char* line : {R"({"ask": 1})", R"({"tell": {"id": 0, "value": 1}})", R"({"best": true})",
                                 R"({"trials": true})", R"({"save": "a"})"})
            QVERIFY(errorOf(protocol, line).find("there is no search yet") == 0);
    }

    void aFileThatIsNoneOfOursIsNamed() {
        const test::TempFolder folder;
        SearchProtocol protocol(kSamplers);
        const auto problem = [&](const std::string& text) {
            const std::string file = folder.write("search.json", text).string();
            const std::string message = errorOf(protocol, Json::object({{"load", file}}).dump());
            return message.find(file + ": ") == 0 ? message.substr(file.size() + 2) : message;
        };
        QVERIFY(problem("{").find("this is not JSON") == 0);
        QVERIFY(problem("[]").find("is not a search that was saved") == 0);
        QVERIFY(problem(R"({"lathe_search": 2, "create": {}, "trials": []})").find("has the version 2") == 0);
        const std::string begin =
            R"({"lathe_search": 1, "create": {"space": {"k": {"type": "int", "low": 1, "high": 6}}}, "trials": [)";
        QVERIFY(problem(begin + "3]}").find("trials: holds 3") == 0);
        QCOMPARE(problem(begin + R"({"id": 0, "state": "pending", "params": {"k": 7}}]})"),
                 std::string("k 7 is above 6; choose 1 to 6"));
        QVERIFY(problem(begin + R"({"id": 0, "state": "done", "params": {"k": 3}}]})")
                    .find("state: is \"done\"") == 0);
        QVERIFY(problem(begin + R"({"id": 1, "state": "pending", "params": {"k": 3}}]})")
                    .find("none may be missing") != std::string::npos);
        QVERIFY(problem(begin + R"({"id": 0, "state": "pending", "params": {"k": 3}}]})").find("no error") ==
                0);
    }
};

QTEST_GUILESS_MAIN(TestSearchProtocol)
#include "tst_search_protocol.moc"
