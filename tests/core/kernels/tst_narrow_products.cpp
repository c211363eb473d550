#include "core/kernels/narrow_products.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/randn.h>
#include <QTest>

using namespace lathe;

namespace {

/// Of the largest number, and of 1 where all happen to be small: of sums in fp32, and of a result that was
/// rounded to bf16.
double allowed() { return multipliesNarrow() ? 2e-6 : 5e-3; }

at::Tensor narrow(at::IntArrayRef sizes) { return at::randn(sizes).to(at::kBFloat16); }

double apart(const at::Tensor& ours, const at::Tensor& exact) {
    return ((ours.to(at::kDouble) - exact).abs().max() / exact.abs().max().clamp_min(1)).item<double>();
}

} // namespace

class TestNarrowProducts : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(1); }

    void productsOfAnySize_data() {
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("columns");
        QTest::addColumn<int>("depth");
        for (const int rows : {1, 5, 6, 13})
            for (const int columns : {1, 16, 63, 64, 150})
                for (const int depth : {1, 2, 31, 64, 97})
                    QTest::addRow("%d x %d x %d", rows, columns, depth) << rows << columns << depth;
        QTest::addRow("threads") << 300 << 200 << 70;
        QTest::addRow("threads, wide") << 40 << 2000 << 300;
        QTest::addRow("deep") << 7 << 70 << 5001;
        QTest::addRow("high") << 2500 << 20 << 40;
    }
    void productsOfAnySize() {
        QFETCH(int, rows);
        QFETCH(int, columns);
        QFETCH(int, depth);
        const at::Tensor x = at::randn({rows, depth});
        const at::Tensor rounded = x.to(at::kBFloat16).to(at::kDouble);
        const at::Tensor bias = at::randn({columns}), start = at::randn({rows, columns});
        for (const at::Tensor& w : {narrow({depth, columns}), narrow({columns, depth}).t(),
                                    narrow({depth, columns + 3}).narrow(1, 2, columns)}) {
            const at::Tensor exact = at::mm(rounded, w.to(at::kDouble));
            at::Tensor y = at::full({rows, columns}, 7.0F);
            narrowProduct(y, x, w, {}, false);
            QVERIFY(apart(y, exact) <= allowed());
            narrowProduct(y, x, w, bias, false);
            QVERIFY(apart(y, exact + bias) <= allowed());
            y = start.clone();
            narrowProduct(y, x, w, {}, true);
            QVERIFY(apart(y, exact + start) <= allowed());
            narrowProduct(y, x, w, bias, true);
            QVERIFY(apart(y, 2 * exact + start + bias) <= allowed());
        }
    }

    void aRowDependsNeitherOnTheOthersNorOnTheThreads() {
        if (!multipliesNarrow())
            QSKIP("the processor has no products of bf16");
        const int before = at::get_num_threads();
        const at::Tensor x = at::randn({257, 300});
        for (const at::Tensor& w : {narrow({300, 1000}), narrow({100, 300}).t()}) {
            const at::Tensor one = at::empty({257, w.size(1)}), two = at::empty({257, w.size(1)});
            at::set_num_threads(1);
            narrowProduct(one, x, w, {}, false);
            at::set_num_threads(2);
            narrowProduct(two, x, w, {}, false);
            QVERIFY(at::equal(one, two));
            for (const std::int64_t row : {0, 100, 256}) {
                const at::Tensor alone = at::empty({1, w.size(1)});
                narrowProduct(alone, x.narrow(0, row, 1), w, {}, false);
                QVERIFY(at::equal(alone, one.narrow(0, row, 1)));
            }
        }
        at::set_num_threads(before);
    }

    void nothingTimesNothingIsNothing() {
        at::Tensor y = at::randn({0, 5});
        narrowProduct(y, at::randn({0, 3}), narrow({3, 5}), {}, false);
        QCOMPARE(y.numel(), 0);
    }
};

QTEST_GUILESS_MAIN(TestNarrowProducts)
#include "tst_narrow_products.moc"
