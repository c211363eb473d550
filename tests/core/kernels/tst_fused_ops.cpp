#include "core/kernels/fused_ops.h"
#include "core/kernels/gelu_rows.h"
#include "core/kernels/lora_linear.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tensor.h>
#include <QTest>
#include <cmath>
#include <limits>
#include <torch/csrc/autograd/autograd.h>

using namespace lathe;

namespace {

at::Tensor leaf(at::IntArrayRef shape, at::ScalarType dtype) {
    return at::randn(shape, at::TensorOptions(dtype)).requires_grad_(true);
}

/// Largest difference between two functions' values and gradients, both pulled by the same upstream gradient.
template <typename F, typename G>
double difference(F&& ours, G&& reference, const std::vector<at::Tensor>& inputs) {
    const at::Tensor a = ours();
    const at::Tensor b = reference();
    const at::Tensor upstream = at::randn(a.sizes(), a.options());
    const auto ga = torch::autograd::grad({a}, inputs, {upstream});
    const auto gb = torch::autograd::grad({b}, inputs, {upstream});
    double worst = (a - b).abs().max().template item<double>();
    for (std::size_t i = 0; i < ga.size(); ++i)
        worst = std::max(worst, (ga[i] - gb[i]).abs().max().template item<double>());
    return worst;
}

/// Central differences of sum(f ⊙ upstream) against the analytic gradient of every element of `x`, in fp64.
template <typename F>
double finiteDifference(F&& f, at::Tensor x) {
    const at::Tensor value = f();
    const at::Tensor upstream = at::randn(value.sizes(), value.options());
    const at::Tensor analytic = torch::autograd::grad({value}, {x}, {upstream})[0].contiguous();
    const at::NoGradGuard noGrad;
    constexpr double kStep = 1e-6;
    double worst = 0;
    double* data = x.data_ptr<double>();
    for (std::int64_t i = 0; i < x.numel(); ++i) {
        const double before = data[i];
        data[i] = before + kStep;
        const double high = (f() * upstream).sum().template item<double>();
        data[i] = before - kStep;
        const double low = (f() * upstream).sum().template item<double>();
        data[i] = before;
        worst = std::max(worst, std::abs((high - low) / (2 * kStep) - analytic.const_data_ptr<double>()[i]));
    }
    return worst;
}

} // namespace

class TestFusedOps : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { at::manual_seed(7); }

    void normEqualsItsFormula() {
        const at::Tensor x = leaf({3, 5, 19}, at::kDouble);
        const at::Tensor w = leaf({19}, at::kDouble);
        const auto reference = [&] { return w * x * (x.square().mean(-1, true) + 1e-5).rsqrt(); };
        QVERIFY(difference([&] { return rmsNorm(x, w, 1e-5); }, reference, {x, w}) < 1e-12);
    }

    void normOfFloatsEqualsItsFormula() {
        const at::Tensor x = leaf({64, 128}, at::kFloat);
        const at::Tensor w = leaf({128}, at::kFloat);
        const auto reference = [&] { return w * (x * (x.square().mean(-1, true) + 1e-5).rsqrt()); };
        // Sums of 128 to 64 products in another order: a few units in the last place of values up to 30.
        QVERIFY(difference([&] { return rmsNorm(x, w, 1e-5); }, reference, {x, w}) < 2e-5);
    }

    void normsGradientIsThatOfFiniteDifferences() {
        const at::Tensor x = leaf({2, 9}, at::kDouble);
        const at::Tensor w = leaf({9}, at::kDouble);
        QVERIFY(finiteDifference([&] { return rmsNorm(x, w, 1e-5); }, x) < 1e-7);
        QVERIFY(finiteDifference([&] { return rmsNorm(x, w, 1e-5); }, w) < 1e-7);
    }

    void aRowOfTheNormDoesNotDependOnItsNeighbours() {
        const at::Tensor x = at::randn({300, 172}, at::kFloat);
        const at::Tensor w = at::randn({172}, at::kFloat);
        const at::Tensor all = rmsNorm(x, w, 1e-6);
        QVERIFY(all[17].equal(rmsNorm(x.narrow(0, 17, 1), w, 1e-6)[0]));
    }

    void rotationEqualsItsFormula_data() {
        QTest::addColumn<bool>("isPerRow");
        QTest::addColumn<bool>("isByOperators"); // as on a GPU: where the loops do not reach
        for (const bool isByOperators : {false, true}) {
            QTest::addRow("angles of the time, %d", isByOperators) << false << isByOperators;
            QTest::addRow("angles of each row, %d", isByOperators) << true << isByOperators;
        }
    }
    void rotationEqualsItsFormula() {
        QFETCH(bool, isPerRow);
        QFETCH(bool, isByOperators);
        // As attention makes it: heads and time exchanged, so the memory order is another one.
        const at::Tensor flat = leaf({2, 6, 4, 10}, at::kDouble);
        const std::vector<std::int64_t> shape =
            isPerRow ? std::vector<std::int64_t>{2, 1, 6, 5} : std::vector<std::int64_t>{6, 5};
        const at::Tensor angles = at::randn(shape, at::kDouble);
        at::Tensor full = at::cat({angles, angles}, -1);
        if (isByOperators)
            full = full.transpose(-1, -2).contiguous().transpose(-1, -2);
        const at::Tensor cos = full.cos();
        const at::Tensor sin = full.sin();
        const auto reference = [&] {
            const at::Tensor x = flat.transpose(1, 2);
            const auto halves = x.chunk(2, -1);
            return x * cos + at::cat({-halves[1], halves[0]}, -1) * sin;
        };
        QVERIFY(difference([&] { return rotateHalves(flat.transpose(1, 2), cos, sin); }, reference, {flat}) <
                1e-12);
    }

    void swigluEqualsItsFormula() {
        const at::Tensor e = leaf({7, 33}, at::kDouble);
        const at::Tensor f = leaf({7, 33}, at::kDouble);
        QVERIFY(difference([&] { return swiglu(e, f); }, [&] { return at::silu(e) * f; }, {e, f}) < 1e-12);
        QVERIFY(finiteDifference([&] { return swiglu(e, f); }, e) < 1e-7);
    }

    void loraProjectionEqualsItsFormula_data() {
        QTest::addColumn<bool>("hasBias");
        QTest::addColumn<bool>("hasMask");
        QTest::newRow("plain") << false << false;
        QTest::newRow("bias") << true << false;
        QTest::newRow("dropout") << false << true;
    }
    void loraProjectionEqualsItsFormula() {
        QFETCH(bool, hasBias);
        QFETCH(bool, hasMask);
        const at::Tensor x = leaf({2, 5, 12}, at::kDouble);
        const at::Tensor w = at::randn({9, 12}, at::kDouble);
        const at::Tensor bias = hasBias ? at::randn({9}, at::kDouble) : at::Tensor();
        const at::Tensor a = leaf({3, 12}, at::kDouble);
        const at::Tensor b = leaf({9, 3}, at::kDouble);
        const at::Tensor mask =
            hasMask ? at::randn(x.sizes(), at::kDouble).gt(0).to(at::kDouble) * 2 : at::Tensor();
        const auto reference = [&] {
            const at::Tensor seen = hasMask ? x * mask : x;
            return at::linear(x, w, bias) + 0.5 * at::linear(at::linear(seen, a), b);
        };
        QVERIFY(difference([&] { return loraLinear(x, w, bias, a, b, 0.5, mask); }, reference, {x, a, b}) <
                1e-12);
        const at::Tensor fixedA = at::randn({3, 12}, at::kDouble);
        const at::Tensor fixedB = at::randn({9, 3}, at::kDouble);
        const auto reduced = [&] { return reference() - 0.5 * at::linear(at::linear(x, fixedA), fixedB); };
        QVERIFY(difference([&] { return loraLinear(x, w, bias, a, b, 0.5, mask, fixedA, fixedB); }, reduced,
                           {x, a, b}) < 1e-12);
        const at::Tensor kept = a.detach(); // LoRA-FA
        const auto withKept = [&] {
            const at::Tensor seen = hasMask ? x * mask : x;
            return at::linear(x, w, bias) + 0.5 * at::linear(at::linear(seen, kept), b);
        };
        QVERIFY(difference([&] { return loraLinear(x, w, bias, kept, b, 0.5, mask); }, withKept, {x, b}) <
                1e-12);
    }

    void loraOverNarrowWeightsAddsInTheWiderType() {
        const auto narrow = [](at::IntArrayRef shape) { return at::randn(shape).to(at::kBFloat16); };
        const at::Tensor x = narrow({2, 5, 12}).requires_grad_(true);
        const at::Tensor w = narrow({9, 12});
        const at::Tensor bias = narrow({9});
        const at::Tensor a = leaf({3, 12}, at::kFloat);
        const at::Tensor b = leaf({9, 3}, at::kFloat);
        const auto reference = [&] {
            const at::Tensor change = 0.5 * at::linear(at::linear(x.to(at::kFloat), a), b);
            return (at::linear(x, w, bias).to(at::kFloat) + change).to(at::kBFloat16);
        };
        // Values up to 16 have units of 1/16 in bfloat16, and the gradient of x is rounded at other places.
        QVERIFY(difference([&] { return loraLinear(x, w, bias, a, b, 0.5, {}); }, reference, {x, a, b}) <=
                0.125);
    }

    void geluIsExactInItsTails_data() {
        QTest::addColumn<int>("kind");
        QTest::addRow("by the error function") << static_cast<int>(Gelu::Exact);
        QTest::addRow("by tanh") << static_cast<int>(Gelu::Tanh);
    }
    void geluIsExactInItsTails() {
        QFETCH(int, kind);
        const auto which = static_cast<Gelu>(kind);
        const at::Tensor wide = at::linspace(-30, 30, 100003, at::kDouble).requires_grad_(true);
        const at::Tensor expected = at::gelu(wide, which == Gelu::Exact ? "none" : "tanh");
        const at::Tensor slope = torch::autograd::grad({expected.sum()}, {wide})[0];
        for (const auto& [dtype, most] : {std::pair(at::kDouble, 1e-14), std::pair(at::kFloat, 4e-7)}) {
            const at::Tensor x = wide.detach().to(dtype);
            const auto apart = [](const at::Tensor& ours, const at::Tensor& theirs) {
                return ((ours.to(at::kDouble) - theirs).abs() / theirs.abs().clamp_min(1))
                    .max()
                    .item<double>();
            };
            const GeluWithSlope both = geluWithSlope(x, which);
            QVERIFY(apart(both.value, expected.detach()) < most);
            QVERIFY(apart(both.slope, slope) < most);
            QVERIFY(geluRows(x, which).equal(both.value));
            const at::Tensor g = at::full_like(x, 3);
            QVERIFY(pullThroughGelu(g, x, which).equal(both.value));
            QVERIFY(g.equal(both.slope * 3));
        }
        const at::Tensor x = at::tensor({-1e20F, 1e20F, std::numeric_limits<float>::quiet_NaN()});
        const GeluWithSlope both = geluWithSlope(x, which);
        QVERIFY(std::abs(both.value[0].item<float>()) < 1e-6);
        QVERIFY((both.slope.narrow(0, 0, 2) - at::tensor({0.0F, 1.0F})).abs().max().item<double>() < 1e-6);
        QCOMPARE(both.value[1].item<float>(), 1e20F);
        QVERIFY(both.value[2].isnan().item<bool>());
    }

    void narrowTypesTakeTheSameFormula() {
        const at::Tensor x = at::randn({4, 16}, at::kFloat).to(at::kBFloat16);
        const at::Tensor w = at::randn({16}, at::kFloat).to(at::kBFloat16);
        const at::Tensor wide = rmsNorm(x.to(at::kFloat), w.to(at::kFloat), 1e-5);
        // bfloat16 keeps 8 bits: half a unit of values up to 4 is 2^-7.
        QVERIFY((rmsNorm(x, w, 1e-5).to(at::kFloat) - wide).abs().max().item<double>() < 0.04);
    }
};

QTEST_GUILESS_MAIN(TestFusedOps)
#include "tst_fused_ops.moc"
