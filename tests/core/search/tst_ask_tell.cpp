#include "core/search/ask_tell.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace lathe;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Registry<Sampler> samplers() {
    Registry<Sampler> registry;
    addBuiltinSamplers(registry);
    return registry;
}

StudySpec specOf(const std::string& samplerId, std::int64_t budget) {
    StudySpec spec;
    spec.space = {{"x", RealDomain{-5, 10}, {}},
                  {"rate", RealDomain{1e-6, 1e-3, true}, {}},
                  {"dropout", RealDomain{0, 0.5, false, false, 0.1}, {}},
                  {"k", IntDomain{1, 6}, {}},
                  {"kind", ChoiceDomain{{"a", "b"}, {}, false}, {}},
                  {"width", IntDomain{8, 64, 8}, {{{"kind", {"a"}}}}}};
    spec.samplerId = samplerId;
    spec.trialCount = budget;
    spec.seed = 7;
    return spec;
}

AskTell searchOf(const StudySpec& spec) {
    return std::move(AskTell::make(spec, std::move(samplers().make(spec.samplerId)).value())).value();
}

AskTell randomSearch(std::int64_t budget = 10) { return searchOf(specOf("random", budget)); }

/// The same search as another program would find it.
AskTell paused(const AskTell& search) {
    SavedSearch saved;
    saved.trials.assign(search.trials().begin(), search.trials().end());
    for (const ObservedTrial& trial : search.trials())
        saved.details.push_back(search.details(trial.number));
    saved.samplerState = search.samplerState();
    auto sampler = std::move(samplers().make(search.spec().samplerId)).value();
    return std::move(AskTell::resume(search.spec(), std::move(sampler), std::move(saved))).value();
}

TrialReport valued(double value) {
    TrialReport report;
    report.value = value;
    return report;
}

TrialReport constrained(double value, std::vector<double> constraints) {
    TrialReport report = valued(value);
    report.constraints = std::move(constraints);
    return report;
}

double objectiveOf(const ParamValues& point) {
    return std::pow(point.real("x") - 2, 2) + std::pow(std::log10(point.real("rate")) + 4, 2) +
           point.real("dropout");
}

std::string errorOf(const Status& status) { return status.has_value() ? "no error" : status.error().text(); }

/// Batches of three, told in reverse; every seventh trial fails. Pauses before batch number `pause`.
std::vector<ParamValues> pointsOf(const StudySpec& spec, int pause) {
    AskTell search = searchOf(spec);
    for (int batch = 0; search.left() > 0; ++batch) {
        if (batch == pause)
            search = paused(search);
        auto trials = search.ask(std::min<std::int64_t>(3, search.left())).value();
        if (batch == pause) // also with trials that are not told yet
            search = paused(search);
        std::ranges::reverse(trials);
        for (const ObservedTrial& trial : trials) {
            TrialReport report = valued(objectiveOf(trial.values));
            report.isFailed = trial.number % 7 == 3;
            if (!search.tell(trial.number, report).has_value())
                return {};
        }
    }
    std::vector<ParamValues> points;
    for (const ObservedTrial& trial : search.trials())
        points.push_back(trial.values);
    return points;
}

} // namespace

class TestAskTell : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPauseChangesNothing_data() {
        QTest::addColumn<QString>("id");
        for (const PartInfo& info : samplers().list())
            QTest::newRow(info.id.c_str()) << QString::fromStdString(info.id);
    }
    void aPauseChangesNothing() {
        QFETCH(QString, id);
        const StudySpec spec = specOf(id.toStdString(), 18);
        const auto whole = pointsOf(spec, -1);
        QCOMPARE(whole.size(), std::size_t{18});
        for (const int pause : {1, 4})
            QVERIFY2(pointsOf(spec, pause) == whole, QByteArray::number(pause).constData());
    }

    void severalObjectivesHaveAFront() {
        StudySpec spec = specOf("tpe", 10);
        spec.furtherObjectives = {{"accuracy", true}};
        AskTell search = searchOf(spec);
        (void)search.ask(6).value();
        const auto told = [](double first, std::vector<double> further) {
            TrialReport report = valued(first);
            report.furtherValues = std::move(further);
            return report;
        };
        QCOMPARE(errorOf(search.tell(0, told(1, {}))),
                 std::string("trial 0: has 1 value, the search 2 objectives; tell a value for each"));
        QCOMPARE(errorOf(search.tell(0, told(1, {2, 3}))),
                 std::string("trial 0: has 3 values, the search 2 objectives; tell a value for each"));
        QVERIFY(search.tell(0, told(2, {0.9})).has_value());
        QVERIFY(search.tell(1, told(1, {0.5})).has_value());
        QVERIFY(search.tell(2, told(2, {0.4})).has_value());
        QVERIFY(search.tell(3, told(0, {kNaN})).has_value()); // failed
        QVERIFY(search.tell(4, constrained(0, {0.5})).has_value() == false);
        TrialReport infeasible = told(0, {1});
        infeasible.constraints = {};
        infeasible.isPruned = true;
        infeasible.intermediate = {{5, 0.1}};
        QVERIFY(search.tell(5, infeasible).has_value());
        QCOMPARE(search.front(), (std::vector<std::int64_t>{1, 0}));
        QVERIFY(search.best() == 1);
        QVERIFY(search.trials()[3].state == TrialState::Failed);
        QVERIFY(paused(search).front() == search.front());
    }

    void aSamplerOfOneObjectiveRefusesSeveral() {
        StudySpec spec = specOf("cma_es", 10);
        spec.furtherObjectives = {{"accuracy", true}};
        const auto search = AskTell::make(spec, std::move(samplers().make("cma_es")).value());
        QVERIFY(!search.has_value());
        QVERIFY(search.error().text().starts_with("cma_es: looks for the best of one objective"));
        spec.furtherObjectives = {spec.objective};
        QVERIFY(!AskTell::make(spec, std::move(samplers().make("random")).value()).has_value());
    }

    void pointsAreAFunctionOfSeedAndNumber() {
        AskTell search = randomSearch();
        (void)search.ask(3).value();
        Rng rng = askStream(7, 3);
        const auto expected =
            std::move(samplers().make("random")).value()->ask({search.spec(), search.trials()}, rng).value();
        QVERIFY(search.ask(1).value().front().values == expected);
    }

    void idsCountFromZeroAndTrialsArePending() {
        AskTell search = randomSearch();
        const auto trials = search.ask(2).value();
        QCOMPARE(trials.size(), std::size_t{2});
        QCOMPARE(trials[1].number, 1);
        QCOMPARE(search.ask(1).value().front().number, 2);
        QVERIFY(!isFinal(search.trials()[0].state));
    }

    void theBestFollowsTheDirection() {
        for (const bool isMax : {false, true}) {
            StudySpec spec = specOf("random", 10);
            spec.objective = {"value", isMax};
            AskTell search = searchOf(spec);
            QVERIFY(!search.best());
            (void)search.ask(4).value();
            for (const auto& [number, value] :
                 std::vector<std::pair<std::int64_t, double>>{{3, 1}, {0, 2}, {2, 1}, {1, 2}})
                QVERIFY(search.tell(number, valued(value)).has_value());
            QCOMPARE(search.best().value(), isMax ? 0 : 2); // the earliest of equals
        }
    }

    void whatViolatesAConstraintIsNotTheBest() {
        AskTell search = randomSearch();
        (void)search.ask(3).value();
        QVERIFY(search.tell(0, constrained(1, {0.5, -1})).has_value());
        QVERIFY(!search.best());
        QVERIFY(search.tell(1, constrained(2, {0, -1})).has_value());
        QCOMPARE(search.best().value(), 1);
        TrialReport noValue;
        noValue.constraints = {1, 1};
        QVERIFY(search.tell(2, noValue).has_value()); // it needs none
        QVERIFY(search.trials()[2].state == TrialState::Complete);
    }

    void aNumberThatIsNoneCountsAsFailed() {
        AskTell search = randomSearch();
        (void)search.ask(3).value();
        QVERIFY(search.tell(0, valued(kNaN)).has_value());
        QVERIFY(search.tell(1, valued(-std::numeric_limits<double>::infinity())).has_value());
        QVERIFY(search.tell(2, constrained(1, {kNaN})).has_value());
        for (const ObservedTrial& trial : search.trials()) {
            QVERIFY(trial.state == TrialState::Failed);
            QVERIFY(!trial.objective);
        }
        QCOMPARE(search.details(1).note, std::string("its value -inf is not a finite number"));
        QVERIFY(!search.best());
    }

    void intermediateValuesLeaveTheTrialPending() {
        AskTell search = randomSearch();
        (void)search.ask(2).value();
        TrialReport report;
        report.intermediate = {{1, 0.5}, {10, 0.25}};
        QVERIFY(search.tell(0, report).has_value());
        QVERIFY(search.trials()[0].state == TrialState::Running);
        report.intermediate = {{5, 0.375}};
        report.isPruned = true;
        QVERIFY(search.tell(0, report).has_value());
        QVERIFY(search.trials()[0].state == TrialState::Pruned);
        QCOMPARE(search.trials()[0].objective.value(), 0.25); // the last step's, not the last told
        QCOMPARE(search.trials()[0].steps, 10);
        QCOMPARE(search.details(0).intermediate.size(), std::size_t{3});
    }

    void refusalsSayWhyAndChangeNothing() {
        AskTell search = randomSearch(4);
        QVERIFY(errorOf(search.tell(0, valued(1))).find("no trial was yet") != std::string::npos);
        (void)search.ask(3).value();
        QCOMPARE(errorOf(search.tell(3, valued(1))),
                 std::string("trial 3: was never asked for; there are trials 0 to 2"));
        QVERIFY(errorOf(search.tell(-1, valued(1))).find("never asked for") != std::string::npos);
        QVERIFY(search.tell(1, valued(1)).has_value());
        QCOMPARE(errorOf(search.tell(1, valued(2))),
                 std::string("trial 1: is complete already; tell each trial's end once"));
        QCOMPARE(search.trials()[1].objective.value(), 1.0);
        QVERIFY(errorOf(search.tell(0, {})).find("is told nothing") != std::string::npos);
        TrialReport met;
        met.constraints = {-1};
        QVERIFY(errorOf(search.tell(0, met)).find("has no value") != std::string::npos);
        QVERIFY(errorOf(search.tell(0, constrained(1, {-1}))).find("tells 1 constraints, trial 1 told 0") !=
                std::string::npos);
        QVERIFY(search.trials()[0].state == TrialState::Running);
    }

    void theBudgetCountsEveryTrial() {
        AskTell search = randomSearch(3);
        QVERIFY(!search.ask(0).has_value());
        const auto tooMany = search.ask(4);
        QVERIFY(!tooMany.has_value());
        QCOMPARE(tooMany.error().text(),
                 std::string("ask: the budget of 3 trials has only 3 left, 4 were asked "
                             "for; ask for fewer"));
        QVERIFY(search.trials().empty());
        (void)search.ask(3).value();
        TrialReport failed;
        failed.isFailed = true;
        QVERIFY(search.tell(0, failed).has_value());
        QVERIFY(search.ask(1).error().text().find("has none left") != std::string::npos);
    }

    void aGridEndsWithItsLastPoint() {
        StudySpec spec = specOf("grid", 10);
        spec.space = {{"k", IntDomain{1, 4}, {}}};
        AskTell search = searchOf(spec);
        QCOMPARE(search.ask(3).value().size(), std::size_t{3});
        QCOMPARE(search.ask(3).value().size(), std::size_t{1});
        QVERIFY(search.ask(1).error().text().find("in 4 trials") != std::string::npos);
        QCOMPARE(search.trials().size(), std::size_t{4});
    }

    void aSearchThatCannotBeginSaysSo() {
        StudySpec spec = specOf("grid", 10);
        const auto problem = [&spec] {
            auto made = AskTell::make(spec, std::move(samplers().make("grid")).value());
            return made.has_value() ? std::string("no error") : made.error().text();
        };
        spec.samplerOptions = {{"levles", std::int64_t{3}}};
        QVERIFY(problem().find("did you mean levels?") != std::string::npos);
        spec.samplerOptions = {{"levels", std::int64_t{0}}};
        QVERIFY(problem().find("levels 0 is below 1") != std::string::npos);
        spec.samplerOptions = {};
        spec.trialCount = 0;
        QVERIFY(problem().find("budget: 0 is below 1") != std::string::npos);
    }

    void aTableThatDoesNotFitIsRefused() {
        AskTell search = randomSearch();
        (void)search.ask(2).value();
        const auto problem = [&search](const std::function<void(SavedSearch&)>& spoil) {
            SavedSearch saved{{search.trials().begin(), search.trials().end()}, {{}, {}}, {}};
            spoil(saved);
            auto made = AskTell::resume(search.spec(), std::move(samplers().make("random")).value(), saved);
            return made.has_value() ? std::string("no error") : made.error().text();
        };
        QCOMPARE(problem([](SavedSearch&) {}), std::string("no error"));
        QVERIFY(problem([](SavedSearch& saved) { saved.trials[1].number = 5; }).find("none may be missing") !=
                std::string::npos);
        QCOMPARE(problem([](SavedSearch& saved) { saved.trials[1].values.set("x", 11.0); }),
                 std::string("trial 1: x 11 is above 10; choose -5 to 10"));
        QCOMPARE(problem([](SavedSearch& saved) { saved.trials[0].values.remove("k"); }),
                 std::string("trial 0: k has no value"));
        QVERIFY(problem([](SavedSearch& saved) {
                    saved.trials[0].values.set("kind", std::string("b"));
                    saved.trials[0].values.set("width", std::int64_t{8});
                }).find("width has a value, but its condition does not hold") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestAskTell)
#include "tst_ask_tell.moc"
