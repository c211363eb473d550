#include "core/kernels/text_attention.h"
#include "core/kernels/text_attention_loops.h"

#include <ATen/Parallel.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/randn_like.h>
#include <QTest>
#include <cmath>
#include <limits>
#include <torch/csrc/autograd/autograd.h>

using namespace lathe;

namespace {

struct Case {
    std::vector<std::int64_t> lengths;
    std::int64_t heads, shared, d, prefix;
    bool isCausal;
    std::int64_t window;
    bool isOfEach; // a prefix of its own for each text
    [[nodiscard]] std::int64_t tokens() const {
        std::int64_t sum = 0;
        for (const std::int64_t length : lengths)
            sum += length;
        return sum;
    }
};

TextAttention shapeOf(const Case& one) {
    TextAttention shape;
    shape.isCausal = one.isCausal;
    shape.window = one.window;
    shape.scale = 0.3;
    std::int64_t start = 0;
    for (const std::int64_t length : one.lengths) {
        shape.texts.push_back({0, start, length});
        start += length;
    }
    return shape;
}

std::vector<at::Tensor> leaves(const Case& one, at::ScalarType dtype) {
    const auto leaf = [dtype](at::IntArrayRef sizes) {
        return at::randn(sizes, at::TensorOptions(dtype)).requires_grad_(true);
    };
    const auto texts = static_cast<std::int64_t>(one.lengths.size());
    std::vector<at::Tensor> made{leaf({1, one.tokens(), one.heads, one.d}),
                                 leaf({1, one.tokens(), one.shared, one.d}),
                                 leaf({1, one.tokens(), one.shared, one.d})};
    for (int i = 0; one.prefix > 0 && i < 2; ++i)
        made.push_back(one.isOfEach ? leaf({texts, one.shared, one.prefix, one.d})
                                    : leaf({one.shared, one.prefix, one.d}));
    return made;
}

at::Tensor ours(const Case& one, const std::vector<at::Tensor>& x) {
    const at::Tensor none;
    return textAttention(x[0].transpose(1, 2), x[1].transpose(1, 2), x[2].transpose(1, 2), shapeOf(one),
                         one.prefix > 0 ? x[3] : none, one.prefix > 0 ? x[4] : none);
}

/// The formula, text by text, with the scores written out.
at::Tensor byFormula(const Case& one, const std::vector<at::Tensor>& x) {
    std::vector<at::Tensor> mixed;
    const TextAttention shape = shapeOf(one);
    for (std::size_t t = 0; t < shape.texts.size(); ++t) {
        const TextSpan& text = shape.texts[t];
        const auto part = [&](std::size_t which) {
            at::Tensor own = x[which][0].narrow(0, text.start, text.length).transpose(0, 1); // [heads, T, d]
            if (which > 0 && one.prefix > 0) {
                const at::Tensor& front = x[which + 2];
                own = at::cat({one.isOfEach ? front[static_cast<std::int64_t>(t)] : front, own}, 1);
            }
            return which == 0 ? own : own.repeat_interleave(one.heads / one.shared, 0);
        };
        at::Tensor scores = at::matmul(part(0), part(1).transpose(1, 2)) * shape.scale;
        if (one.isCausal) {
            const at::Tensor query = at::arange(text.length).unsqueeze(1);
            const at::Tensor key = at::arange(-one.prefix, text.length).unsqueeze(0);
            at::Tensor isHidden = key > query;
            if (one.window > 0)
                isHidden = isHidden.logical_or((key <= query - one.window).logical_and(key >= 0));
            scores = scores.masked_fill(isHidden, -std::numeric_limits<double>::infinity());
        }
        mixed.push_back(at::matmul(scores.softmax(-1), part(2)).transpose(0, 1).reshape({text.length, -1}));
    }
    return at::cat(mixed, 0).unsqueeze(0);
}

/// Largest difference of values and gradients, relative to the largest value, where that is above 1.
double difference(const Case& one, at::ScalarType dtype) {
    const std::vector<at::Tensor> x = leaves(one, dtype);
    std::vector<at::Tensor> wide;
    for (const at::Tensor& each : x)
        wide.push_back(each.detach().to(at::kDouble).requires_grad_(true));
    const at::Tensor a = ours(one, x);
    const at::Tensor b = byFormula(one, wide);
    const at::Tensor upstream = at::randn(b.sizes(), b.options());
    const auto ga = torch::autograd::grad({a}, x, {upstream.to(dtype)});
    const auto gb = torch::autograd::grad({b}, wide, {upstream});
    const auto apart = [](const at::Tensor& p, const at::Tensor& q) {
        return ((p.to(at::kDouble) - q).abs().max() / q.abs().max().clamp_min(1)).item<double>();
    };
    double worst = apart(a.detach(), b.detach());
    for (std::size_t i = 0; i < ga.size(); ++i)
        worst = std::max(worst, apart(ga[i], gb[i]));
    return worst;
}

} // namespace

class TestTextAttention : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { at::manual_seed(11); }

    void logarithmsAreThoseOfTheLibrary() {
        double worst = 0;
        for (double power = -20; power < 20; power += 1e-4) {
            Lanes x{};
            float given[16];
            for (int lane = 0; lane < 16; ++lane)
                x[lane] = given[lane] =
                    static_cast<float>(lane % 2 == 0 ? std::exp2(power) : 1 + std::exp2(-std::abs(power)));
            attention::logarithmOf(x);
            for (int lane = 0; lane < 16; ++lane) {
                const double exact = std::log2(static_cast<double>(given[lane]));
                worst = std::max(worst, std::abs(x[lane] - exact) / std::max(1.0, std::abs(exact)));
            }
        }
        QVERIFY2(worst < 1.4e-7, qPrintable(QString::number(worst)));
        Lanes unknown = Lanes{} + std::numeric_limits<float>::quiet_NaN();
        attention::logarithmOf(unknown);
        QVERIFY(std::isnan(unknown[0]) && std::isnan(unknown[15]));
    }

    void itEqualsTheFormulaWithItsGradients_data() {
        QTest::addColumn<int>("which");
        for (int i = 0; i < static_cast<int>(cases().size()); ++i)
            QTest::addRow("case %d", i) << i;
    }
    void itEqualsTheFormulaWithItsGradients() {
        QFETCH(int, which);
        const Case one = cases()[static_cast<std::size_t>(which)];
        const double wide = difference(one, at::kDouble);
        QVERIFY2(wide < 1e-12, qPrintable(QString::number(wide)));
        const double narrow = difference(one, at::kFloat);
        QVERIFY2(narrow < 3e-6, qPrintable(QString::number(narrow)));
    }

    void rowsOfABatchAreTextsToo() {
        const at::Tensor q = at::randn({3, 4, 20, 8}, at::kDouble);
        const at::Tensor k = at::randn({3, 2, 20, 8}, at::kDouble);
        const at::Tensor v = at::randn({3, 2, 20, 8}, at::kDouble);
        TextAttention shape;
        shape.texts = {{0, 0, 20}, {1, 0, 20}, {2, 0, 20}};
        const at::Tensor all = textAttention(q, k, v, shape);
        shape.texts = {{0, 0, 20}};
        for (std::int64_t row = 0; row < 3; ++row)
            QVERIFY(all[row].equal(
                textAttention(q.narrow(0, row, 1), k.narrow(0, row, 1), v.narrow(0, row, 1), shape)[0]));
    }

    /// The last tokens of one text, none of another, the first of the others.
    void someQueriesGetWhatTheyGetAmongAll() {
        for (const Case& one : {Case{{37, 20, 1, 45}, 4, 2, 8, 0, true, 0, false},
                                Case{{37, 20, 1, 45}, 2, 2, 12, 0, true, 9, false},
                                Case{{37, 20, 1, 45}, 4, 2, 32, 3, false, 0, false}}) {
            const std::vector<at::Tensor> x = leaves(one, at::kDouble);
            const at::Tensor places = at::cat({at::arange(17, 37), at::arange(57, 77)});
            const at::Tensor all = ours(one, x).index_select(1, places);
            TextAttention shape = shapeOf(one);
            shape.queries = {{0, 17, 20}, {20, 0, 0}, {20, 0, 1}, {21, 0, 19}};
            const at::Tensor q = x[0].index_select(1, places);
            const at::Tensor none;
            const at::Tensor some =
                textAttention(q.transpose(1, 2), x[1].transpose(1, 2), x[2].transpose(1, 2), shape,
                              one.prefix > 0 ? x[3] : none, one.prefix > 0 ? x[4] : none);
            QVERIFY(at::allclose(some, all, 1e-12, 1e-12));
            const at::Tensor upstream = at::randn_like(all);
            const auto expected = torch::autograd::grad({all}, x, {upstream});
            const auto gradients = torch::autograd::grad({some}, x, {upstream});
            for (std::size_t i = 0; i < x.size(); ++i)
                QVERIFY(at::allclose(gradients[i], expected[i], 1e-11, 1e-12));
        }
    }

    void aTextDependsNeitherOnItsNeighboursNorOnTheThreads() {
        const Case both{{70, 33}, 4, 2, 8, 0, true, 0, false};
        const std::vector<at::Tensor> x = leaves(both, at::kFloat);
        const auto gradients = [](const Case& one, const std::vector<at::Tensor>& from) {
            const at::Tensor y = ours(one, from);
            auto all = torch::autograd::grad({y}, from, {y.detach()});
            all.push_back(y.detach());
            return all;
        };
        const int before = at::get_num_threads();
        at::set_num_threads(2);
        const auto two = gradients(both, x);
        at::set_num_threads(1);
        const auto one = gradients(both, x);
        std::vector<at::Tensor> second;
        for (const at::Tensor& each : x)
            second.push_back(each.detach().narrow(1, 70, 33).clone().requires_grad_(true));
        const auto alone = gradients({{33}, 4, 2, 8, 0, true, 0, false}, second);
        at::set_num_threads(before);
        for (std::size_t i = 0; i < two.size(); ++i) {
            QVERIFY(two[i].equal(one[i]));
            QVERIFY(alone[i].equal(one[i].narrow(1, 70, 33)));
        }
    }

    void hugeScoresGiveNoInfinities() {
        const at::Tensor q = at::full({1, 1, 40, 8}, 100.0F);
        at::Tensor k = at::full({1, 1, 40, 8}, 100.0F);
        k[0][0][7] = -100.0F;
        const at::Tensor v = at::randn({1, 1, 40, 8});
        TextAttention shape;
        shape.texts = {{0, 0, 40}};
        QVERIFY(textAttention(q, k, v, shape).isfinite().all().item<bool>());
    }

private:
    static std::vector<Case> cases() {
        return {{{1}, 1, 1, 8, 0, true, 0, false},          {{5, 1, 16, 17}, 4, 2, 8, 0, true, 0, false},
                {{130, 70}, 4, 4, 8, 0, true, 0, false},    {{64, 3}, 2, 1, 5, 0, false, 0, false},
                {{90, 31}, 3, 3, 32, 0, false, 0, false},   {{100, 40, 7}, 6, 2, 16, 0, true, 9, false},
                {{100, 40}, 2, 2, 12, 0, true, 64, false},  {{30, 12, 80}, 4, 2, 8, 5, true, 0, false},
                {{30, 12, 80}, 4, 2, 24, 9, true, 0, true}, {{30, 12}, 4, 1, 40, 3, false, 0, true},
                {{66, 65}, 2, 2, 64, 8, false, 0, false},   {{40, 70}, 2, 2, 8, 4, true, 6, false}};
    }
};

QTEST_GUILESS_MAIN(TestTextAttention)
#include "tst_text_attention.moc"
