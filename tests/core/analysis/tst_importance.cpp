#include "core/analysis/grid_density.h"
#include "core/analysis/importance.h"
#include "tests/core/analysis/study_fixture.h"

#include <QtTest>

#include <numeric>

using namespace lathe;
using namespace lathe::test;

class TestImportance : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void densitiesSumToOne();
    void pedAnovaAgreesWithOptuna_data();
    void pedAnovaAgreesWithOptuna();
    void pedAnovaTurnsWithTheDirection();
    void pedAnovaKnowsStepsOfReals();
    void fanovaAgreesWithOptuna();
    void fanovaRepeatsForASeed();
    void fanovaKnowsTheLogarithm();
    void fanovaJudgesConditionalParametersWhereTheyAre();
    void tooFewTrialsGiveNoFigures();
    void fewGoodTrialsAreRough();
    void equalValuesMakeNothingImportant();
    void failedAndPrunedTrialsDoNotCount();
    void theChartShowsSharesInOrder();
};

namespace {

double fraction(double value) { return value - std::floor(value); }

/// Every kind of parameter, and "alpha" only where the method is a. The figures of the tests are Optuna
/// 5.0.0's for these same trials.
StudyTrials mixedStudy(std::int64_t count) {
    StudyTrials study;
    SearchDimension alpha = realDimension("alpha", 1, 64);
    alpha.activeIf.terms = {{"method", {"a"}}};
    study.space = {realDimension("lr", 1e-5, 1e-3, true),
                   realDimension("dropout", 0, 0.2),
                   wholeDimension("rank", 1, 64),
                   wholeDimension("batch", 1, 256, 1, true),
                   choiceDimension("method", {"a", "b", "c"}),
                   {"warmup", BoolDomain{}, {}},
                   wholeDimension("depth", 4, 24, 4),
                   alpha};
    const std::array<double, 3> effects{0, 0.3, 0.6};
    for (std::int64_t i = 0; i < count; ++i) {
        const auto u = spread(i);
        const auto method = static_cast<std::size_t>(3 * u[4]);
        const double logLr = -5 + 2 * u[0];
        const std::int64_t rank = 1 + static_cast<std::int64_t>(64 * u[2]);
        const std::int64_t depth = 4 + 4 * static_cast<std::int64_t>(6 * fraction(u[1] + u[3]));
        ParamValues values{{"lr", std::pow(10.0, logLr)},
                           {"dropout", 0.2 * u[1]},
                           {"rank", rank},
                           {"batch", static_cast<std::int64_t>(std::exp2(8 * u[3]))},
                           {"method", std::string(1, static_cast<char>('a' + method))},
                           {"warmup", u[0] + u[1] > 1},
                           {"depth", depth}};
        const double distance = 40 - static_cast<double>(rank);
        double value = (logLr + 3.8) * (logLr + 3.8) + 0.1 * u[1] + 0.002 * distance * distance / 40 +
                       effects.at(method) + 0.05 * fraction(7 * u[3]) + 0.0005 * static_cast<double>(depth);
        if (method == 0) {
            const double size = 1 + 63 * fraction(u[2] + u[4]);
            values.set("alpha", size);
            value += 0.1 * size / 64;
        }
        study.trials.push_back(trialOf(i, values, {value}));
    }
    return study;
}

StudyTrials plainStudy(std::int64_t count) {
    StudyTrials study;
    study.space = {realDimension("x", -1, 1),
                   realDimension("y", -1, 1),
                   realDimension("z", -1, 1),
                   wholeDimension("k", 1, 100),
                   {"flag", BoolDomain{}, {}}};
    for (std::int64_t i = 0; i < count; ++i) {
        const auto u = spread(i);
        const double x = -1 + 2 * u[0];
        const double y = -1 + 2 * u[1];
        const std::int64_t k = 1 + static_cast<std::int64_t>(100 * u[3]);
        const bool flag = u[4] > 0.5;
        study.trials.push_back(
            trialOf(i, {{"x", x}, {"y", y}, {"z", -1 + 2 * u[2]}, {"k", k}, {"flag", flag}},
                    {2 * x * x + x * y + 0.5 * y + 0.01 * static_cast<double>(k) + (flag ? 0.4 : 0)}));
    }
    return study;
}

const ParamImportance& of(const Importances& importances, const std::string& key) {
    return *std::ranges::find(importances.params, key, &ParamImportance::key);
}

} // namespace

void TestImportance::densitiesSumToOne() {
    const std::vector<std::int64_t> counts{0, 3, 0, 0, 7, 1};
    for (const std::vector<double>& density : {gridDensity(counts), choiceDensity(counts)}) {
        QVERIFY(std::abs(std::accumulate(density.begin(), density.end(), 0.0) - 1) < 1e-12);
        QCOMPARE(std::ranges::max_element(density) - density.begin(), 4);
    }
}

void TestImportance::pedAnovaAgreesWithOptuna_data() {
    QTest::addColumn<int>("count");
    QTest::addColumn<QList<double>>("expected"); // in the order of the space
    QTest::newRow("20") << 20
                        << QList<double>{0.005164596760863983,   0.0030336069982471454, 0.002985022631360238,
                                         0.00044478199486927447, 0.0017783029205719462, 0.002030144288204638,
                                         0.0011900986835790654,  0.007780820930491061};
    QTest::newRow("80") << 80
                        << QList<double>{0.012479102435418228,   0.000777246318560438, 0.007162654704722073,
                                         0.00020007686022203007, 0.002649887541147638, 0.00021952691948806346,
                                         0.0027035067999687024,  0.008814751964116975};
    QTest::newRow("300") << 300 << QList<double>{0.01696071275097025,    0.0003859374679643262,
                                                 0.00043395116725598155, 1.582208678199708e-05,
                                                 0.0030500487427844608,  1.2057035627839386e-05,
                                                 0.0004733650091754166,  0.00046445533895536357};
}

void TestImportance::pedAnovaAgreesWithOptuna() {
    QFETCH(int, count);
    QFETCH(QList<double>, expected);
    const StudyTrials study = mixedStudy(count);
    const Importances importances = pedAnova(study);
    QCOMPARE(importances.params.size(), 8U);
    for (std::size_t i = 0; i < study.space.size(); ++i) {
        const double value = of(importances, study.space[i].key).value.value();
        QVERIFY2(
            std::abs(value - expected[static_cast<qsizetype>(i)]) < 1e-9,
            qPrintable(QString::fromStdString(study.space[i].key) + " " + QString::number(value, 'g', 17)));
    }
    QVERIFY(std::ranges::is_sorted(importances.params, std::greater(),
                                   [](const ParamImportance& param) { return param.value.value(); }));
}

void TestImportance::pedAnovaTurnsWithTheDirection() {
    StudyTrials study = mixedStudy(80);
    study.objectives[0].maximize = true;
    for (StudyTrial& trial : study.trials)
        trial.objectives[0] *= -2;
    PedAnovaOptions options;
    options.targetQuantile = 0.25;
    const Importances importances = pedAnova(study, options);
    QVERIFY(std::abs(of(importances, "lr").value.value() - 0.02493156387697446) < 1e-9);
    QVERIFY(std::abs(of(importances, "method").value.value() - 0.018409094744603227) < 1e-9);
    QVERIFY(std::abs(of(importances, "alpha").value.value() - 0.0017758055287239664) < 1e-9);
    QVERIFY(std::abs(of(importances, "depth").value.value() - 0.0002707725022600481) < 1e-9);
}

void TestImportance::pedAnovaKnowsStepsOfReals() {
    // Optuna 5.0.0, FloatDistribution(0, 2, step=0.25).
    StudyTrials study;
    study.space = {realDimension("x", 0, 2), realDimension("y", 0, 1)};
    std::get<RealDomain>(study.space[0].domain).step = 0.25;
    for (std::int64_t i = 0; i < 60; ++i) {
        const auto u = spread(i);
        const double x = 0.25 * std::floor(9 * u[0]);
        study.trials.push_back(trialOf(i, {{"x", x}, {"y", u[1]}}, {(x - 0.5) * (x - 0.5) + 0.1 * u[1]}));
    }
    const Importances importances = pedAnova(study);
    QVERIFY(std::abs(of(importances, "x").value.value() - 0.044253637553366795) < 1e-9);
    QVERIFY(std::abs(of(importances, "y").value.value() - 0.00506168038560965) < 1e-9);
}

void TestImportance::fanovaAgreesWithOptuna() {
    // Mean and deviation of Optuna 5.0.0's FanovaImportanceEvaluator over the seeds 0 to 11. One forest of
    // ours is another draw of the same distribution: 4 deviations, of which a fifth is met once in 16,000.
    const std::vector<std::tuple<std::string, double, double>> expected{
        {"x", 0.501054722730273, 0.013025425333084024},
        {"y", 0.12377930517440906, 0.005482297122491505},
        {"z", 0.007833347674356754, 0.0016194403263856106},
        {"k", 0.08572842645186529, 0.007924759009758798},
        {"flag", 0.004474361755171464, 0.0017271693527694614}};
    const Importances importances = fanova(plainStudy(100));
    for (const auto& [key, mean, deviation] : expected) {
        const double value = of(importances, key).value.value();
        QVERIFY2(std::abs(value - mean) < 4 * deviation,
                 qPrintable(QString::fromStdString(key) + " " + QString::number(value)));
    }
    QCOMPARE(importances.params[0].key, std::string("x"));
    QVERIFY(!importances.isRough);
}

void TestImportance::fanovaRepeatsForASeed() {
    const StudyTrials study = mixedStudy(40);
    FanovaOptions options;
    options.trees = 8;
    QCOMPARE(fanova(study, options).params, fanova(study, options).params);
    FanovaOptions other = options;
    other.seed = 1;
    QVERIFY(fanova(study, options).params != fanova(study, other).params);
}

void TestImportance::fanovaKnowsTheLogarithm() {
    // Linear in the logarithm: half of the variance, as the other parameter has the same effect in itself.
    StudyTrials study;
    study.space = {realDimension("lr", 1e-6, 1, true), realDimension("x", 0, 1)};
    for (std::int64_t i = 0; i < 200; ++i) {
        const auto u = spread(i);
        study.trials.push_back(
            trialOf(i, {{"lr", std::pow(10.0, -6 + 6 * u[0])}, {"x", u[1]}}, {u[0] + u[1]}));
    }
    const Importances importances = fanova(study);
    QVERIFY(std::abs(of(importances, "lr").value.value() - 0.5) < 0.05);
    QVERIFY(std::abs(of(importances, "x").value.value() - 0.5) < 0.05);
}

void TestImportance::fanovaJudgesConditionalParametersWhereTheyAre() {
    StudyTrials study;
    SearchDimension inner = realDimension("inner", 0, 1);
    inner.activeIf.terms = {{"method", {"a"}}};
    study.space = {choiceDimension("method", {"a", "b"}), realDimension("x", 0, 1), inner};
    for (std::int64_t i = 0; i < 120; ++i) {
        const auto u = spread(i);
        const bool isA = u[2] < 0.5;
        ParamValues values{{"method", std::string(isA ? "a" : "b")}, {"x", u[0]}};
        if (isA)
            values.set("inner", u[1]);
        study.trials.push_back(trialOf(i, values, {(isA ? 0.5 * u[1] : 5) + 0.05 * u[0]}));
    }
    const Importances importances = fanova(study);
    QCOMPARE(of(importances, "inner").trials, 58);         // as many of the 120 points have u[2] < 0.5
    QVERIFY(of(importances, "inner").value.value() > 0.9); // nearly all there is among the a
    QVERIFY(of(importances, "method").value.value() > 0.8);
    QVERIFY(of(importances, "x").value.value() < 0.05);
}

void TestImportance::tooFewTrialsGiveNoFigures() {
    for (const Importances& importances : {pedAnova(mixedStudy(9)), fanova(mixedStudy(9))}) {
        QVERIFY(!importances.isEnough());
        QVERIFY(importances.params.empty());
        QCOMPARE(importances.trials, 9);
        QCOMPARE(importances.needed, 10);
        QVERIFY(importanceChart(importances).layers.empty());
    }
    // Enough trials, but the conditional parameter was active in fewer than a forest needs.
    const Importances importances = fanova(mixedStudy(12));
    QVERIFY(!of(importances, "alpha").value);
    QCOMPARE(importances.params.back().key, std::string("alpha"));
}

void TestImportance::fewGoodTrialsAreRough() {
    QVERIFY(pedAnova(mixedStudy(20)).isRough);
    QVERIFY(!pedAnova(mixedStudy(80)).isRough);
}

void TestImportance::equalValuesMakeNothingImportant() {
    StudyTrials study = mixedStudy(30);
    for (StudyTrial& trial : study.trials)
        trial.objectives = {0.7};
    for (const Importances& importances : {pedAnova(study), fanova(study)})
        for (const ParamImportance& param : importances.params) {
            QVERIFY(std::abs(param.value.value_or(0)) < 1e-12);
            QVERIFY(std::isfinite(param.share));
        }
}

void TestImportance::failedAndPrunedTrialsDoNotCount() {
    StudyTrials study = mixedStudy(80);
    const Importances before = pedAnova(study);
    StudyTrial odd = study.trials[0];
    for (const TrialState state : {TrialState::Pruned, TrialState::Failed, TrialState::Running}) {
        odd.state = state;
        odd.objectives = {-100};
        study.trials.push_back(odd);
    }
    odd.state = TrialState::Complete;
    odd.objectives = {std::nan("")};
    study.trials.push_back(odd);
    QCOMPARE(pedAnova(study).params, before.params);
}

void TestImportance::theChartShowsSharesInOrder() {
    const Importances importances = pedAnova(mixedStudy(80));
    const Bars bars = std::get<Bars>(importanceChart(importances).layers.at(0));
    QCOMPARE(bars.labels.at(0), std::string("lr"));
    QVERIFY(std::abs(bars.values.at(0) - 0.35647699864142185) < 1e-6); // Optuna's normalised value
    QVERIFY(std::abs(std::accumulate(bars.values.begin(), bars.values.end(), 0.0) - 1) < 1e-12);
}

QTEST_GUILESS_MAIN(TestImportance)
#include "tst_importance.moc"
