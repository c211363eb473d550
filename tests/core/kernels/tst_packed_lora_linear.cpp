#include "core/kernels/lora_linear.h"
#include "core/kernels/packed_lora_linear.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/randn.h>
#include <QTest>
#include <limits>
#include <torch/csrc/autograd/autograd.h>

using namespace lathe;

namespace {

constexpr std::int64_t kIn = 24;
constexpr std::int64_t kOut = 20;
constexpr double kExact = 1e-12; // fp64: what another order of the same sums leaves

/// What a slot is made of: its rows and rank; rank 0: the trial has no adapter here.
struct Shape {
    std::int64_t rows;
    std::int64_t rank;
    double scale;
    bool isDropping;
};

struct Problem {
    at::Tensor x, weight, bias;
    std::vector<PackedSlot> trials;

    std::vector<at::Tensor> leaves() const {
        std::vector<at::Tensor> all{x};
        for (const PackedSlot& slot : trials)
            if (slot.a.defined() && slot.rows > 0)
                all.insert(all.end(), {slot.a, slot.b});
        return all;
    }
};

Problem problemOf(const std::vector<Shape>& shapes, at::ScalarType dtype) {
    at::manual_seed(3);
    const at::TensorOptions options(dtype);
    Problem problem;
    std::int64_t rows = 0;
    for (const Shape& shape : shapes) {
        PackedSlot slot;
        slot.rows = shape.rows;
        slot.scale = shape.scale;
        if (shape.rank > 0) {
            slot.a = at::randn({shape.rank, kIn}, options).requires_grad_(true);
            slot.b = at::randn({kOut, shape.rank}, options).requires_grad_(true);
        }
        if (shape.isDropping)
            slot.mask = at::randn({shape.rows, kIn}, options).gt(-0.8).to(dtype).mul_(1.25);
        rows += shape.rows;
        problem.trials.push_back(std::move(slot));
    }
    problem.x = at::randn({rows, kIn}, options).requires_grad_(true);
    problem.weight = at::randn({kOut, kIn}, options);
    problem.bias = at::randn({kOut}, options);
    return problem;
}

/// Unequal row counts and ranks, an empty slot, one without an adapter, dropout here and there.
const std::vector<Shape> kMixed{
    {5, 4, 2.0, true}, {0, 3, 1.0, false}, {1, 7, 0.25, false}, {9, 0, 1.0, false}, {16, 1, 4.0, true}};

/// As the formulas stand, of LibTorch's operators.
at::Tensor composed(const Problem& problem) {
    std::vector<at::Tensor> parts;
    std::int64_t begin = 0;
    for (const PackedSlot& slot : problem.trials) {
        const at::Tensor own = problem.x.narrow(0, begin, slot.rows);
        at::Tensor y = at::linear(own, problem.weight, problem.bias);
        if (slot.a.defined())
            y = y + at::linear(at::linear(slot.mask.defined() ? own * slot.mask : own, slot.a), slot.b) *
                        slot.scale;
        parts.push_back(y);
        begin += slot.rows;
    }
    return at::cat(parts);
}

double relative(const at::Tensor& ours, const at::Tensor& theirs) {
    return ((ours - theirs).abs().max() / theirs.abs().max()).item<double>();
}

} // namespace

class TestPackedLoraLinear : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void valuesAndGradientsAreThoseOfComposedOperators();
    void aSlotIsBitForBitWhatItIsAlone();
    void aSlotOfNansTouchesNobody();
    void aKeptAGetsNoGradient();
    void aNarrowBaseIsAddedToInTheWiderDtype();
};

void TestPackedLoraLinear::valuesAndGradientsAreThoseOfComposedOperators() {
    const Problem problem = problemOf(kMixed, at::kDouble);
    const at::Tensor ours = packedLoraLinear(problem.x, problem.weight, problem.bias, problem.trials);
    const at::Tensor theirs = composed(problem);
    QVERIFY(relative(ours, theirs) <= kExact);
    const at::Tensor upstream = at::randn(ours.sizes(), ours.options());
    const auto leaves = problem.leaves();
    const auto own = torch::autograd::grad({ours}, leaves, {upstream});
    const auto reference = torch::autograd::grad({theirs}, leaves, {upstream});
    for (std::size_t i = 0; i < own.size(); ++i)
        QVERIFY2(relative(own[i], reference[i]) <= kExact, qPrintable(QString::number(i)));
}

void TestPackedLoraLinear::aSlotIsBitForBitWhatItIsAlone() {
    // The low-rank path alone: whether W's product gives a row the same bits in a larger batch is the matrix
    // library's business, so W is 0 here.
    Problem problem = problemOf(kMixed, at::kFloat);
    problem.weight.zero_();
    const at::Tensor packed = packedLoraLinear(problem.x, problem.weight, problem.bias, problem.trials);
    const at::Tensor upstream = at::randn(packed.sizes(), packed.options());
    const auto gradients = torch::autograd::grad({packed}, problem.leaves(), {upstream});
    std::int64_t begin = 0;
    std::size_t next = 1;
    for (const PackedSlot& slot : problem.trials) {
        if (slot.rows > 0 && slot.a.defined()) {
            const at::Tensor x = problem.x.detach().narrow(0, begin, slot.rows).clone().requires_grad_(true);
            const at::Tensor y =
                loraLinear(x, problem.weight, problem.bias, slot.a, slot.b, slot.scale, slot.mask);
            const auto alone = torch::autograd::grad({y}, {x, slot.a, slot.b},
                                                     {upstream.narrow(0, begin, slot.rows).clone()});
            QVERIFY(at::equal(packed.narrow(0, begin, slot.rows), y));
            QVERIFY(at::equal(gradients[0].narrow(0, begin, slot.rows), alone[0]));
            QVERIFY(at::equal(gradients[next], alone[1]));
            QVERIFY(at::equal(gradients[next + 1], alone[2]));
            next += 2;
        }
        begin += slot.rows;
    }
}

void TestPackedLoraLinear::aSlotOfNansTouchesNobody() {
    const Problem healthy = problemOf(kMixed, at::kFloat);
    Problem poisoned = healthy;
    poisoned.x = healthy.x.detach().clone();
    poisoned.x.narrow(0, 0, kMixed[0].rows).fill_(std::numeric_limits<float>::quiet_NaN());
    poisoned.x.requires_grad_(true);
    const at::Tensor upstream = at::randn({healthy.x.size(0), kOut});
    const auto run = [&](const Problem& problem) {
        const at::Tensor y = packedLoraLinear(problem.x, problem.weight, problem.bias, problem.trials);
        auto all = torch::autograd::grad({y}, problem.leaves(), {upstream});
        all.push_back(y.detach());
        return all;
    };
    const auto without = run(healthy);
    const auto with = run(poisoned);
    const std::int64_t rest = healthy.x.size(0) - kMixed[0].rows;
    for (const std::size_t rows : {std::size_t{0}, with.size() - 1})
        QVERIFY(at::equal(with[rows].narrow(0, kMixed[0].rows, rest),
                          without[rows].narrow(0, kMixed[0].rows, rest)));
    QVERIFY(with[1].isnan().any().item<bool>()); // A of the poisoned slot
    for (std::size_t i = 3; i + 1 < with.size(); ++i)
        QVERIFY(at::equal(with[i], without[i]));
}

void TestPackedLoraLinear::aKeptAGetsNoGradient() {
    Problem problem = problemOf({{4, 2, 1.0, false}, {3, 2, 1.0, false}}, at::kDouble);
    problem.trials[0].a.requires_grad_(false);
    const at::Tensor y = packedLoraLinear(problem.x, problem.weight, problem.bias, problem.trials);
    torch::autograd::backward({y.sum()});
    QVERIFY(!problem.trials[0].a.grad().defined());
    QVERIFY(problem.trials[0].b.grad().defined());
    QVERIFY(problem.trials[1].a.grad().defined());
}

void TestPackedLoraLinear::aNarrowBaseIsAddedToInTheWiderDtype() {
    Problem problem = problemOf({{6, 3, 2.0, false}, {2, 5, 1.0, false}}, at::kFloat);
    problem.weight = problem.weight.to(at::kBFloat16);
    problem.bias = problem.bias.to(at::kBFloat16);
    const at::Tensor x = problem.x.detach().to(at::kBFloat16);
    const at::Tensor packed = packedLoraLinear(x, problem.weight, problem.bias, problem.trials);
    const PackedSlot& second = problem.trials[1];
    const at::Tensor alone =
        loraLinear(x.narrow(0, 6, 2), problem.weight, problem.bias, second.a, second.b, second.scale, {});
    QCOMPARE(packed.scalar_type(), at::kBFloat16);
    const double kRounding = 1.0 / 64; // the product with W may be rounded once differently: 8 bits
    QVERIFY(relative(packed.narrow(0, 6, 2).to(at::kFloat), alone.to(at::kFloat)) <= kRounding);
}

QTEST_GUILESS_MAIN(TestPackedLoraLinear)
#include "tst_packed_lora_linear.moc"
