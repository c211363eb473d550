#include "core/search/ask_tell.h"
#include "core/search/builtin_search.h"

#include <QtTest>

#include <cmath>
#include <numbers>
#include <numeric>

using namespace lathe;

namespace {

struct Outputs {
    double loss = 0;
    std::vector<double> constraints = {};
};

using Evaluate = std::function<Outputs(const ParamValues&)>;

/// The best loss of a search by ask and tell that meets all constraints.
double bestOf(StudySpec spec, std::unique_ptr<Sampler> sampler, std::int64_t budget,
              const Evaluate& evaluate) {
    spec.trialCount = budget;
    auto search = AskTell::make(std::move(spec), std::move(sampler));
    while (search->left() > 0) {
        const auto asked = search->ask(1);
        const Outputs outputs = evaluate(asked->front().values);
        TrialReport report;
        report.value = outputs.loss;
        report.constraints = outputs.constraints;
        if (!search->tell(asked->front().number, report).has_value())
            return std::numeric_limits<double>::quiet_NaN();
    }
    const auto best = search->best();
    return best ? search->trials()[static_cast<std::size_t>(*best)].objective.value()
                : std::numeric_limits<double>::infinity();
}

std::string keyOf(std::size_t i) { return "x" + std::to_string(i); }

StudySpec box(std::size_t n, double low, double high, double start) {
    StudySpec spec;
    for (std::size_t i = 0; i < n; ++i) {
        spec.space.push_back({keyOf(i), RealDomain{low, high}, {}});
        spec.fixed.set(keyOf(i), start);
    }
    return spec;
}

std::vector<double> pointOf(const ParamValues& values, std::size_t n) {
    std::vector<double> x;
    for (std::size_t i = 0; i < n; ++i)
        x.push_back(values.real(keyOf(i)));
    return x;
}

/// Example 2 of NOMAD's distribution: the least x4 within one ball and outside of another, -4.
StudySpec exampleTwo() {
    StudySpec spec = box(5, -6, 6, 0);
    spec.space[0].domain = RealDomain{-6, 5};
    spec.space[2].domain = RealDomain{-6, 7};
    return spec;
}

Outputs evaluateTwo(const ParamValues& values) {
    const std::vector<double> x = pointOf(values, 5);
    double minus = 0;
    double plus = 0;
    for (const double value : x) {
        minus += (value - 1) * (value - 1);
        plus += (value + 1) * (value + 1);
    }
    return {x[4], {minus - 25, 25 - plus}};
}

/// Problem 3 of the Cat-Suite: 4.873 at B, A, 5, 5.
StudySpec catThree() {
    StudySpec spec;
    spec.space = {{"first", ChoiceDomain{{"A", "B"}, {}, false}, {}},
                  {"second", ChoiceDomain{{"A", "B"}, {}, false}, {}},
                  {"i1", IntDomain{1, 5, 1, false}, {}},
                  {"i2", IntDomain{1, 5, 1, false}, {}},
                  {"u", RealDomain{0, 1}, {}},
                  {"v", RealDomain{0, 1}, {}}};
    return spec;
}

Outputs evaluateCat(const ParamValues& values) {
    using std::numbers::pi;
    const double i1 = values.real("i1");
    const double x = 15 * values.real("u");
    const double shift = x - values.real("i2");
    const double inner = 15 * values.real("v") - i1 / (4 * pi * pi) * shift * shift + i1 / pi * shift;
    const double h = (inner * inner + (i1 - 1 / (8 * pi)) * std::cos(x - 5) + i1 - 54.8104) / 51.9496;
    const bool isA = values.text("first") == "A";
    return {10 + h * (values.text("second") == "A" ? (isA ? 1.0 : -0.75) : (isA ? 0.4 : -0.5))};
}

Outputs sphere(const ParamValues& values) {
    const std::vector<double> x = pointOf(values, 3);
    return {std::inner_product(x.begin(), x.end(), x.begin(), 0.0)};
}

Outputs fourths(const ParamValues& values) {
    return {std::pow(values.real("x0"), 4) + std::pow(values.real("x1"), 4)};
}

bool isBelow(double value, double limit) {
    if (!(value < limit))
        qWarning("%.9g is not below %g", value, limit);
    return value < limit;
}

} // namespace

class TestSearchExamples : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// From its known start, where NOMAD is known to reach -4 as well.
    void directSearchSolvesTheExampleWithTwoConstraintsThatMeet() {
        StudySpec spec = exampleTwo();
        spec.samplerOptions.set("design", 0.0);
        QVERIFY(isBelow(bestOf(spec, makeMadsSampler(), 100, &evaluateTwo), -3.99999));
    }
    /// A design first costs a tenth of the trials here.
    void directSearchFollowsTwoConstraintsThatMeet() {
        QVERIFY(isBelow(bestOf(exampleTwo(), makeMadsSampler(), 100, &evaluateTwo), -3.8));
    }
    void theAutomaticChoiceFollowsTwoConstraintsThatMeet() {
        QVERIFY(isBelow(bestOf(exampleTwo(), makeAutoSampler(), 100, &evaluateTwo), -3.8));
    }
    void directSearchSolvesAMixedProblemWithCategories() {
        QVERIFY(isBelow(bestOf(catThree(), makeMadsSampler(), 250, &evaluateCat), 4.8735));
    }
    void aBowlIsSolvedToAMillionthInEveryParameter() {
        QVERIFY(isBelow(bestOf(box(3, -1, 1, 0.51), makeMadsSampler(), 200, &sphere), 1e-12));
    }
    void aFlatBottomIsReached() {
        QVERIFY(isBelow(bestOf(box(2, -20, 20, 5), makeMadsSampler(), 200, &fourths), 1e-9));
    }
};

QTEST_GUILESS_MAIN(TestSearchExamples)
#include "tst_search_examples.moc"
