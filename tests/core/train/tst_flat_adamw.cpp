#include "core/train/flat_adamw.h"

#include "core/base/files.h"
#include "tests/support/shared_files.h"

#include <QtTest>

#include <ATen/ops/equal.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <cmath>
#include <nlohmann/json.hpp>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;

namespace {

constexpr const char* kOracle = "oracles/optimizers.json";
constexpr double kTolerance = 1e-6; // absolute, as the reference gives it for float32

at::Tensor matrix(const json& rows) {
    std::vector<float> flat;
    for (const json& row : rows)
        for (const json& value : row)
            flat.push_back(value.get<float>());
    return at::tensor(flat).view({static_cast<std::int64_t>(rows.size()), -1});
}

at::Tensor leaf(const at::Tensor& values) { return values.clone().requires_grad_(true); }

double worst(const at::Tensor& a, const at::Tensor& b) {
    return (a.detach().to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

/// mean((tanh(X W + b) - Y)²), the problem of the reference.
struct Problem {
    explicit Problem(const json& data)
        : w(leaf(matrix(data.at("W")))),
          b(leaf(at::tensor(data.at("b").get<std::vector<float>>()))),
          x(matrix(data.at("X"))),
          y(matrix(data.at("Y"))) {}

    [[nodiscard]] at::Tensor loss() const { return (x.mm(w).add(b).tanh() - y).square().mean(); }

    at::Tensor w, b, x, y;
};

} // namespace

class TestFlatAdamW : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void followsTorch_data();
    void followsTorch();
    void parametersBecomeViewsAndGradientsAddUp();
    void onlyMatricesDecayUnlessAsked_data();
    void onlyMatricesDecayUnlessAsked();
    void narrowParametersAreRoundedMasters();
    void clippingKeepsTheDirectionAndAnswersTheNormBefore_data();
    void clippingKeepsTheDirectionAndAnswersTheNormBefore();
    void gatheredGradientsAddUpAndMayBeMissing();
    void restoredOptimizerGoesOnBitForBit_data();
    void restoredOptimizerGoesOnBitForBit();
    void parameterWithoutGradientStandsStill();
    void stateOfOtherParametersIsRefused();
};

void TestFlatAdamW::followsTorch_data() {
    QTest::addColumn<QString>("run");
    QTest::addColumn<bool>("gathers");
    for (const bool gathers : {false, true}) {
        QTest::addRow("without clipping, gathered %d", gathers) << "adamw" << gathers;
        QTest::addRow("clipped at 0.05, gathered %d", gathers) << "adamw_clip0.05" << gathers;
    }
}

void TestFlatAdamW::followsTorch() {
    LATHE_NEED_SHARED(kOracle);
    QFETCH(QString, run);
    QFETCH(bool, gathers);
    const json data = json::parse(readFile(sharedFile(kOracle)).value());
    const auto& runs = data.at("runs");
    const auto found = std::find_if(runs.begin(), runs.end(), [&](const json& each) {
        return each.at("name").get<std::string>() == run.toStdString();
    });
    QVERIFY(found != runs.end());
    const json& arguments = found->at("arguments");
    const double limit = found->at("max_grad_norm").is_null() ? 0 : found->at("max_grad_norm").get<double>();
    Problem problem(data.at("problem"));
    FlatAdamW optimizer({{"w", problem.w}, {"b", problem.b}},
                        {arguments.at("betas").at(0).get<double>(), arguments.at("betas").at(1).get<double>(),
                         arguments.at("eps").get<double>(), arguments.at("weight_decay").get<double>(), true,
                         gathers});
    for (const json& step : found->at("steps")) {
        optimizer.zeroGradients();
        const at::Tensor loss = problem.loss();
        loss.backward();
        const double norm = optimizer.clipGradients(limit).item<double>();
        optimizer.step(arguments.at("lr").get<double>());
        QVERIFY(std::abs(loss.item<double>() - step.at("loss").get<double>()) <= kTolerance);
        QVERIFY(worst(problem.w, matrix(step.at("W"))) <= kTolerance);
        QVERIFY(worst(problem.b, at::tensor(step.at("b").get<std::vector<float>>())) <= kTolerance);
        if (limit > 0)
            QVERIFY(std::abs(norm - step.at("grad_norm").get<double>()) <= kTolerance);
    }
}

void TestFlatAdamW::parametersBecomeViewsAndGradientsAddUp() {
    at::Tensor w = leaf(at::ones({2, 3}));
    FlatAdamW optimizer({{"w", w}}, {});
    QVERIFY(at::equal(w.detach(), at::ones({2, 3})));
    w.sum().backward();
    w.sum().backward(); // a second micro-batch
    QVERIFY(at::equal(w.grad(), at::ones({2, 3}) * 2));
    optimizer.zeroGradients();
    QVERIFY(at::equal(w.grad(), at::ones({2, 3}) * 0));
}

void TestFlatAdamW::onlyMatricesDecayUnlessAsked_data() {
    QTest::addColumn<bool>("shouldDecayVectors");
    QTest::newRow("matrices alone") << false;
    QTest::newRow("vectors too") << true;
}

void TestFlatAdamW::onlyMatricesDecayUnlessAsked() {
    QFETCH(bool, shouldDecayVectors);
    at::Tensor bias = leaf(at::ones({3}));
    at::Tensor w = leaf(at::ones({2, 3}));
    FlatAdamW optimizer({{"bias", bias}, {"w", w}}, {0.9, 0.999, 1e-8, 0.5, shouldDecayVectors});
    optimizer.zeroGradients();
    (void)optimizer.clipGradients(0);
    optimizer.step(0.1); // no gradient: the decay alone moves
    QVERIFY(worst(w, at::ones({2, 3}) * 0.95) <= kTolerance);
    QVERIFY(worst(bias, at::ones({3}) * (shouldDecayVectors ? 0.95 : 1.0)) <= kTolerance);
}

void TestFlatAdamW::narrowParametersAreRoundedMasters() {
    at::Tensor exact = leaf(at::ones({4, 4}));
    at::Tensor narrow = leaf(at::ones({4, 4}, at::kBFloat16));
    FlatAdamW exactOptimizer({{"w", exact}}, {});
    FlatAdamW narrowOptimizer({{"w", narrow}}, {});
    // Steps of 1e-4 are lost in bfloat16, whose neighbours of 1 are 0.004 apart; the master adds them up.
    for (int i = 0; i < 100; ++i) {
        for (FlatAdamW* optimizer : {&exactOptimizer, &narrowOptimizer})
            optimizer->zeroGradients();
        exact.sum().backward();
        narrow.to(at::kFloat).sum().backward();
        for (FlatAdamW* optimizer : {&exactOptimizer, &narrowOptimizer}) {
            (void)optimizer->clipGradients(0);
            optimizer->step(1e-4);
        }
    }
    QVERIFY(narrow.scalar_type() == at::kBFloat16);
    QVERIFY(exact[0][0].item<double>() < 0.991);
    QVERIFY(at::equal(narrow.detach(), exact.detach().to(at::kBFloat16)));
    QVERIFY(at::equal(narrowOptimizer.state().front().second, exact.detach().flatten()));
}

void TestFlatAdamW::clippingKeepsTheDirectionAndAnswersTheNormBefore_data() {
    QTest::addColumn<bool>("gathers");
    QTest::newRow("added in place") << false;
    QTest::newRow("gathered") << true;
}

void TestFlatAdamW::clippingKeepsTheDirectionAndAnswersTheNormBefore() {
    QFETCH(bool, gathers);
    at::Tensor w = leaf(at::ones({1, 2}));
    at::Tensor bias = leaf(at::ones({1}));
    FlatAdamW::Settings settings;
    settings.gathersGradients = gathers;
    FlatAdamW optimizer({{"w", w}, {"bias", bias}}, settings);
    (w.mul(at::tensor({2.0F, 4.0F})).sum() + bias.sum() * 4).backward(); // norm 6 over both groups
    QVERIFY(std::abs(optimizer.clipGradients(10).item<double>() - 6) <= kTolerance);
    QCOMPARE(w.grad()[0][0].item<double>(), 2.0);
    QVERIFY(std::abs(optimizer.clipGradients(3).item<double>() - 6) <= kTolerance);
    QVERIFY(worst(w.grad(), at::tensor({1.0F, 2.0F})) <= 1e-5);
    QVERIFY(worst(bias.grad(), at::tensor({2.0F})) <= 1e-5);
}

void TestFlatAdamW::gatheredGradientsAddUpAndMayBeMissing() {
    at::Tensor w = leaf(at::ones({2, 3}));
    at::Tensor unused = leaf(at::ones({1, 2}));
    FlatAdamW::Settings settings;
    settings.gathersGradients = true;
    FlatAdamW optimizer({{"w", w}, {"unused", unused}}, settings);
    for (int step = 0; step < 2; ++step) { // the second has gradients of the first to forget
        optimizer.zeroGradients();
        w.sum().backward();
        w.sum().backward(); // a second micro-batch
        (void)optimizer.clipGradients(0);
        QVERIFY(at::equal(w.grad(), at::ones({2, 3}) * 2));
        QVERIFY(at::equal(unused.grad(), at::ones({1, 2}) * 0));
        w.mutable_grad().mul_(0); // what changes a gradient from here on changes the step
        optimizer.step(0.1);
        QVERIFY(at::equal(w.detach(), at::ones({2, 3})));
    }
}

void TestFlatAdamW::restoredOptimizerGoesOnBitForBit_data() {
    QTest::addColumn<bool>("isNarrow");
    QTest::newRow("float32") << false;
    QTest::newRow("bfloat16") << true;
}

void TestFlatAdamW::restoredOptimizerGoesOnBitForBit() {
    QFETCH(bool, isNarrow);
    const at::ScalarType dtype = isNarrow ? at::kBFloat16 : at::kFloat;
    const auto train = [](FlatAdamW& optimizer, const at::Tensor& w, int steps) {
        for (int i = 0; i < steps; ++i) {
            optimizer.zeroGradients();
            (w.to(at::kFloat) - 0.3).square().sum().backward();
            (void)optimizer.clipGradients(1);
            optimizer.step(0.01);
        }
    };
    at::Tensor whole = leaf(at::ones({3, 5}, dtype));
    FlatAdamW wholeOptimizer({{"w", whole}}, {});
    train(wholeOptimizer, whole, 5);
    std::map<std::string, at::Tensor> saved;
    for (const auto& [name, tensor] : wholeOptimizer.state())
        saved[name] = tensor.clone();

    at::Tensor again = leaf(at::ones({3, 5}, dtype) * 7);
    FlatAdamW againOptimizer({{"w", again}}, {});
    QVERIFY(againOptimizer.restore(saved, 5).has_value());
    train(wholeOptimizer, whole, 5);
    train(againOptimizer, again, 5);
    QVERIFY(at::equal(again, whole));
    QCOMPARE(againOptimizer.stepsDone(), 10);
}

/// Its moments and its count of steps too: what it does later is what it would have done without the pause.
void TestFlatAdamW::parameterWithoutGradientStandsStill() {
    const auto train = [](FlatAdamW& optimizer, const std::vector<at::Tensor>& parameters) {
        optimizer.zeroGradients();
        for (const at::Tensor& each : parameters)
            if (each.requires_grad())
                (each - 0.3).square().sum().backward();
        (void)optimizer.clipGradients(0);
        optimizer.step(0.01);
    };
    FlatAdamW::Settings settings;
    settings.weightDecay = 0.1;
    at::Tensor alone = leaf(at::ones({3, 5}));
    FlatAdamW aloneOptimizer({{"w", alone}}, settings);
    at::Tensor w = leaf(at::ones({3, 5})), other = leaf(at::ones({2, 3}) * 2);
    FlatAdamW optimizer({{"w", w}, {"other", other}}, settings);
    for (int step = 0; step < 9; ++step) {
        const bool isIdle = step >= 3 && step < 6;
        w.requires_grad_(!isIdle);
        const at::Tensor before = w.detach().clone();
        const at::Tensor otherBefore = other.detach().clone();
        train(optimizer, {w, other});
        QCOMPARE(at::equal(w.detach(), before), isIdle);
        QVERIFY(!at::equal(other.detach(), otherBefore));
        if (!isIdle)
            train(aloneOptimizer, {alone});
    }
    QVERIFY(worst(w, alone.detach()) <= 1e-6);

    std::map<std::string, at::Tensor> saved;
    for (const auto& [name, tensor] : optimizer.state())
        saved[name] = tensor.clone();
    at::Tensor w2 = leaf(at::ones({3, 5})), other2 = leaf(at::ones({2, 3}));
    FlatAdamW again({{"w", w2}, {"other", other2}}, settings);
    QVERIFY(again.restore(saved, 9).has_value());
    train(optimizer, {w, other});
    train(again, {w2, other2});
    QVERIFY(at::equal(w2.detach(), w.detach()) && at::equal(other2.detach(), other.detach()));
}

void TestFlatAdamW::stateOfOtherParametersIsRefused() {
    FlatAdamW small({{"w", leaf(at::ones({2, 2}))}}, {});
    FlatAdamW large({{"w", leaf(at::ones({3, 3}))}}, {});
    std::map<std::string, at::Tensor> saved;
    for (const auto& [name, tensor] : small.state())
        saved[name] = tensor;
    const Status restored = large.restore(saved, 1);
    QVERIFY(!restored.has_value());
    QVERIFY(restored.error().kind == Error::Kind::Input);
    QVERIFY(QString::fromStdString(restored.error().text()).contains("optimizer.0.values"));
}

QTEST_GUILESS_MAIN(TestFlatAdamW)
#include "tst_flat_adamw.moc"
