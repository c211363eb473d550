#include "core/kernels/lora_linear.h"
#include "core/kernels/packed_lora_linear.h"
#include "core/kernels/packed_weight.h"

#include <ATen/ops/equal.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/randn.h>
#include <QTest>
#include <torch/csrc/autograd/autograd.h>

using namespace lathe;

namespace {

constexpr std::int64_t kIn = 96;
constexpr std::int64_t kOut = 40;

/// A packed weight, and the ordinary tensor of the same numbers.
struct Twins {
    at::Tensor packed, dense;
};

Twins twins(Quantisation kind, at::ScalarType dtype, bool isTransposed = false) {
    at::manual_seed(5);
    const at::Tensor weight = at::randn({kOut, kIn});
    const at::Tensor packed =
        packedTensor(packWeight(weight, kind, dtype, std::make_shared<ScratchPool>()).value(), dtype);
    if (!isTransposed)
        return {packed, packedIn(packed)->unpacked(dtype)};
    const at::Tensor turned = transposedWeight(packed);
    return {transposedWeight(turned), denseOf(turned).t()};
}

std::vector<at::Tensor> gradientsOf(const at::Tensor& y, const std::vector<at::Tensor>& leaves) {
    at::manual_seed(9);
    const auto gradients = torch::autograd::grad({y}, leaves, {at::randn(y.sizes(), y.options())});
    return {gradients.begin(), gradients.end()};
}

void addKinds() {
    QTest::addColumn<int>("kind");
    QTest::addColumn<int>("dtype");
    for (const auto& [name, kind] :
         {std::pair("NF4", Quantisation::Nf4), std::pair("int8", Quantisation::Int8)})
        for (const auto& [type, dtype] :
             {std::pair("float32", at::kFloat), std::pair("bfloat16", at::kBFloat16)})
            QTest::addRow("%s %s", name, type) << static_cast<int>(kind) << static_cast<int>(dtype);
}

} // namespace

/// Packed and dense run the same products over the same numbers: nothing may differ.
class TestPackedWeight : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { addKinds(); }
    void init() {
        QFETCH_GLOBAL(int, kind);
        QFETCH_GLOBAL(int, dtype);
        m_kind = static_cast<Quantisation>(kind);
        m_dtype = static_cast<at::ScalarType>(dtype);
    }

    void tellsShapeAndDtype() {
        const Twins weight = twins(m_kind, m_dtype);
        QCOMPARE(weight.packed.size(0), kOut);
        QCOMPARE(weight.packed.size(1), kIn);
        QCOMPARE(weight.packed.scalar_type(), m_dtype);
        QVERIFY(weight.packed.is_cpu() && !weight.packed.requires_grad());
        QCOMPARE(packedIn(weight.packed)->kind(), m_kind);
        QVERIFY(packedIn(weight.dense) == nullptr && packedIn({}) == nullptr);
        QVERIFY(denseOf(weight.dense).is_same(weight.dense));
        QVERIFY(at::equal(denseOf(transposedWeight(weight.packed)), weight.dense.t()));
    }

    void refusesOperatorsThatDoNotKnowIt() {
        const Twins weight = twins(m_kind, m_dtype);
        QVERIFY_THROWS_EXCEPTION(std::exception, (void)at::mm(weight.dense.t(), weight.packed));
    }

    void projectsAsTheDenseOne() {
        const Twins weight = twins(m_kind, m_dtype);
        const at::Tensor x = at::randn({2, 7, kIn}, m_dtype).requires_grad_(true);
        const at::Tensor bias = at::randn({kOut}, m_dtype).requires_grad_(true);
        const at::Tensor ours = frozenLinear(x, weight.packed, bias);
        const at::Tensor theirs = frozenLinear(x, weight.dense, bias);
        QVERIFY(at::equal(ours, theirs));
        const auto own = gradientsOf(ours, {x, bias});
        const auto expected = gradientsOf(theirs, {x, bias});
        QVERIFY(at::equal(own[0], expected[0]) && at::equal(own[1], expected[1]));
    }

    void trainsLoraAsOverTheDenseOne() {
        for (const bool isTransposed : {false, true}) {
            const Twins weight = twins(m_kind, m_dtype, isTransposed);
            const at::Tensor x = at::randn({9, kIn}, m_dtype).requires_grad_(true);
            const at::Tensor a = at::randn({4, kIn}).requires_grad_(true);
            const at::Tensor b = at::randn({kOut, 4}).requires_grad_(true);
            const at::Tensor ours = loraLinear(x, weight.packed, {}, a, b, 0.5, {});
            const at::Tensor theirs = loraLinear(x, weight.dense, {}, a, b, 0.5, {});
            QVERIFY(at::equal(ours, theirs));
            const auto own = gradientsOf(ours, {x, a, b});
            const auto expected = gradientsOf(theirs, {x, a, b});
            for (std::size_t i = 0; i < own.size(); ++i)
                QVERIFY(at::equal(own[i], expected[i]));
        }
    }

    void packsTrialsAsOverTheDenseOne() {
        const Twins weight = twins(m_kind, m_dtype);
        const at::Tensor x = at::randn({12, kIn}, m_dtype).requires_grad_(true);
        std::vector<PackedSlot> slots(2);
        for (PackedSlot& slot : slots) {
            slot.rows = 6;
            slot.a = at::randn({3, kIn}).requires_grad_(true);
            slot.b = at::randn({kOut, 3}).requires_grad_(true);
        }
        const at::Tensor ours = packedLoraLinear(x, weight.packed, {}, slots);
        const at::Tensor theirs = packedLoraLinear(x, weight.dense, {}, slots);
        QVERIFY(at::equal(ours, theirs));
        const std::vector<at::Tensor> leaves{x, slots[0].a, slots[0].b, slots[1].a, slots[1].b};
        const auto own = gradientsOf(ours, leaves);
        const auto expected = gradientsOf(theirs, leaves);
        for (std::size_t i = 0; i < own.size(); ++i)
            QVERIFY(at::equal(own[i], expected[i]));
    }

private:
    Quantisation m_kind = Quantisation::Nf4;
    at::ScalarType m_dtype = at::kFloat;
};

QTEST_APPLESS_MAIN(TestPackedWeight)
#include "tst_packed_weight.moc"
