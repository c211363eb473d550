#include "core/kernels/dropout_bits.h"

#include <QtTest>

#include <ATen/ATen.h>

using namespace lathe;

namespace {

at::Tensor maskOf(std::int64_t rows, std::int64_t width) {
    at::manual_seed(2);
    return at::randn({rows, width}).gt(-0.5).to(at::kFloat).mul_(1.25);
}

} // namespace

class TestDropoutBits : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void keepsAsTheMaskSays_data() {
        QTest::addColumn<qint64>("rows");
        QTest::addColumn<qint64>("width");
        for (const auto& [rows, width] :
             {std::pair{1, 1}, {3, 8}, {5, 13}, {7, 16}, {9, 64}, {4, 172}, {300, 384}})
            QTest::addRow("%d x %d", rows, width) << qint64{rows} << qint64{width};
    }
    void keepsAsTheMaskSays() {
        QFETCH(qint64, rows);
        QFETCH(qint64, width);
        const at::Tensor mask = maskOf(rows, width);
        const DropoutBits bits(mask);
        QCOMPARE(bits.rows(), rows);
        QCOMPARE(bits.width(), width);
        QVERIFY(at::equal(bits.mask(at::kFloat), mask));
        const std::int64_t first = rows / 3, count = rows - first;
        compare<float>(bits, mask, first, count);
        compare<double>(bits, mask, first, count);
    }

    /// However many bits stand before the first.
    void beginsAnywhere() {
        const at::Tensor mask = maskOf(6, 37);
        std::vector<std::uint8_t> bytes(64);
        for (std::int64_t first = 0; first < 16; ++first) {
            std::ranges::fill(bytes, std::uint8_t{0});
            for (std::int64_t i = 0; i < mask.numel(); ++i)
                if (mask.const_data_ptr<float>()[i] != 0)
                    bytes[static_cast<std::size_t>((first + i) / 8)] |=
                        static_cast<std::uint8_t>(1U << ((first + i) % 8));
            QVERIFY(at::equal(DropoutBits(bytes, first, 6, 37, 1.25).mask(at::kFloat), mask));
        }
    }

    void rowsArePicked() {
        const at::Tensor mask = maskOf(9, 37);
        const std::vector<std::int64_t> rows{0, 1, 4, 5, 8, 4};
        const DropoutBits some = DropoutBits(mask).ofRows(rows);
        QVERIFY(at::equal(some.mask(at::kFloat), mask.index_select(0, at::tensor(rows))));
        const std::vector<std::int64_t> again{5, 0};
        QVERIFY(at::equal(some.ofRows(again).mask(at::kFloat), mask.index_select(0, at::tensor({4, 0}))));
        QCOMPARE(some.ofRows({}).rows(), std::int64_t{0});
    }

    void withoutDropoutNothingIsDefined() {
        QVERIFY(!DropoutBits().isDefined());
        QCOMPARE(DropoutBits().factor(), 1.0);
    }

private:
    template <typename S>
    static void compare(const DropoutBits& bits, const at::Tensor& mask, std::int64_t first,
                        std::int64_t count) {
        const auto dtype = c10::CppTypeToScalarType<S>::value;
        const at::Tensor kept = mask.narrow(0, first, count).ne(0).to(dtype);
        const at::Tensor x = at::randn({count, mask.size(1)}, dtype);
        const at::Tensor to = at::randn(x.sizes(), dtype);
        const at::Tensor sum = to.clone();
        bits.addKept<S>(x.const_data_ptr<S>(), first, count, sum.data_ptr<S>());
        QVERIFY(at::equal(sum, to + x * kept));
        bits.keep<S>(x.const_data_ptr<S>(), first, count, to.data_ptr<S>());
        QVERIFY(at::equal(to, x * kept));
    }
};

QTEST_APPLESS_MAIN(TestDropoutBits)
#include "tst_dropout_bits.moc"
