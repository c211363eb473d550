#include "core/search/allowed_sampler.h"

#include "core/search/ask_tell.h"
#include "core/search/builtin_search.h"

#include <QtTest>

#include <algorithm>
#include <set>

using namespace lathe;

namespace {

/// A sampler that does what a test says, and shows what it was asked.
class ScriptedSampler final : public Sampler {
public:
    using Script = std::function<Result<ParamValues>(const StudyView&)>;
    explicit ScriptedSampler(Script script) : m_script(std::move(script)) {}
    Result<ParamValues> ask(const StudyView& study, Rng&) override { return m_script(study); }
    std::string state() const override { return m_state; }
    Status restore(std::string_view state) override {
        m_state = state;
        return ok();
    }

private:
    Script m_script;
    std::string m_state = "inner";
};

StudySpec specOver(std::int64_t low, std::int64_t high, std::string forbidden) {
    StudySpec spec;
    spec.space = {{"k", IntDomain{low, high}, {}}};
    spec.trialCount = 100;
    if (!forbidden.empty())
        spec.forbidden = {std::move(forbidden)};
    return spec;
}

/// k counts up with the trials the sampler sees.
std::unique_ptr<Sampler> counting(std::vector<std::string>* seen = nullptr) {
    return std::make_unique<ScriptedSampler>([seen](const StudyView& study) -> Result<ParamValues> {
        if (seen != nullptr) {
            std::string line;
            for (const ObservedTrial& trial : study.trials)
                line += std::to_string(trial.number) + ":" + std::to_string(trial.values.integer("k")) +
                        (trial.state == TrialState::Failed ? "f " : " ");
            seen->push_back(line);
        }
        return ParamValues{{"k", static_cast<std::int64_t>(study.trials.size())}};
    });
}

Result<ParamValues> askNext(Sampler& sampler, const StudySpec& spec, std::vector<ObservedTrial>& trials) {
    const auto number = static_cast<std::int64_t>(trials.size());
    Rng rng = askStream(spec.seed, number);
    Result<ParamValues> point = sampler.ask({spec, trials}, rng);
    if (point.has_value())
        trials.push_back({number, point.value(), TrialState::Complete, 1.0});
    return point;
}

} // namespace

class TestAllowedSampler : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRejectedProposalIsAFailedTrialToTheSamplerAlone() {
        const StudySpec spec = specOver(0, 100, "k == 1 or k == 2");
        std::vector<std::string> seen;
        const auto sampler = makeAllowedSampler(counting(&seen));
        std::vector<ObservedTrial> trials;
        QCOMPARE(askNext(*sampler, spec, trials)->integer("k"), 0);
        QCOMPARE(askNext(*sampler, spec, trials)->integer("k"), 3);
        QCOMPARE(askNext(*sampler, spec, trials)->integer("k"), 4);
        QCOMPARE(seen,
                 (std::vector<std::string>{"", "0:0 ", "0:0 1:1f ", "0:0 1:1f 2:2f ", "0:0 1:1f 2:2f 3:3 "}));
    }

    void theStateHoldsWhatWasRejected() {
        const StudySpec spec = specOver(0, 100, "k == 0 or k == 2");
        std::vector<ObservedTrial> trials;
        const auto sampler = makeAllowedSampler(counting());
        QCOMPARE(sampler->state(), std::string("inner"));
        QCOMPARE(askNext(*sampler, spec, trials)->integer("k"), 1);
        QCOMPARE(sampler->state(), std::string("rejected 1\n0 {\"k\":0}\ninner"));
        const auto again = makeAllowedSampler(counting());
        QVERIFY(again->restore(sampler->state()).has_value());
        QCOMPARE(askNext(*again, spec, trials)->integer("k"), 3);
        for (const char* broken :
             {"rejected ", "rejected x\n", "rejected 1\n", "rejected 1\n0 {", "rejected -1\n"})
            QVERIFY2(!makeAllowedSampler(counting())->restore(broken).has_value(), broken);
    }

    void aTrialThatNeverCameToBeIsAskedForAgainAlike() {
        const StudySpec spec = specOver(0, 100, "k == 0 or k == 2");
        const auto sampler = makeAllowedSampler(counting());
        for (int i = 0; i < 2; ++i) {
            std::vector<ObservedTrial> trials;
            QCOMPARE(askNext(*sampler, spec, trials)->integer("k"), 1);
        }
        QCOMPARE(sampler->state(), std::string("rejected 1\n0 {\"k\":0}\ninner"));
    }

    void withoutRulesNothingIsChanged() {
        std::vector<std::string> seen;
        const auto sampler = makeAllowedSampler(counting(&seen));
        std::vector<ObservedTrial> trials;
        QCOMPARE(askNext(*sampler, specOver(0, 9, ""), trials)->integer("k"), 0);
        QCOMPARE(sampler->state(), std::string("inner"));
        QCOMPARE(seen.size(), std::size_t{1});
    }

    void aStubbornSamplerIsHelpedOut() {
        const StudySpec spec = specOver(0, 9, "k != 7");
        const auto sampler =
            makeAllowedSampler(std::make_unique<ScriptedSampler>([](const StudyView&) -> Result<ParamValues> {
                return ParamValues{{"k", std::int64_t{3}}};
            }));
        std::vector<ObservedTrial> trials;
        QCOMPARE(askNext(*sampler, spec, trials)->integer("k"), 7);
    }

    void whereNothingIsAllowedTheRuleIsNamed() {
        StudySpec spec = specOver(0, 9, "k < 3");
        spec.forbidden.push_back("k >= 3");
        for (auto& inner : {makeRandomSampler, makeSobolSampler}) {
            const auto sampler = makeAllowedSampler(inner());
            std::vector<ObservedTrial> trials;
            const auto point = askNext(*sampler, spec, trials);
            QVERIFY(!point.has_value());
            QVERIFY2(point.error().message.find("\"k >= 3\" is forbidden") != std::string::npos,
                     point.error().message.c_str());
            QCOMPARE(sampler->state(), std::string());
        }
    }

    void aGridLeavesOutWhatIsForbiddenAndTriesTheRestOnce() {
        const StudySpec spec = specOver(0, 4, "k == 1 or k == 4");
        const auto sampler = makeAllowedSampler(makeGridSampler());
        std::vector<ObservedTrial> trials;
        std::set<std::int64_t> tried;
        for (int i = 0; i < 3; ++i)
            tried.insert(askNext(*sampler, spec, trials)->integer("k"));
        QCOMPARE(tried, (std::set<std::int64_t>{0, 2, 3}));
        const auto none = askNext(*sampler, spec, trials);
        QVERIFY(!none.has_value());
        QVERIFY2(none.error().message.find("all allowed points of the grid were tried, in 3 trials") !=
                     std::string::npos,
                 none.error().message.c_str());
    }

    void aDesignGoesOnToItsNextPoint() {
        StudySpec spec;
        spec.space = {{"x", RealDomain{0, 1}, {}}, {"y", RealDomain{0, 1}, {}}};
        spec.space[1].atMost = "x";
        const auto sampler = makeAllowedSampler(makeSobolSampler());
        std::vector<ObservedTrial> trials;
        std::set<double> xs;
        int inLowerHalf = 0;
        for (int i = 0; i < 64; ++i) {
            const ParamValues point = askNext(*sampler, spec, trials).value();
            QVERIFY(point.real("y") <= point.real("x"));
            xs.insert(point.real("x"));
            inLowerHalf += point.real("x") < std::sqrt(0.5) ? 1 : 0;
        }
        QCOMPARE(xs.size(), std::size_t{64});            // none twice
        QVERIFY(inLowerHalf >= 28 && inLowerHalf <= 36); // half of the triangle's area
    }

    void anAskTellSearchKeepsToTheRules() {
        Registry<Sampler> samplers;
        addBuiltinSamplers(samplers);
        StudySpec spec = specOver(1, 64, "k > 8 and x > 0.5");
        spec.space.push_back({"x", RealDomain{0, 1}, {}});
        spec.trialCount = 30;
        AskTell search = AskTell::make(spec, std::move(samplers.make("auto")).value()).value();
        while (search.left() > 0) {
            const auto trials = search.ask(std::min<std::int64_t>(2, search.left())).value();
            for (const ObservedTrial& trial : trials) {
                QVERIFY(trial.values.integer("k") <= 8 || trial.values.real("x") <= 0.5);
                TrialReport report;
                report.value = -trial.values.real("x") - static_cast<double>(trial.values.integer("k"));
                QVERIFY(search.tell(trial.number, report).has_value());
            }
        }
        spec.forbidden = {"kk > 3"};
        const auto refused = AskTell::make(spec, std::move(samplers.make("auto")).value());
        QVERIFY(!refused.has_value());
        QVERIFY(refused.error().message.find("kk is not known here") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestAllowedSampler)
#include "tst_allowed_sampler.moc"
