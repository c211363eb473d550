#include "app/study_import.h"

#include <QtTest>

#include <algorithm>

using namespace lathe;

namespace {

ParamSpec field(std::string key, Domain domain, ParamValue fallback, Condition activeIf = {}) {
    ParamSpec spec;
    spec.key = std::move(key);
    spec.domain = std::move(domain);
    spec.fallback = std::move(fallback);
    spec.activeIf = std::move(activeIf);
    return spec;
}

/// A recipe of four fields; rank only with lora.
ParamSchema schema() {
    return {field("method", ChoiceDomain{{"lora", "ia3"}, {}, false}, std::string("lora")),
            field("rank", IntDomain{1, 256, 1, false}, std::int64_t{8}, {{{"method", {"lora"}}}}),
            field("learning_rate", RealDomain{0, 1, false, true}, 1e-3),
            field("batch_size", IntDomain{1, 64, 1, false}, std::int64_t{4})};
}

HistoryTrial trial(std::int64_t number, TrialState state, ParamValues values,
                   std::optional<double> objective) {
    HistoryTrial trial;
    trial.number = number;
    trial.state = state;
    trial.values = std::move(values);
    trial.objective = objective;
    return trial;
}

OptunaStudy theirs() {
    OptunaStudy study;
    study.spec.name = "theirs";
    study.spec.objective = {"objective", false};
    study.spec.space = {{"lr", RealDomain{1e-5, 0.1, true, false}, {}},
                        {"batch_size", ChoiceDomain{{"8", "16"}, {}, true}, {}},
                        {"method", ChoiceDomain{{"lora", "ia3"}, {}, false}, {}},
                        {"rank", IntDomain{2, 64, 1, true}, {}}};
    const ParamValues lora{{"lr", 3e-4},
                           {"batch_size", std::string("16")},
                           {"method", std::string("lora")},
                           {"rank", std::int64_t{4}}};
    const ParamValues ia3{{"lr", 1e-2}, {"batch_size", std::string("8")}, {"method", std::string("ia3")}};
    study.trials = {trial(0, TrialState::Complete, lora, 0.5), trial(1, TrialState::Pruned, ia3, 0.75),
                    trial(2, TrialState::Failed, {{"lr", 0.1}}, {}), trial(3, TrialState::Running, lora, {}),
                    trial(4, TrialState::Cancelled, lora, {})};
    return study;
}

ImportOrder order() {
    ImportOrder order;
    order.renamed = {{"lr", "learning_rate"}};
    return order;
}

} // namespace

class TestStudyImport : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void trialsGetWholeRecipesOfTheRightTypes();
    void whatHasNotEndedIsLeftOutAndTold();
    void aFieldsConditionComesWithIt();
    void aStudyThatGoesOnKeepsRoomForNewTrials();
    void parametersThatAreNoFieldsAreTold();
    void severalObjectivesAreNamedInTheirOrder();
    void whatCannotBeIsAnError();
};

void TestStudyImport::trialsGetWholeRecipesOfTheRightTypes() {
    ImportOrder wanted = order();
    wanted.recipe = {{"rank", std::int64_t{32}}};
    wanted.name = "mine";
    wanted.metrics = {"eval_loss"};
    const auto import = prepareImport(theirs(), wanted, schema());
    QVERIFY(import.has_value());
    QCOMPARE(import->spec.name, std::string("mine"));
    QCOMPARE(import->spec.objective.metric, std::string("eval_loss"));
    const ParamValues first{{"method", std::string("lora")},
                            {"rank", std::int64_t{4}},
                            {"learning_rate", 3e-4},
                            {"batch_size", std::int64_t{16}}};
    QVERIFY(import->trials[0].values == first);
    QCOMPARE(import->trials[1].values.integer("rank"), std::int64_t{32});
    QVERIFY(import->trials[1].objective == 0.75);
}

void TestStudyImport::whatHasNotEndedIsLeftOutAndTold() {
    const auto import = prepareImport(theirs(), order(), schema());
    QVERIFY(import.has_value());
    QCOMPARE(import->trials.size(), std::size_t{3});
    QCOMPARE(import->spec.trialCount, std::int64_t{3});
    QCOMPARE(import->notes.back(), std::string("2 trials were left out: not ended, or stopped"));
}

void TestStudyImport::aFieldsConditionComesWithIt() {
    const auto import = prepareImport(theirs(), order(), schema());
    QVERIFY(import.has_value());
    const auto rank = std::ranges::find(import->spec.space, "rank", &SearchDimension::key);
    QCOMPARE(rank->activeIf.terms.size(), std::size_t{1});
}

void TestStudyImport::aStudyThatGoesOnKeepsRoomForNewTrials() {
    ImportOrder wanted = order();
    wanted.moreTrials = 10;
    wanted.samplerId = "tpe";
    const auto import = prepareImport(theirs(), wanted, schema());
    QVERIFY(import.has_value());
    QCOMPARE(import->spec.samplerId, std::string("tpe"));
    QCOMPARE(import->trials.size(), std::size_t{2}); // the failed one has no batch size
    QCOMPARE(import->spec.trialCount, std::int64_t{12});
    QCOMPARE(import->notes.back(),
             std::string("1 trial was left out: failed before all parameters had a value"));

    OptunaStudy torso = theirs();
    torso.trials[0].values.remove("rank");
    const auto refused = prepareImport(torso, wanted, schema());
    QVERIFY(!refused.has_value() &&
            refused.error().text().starts_with("trial 0: has no value of a parameter"));
    wanted.moreTrials = 0;
    QVERIFY(prepareImport(torso, wanted, schema()).has_value());
}

void TestStudyImport::parametersThatAreNoFieldsAreTold() {
    const auto import = prepareImport(theirs(), {}, schema());
    QVERIFY(import.has_value());
    QVERIFY(import->notes.front().starts_with("lr: no field of a recipe"));
    QVERIFY(import->trials[0].values.real("lr") == 3e-4);
}

void TestStudyImport::severalObjectivesAreNamedInTheirOrder() {
    OptunaStudy study = theirs();
    study.spec.furtherObjectives = {{"objective_1", true}};
    study.trials[0].furtherObjectives = {0.25};
    ImportOrder wanted = order();
    wanted.metrics = {"eval_loss", "eval_accuracy"};
    const auto import = prepareImport(study, wanted, schema());
    QVERIFY(import.has_value());
    QVERIFY(import->spec.objective == (Objective{"eval_loss", false}));
    QVERIFY(import->spec.furtherObjectives == (std::vector<Objective>{{"eval_accuracy", true}}));
    QCOMPARE(import->trials[0].furtherObjectives, std::vector<double>{0.25});
    wanted.metrics.emplace_back("loss");
    QCOMPARE(prepareImport(study, wanted, schema()).error().message,
             std::string("has 2 objectives, 3 metrics are named; name 2 at most"));
}

void TestStudyImport::whatCannotBeIsAnError() {
    const auto problem = [](OptunaStudy study, const ImportOrder& wanted) {
        const auto import = prepareImport(std::move(study), wanted, schema());
        return import.has_value() ? std::string() : import.error().text();
    };
    ImportOrder wanted;
    wanted.renamed = {{"speed", "learning_rate"}};
    QCOMPARE(problem(theirs(), wanted),
             std::string("speed cannot be renamed: the study has no such parameter"));
    wanted.renamed = {{"lr", "rank"}};
    QCOMPARE(problem(theirs(), wanted),
             std::string("lr cannot be renamed: the study has a parameter rank too"));
    OptunaStudy open = theirs();
    open.trials.erase(open.trials.begin(), open.trials.begin() + 3);
    QCOMPARE(problem(open, order()), std::string("theirs: has no trial that has ended"));
}

QTEST_GUILESS_MAIN(TestStudyImport)
#include "tst_study_import.moc"
