#include "core/kernels/narrow_products.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <QTest>

using namespace lathe;

namespace {

/// Of the largest number, and of 1 where all happen to be small: of sums in fp32, and of a result that was
/// rounded to bf16.
double allowed() { return multipliesNarrow() ? 2e-6 : 5e-3; }

at::Tensor narrow(at::IntArrayRef sizes) { return at::randn(sizes).to(at::kBFloat16); }

at::Tensor rounded(const at::Tensor& x) { return x.to(at::kBFloat16).to(at::kDouble); }

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
        const at::Tensor bias = at::randn({columns}), start = at::randn({rows, columns});
        for (const at::Tensor& w : {narrow({depth, columns}), narrow({columns, depth}).t(),
                                    narrow({depth, columns + 3}).narrow(1, 2, columns)}) {
            const at::Tensor exact = at::mm(rounded(x), w.to(at::kDouble));
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

    void factorsOfAnySize_data() {
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("rank");
        for (const int rows : {1, 7, 130})
            for (const int width : {5, 64, 172})
                for (const int rank : {1, 2, 8, 15, 32, 70})
                    QTest::addRow("%d x %d x %d", rows, width, rank) << rows << width << rank;
        QTest::addRow("deep") << 40 << 5001 << 9;
        QTest::addRow("high") << 2500 << 70 << 6;
    }
    /// The four products of a path and the two of its gradients, with dropout and without.
    void factorsOfAnySize() {
        if (!multipliesNarrow())
            QSKIP("the processor has no products of bf16");
        QFETCH(int, rows);
        QFETCH(int, width);
        QFETCH(int, rank);
        const at::Tensor x = at::randn({rows, width}), low = at::randn({rows, rank});
        const at::Tensor a = at::randn({rank, width}), mask = at::rand({rows, width}).gt(0.3).to(at::kFloat);
        for (const DropoutBits& bits : {DropoutBits(), DropoutBits(mask)}) {
            const at::Tensor m = bits.isDefined() ? mask.to(at::kDouble) : at::ones_like(mask, at::kDouble);
            const NarrowRows seen{x.const_data_ptr<float>(), rows, width, bits.bitsFrom(0)};
            const NarrowRows between{low.const_data_ptr<float>(), rows, rank};
            at::Tensor down = at::empty({rows, rank});
            narrowFactorProduct(seen, {a.const_data_ptr<float>(), width, rank, true, 0.5F},
                                down.data_ptr<float>(), false);
            QVERIFY(apart(down, at::mm(rounded(x) * m, rounded(a * 0.5).t())) <= allowed());
            const at::Tensor turned = a.t().contiguous();
            narrowFactorProduct(seen, {turned.const_data_ptr<float>(), width, rank, false, 0.5F},
                                down.data_ptr<float>(), false);
            QVERIFY(apart(down, at::mm(rounded(x) * m, rounded(a * 0.5).t())) <= allowed());
            at::Tensor back = x.clone();
            narrowFactorProduct(between, {a.const_data_ptr<float>(), rank, width, false},
                                back.data_ptr<float>(), true, bits.bitsFrom(0));
            QVERIFY(apart(back, x + m * at::mm(rounded(low), rounded(a))) <= allowed());
            narrowFactorProduct(between, {turned.const_data_ptr<float>(), rank, width, true},
                                back.data_ptr<float>(), false);
            QVERIFY(apart(back, at::mm(rounded(low), rounded(a))) <= allowed());
            at::Tensor outer = at::empty({rank, width});
            narrowOuterProduct(between, seen, outer.data_ptr<float>());
            QVERIFY(apart(outer, at::mm(rounded(low).t(), rounded(x) * m)) <= allowed());
        }
    }

    void rowsRoundedOnceGiveTheSameBits_data() {
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("rank");
        for (const int width : {1, 5, 33, 64, 172, 2047, 2048, 2500})
            for (const int rank : {3, 16, 70})
                QTest::addRow("%d x %d", width, rank) << width << rank;
    }
    /// Of some rows between others, with dropout and without.
    void rowsRoundedOnceGiveTheSameBits() {
        if (!multipliesNarrow())
            QSKIP("the processor has no products of bf16");
        QFETCH(int, width);
        QFETCH(int, rank);
        constexpr std::int64_t kFirst = 3, kCount = 21, kRows = 30;
        const at::Tensor x = at::randn({kRows, width}), a = at::randn({rank, width});
        const at::Tensor low = at::randn({kCount, rank});
        const DropoutBits bits(at::rand({kCount, width}).gt(0.3).to(at::kFloat));
        const SharedRows once(x), apart(x, false);
        QCOMPARE(once.narrow(0, kRows).pairs != nullptr, width <= 2048);
        QVERIFY(apart.narrow(0, kRows).pairs == nullptr);
        for (const BitRows& kept : {BitRows(), bits.bitsFrom(0)}) {
            std::vector<at::Tensor> downs, outers;
            for (const SharedRows* rows : {&once, &apart}) {
                const NarrowRows seen = rows->narrow(kFirst, kCount, kept);
                downs.push_back(at::full({kCount, rank}, 7.0F));
                narrowFactorProduct(seen, {a.const_data_ptr<float>(), width, rank, true},
                                    downs.back().data_ptr<float>(), false);
                outers.push_back(at::full({rank, width}, 7.0F));
                narrowOuterProduct({low.const_data_ptr<float>(), kCount, rank}, seen,
                                   outers.back().data_ptr<float>());
                outers.push_back(at::full({width, rank}, 7.0F));
                if (kept.bytes == nullptr)
                    narrowOuterProduct(seen, {low.const_data_ptr<float>(), kCount, rank},
                                       outers.back().data_ptr<float>());
            }
            QVERIFY(at::equal(downs[0], downs[1]));
            QVERIFY(at::equal(outers[0], outers[2]) && at::equal(outers[1], outers[3]));
        }
    }

    void aFactorsProductDependsNeitherOnOtherRowsNorOnTheThreads() {
        if (!multipliesNarrow())
            QSKIP("the processor has no products of bf16");
        const int before = at::get_num_threads();
        const at::Tensor x = at::randn({1500, 900}), a = at::randn({20, 900});
        const DropoutBits bits(at::rand({1500, 900}).gt(0.1).to(at::kFloat));
        const NarrowFactor factor{a.const_data_ptr<float>(), 900, 20, true};
        const NarrowRows all{x.const_data_ptr<float>(), 1500, 900, bits.bitsFrom(0)};
        at::Tensor one = at::empty({1500, 20}), two = at::empty({1500, 20}), alone = at::empty({1, 20});
        at::Tensor outer = at::empty({20, 900}), other = at::empty({20, 900});
        at::set_num_threads(1);
        narrowFactorProduct(all, factor, one.data_ptr<float>(), false);
        const NarrowRows between{one.const_data_ptr<float>(), 1500, 20};
        narrowOuterProduct(between, all, outer.data_ptr<float>());
        at::set_num_threads(2);
        narrowFactorProduct(all, factor, two.data_ptr<float>(), false);
        narrowOuterProduct(between, all, other.data_ptr<float>());
        at::set_num_threads(before);
        QVERIFY(at::equal(one, two) && at::equal(outer, other));
        for (const std::int64_t row : {0, 777, 1499}) {
            narrowFactorProduct({x.const_data_ptr<float>() + row * 900, 1, 900, bits.bitsFrom(row)}, factor,
                                alone.data_ptr<float>(), false);
            QVERIFY(at::equal(alone, one.narrow(0, row, 1)));
        }
    }

    void nothingTimesNothingIsNothing() {
        at::Tensor y = at::randn({0, 5});
        narrowProduct(y, at::randn({0, 3}), narrow({3, 5}), {}, false);
        QCOMPARE(y.numel(), 0);
    }
};

QTEST_GUILESS_MAIN(TestNarrowProducts)
#include "tst_narrow_products.moc"
