#include "core/kernels/block_nodes.h"
#include "core/kernels/gradient_sink.h"

#include <QtTest>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <thread>
#include <torch/csrc/autograd/autograd.h>

using namespace lathe;

namespace {

constexpr std::int64_t kRows = 11, kWidth = 24;

/// Two nodes one behind the other, over one trained x or none.
struct Problem {
    std::shared_ptr<AttentionInputs> inputs = std::make_shared<AttentionInputs>();
    std::shared_ptr<BlockTail> tail = std::make_shared<BlockTail>();
    at::Tensor x;
    std::vector<at::Tensor> leaves;

    [[nodiscard]] at::Tensor loss() const {
        const at::Tensor mixed = attentionInputs(x, inputs).front();
        return blockTail(x, mixed, tail).square().sum();
    }
};

AdaptedProjection projection(Problem& problem, std::int64_t in, std::int64_t out, at::ScalarType dtype) {
    AdaptedProjection made;
    made.matrix = std::make_shared<FrozenMatrix>(at::randn({out, in}, dtype) * 0.2);
    for (const std::int64_t rows : {std::int64_t{4}, kRows - 4}) {
        LowRankSlot slot;
        slot.rows = rows;
        slot.a = (at::randn({3, in}, dtype) * 0.2).requires_grad_(true);
        slot.b = (at::randn({out, 3}, dtype) * 0.2).requires_grad_(true);
        slot.kept = DropoutBits(at::randn({rows, in}).gt(-0.8).to(dtype).mul_(1.25));
        problem.leaves.insert(problem.leaves.end(), {slot.a, slot.b});
        made.slots.push_back(std::move(slot));
    }
    return made;
}

Problem problemOf(at::ScalarType dtype, bool isTrained) {
    at::manual_seed(3);
    Problem problem;
    problem.x = at::randn({kRows, kWidth}, dtype).requires_grad_(isTrained);
    problem.inputs->norm = {RowNorm::Kind::Rms, at::randn({kWidth}, dtype), {}, 1e-5};
    problem.inputs->projections.push_back(projection(problem, kWidth, kWidth, dtype));
    problem.tail->first = problem.inputs->norm;
    problem.tail->activation = BlockActivation::Relu;
    problem.tail->output = projection(problem, kWidth, kWidth, dtype);
    problem.tail->inputs.push_back(projection(problem, kWidth, 40, dtype));
    problem.tail->down = projection(problem, 40, kWidth, dtype);
    return problem;
}

std::vector<at::Tensor> gradientsOf(const Problem& problem) {
    std::vector<at::Tensor> gradients;
    for (const at::Tensor& leaf : problem.leaves)
        gradients.push_back(leaf.grad());
    return gradients;
}

bool areEqual(const std::vector<at::Tensor>& some, const std::vector<at::Tensor>& others) {
    return std::ranges::equal(some, others, [](const at::Tensor& one, const at::Tensor& other) {
        return one.defined() && other.defined() && at::equal(one, other);
    });
}

} // namespace

class TestGradientSink : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); }

    void getsWhatTheGraphGets_data() {
        QTest::addColumn<bool>("isDouble");
        QTest::addColumn<bool>("isTrained");
        for (const bool isDouble : {false, true})
            for (const bool isTrained : {false, true})
                QTest::addRow("%s, %s", isDouble ? "fp64" : "fp32", isTrained ? "x trained" : "x frozen")
                    << isDouble << isTrained;
    }
    /// Bit for bit, over two passes whose gradients add up.
    void getsWhatTheGraphGets() {
        QFETCH(bool, isDouble);
        QFETCH(bool, isTrained);
        const auto dtype = isDouble ? at::kDouble : at::kFloat;
        const Problem byGraph = problemOf(dtype, isTrained), bySink = problemOf(dtype, isTrained);
        GradientSink sink(bySink.leaves);
        for (int pass = 0; pass < 2; ++pass) {
            byGraph.loss().backward();
            const SinkScope scope(sink);
            bySink.loss().backward();
        }
        QVERIFY(!bySink.leaves.front().grad().defined());
        sink.addToLeaves();
        QVERIFY(areEqual(gradientsOf(bySink), gradientsOf(byGraph)));
        if (isTrained)
            QVERIFY(at::equal(bySink.x.grad(), byGraph.x.grad()));
    }

    /// Nothing but the anchor leads to the nodes, even where what they read is trained by somebody else.
    void nodesAreReachedFromTheAnchor() {
        for (const bool isTrained : {false, true}) {
            const Problem byGraph = problemOf(at::kFloat, isTrained),
                          bySink = problemOf(at::kFloat, isTrained);
            byGraph.loss().backward();
            GradientSink sink(bySink.leaves);
            const SinkScope scope(sink);
            const at::Tensor loss = bySink.loss();
            (void)torch::autograd::grad({loss}, {sink.anchor()}, {}, false, false, true);
            sink.addToLeaves();
            QVERIFY(areEqual(gradientsOf(bySink), gradientsOf(byGraph)));
        }
    }

    /// What reaches the loss past the nodes is the graph's, and what goes through them the sink's.
    void aLeafThatIsReadElsewhereToo() {
        const Problem problem = problemOf(at::kDouble, false);
        const at::Tensor& leaf = problem.leaves.front();
        problem.loss().backward();
        const at::Tensor byNodes = leaf.grad().clone();
        leaf.mutable_grad().reset();
        GradientSink sink(problem.leaves);
        const SinkScope scope(sink);
        const at::Tensor loss = problem.loss() + leaf.square().sum();
        const std::vector<at::Tensor> asked = sink.askedOfGraph();
        const auto gradients = torch::autograd::grad({loss}, asked, {}, false, false, true);
        sink.addToLeaves();
        QVERIFY(at::equal(leaf.grad(), byNodes));
        for (std::size_t i = 0; i < asked.size(); ++i)
            QCOMPARE(gradients[i].defined(), asked[i].is_same(leaf));
        const auto place =
            std::ranges::find_if(asked, [&](const at::Tensor& each) { return each.is_same(leaf); });
        QVERIFY(at::equal(gradients[static_cast<std::size_t>(place - asked.begin())], 2 * leaf.detach()));
    }

    /// A node of which one trained factor is not the sink's leaves all to the graph.
    void othersAreTheGraphs() {
        const Problem byGraph = problemOf(at::kFloat, false), mixed = problemOf(at::kFloat, false);
        byGraph.loss().backward();
        const std::vector<at::Tensor> most(mixed.leaves.begin() + 1, mixed.leaves.end());
        GradientSink sink(most);
        {
            const SinkScope scope(sink);
            mixed.loss().backward();
        }
        // The first node has two slots, with two factors each.
        for (std::size_t i = 0; i < mixed.leaves.size(); ++i)
            QCOMPARE(mixed.leaves[i].grad().defined(), i < 4);
        sink.addToLeaves();
        QVERIFY(areEqual(gradientsOf(mixed), gradientsOf(byGraph)));
    }

    void addsToWhatIsThere() {
        const Problem plain = problemOf(at::kFloat, true), more = problemOf(at::kFloat, true);
        plain.loss().backward();
        GradientSink sink(more.leaves);
        const at::Tensor& leaf = more.leaves.front();
        leaf.mutable_grad() = at::ones_like(leaf);
        const at::Tensor own = leaf.grad(); // the optimiser's
        {
            const SinkScope scope(sink);
            more.loss().backward();
        }
        sink.addToLeaves();
        QVERIFY(at::equal(own, plain.leaves.front().grad() + 1));
    }

    void isOfItsThread() {
        const Problem problem = problemOf(at::kFloat, false);
        GradientSink sink(problem.leaves);
        const SinkScope scope(sink);
        QVERIFY(SinkScope::sink() == &sink);
        std::jthread([] { QVERIFY(SinkScope::sink() == nullptr); }).join();
    }
};

QTEST_APPLESS_MAIN(TestGradientSink)
#include "tst_gradient_sink.moc"
