#include "core/kernels/small_products.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros_like.h>
#include <QTest>

using namespace lathe;

namespace {

constexpr double kExact = 1e-12; // fp64: what another order of the same sums leaves

} // namespace

class TestSmallProducts : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void productsOfAnySize_data() {
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("columns");
        QTest::addColumn<int>("depth");
        for (const int rows : {1, 3, 8, 29})
            for (const int columns : {1, 7, 16, 33, 60})
                QTest::addRow("%d x %d", rows, columns) << rows << columns << 13;
        QTest::addRow("threads") << 300 << 200 << 70;
        QTest::addRow("threads, wide") << 8 << 2000 << 300;
    }
    void productsOfAnySize() {
        QFETCH(int, rows);
        QFETCH(int, columns);
        QFETCH(int, depth);
        at::manual_seed(1);
        const at::Tensor a = at::randn({depth, rows}, at::kDouble),
                         b = at::randn({depth, columns}, at::kDouble);
        const at::Tensor start = at::randn({rows, columns}, at::kDouble);
        at::Tensor c = start.clone();
        const ProductTerm<double> terms[2]{
            {a.const_data_ptr<double>(), 1, rows, b.const_data_ptr<double>(), columns, depth},
            {a.const_data_ptr<double>(), 1, rows, b.const_data_ptr<double>(), columns, 2}};
        sumProducts<double>({c.data_ptr<double>(), columns, rows, columns, true}, terms);
        const at::Tensor expected = start + a.t().mm(b) + a.narrow(0, 0, 2).t().mm(b.narrow(0, 0, 2));
        const double worst = ((c - expected).abs().max() / expected.abs().max()).item<double>();
        QVERIFY2(worst <= kExact, qPrintable(QString::number(worst)));
    }

    void rowsDoNotDependOnOthers() {
        at::manual_seed(2);
        const at::Tensor a = at::randn({61, 40}), b = at::randn({40, 53});
        const auto product = [&b](const at::Tensor& left) {
            at::Tensor c = at::zeros_like(left.mm(b));
            const ProductTerm<float> term{left.const_data_ptr<float>(), 40, 1,
                                          b.const_data_ptr<float>(),    53, 40};
            sumProducts<float>({c.data_ptr<float>(), 53, left.size(0), 53, false}, std::span(&term, 1));
            return c;
        };
        const at::Tensor whole = product(a);
        for (const std::int64_t rows : {1, 2, 5, 8, 13, 60})
            QVERIFY(at::equal(product(a.narrow(0, 0, rows).contiguous()), whole.narrow(0, 0, rows)));
    }
};

QTEST_GUILESS_MAIN(TestSmallProducts)
#include "tst_small_products.moc"
