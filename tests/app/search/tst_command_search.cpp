#include "app/search/command_search.h"
#include "core/base/files.h"
#include "core/search/ranking.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <signal.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

using namespace lathe;

namespace {

using Json = nlohmann::ordered_json;

constexpr int kLimitMs = 20'000; // some dozens of shells, on a machine that is busy

const Registry<Sampler>& samplers() {
    static const Registry<Sampler> registry = [] {
        Registry<Sampler> all;
        addBuiltinSamplers(all);
        return all;
    }();
    return registry;
}

SearchStudy studyOf(std::int64_t budget, const char* sampler = "mads") {
    Json request = Json::parse(R"({"space": {"x": {"type": "int", "low": -50, "high": 50},
                                             "y": {"type": "int", "low": 0, "high": 9}}})");
    request["budget"] = budget;
    request["sampler"] = sampler;
    return std::move(SearchStudy::create(request, samplers())).value();
}

CommandSearch searchBy(const std::string& command, const SearchStudy& study) {
    return {CommandTemplate::make(command, study.space()).value(),
            1,
            {},
            [] { return false; },
            [](std::int64_t) {}};
}

constexpr const char* kParabola = "echo $(( {x} * {x} + $LATHE_PARAM_Y ))";

double parabola(const ParamValues& point) {
    return static_cast<double>(point.integer("x") * point.integer("x") + point.integer("y"));
}

bool hasChildren() { return ::waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD; }

std::vector<ParamValues> pointsOf(const SearchStudy& study) {
    std::vector<ParamValues> points;
    for (const ObservedTrial& trial : study.search().trials())
        points.push_back(trial.values);
    return points;
}

} // namespace

class TestCommandSearch : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void derivedValuesAreParametersOfTheCommandToo() {
        const Json request =
            Json::parse(R"({"space": {"k": {"type": "int", "low": 1, "high": 9}}, "budget": 4,
                                             "derived": {"twice": "2 * k"}, "constraints": ["size <= 9"]})");
        SearchStudy study = std::move(SearchStudy::create(request, samplers())).value();
        CommandSearch how = searchBy("true", study);
        const std::string command =
            "echo '{\"value\": '$LATHE_PARAM_TWICE', \"metrics\": {\"size\": '{twice}'} }'";
        how.command = CommandTemplate::make(command, study.wholeSpace()).value();
        QVERIFY(runCommands(study, how).has_value());
        for (const ObservedTrial& trial : study.search().trials()) {
            QCOMPARE(trial.objective, std::optional(2.0 * static_cast<double>(trial.values.integer("k"))));
            QCOMPARE(trial.constraints[0] > 0, trial.values.integer("k") > 4);
        }
    }

    void eachPointIsRunAndItsValueTold() {
        for (const std::size_t slots : {std::size_t{1}, std::size_t{3}}) {
            SearchStudy study = studyOf(12);
            CommandSearch how = searchBy(kParabola, study);
            how.slots = slots;
            std::size_t told = 0;
            how.trialEnded = [&told](std::int64_t) { ++told; };
            const auto outcome = runCommands(study, how);
            QVERIFY2(outcome.has_value() && outcome->problem.empty() && !outcome->wasStopped, "");
            QCOMPARE(told, std::size_t{12});
            QCOMPARE(study.search().trials().size(), std::size_t{12});
            for (const ObservedTrial& trial : study.search().trials()) {
                QVERIFY(trial.state == TrialState::Complete);
                QCOMPARE(trial.objective.value(), parabola(trial.values));
            }
            QVERIFY(!hasChildren());
        }
    }

    void aCommandThatFailsIsAFailedTrialWithTheReason() {
        SearchStudy study = studyOf(4, "random");
        const auto outcome = runCommands(
            study,
            searchBy("case $LATHE_TRIAL in 0) echo no memory >&2; exit 2;; 1) echo word;; "
                     "2) echo '{\"value\": 1, \"constraints\": [2]}';; 3) echo '{\"value\": 1}';; esac",
                     study));
        QVERIFY(outcome.has_value());
        QCOMPARE(study.search().details(0).note, std::string("exit code 2: no memory"));
        QVERIFY(study.search().details(1).note.find("it printed no number") == 0);
        QCOMPARE(study.search().trials()[2].constraints, std::vector<double>{2});
        QVERIFY(study.search().details(3).note.find("tells 0 constraints") == 0); // and the search goes on
    }

    void aGridThatIsUsedUpEndsTheSearch() {
        SearchStudy study = std::move(SearchStudy::create(Json::parse(R"({"sampler": "grid", "space":
            {"k": {"type": "int", "low": 1, "high": 3}}})"),
                                                          samplers()))
                                .value();
        const auto outcome = runCommands(study, searchBy("echo {k}", study));
        QVERIFY(outcome.has_value());
        QVERIFY(outcome->problem.find("grid were tried, in 3 trials") != std::string::npos);
        QCOMPARE(study.search().best().has_value(), true);
    }

    void aStopEndsTheCommandsAndKeepsTheirTrials() {
        const test::TempFolder folder;
        SearchStudy study = studyOf(10);
        CommandSearch how =
            searchBy("case $LATHE_TRIAL in [01]) echo 1;; *) echo $$ >> \"$PIDS\"; sleep 60;; esac", study);
        const std::filesystem::path pids = folder / "pids";
        qputenv("PIDS", pids.c_str());
        how.slots = 2;
        how.file = folder / "study.json";
        how.shouldStop = [&pids] {
            const auto written = readFile(pids);
            return written.has_value() && std::ranges::count(*written, '\n') == 2;
        };
        const auto outcome = runCommands(study, how);
        qunsetenv("PIDS");
        QVERIFY(outcome.has_value() && outcome->wasStopped);
        QVERIFY(!hasChildren());
        std::istringstream written(readFile(pids).value());
        for (pid_t process = 0; written >> process;)
            QVERIFY(::kill(process, 0) != 0);
        const auto saved = SearchStudy::load(how.file, samplers());
        QVERIFY(saved.has_value());
        QVERIFY(isPending(saved->search().trials()[2].state) && isPending(saved->search().trials()[3].state));
        QVERIFY(saved->search().trials()[1].state == TrialState::Complete);
    }

    void aFileThatCannotBeWrittenEndsIt() {
        SearchStudy study = studyOf(10);
        CommandSearch how = searchBy(kParabola, study);
        how.file = "/nowhere/at/all.json";
        QVERIFY(runCommands(study, how).error().text().find("cannot be written") != std::string::npos);
        QVERIFY(!hasChildren());
    }

    /// With one slot a search that was killed proposes what one that was not does.
    void killingTheProgramLosesNothing() {
        const test::TempFolder folder;
        SearchStudy whole = studyOf(16);
        QVERIFY(runCommands(whole, searchBy(kParabola, whole)).has_value());

        const std::filesystem::path file = folder / "study.json";
        QVERIFY(studyOf(16).save(file).has_value());
        for (const std::size_t enough : {std::size_t{2}, std::size_t{5}, std::size_t{11}}) {
            const pid_t program = ::fork();
            if (program == 0) {
                SearchStudy study = std::move(SearchStudy::load(file, samplers())).value();
                CommandSearch how = searchBy(kParabola, study);
                how.file = file;
                (void)runCommands(study, how);
                ::_exit(0);
            }
            const auto hasEnough = [&] {
                return SearchStudy::load(file, samplers())->search().trials().size() >= enough;
            };
            QTRY_VERIFY_WITH_TIMEOUT(hasEnough(), kLimitMs);
            ::kill(program, SIGKILL);
            ::waitpid(program, nullptr, 0);
        }
        SearchStudy study = std::move(SearchStudy::load(file, samplers())).value();
        CommandSearch how = searchBy(kParabola, study);
        how.file = file;
        QVERIFY(runCommands(study, how).has_value());
        QVERIFY(pointsOf(study) == pointsOf(whole));
        for (const ObservedTrial& trial : study.search().trials())
            QCOMPARE(trial.objective.value(), parabola(trial.values));
        QCOMPARE(study.search().best(), whole.search().best());
    }

    void aLargerBudgetGoesOn() {
        const test::TempFolder folder;
        SearchStudy study = studyOf(3, "random");
        CommandSearch how = searchBy(kParabola, study);
        how.file = folder / "study.json";
        QVERIFY(runCommands(study, how).has_value());
        SearchStudy more = std::move(SearchStudy::load(how.file, samplers(), 5)).value();
        QVERIFY(runCommands(more, searchBy(kParabola, more)).has_value());
        QCOMPARE(more.search().trials().size(), std::size_t{5});
        QCOMPARE(more.request()["budget"], 5);
    }
};

QTEST_GUILESS_MAIN(TestCommandSearch)
#include "tst_command_search.moc"
