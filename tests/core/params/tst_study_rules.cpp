#include "core/params/study_rules.h"
#include "tests/core/params/sample_schema.h"

#include <QtTest>

using namespace lathe;

namespace {

const ParamSchema kSchema = test::sampleSchema();

StudySpec specOf(std::initializer_list<const char*> searches) {
    StudySpec spec;
    spec.fixed = defaults(kSchema);
    for (const char* text : searches)
        spec.space.push_back(parseSearchDimension(kSchema, text).value());
    return spec;
}

StudySpec withDerived(StudySpec spec, std::initializer_list<const char*> derived) {
    for (const char* text : derived)
        spec.derived.push_back(parseDerivedValue(kSchema, text).value());
    return spec;
}

StudySpec withForbidden(StudySpec spec, std::initializer_list<const char*> forbidden) {
    spec.forbidden.assign(forbidden.begin(), forbidden.end());
    return spec;
}

std::string errorOf(const StudySpec& spec) {
    const auto rules = StudyRules::make(spec);
    return rules.has_value() ? "no error" : rules.error().text();
}

std::string objectionOf(const StudySpec& spec, const ParamValues& searched) {
    const auto objection = StudyRules::make(spec).value().objection(searched);
    return objection ? objection->message : "";
}

ParamValues rank(std::int64_t value) { return {{"rank", value}}; }

} // namespace

class TestStudyRules : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aDerivedValueFollowsTheSearchedOnes() {
        const StudySpec spec =
            withDerived(specOf({"rank=1..64"}), {"batch_size=2 * rank", "weight_decay = rank / 10"});
        const StudyRules rules = StudyRules::make(spec).value();
        QVERIFY(rules.derived(rank(4)) ==
                (ParamValues{{"batch_size", std::int64_t{8}}, {"weight_decay", 0.4}}));
        QVERIFY(!rules.objection(rank(4)));
    }

    void aDerivedValueMayUseThoseBeforeIt() {
        const StudySpec spec =
            withDerived(specOf({"rank=1..64"}), {"batch_size=2*rank", "weight_decay=batch_size*2"});
        QCOMPARE(StudyRules::make(spec).value().derived(rank(3)).real("weight_decay"), 12.0);
        QVERIFY(
            errorOf(withDerived(specOf({"rank=1..64"}), {"weight_decay=batch_size*2", "batch_size=2*rank"}))
                .find("batch_size is not known here") != std::string::npos);
    }

    void aDerivedValueOfSomethingNotInForceIsLeftOut() {
        const StudySpec spec = withDerived(specOf({"rank=1..64", "method=lora,full"}), {"batch_size=2*rank"});
        const ParamValues point{{"method", std::string("full")}};
        QVERIFY(StudyRules::make(spec).value().derived(point).map().empty());
        QCOMPARE(objectionOf(spec, point), std::string());
    }

    void aPointWhoseDerivedValueLeavesItsDomainIsLeftOut() {
        const StudySpec spec = withDerived(specOf({"rank=1..64"}), {"batch_size=2*rank"});
        QCOMPARE(objectionOf(spec, rank(32)), std::string());
        QCOMPARE(objectionOf(spec, rank(33)),
                 std::string("batch_size = 2*rank: 66 is above 64; choose 2 to 64 in steps of 2"));
    }

    void aNumberSearchedOverAListIsANumber() {
        StudySpec spec = withDerived(specOf({"rank=4,8,64"}), {"batch_size=2*rank"});
        spec.forbidden = {"rank >= 16"};
        QCOMPARE(StudyRules::make(spec).value().derived({{"rank", std::string("8")}}).integer("batch_size"),
                 16);
        QVERIFY(!objectionOf(spec, {{"rank", std::string("64")}}).empty());
        QCOMPARE(objectionOf(spec, {{"rank", std::string("8")}}), std::string());
    }

    void forbiddenPointsAreLeftOutWithTheirValues() {
        const StudySpec spec = withForbidden(specOf({"rank=1..256", "method=lora,full"}),
                                             {"method == 'lora' and rank > 64 and batch_size > 4"});
        const ParamValues large{{"method", std::string("lora")}, {"rank", std::int64_t{65}}};
        QCOMPARE(
            objectionOf(spec, large),
            std::string("\"method == 'lora' and rank > 64 and batch_size > 4\" is forbidden: batch_size is "
                        "8, method is lora, rank is 65"));
        QCOMPARE(objectionOf(spec, {{"method", std::string("lora")}, {"rank", std::int64_t{64}}}),
                 std::string());
        QCOMPARE(objectionOf(spec, {{"method", std::string("full")}}), std::string());
    }

    void boundsFollowOtherParameters() {
        const StudySpec spec =
            specOf({"rank=1..256:at_most=batch_size * 2:at_least=batch_size / 2", "batch_size=2..64"});
        const auto point = [](std::int64_t rankValue, std::int64_t batch) {
            return ParamValues{{"rank", rankValue}, {"batch_size", batch}};
        };
        QCOMPARE(objectionOf(spec, point(8, 4)), std::string());
        QCOMPARE(objectionOf(spec, point(9, 4)),
                 std::string("rank 9 is above 8, which is \"batch_size * 2\""));
        QCOMPARE(objectionOf(spec, point(1, 4)),
                 std::string("rank 1 is below 2, which is \"batch_size / 2\""));
    }

    void mistakesAreToldBeforeTheFirstTrial() {
        const StudySpec plain = specOf({"rank=1..64", "method=lora,full"});
        QCOMPARE(errorOf(plain), std::string("no error"));
        QVERIFY(errorOf(withForbidden(plain, {"ranc > 3"})).find("did you mean rank?") != std::string::npos);
        QVERIFY(
            errorOf(withForbidden(plain, {"rank * 2"})).find("is a whole number; write what must not be") !=
            std::string::npos);
        QVERIFY(errorOf(withDerived(plain, {"rank=2"})).find("searched and derived") != std::string::npos);
        QVERIFY(errorOf(withDerived(plain, {"bf16=true", "bf16=false"})).find("derived twice") !=
                std::string::npos);
        QVERIFY(errorOf(withDerived(plain, {"batch_size=rank/2"})).find("write round(…)") !=
                std::string::npos);
        QVERIFY(errorOf(withDerived(plain, {"bf16=rank"})).find("bf16 is true or false, this is a whole") !=
                std::string::npos);
        StudySpec spec = plain;
        spec.constraints = {"seconds == 3"};
        QVERIFY(errorOf(spec).find("is no limit") != std::string::npos);
        spec.constraints = {};
        spec.space[1].atMost = "rank";
        QVERIFY(errorOf(spec).find("only a range of numbers has bounds") != std::string::npos);
        spec.space[1].atMost.clear();
        spec.space[0].atMost = "method";
        QVERIFY(errorOf(spec).find("a number is needed") != std::string::npos);
        spec.space[0].atMost.clear();
        spec.derived = {{"method2", "rank", widestDomain(ExpressionType::Int)}};
        spec.space[0].activeIf = {{{"method2", {"3"}}}};
        QVERIFY(errorOf(spec).find("depends on method2, which is derived") != std::string::npos);
    }

    void aDerivedValueIsReadAsAPersonWritesIt() {
        const DerivedValue value = parseDerivedValue(kSchema, "batch_size = 2 * rank").value();
        QCOMPARE(value.key, std::string("batch_size"));
        QCOMPARE(value.expression, std::string("2 * rank"));
        QVERIFY(value.domain == Domain(IntDomain{2, 64, 2}));
        const auto errorOfText = [](const char* text) {
            const auto read = parseDerivedValue(kSchema, text);
            return read.has_value() ? std::string("no error") : read.error().text();
        };
        QVERIFY(errorOfText("batch_size").find("write KEY=EXPRESSION") != std::string::npos);
        QVERIFY(errorOfText("batchsize=2").find("did you mean batch_size?") != std::string::npos);
        QVERIFY(errorOfText("model='x'").find("cannot change from trial to trial") != std::string::npos);
    }

    void constraintsAreMetOrSayWhyNot() {
        StudySpec spec = withDerived(specOf({"rank=1..64"}), {"batch_size=2*rank"});
        spec.constraints = {"seconds <= 600", "peak >= 2 * rank", "batch_size * steps <= 1000"};
        const StudyRules rules = StudyRules::make(spec).value();
        QCOMPARE(rules.metrics(), (std::vector<std::string>{"peak", "seconds", "steps"}));
        const auto met = rules.constraints(rank(4), {{"seconds", 300}, {"peak", 8}, {"steps", 100}});
        QCOMPARE(met.size(), std::size_t{3});
        QCOMPARE(met[0].excess, -0.5);
        QCOMPARE(met[1].excess, 0.0);
        for (const ConstraintResult& result : met)
            QCOMPARE(result.reason, std::string());
        const auto missed = rules.constraints(rank(4), {{"seconds", 900}, {"steps", 200}});
        QCOMPARE(missed[0].excess, 0.5);
        QCOMPARE(missed[0].reason, std::string("seconds <= 600 does not hold: seconds is 900"));
        QCOMPARE(missed[1].excess, 1.0);
        QVERIFY(missed[1].reason.find("cannot be told") != std::string::npos);
        QCOMPARE(missed[2].excess, 0.6);
        QCOMPARE(missed[2].reason, std::string("batch_size * steps <= 1000 does not hold: batch_size is 8, "
                                               "steps is 200"));
    }
};

QTEST_GUILESS_MAIN(TestStudyRules)
#include "tst_study_rules.moc"
