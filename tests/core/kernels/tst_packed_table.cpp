#include "core/kernels/frozen_head_loss.h"
#include "core/kernels/packed_weight.h"

#include <ATen/Parallel.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <QTest>
#include <cmath>
#include <torch/csrc/autograd/autograd.h>

using namespace lathe;

namespace {

// More rows than are unpacked at a time, twice over, and some.
constexpr std::int64_t kWidth = 96;
constexpr std::int64_t kRows = 24'000;

/// A packed table, and the ordinary tensor of the same numbers.
struct Twins {
    at::Tensor packed, dense;
};

Twins twins(at::ScalarType dtype) {
    at::manual_seed(5);
    const at::Tensor packed =
        packedTensor(packTable(at::randn({kRows, kWidth}), std::make_shared<ScratchPool>()).value(), dtype);
    return {packed, packedIn(packed)->unpacked(dtype)};
}

double distance(const at::Tensor& actual, const at::Tensor& expected) {
    const at::Tensor wanted = expected.to(at::kDouble);
    return ((actual.to(at::kDouble) - wanted).norm() / wanted.norm()).item<double>();
}

at::Tensor gradientOf(const at::Tensor& y, const at::Tensor& x, const at::Tensor& upstream) {
    return torch::autograd::grad({y}, {x}, {upstream}).front();
}

void addDtypes() {
    QTest::addColumn<int>("dtype");
    QTest::newRow("float32") << static_cast<int>(at::kFloat);
    QTest::newRow("bfloat16") << static_cast<int>(at::kBFloat16);
}

} // namespace

class TestPackedTable : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(2); }

    void someRowsArePackedAsAllOfThem() {
        at::manual_seed(5);
        const at::Tensor table = at::randn({kRows, kWidth});
        const auto packed = packTable(table, std::make_shared<ScratchPool>()).value();
        const Int8Codes whole = encodeInt8(table);
        const auto& own = std::get<Int8Codes>(packed->parts());
        QVERIFY(at::equal(own.codes, whole.codes) && at::equal(own.scale, whole.scale));
        QCOMPARE(packed->bytes(), kRows * kWidth + 4 * kRows);
        QVERIFY(packed->rowsAtOnce() < kRows / 2);
        QCOMPARE(packed->absolute()->rowsAtOnce(), packed->rowsAtOnce());
    }

    void rangesAreAllRowsInTheirOrder() {
        const Twins table = twins(at::kFloat);
        std::int64_t next = 0;
        for (const RowRange& rows : unpackedTogether(table.packed)) {
            QCOMPARE(rows.first, next);
            QVERIFY(at::equal(DenseWeight(table.packed, rows).tensor(),
                              table.dense.narrow(0, rows.first, rows.count)));
            next += rows.count;
        }
        QCOMPARE(next, kRows);
        QCOMPARE(unpackedTogether(table.dense).size(), std::size_t{1});
        QCOMPARE(unpackedTogether(transposedWeight(table.packed)).size(), std::size_t{1});
    }

    void rowsAreThoseOfTheDenseTable_data() { addDtypes(); }
    void rowsAreThoseOfTheDenseTable() {
        QFETCH(int, dtype);
        const Twins table = twins(static_cast<at::ScalarType>(dtype));
        const at::Tensor ids = at::randint(kRows, {3, 50}, at::kLong);
        ids[0][0] = 0;
        ids[2][49] = kRows - 1;
        const at::Tensor rows = rowsOf(table.packed, ids);
        QCOMPARE(rows.scalar_type(), static_cast<at::ScalarType>(dtype));
        QVERIFY(at::equal(rows, at::embedding(table.dense, ids)));
        QVERIFY(at::equal(rowsOf(table.packed, ids.t()), at::embedding(table.dense, ids.t())));
        QVERIFY(at::equal(rowsOf(table.dense, ids), rows));
    }

    void headsAsTheDenseTable_data() { addDtypes(); }
    void headsAsTheDenseTable() {
        QFETCH(int, dtype);
        const auto type = static_cast<at::ScalarType>(dtype);
        const Twins table = twins(type);
        const at::Tensor x = at::randn({2, 7, kWidth}, type).requires_grad_(true);
        const at::Tensor bias = at::randn({kRows}, type);
        // In bf16 the sum over all rows is rounded once here, and after each range of rows there.
        const double allowed = type == at::kFloat ? 1e-6 : 6e-3;
        for (const at::Tensor& added : {bias, at::Tensor()}) {
            const at::Tensor ours = frozenLinear(x, table.packed, added);
            const at::Tensor theirs = frozenLinear(x, table.dense, added);
            QCOMPARE(ours.sizes(), theirs.sizes());
            QVERIFY(distance(ours, theirs) <= allowed);
            const at::Tensor upstream = at::randn(ours.sizes(), ours.options());
            QVERIFY(distance(gradientOf(ours, x, upstream), gradientOf(theirs, x, upstream)) <= allowed);
        }
    }

    void lossAsOfTheDenseTable_data() {
        QTest::addColumn<int>("dtype");
        QTest::addColumn<int>("rows");
        // Of one chunk and of several: 2^23 scores are 349 rows.
        for (const int rows : {1, 40, 400}) {
            QTest::addRow("float32, %d rows", rows) << static_cast<int>(at::kFloat) << rows;
            QTest::addRow("bfloat16, %d rows", rows) << static_cast<int>(at::kBFloat16) << rows;
        }
    }

    void lossAsOfTheDenseTable() {
        QFETCH(int, dtype);
        QFETCH(int, rows);
        const Twins table = twins(static_cast<at::ScalarType>(dtype));
        const at::Tensor x = (0.1 * at::randn({rows, kWidth})).requires_grad_(true);
        const at::Tensor bias = at::randn({kRows});
        const at::Tensor labels = at::randint(kRows, {rows}, at::kLong);
        labels[rows - 1] = kRows - 1;
        labels[rows / 2] = 0;
        const auto loss = [&](const at::Tensor& head) {
            return frozenHeadLoss(x, std::make_shared<FrozenMatrix>(head), bias, labels);
        };
        const at::Tensor ours = loss(table.packed), theirs = loss(table.dense);
        const at::Tensor one = at::ones({});
        const at::Tensor gradient = gradientOf(ours, x, one);
        QVERIFY(distance(ours, theirs) <= 1e-6);
        QVERIFY(distance(gradient, gradientOf(theirs, x, one)) <= 2e-6);
        if (dtype != static_cast<int>(at::kFloat))
            return; // whose rows are rounded for the products
        const at::Tensor plain =
            at::cross_entropy_loss(at::linear(x, table.dense, bias), labels, {}, at::Reduction::Sum);
        QVERIFY(distance(ours, plain) <= 1e-6);
        QVERIFY(distance(gradient, gradientOf(plain, x, one)) <= 2e-6);
    }

    void numbersThatAreNotFiniteAreNotPacked() {
        const at::Tensor table = at::randn({kRows, kWidth});
        table[kRows - 1][3] = std::nan("");
        const auto packed = packTable(table, std::make_shared<ScratchPool>());
        QVERIFY(!packed.has_value());
        QVERIFY(packed.error().message.find("not finite") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestPackedTable)
#include "tst_packed_table.moc"
