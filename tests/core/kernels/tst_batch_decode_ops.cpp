#include "core/kernels/aligned_floats.h"
#include "core/kernels/batch_decode_ops.h"
#include "core/kernels/decode_ops.h"

#include <QtTest>

#include <ATen/ops/from_blob.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>
#include <array>
#include <limits>

using namespace lathe;

namespace {

constexpr double kClose = 1e-5; // sums in another order, of at most 100 terms of size 1

/// x: [rows, ...]. Its rows in the lanes.
AlignedFloats lanesOf(const at::Tensor& x, std::int64_t lanes) {
    const at::Tensor rows = x.flatten(1).contiguous();
    AlignedFloats result(static_cast<std::size_t>(rows.size(1) * lanes));
    batchFromRows(lanes, rows.const_data_ptr<float>(), rows.size(1), rows.size(0), rows.size(1),
                  result.data());
    return result;
}

/// The first `rows` lanes of [count, L].
at::Tensor rowsOf(const AlignedFloats& x, std::int64_t lanes, std::int64_t count, std::int64_t rows) {
    at::Tensor result = at::zeros({rows, count});
    batchToRows(lanes, x.data(), count, rows, result.data_ptr<float>(), count);
    return result;
}

BatchLinear linearOf(const at::Tensor& weight, const at::Tensor& bias, float* y) {
    return {weight.const_data_ptr<float>(), bias.defined() ? bias.const_data_ptr<float>() : nullptr,
            weight.size(0), y};
}

bool isClose(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>() < kClose; }

void eachRowCount() {
    QTest::addColumn<int>("rows");
    for (const int rows : {1, 4, 5, 8, 11, 16})
        QTest::addRow("%d rows", rows) << rows;
}

} // namespace

/// Each part for a batch against LibTorch's, or against the one for a single row.
class TestBatchDecodeOps : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void projectionsAreLibTorchs_data() { eachRowCount(); }
    void projectionsAreLibTorchs();
    void gatedProjectionsAreLibTorchs_data() { eachRowCount(); }
    void gatedProjectionsAreLibTorchs();
    void headsAreNormedAndTurnedAsOneRowIs_data() { eachRowCount(); }
    void headsAreNormedAndTurnedAsOneRowIs();
    void attentionIsTheFormula_data();
    void attentionIsTheFormula();
    void theFirstOfTheLargestIsTheLikeliest();
    void rowsMayBeTakenSeveralTimes();
    void tokensAreGatheredIntoTheirLanes();
};

void TestBatchDecodeOps::projectionsAreLibTorchs() {
    QFETCH(int, rows);
    const std::int64_t lanes = batchLanes(rows);
    const at::Tensor x = at::randn({rows, 37}) / 6;
    const at::Tensor w = at::randn({19, 37});
    const at::Tensor u = at::randn({8, 37});
    const at::Tensor b = at::randn({19});
    const AlignedFloats in = lanesOf(x, lanes);
    AlignedFloats first(static_cast<std::size_t>(19 * lanes));
    AlignedFloats second(static_cast<std::size_t>(8 * lanes));
    const std::array linears{linearOf(w, b, first.data()), linearOf(u, {}, second.data())};
    batchLinear(lanes, in.data(), 37, linears);
    QVERIFY(isClose(rowsOf(first, lanes, 19, rows), at::linear(x, w, b)));
    QVERIFY(isClose(rowsOf(second, lanes, 8, rows), at::linear(x, u)));
    batchAddLinear(lanes, in.data(), 37, linears[0]);
    QVERIFY(isClose(rowsOf(first, lanes, 19, rows), 2 * at::linear(x, w, b)));
}

void TestBatchDecodeOps::gatedProjectionsAreLibTorchs() {
    QFETCH(int, rows);
    const std::int64_t lanes = batchLanes(rows);
    const at::Tensor x = at::randn({rows, 32}) / 6;
    const at::Tensor gate = at::randn({13, 32});
    const at::Tensor up = at::randn({13, 32});
    const at::Tensor bias = at::randn({13});
    AlignedFloats y(static_cast<std::size_t>(13 * lanes));
    batchGatedLinear(lanes, lanesOf(x, lanes).data(), 32, linearOf(gate, bias, y.data()),
                     linearOf(up, {}, nullptr));
    QVERIFY(isClose(rowsOf(y, lanes, 13, rows), at::silu(at::linear(x, gate, bias)) * at::linear(x, up)));
}

void TestBatchDecodeOps::headsAreNormedAndTurnedAsOneRowIs() {
    QFETCH(int, rows);
    const std::int64_t lanes = batchLanes(rows);
    const at::Tensor x = at::randn({rows, 3, 10});
    const at::Tensor weight = at::randn({10});
    const at::Tensor cos = at::rand({rows, 4});
    const at::Tensor sin = at::rand({rows, 4});
    AlignedFloats y = lanesOf(x, lanes);
    batchRmsNorm(lanes, y.data(), 3, weight.const_data_ptr<float>(), 10, 1e-5, y.data());
    batchRotate(lanes, y.data(), 3, 10, lanesOf(cos, lanes).data(), lanesOf(sin, lanes).data(), 8);
    at::Tensor expected = x.clone();
    for (std::int64_t row = 0; row < rows; ++row) {
        float* heads = expected[row].data_ptr<float>();
        decodeRmsNorm(heads, 3, weight.const_data_ptr<float>(), 10, 1e-5, heads);
        decodeRotate(heads, 3, 10, cos[row].const_data_ptr<float>(), sin[row].const_data_ptr<float>(), 8);
    }
    QVERIFY(isClose(rowsOf(y, lanes, 30, rows), expected.flatten(1)));
}

void TestBatchDecodeOps::attentionIsTheFormula_data() {
    QTest::addColumn<int>("rows");
    QTest::addColumn<int>("copies");
    QTest::addColumn<int>("tokens");
    QTest::addColumn<bool>("isPadded");
    for (const int rows : {3, 6, 16})
        for (const int copies : {1, 2, 3, 4, 9})
            for (const int tokens : {1, 6, 35})
                for (const bool isPadded : {false, true})
                    QTest::addRow("%d rows, %d heads, %d tokens%s", rows, copies, tokens,
                                  isPadded ? ", padded" : "")
                        << rows << copies << tokens << isPadded;
}

void TestBatchDecodeOps::attentionIsTheFormula() {
    QFETCH(int, rows);
    QFETCH(int, copies);
    QFETCH(int, tokens);
    QFETCH(bool, isPadded);
    constexpr std::int64_t kHeadSize = 13; // 13 = 8 + 4 + 1: each width of the loops
    constexpr float kScale = 0.3F;
    const std::int64_t lanes = batchLanes(rows);
    constexpr std::int64_t kHeads = 2;
    const at::Tensor q = at::randn({rows, kHeads, copies, kHeadSize});
    const at::Tensor keys = at::randn({rows, tokens + kBatchSlack, kHeads, kHeadSize});
    const at::Tensor values = at::randn({rows, tokens, kHeads, kHeadSize});
    at::Tensor bias = at::zeros({rows, tokens});
    if (isPadded)
        bias[0].narrow(0, 0, tokens / 2).fill_(-std::numeric_limits<float>::infinity());
    AlignedFloats scratch(static_cast<std::size_t>(kHeads * copies * tokens * lanes));
    AlignedFloats out(static_cast<std::size_t>(kHeads * copies * kHeadSize * lanes));
    const BatchAttention shape{kHeads, copies, kHeadSize, tokens, kScale};
    const AlignedFloats biasLanes = lanesOf(bias, lanes);
    batchAttention(lanes, shape, lanesOf(q, lanes).data(), lanesOf(keys, lanes).data(),
                   lanesOf(values, lanes).data(), isPadded ? biasLanes.data() : nullptr, scratch.data(),
                   out.data());
    const at::Tensor k = keys.narrow(1, 0, tokens).permute({0, 2, 3, 1}); // [rows, K, d, S]
    const at::Tensor scores = kScale * q.matmul(k) + bias.unsqueeze(1).unsqueeze(1);
    const at::Tensor expected = at::softmax(scores, -1).matmul(values.transpose(1, 2));
    QVERIFY(isClose(rowsOf(out, lanes, kHeads * copies * kHeadSize, rows), expected.flatten(1)));
}

void TestBatchDecodeOps::theFirstOfTheLargestIsTheLikeliest() {
    at::Tensor scores = at::rand({5, 50});
    scores[2][7] = 2;
    scores[2][31] = 2;
    scores[3][0] = 3;
    scores[4][49] = 4;
    std::array<std::int32_t, kBatchRows> ids{};
    batchLikeliest(8, lanesOf(scores, 8).data(), 50, ids.data());
    QCOMPARE(ids[0], static_cast<std::int32_t>(scores[0].argmax().item<std::int64_t>()));
    QCOMPARE(ids[2], 7);
    QCOMPARE(ids[3], 0);
    QCOMPARE(ids[4], 49);
}

void TestBatchDecodeOps::rowsMayBeTakenSeveralTimes() {
    const at::Tensor x = at::rand({4, 6});
    AlignedFloats lanes = lanesOf(x, 4);
    const std::array<std::int64_t, 4> rows{2, 2, 0, 3};
    batchTakeRows(4, lanes.data(), 6, rows);
    for (std::size_t row = 0; row < rows.size(); ++row)
        QVERIFY(rowsOf(lanes, 4, 6, 4)[static_cast<std::int64_t>(row)].equal(x[rows[row]]));
}

void TestBatchDecodeOps::tokensAreGatheredIntoTheirLanes() {
    const at::Tensor table = at::rand({9, 6});
    AlignedFloats y(6 * 4);
    std::fill_n(y.data(), y.size(), 1.0F);
    const std::array<std::int64_t, 3> ids{8, 0, 8};
    batchGather(4, table.const_data_ptr<float>(), ids, 6, y.data());
    const at::Tensor rows = rowsOf(y, 4, 6, 4);
    QVERIFY(rows[0].equal(table[8]));
    QVERIFY(rows[1].equal(table[0]));
    QVERIFY(rows[2].equal(table[8]));
    QVERIFY(rows[3].equal(at::zeros({6})));
}

QTEST_GUILESS_MAIN(TestBatchDecodeOps)
#include "tst_batch_decode_ops.moc"
