#include "core/params/study_spec.h"

#include <QtTest>

#include <limits>

using namespace lathe;

namespace {

SearchSpace everyKindOfDomain() {
    const double infinity = std::numeric_limits<double>::infinity();
    return {
        {"flag", BoolDomain{}, {}},
        {"whole", IntDomain{std::numeric_limits<std::int64_t>::min(), 8, 2, true}, {}},
        {"real", RealDomain{1e-5, infinity, true, true}, {{{"flag", {"true"}}, {"whole", {"2", "4"}}}}},
        {"stepped", RealDomain{0, 0.5, false, false, 0.1}, {}},
        {"choice", ChoiceDomain{{"a", "b"}, {"A", "Bé"}, true}, {}},
        {"text", TextDomain{TextDomain::Kind::Multiline, false}, {}},
    };
}

StudySpec sampleSpec() {
    StudySpec spec;
    spec.name = "a \"name\"";
    spec.kind = "study";
    spec.fixed = {{"rank", std::int64_t{8}}, {"learning_rate", 1.0}, {"model", std::string("base")}};
    spec.space = everyKindOfDomain();
    spec.space[1].atLeast = "stepped * 2";
    spec.space[2].atMost = "stepped + 1";
    spec.derived = {{"rank", "2 * 4", IntDomain{1, 256}}};
    spec.forbidden = {"flag and stepped > 0.3"};
    spec.constraints = {"seconds <= 600"};
    spec.earlierSpaces = {{{{"flag", BoolDomain{}, {}}}, spec.derived, {"flag"}, 7}};
    spec.samplerId = "random";
    spec.samplerOptions = {{"warm_up", std::int64_t{5}}};
    spec.prunerId = "median";
    spec.prunerOptions = {{"startup_trials", std::int64_t{3}}};
    spec.pruneMetric = "eval_loss";
    spec.trialCount = 12;
    spec.maxSteps = 5000;
    spec.maxSeconds = 60.5;
    spec.seed = std::numeric_limits<std::uint64_t>::max();
    spec.objective = {"eval_accuracy", true};
    spec.furtherObjectives = {{"eval_loss", false}, {"tokens", true}};
    return spec;
}

std::string errorOf(std::string_view json) {
    const Result<StudySpec> spec = studySpecFromJson(json);
    return spec.has_value() ? "no error" : spec.error().text();
}

} // namespace

class TestStudySpec : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aSpaceReadsBackAsItWas() {
        const SearchSpace space = everyKindOfDomain();
        const Result<SearchSpace> again = searchSpaceFromJson(toJson(space));
        QVERIFY(again.has_value());
        QVERIFY(again.value() == space);
        QVERIFY(searchSpaceFromJson(toJson(SearchSpace())).value().empty());
    }

    void aSpecReadsBackAsItWas() {
        const StudySpec spec = sampleSpec();
        const Result<StudySpec> again = studySpecFromJson(toJson(spec));
        QVERIFY(again.has_value());
        QVERIFY(again.value() == spec);
        QCOMPARE(toJson(again.value()), toJson(spec));
    }

    void missingFieldsTakeTheirDefaults() { QVERIFY(studySpecFromJson("{}").value() == StudySpec()); }

    void malformedSpecsAreRefusedWithTheField() {
        QCOMPARE(errorOf("[]"), std::string("study: is not a JSON object"));
        QCOMPARE(errorOf("{"), std::string("study: is not a JSON object"));
        QCOMPARE(errorOf(R"({"trial_count": "3"})"),
                 std::string("trial_count: is a JSON string; a whole number of 64 bits is needed"));
        QCOMPARE(errorOf(R"({"seed": -1})"),
                 std::string("seed: is a JSON number; a whole number from 0 is needed"));
        QCOMPARE(errorOf(R"({"objective": 1})"), std::string("objective: is not a JSON object"));
        QCOMPARE(errorOf(R"({"further_objectives": [1]})"),
                 std::string("further_objectives: is not a JSON object"));
        QCOMPARE(errorOf(R"({"space": {}})"), std::string("search space: is not a JSON list of dimensions"));
    }

    void malformedDomainsAreRefused() {
        QVERIFY(!searchSpaceFromJson(R"([{"key": "a"}])").has_value());
        QVERIFY(!searchSpaceFromJson(R"([{"key": "a", "domain": {"type": "complex"}}])").has_value());
        QVERIFY(!searchSpaceFromJson(R"([{"key": "a", "domain": 3}])").has_value());
        QVERIFY(!searchSpaceFromJson(R"([{"key": "a", "domain": {"type": "int", "low": 0.5}}])").has_value());
        QVERIFY(!searchSpaceFromJson(R"([{"key": "a", "domain": {"type": "choice", "values": [1]}}])")
                     .has_value());
        QVERIFY(!searchSpaceFromJson(R"([{"key": "a", "domain": {"type": "bool"}, "active_if": [1]}])")
                     .has_value());
    }
};

QTEST_GUILESS_MAIN(TestStudySpec)
#include "tst_study_spec.moc"
