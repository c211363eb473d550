#include "core/kernels/block_nodes.h"
#include "core/kernels/frozen_head_loss.h"
#include "core/kernels/fused_ops.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros_like.h>
#include <QTest>
#include <torch/csrc/autograd/autograd.h>

using namespace lathe;

namespace {

constexpr double kExact = 1e-12; // fp64: what another order of the same sums leaves

/// A slot's rows, rank and scale; rank 0: no path.
struct Shape {
    std::int64_t rows;
    std::int64_t rank;
    double scale;
    bool isDropping;
    bool isFixed = false; ///< A is not trained
};
using Shapes = std::vector<Shape>;

const Shapes kSolo{{37, 8, 2.0, false}};
const Shapes kDropping{{37, 4, 0.5, true}};
const Shapes kFixed{{37, 5, 1.5, false, true}};
const Shapes kSeveral{
    {5, 4, 2.0, true}, {0, 3, 1.0, false}, {1, 7, 0.25, false}, {9, 0, 1.0, false}, {22, 1, 4.0, true}};
const Shapes kBare{};

/// A projection of any slots, and its trained factors.
struct Made {
    AdaptedProjection projection;
    std::vector<at::Tensor> leaves;
};

Made make(std::int64_t in, std::int64_t out, bool hasBias, const Shapes& shapes,
          const at::TensorOptions& options) {
    Made made;
    made.projection.matrix = std::make_shared<FrozenMatrix>(at::randn({out, in}, options) * 0.2);
    if (hasBias)
        made.projection.bias = at::randn({out}, options);
    for (const Shape& shape : shapes) {
        LowRankSlot slot{shape.rows, {}, {}, shape.scale};
        if (shape.rank > 0) {
            slot.a = (at::randn({shape.rank, in}, options) * 0.2).requires_grad_(!shape.isFixed);
            slot.b = (at::randn({out, shape.rank}, options) * 0.2).requires_grad_(true);
        }
        if (shape.isDropping)
            slot.kept =
                DropoutBits(at::randn({shape.rows, in}, options).gt(-0.8).to(options.dtype()).mul_(1.25));
        if (slot.rows > 0 && slot.a.defined()) {
            if (!shape.isFixed)
                made.leaves.push_back(slot.a);
            made.leaves.push_back(slot.b);
        }
        made.projection.slots.push_back(slot);
    }
    return made;
}

/// The same of LibTorch's operators, as the formulas stand.
at::Tensor composed(const AdaptedProjection& projection, const at::Tensor& x) {
    const at::Tensor& weight = projection.matrix->weight();
    if (projection.slots.empty())
        return at::linear(x, weight, projection.bias);
    std::vector<at::Tensor> parts;
    std::int64_t begin = 0;
    for (const LowRankSlot& slot : projection.slots) {
        const at::Tensor own = x.narrow(0, begin, slot.rows);
        at::Tensor y = at::linear(own, weight, projection.bias);
        const at::Tensor seen = slot.kept.isDefined() ? own * slot.kept.mask(own.scalar_type()) : own;
        if (slot.a.defined())
            y = y + at::linear(at::linear(seen, slot.a), slot.b) * slot.scale;
        parts.push_back(y);
        begin += slot.rows;
    }
    return at::cat(parts);
}

RowNorm normOf(RowNorm::Kind kind, std::int64_t width, const at::TensorOptions& options) {
    return {kind, at::randn({width}, options),
            kind == RowNorm::Kind::Layer ? at::randn({width}, options) : at::Tensor(), 1e-5};
}

at::Tensor composed(const RowNorm& norm, const at::Tensor& x) {
    if (norm.kind == RowNorm::Kind::None)
        return x;
    if (norm.kind == RowNorm::Kind::Layer)
        return at::layer_norm(x, {x.size(1)}, norm.weight, norm.bias, norm.eps);
    return norm.weight * (x * (x.square().mean(-1, true) + norm.eps).rsqrt());
}

at::Tensor composed(const BlockTail& tail, const at::Tensor& x, const at::Tensor& mixed) {
    const at::Tensor sum = x + composed(tail.output, mixed);
    const at::Tensor normed = composed(tail.first, sum);
    const at::Tensor& base = tail.isPostNorm ? normed : sum;
    at::Tensor value = composed(tail.inputs.front(), normed);
    switch (tail.activation) {
    case BlockActivation::Swiglu:
        value = at::silu(value) * composed(tail.inputs.back(), normed);
        break;
    case BlockActivation::Gelu:
        value = at::gelu(value);
        break;
    case BlockActivation::GeluTanh:
        value = at::gelu(value, "tanh");
        break;
    case BlockActivation::Relu:
        value = at::relu(value);
        break;
    }
    const at::Tensor end = base + composed(tail.down, value);
    return tail.isPostNorm ? composed(tail.second, end) : end;
}

void compareAll(const std::vector<at::Tensor>& ours, const std::vector<at::Tensor>& theirs, double most) {
    QCOMPARE(ours.size(), theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
        QVERIFY2(ours[i].defined(), qPrintable(QString("result %1 is missing").arg(i)));
        const double scale = std::max(1e-30, theirs[i].abs().max().item<double>());
        const double worst = (ours[i] - theirs[i]).abs().max().item<double>() / scale;
        QVERIFY2(worst <= most, qPrintable(QString("result %1 differs by %2").arg(i).arg(worst)));
    }
}

/// Results, and the gradients of the sum of the results weighted at random.
std::vector<at::Tensor> withGradients(const std::vector<at::Tensor>& results,
                                      const std::vector<at::Tensor>& leaves) {
    at::manual_seed(11);
    std::vector<at::Tensor> upstream;
    for (const at::Tensor& each : results)
        upstream.push_back(at::randn(each.sizes(), each.options()));
    std::vector<at::Tensor> all = results;
    for (const at::Tensor& gradient : torch::autograd::grad(results, leaves, upstream, true))
        all.push_back(gradient);
    return all;
}

struct Sizes {
    std::int64_t width, mixed, wide;
};
constexpr Sizes kOdd{20, 24, 43};      // no multiple of a vector's lanes
constexpr Sizes kLarge{320, 288, 640}; // beyond small matrices

} // namespace

Q_DECLARE_METATYPE(Shapes)
Q_DECLARE_METATYPE(Sizes)

class TestBlockNodes : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Results do not depend on the threads, but waking one for so little takes most of the time.
    void initTestCase() { at::set_num_threads(1); }

    void attentionInputsAsComposed_data() { addCases(); }
    void attentionInputsAsComposed() {
        QFETCH(Shapes, shapes);
        QFETCH(Sizes, sizes);
        QFETCH(int, kind);
        QFETCH(bool, hasBias);
        at::manual_seed(5);
        const at::TensorOptions options(at::kDouble);
        auto parts = std::make_shared<AttentionInputs>();
        if (static_cast<RowNorm::Kind>(kind) != RowNorm::Kind::None)
            parts->norm = normOf(static_cast<RowNorm::Kind>(kind), sizes.width, options);
        const at::Tensor x = at::randn({37, sizes.width}, options).requires_grad_(true);
        std::vector<at::Tensor> leaves{x};
        for (const std::int64_t out : {sizes.mixed, sizes.width, std::int64_t{9}}) {
            Made made = make(sizes.width, out, hasBias, shapes, options);
            leaves.insert(leaves.end(), made.leaves.begin(), made.leaves.end());
            parts->projections.push_back(std::move(made.projection));
        }
        std::vector<at::Tensor> expected;
        const at::Tensor normed = composed(parts->norm, x);
        for (const AdaptedProjection& projection : parts->projections)
            expected.push_back(composed(projection, normed));
        compareAll(withGradients(attentionInputs(x, parts), leaves), withGradients(expected, leaves), kExact);
        if (leaves.size() > 1) { // below the lowest adapter nothing is wanted
            const std::vector<at::Tensor> factors(leaves.begin() + 1, leaves.end());
            compareAll(withGradients(attentionInputs(x.detach(), parts), factors),
                       withGradients(expected, factors), kExact);
        }
    }

    void headsTurn_data() {
        QTest::addColumn<bool>("isPerRow");
        QTest::addRow("one row of angles for all") << false;
        QTest::addRow("each text its own") << true;
    }
    void headsTurn() {
        QFETCH(bool, isPerRow);
        at::manual_seed(8);
        const at::TensorOptions options(at::kDouble);
        constexpr std::int64_t kTexts = 3, kTime = 7, kHeads = 2, kSize = 6;
        auto parts = std::make_shared<AttentionInputs>();
        const at::Tensor half = at::randn({isPerRow ? kTexts : 1, 1, kTime, kSize / 2}, options);
        const at::Tensor angle = at::cat({half, half}, -1);
        parts->turn = {isPerRow ? angle.cos() : angle.cos().view({kTime, kSize}),
                       isPerRow ? angle.sin() : angle.sin().view({kTime, kSize}),
                       kTime,
                       {kHeads, 0}};
        const at::Tensor x = at::randn({kTexts * kTime, 10}, options).requires_grad_(true);
        std::vector<at::Tensor> leaves{x}, expected;
        for (const bool isTurned : {true, false}) {
            Made made = make(10, kHeads * kSize, false, {{kTexts * kTime, 3, 2.0, false}}, options);
            leaves.insert(leaves.end(), made.leaves.begin(), made.leaves.end());
            at::Tensor y = composed(made.projection, x);
            if (isTurned) {
                const at::Tensor heads = y.view({kTexts, kTime, kHeads, kSize}).transpose(1, 2);
                y = rotateHalves(heads, parts->turn.cos, parts->turn.sin).transpose(1, 2).reshape(y.sizes());
            }
            expected.push_back(y);
            parts->projections.push_back(std::move(made.projection));
        }
        compareAll(withGradients(attentionInputs(x, parts), leaves), withGradients(expected, leaves), kExact);
    }

    void headLossAsComposed_data() {
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("vocabulary");
        QTest::addColumn<int>("width");
        QTest::addColumn<bool>("hasBias");
        QTest::addRow("small") << 5 << 37 << 12 << false;
        QTest::addRow("bias") << 70 << 512 << 24 << true;
        QTest::addRow("several chunks") << 300 << 500 << 16 << false;
        QTest::addRow("large head") << 9 << 3000 << 64 << true;
    }
    void headLossAsComposed() {
        QFETCH(int, rows);
        QFETCH(int, vocabulary);
        QFETCH(int, width);
        QFETCH(bool, hasBias);
        for (const auto& [dtype, most] : {std::pair(at::kDouble, kExact), std::pair(at::kFloat, 2e-6)}) {
            at::manual_seed(9);
            const at::Tensor x = at::randn({rows, width}, dtype).requires_grad_(true);
            const at::Tensor head = at::randn({vocabulary, width}, dtype);
            const at::Tensor bias = hasBias ? at::randn({vocabulary}, dtype) : at::Tensor();
            const at::Tensor labels = at::randint(vocabulary, {rows}, at::kLong);
            const at::Tensor expected =
                at::cross_entropy_loss(at::linear(x, head, bias), labels, {}, at::Reduction::Sum) / 3;
            const at::Tensor loss = frozenHeadLoss(x, std::make_shared<FrozenMatrix>(head), bias, labels) / 3;
            compareAll(withGradients({loss}, {x}), withGradients({expected}, {x}), most);
        }
    }

    void blockTailAsComposed_data() { addCases(); }
    void blockTailAsComposed() {
        QFETCH(Shapes, shapes);
        QFETCH(Sizes, sizes);
        QFETCH(int, kind);
        QFETCH(bool, hasBias);
        const at::TensorOptions options(at::kDouble);
        const auto norm = static_cast<RowNorm::Kind>(kind);
        for (const bool isPostNorm : {false, true})
            for (const auto activation : {BlockActivation::Swiglu, BlockActivation::Gelu,
                                          BlockActivation::GeluTanh, BlockActivation::Relu}) {
                at::manual_seed(6);
                BlockTail tail;
                tail.isPostNorm = isPostNorm;
                tail.activation = activation;
                const auto real = norm == RowNorm::Kind::None ? RowNorm::Kind::Rms : norm;
                tail.first = normOf(real, sizes.width, options);
                tail.second = normOf(real, sizes.width, options);
                const at::Tensor x = at::randn({37, sizes.width}, options).requires_grad_(true);
                const at::Tensor mixed = at::randn({37, sizes.mixed}, options).requires_grad_(true);
                std::vector<at::Tensor> leaves{x, mixed};
                const auto add = [&](std::int64_t in, std::int64_t out) {
                    Made made = make(in, out, hasBias, shapes, options);
                    leaves.insert(leaves.end(), made.leaves.begin(), made.leaves.end());
                    return std::move(made.projection);
                };
                tail.output = add(sizes.mixed, sizes.width);
                tail.inputs.push_back(add(sizes.width, sizes.wide));
                if (activation == BlockActivation::Swiglu)
                    tail.inputs.push_back(add(sizes.width, sizes.wide));
                tail.down = add(sizes.wide, sizes.width);
                const auto parts = std::make_shared<const BlockTail>(tail);
                compareAll(withGradients({blockTail(x, mixed, parts)}, leaves),
                           withGradients({composed(tail, x, mixed)}, leaves), kExact);
            }
    }

    void somePlacesAreAsAmongAll_data() { addCases(); }
    void somePlacesAreAsAmongAll() {
        QFETCH(Shapes, shapes);
        QFETCH(Sizes, sizes);
        QFETCH(bool, hasBias);
        at::manual_seed(4);
        const at::Tensor places = at::tensor({0, 3, 4, 5, 20, 36}, at::kLong); // of one slot none
        AttentionInputs inputs;
        inputs.norm = normOf(RowNorm::Kind::Layer, sizes.width, at::kDouble);
        const at::Tensor x = at::randn({37, sizes.width}, at::kDouble).requires_grad_(true);
        std::vector<at::Tensor> leaves{x};
        const auto add = [&](std::int64_t in, std::int64_t out) {
            Made made = make(in, out, hasBias, shapes, at::kDouble);
            leaves.insert(leaves.end(), made.leaves.begin(), made.leaves.end());
            return std::move(made.projection);
        };
        for (const std::int64_t out : {sizes.mixed, sizes.width})
            inputs.projections.push_back(add(sizes.width, out));
        BlockTail tail;
        tail.isPostNorm = hasBias;
        tail.activation = BlockActivation::Gelu;
        tail.first = tail.second = inputs.norm;
        tail.output = add(sizes.mixed, sizes.width);
        tail.inputs.push_back(add(sizes.width, sizes.wide));
        tail.down = add(sizes.wide, sizes.width);
        auto all = attentionInputs(x, std::make_shared<AttentionInputs>(inputs));
        all[0] = blockTail(x, all[0], std::make_shared<BlockTail>(tail)).index_select(0, places);
        inputs.queryPlaces = places;
        inputs.projections[0] = atPlaces(inputs.projections[0], places);
        auto some = attentionInputs(x, std::make_shared<AttentionInputs>(inputs));
        some[0] = blockTail(x.index_select(0, places), some[0],
                            std::make_shared<BlockTail>(atPlaces(tail, places)));
        compareAll(withGradients(some, leaves), withGradients(all, leaves), kExact);
    }

    /// fp32: each trial's rows and gradients are bit for bit those of a pass with it alone, where the
    /// matrices are small.
    void slotsAreAsAlone() {
        at::manual_seed(7);
        const at::TensorOptions options(at::kFloat);
        auto parts = std::make_shared<AttentionInputs>();
        parts->norm = normOf(RowNorm::Kind::Rms, 24, options);
        Made made = make(24, 40, true, kSeveral, options);
        parts->projections.push_back(made.projection);
        const at::Tensor x = at::randn({37, 24}, options).requires_grad_(true);
        const auto together = withUpstream(x, parts, made.leaves);
        std::int64_t begin = 0;
        std::size_t leaf = 0;
        for (const LowRankSlot& slot : made.projection.slots) {
            if (slot.rows == 0)
                continue;
            auto alone = std::make_shared<AttentionInputs>(*parts);
            alone->projections.front().slots = {slot};
            const at::Tensor own = x.detach().narrow(0, begin, slot.rows).contiguous().requires_grad_(true);
            const std::vector<at::Tensor> factors =
                slot.a.defined() ? std::vector<at::Tensor>{slot.a, slot.b} : std::vector<at::Tensor>{};
            const auto solo = withUpstream(own, alone, factors);
            for (const std::size_t i : {0, 1}) // result, and gradient of x
                QVERIFY(at::equal(solo[i], together[i].narrow(0, begin, slot.rows)));
            for (std::size_t i = 0; i < factors.size(); ++i)
                QVERIFY(at::equal(solo[2 + i], together[2 + leaf++]));
            begin += slot.rows;
        }
    }

private:
    static void addCases() {
        QTest::addColumn<Shapes>("shapes");
        QTest::addColumn<Sizes>("sizes");
        QTest::addColumn<int>("kind");
        QTest::addColumn<bool>("hasBias");
        const std::vector<std::pair<const char*, Shapes>> all{{"alone", kSolo},
                                                              {"dropout", kDropping},
                                                              {"A fixed", kFixed},
                                                              {"several", kSeveral},
                                                              {"no path", kBare}};
        for (const auto& [name, shapes] : all)
            for (const auto kind : {RowNorm::Kind::None, RowNorm::Kind::Rms, RowNorm::Kind::Layer})
                for (const bool isLarge : {false, true})
                    QTest::addRow("%s, norm %d, %s", name, static_cast<int>(kind),
                                  isLarge ? "large" : "small")
                        << shapes << (isLarge ? kLarge : kOdd) << static_cast<int>(kind)
                        << (kind == RowNorm::Kind::Layer);
    }

    /// The gradient that reaches a row depends on the row alone.
    static std::vector<at::Tensor> withUpstream(const at::Tensor& x,
                                                const std::shared_ptr<const AttentionInputs>& parts,
                                                const std::vector<at::Tensor>& factors) {
        const at::Tensor y = attentionInputs(x, parts).front();
        std::vector<at::Tensor> leaves{x}, all{y};
        leaves.insert(leaves.end(), factors.begin(), factors.end());
        for (const at::Tensor& gradient : torch::autograd::grad({y}, leaves, {y.detach().square()}))
            all.push_back(gradient);
        return all;
    }
};

QTEST_GUILESS_MAIN(TestBlockNodes)
#include "tst_block_nodes.moc"
