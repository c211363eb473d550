#include "core/base/files.h"
#include "core/model/textwise_tokens.h"
#include "tests/core/adapter/simplex_bench.h"
#include "tests/support/oracle.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/stack.h>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr double kLogits = 1e-5; // what other orders of the same sums leave

/// Given content, the same or one of each text.
struct GivenTexts final : TextwiseTokens {
    GivenTexts(std::int64_t tokens, Content shown) : number(tokens), given(std::move(shown)) {}
    std::int64_t count() const override { return number; }
    Content content() const override { return given; }
    Content contentOfTexts(std::int64_t) const override { return given; }
    std::int64_t number;
    Content given;
};

at::Tensor lossOf(const at::Tensor& output) { return output.square().mean(); }

void addModels() {
    QTest::addColumn<QString>("architecture");
    for (const char* name : {"llama", "gpt2", "bloom", "bert_labels", "roberta_labels", "llama_labels"})
        QTest::newRow(name) << name;
}

} // namespace

/// The properties of a simplex of prefixes, on decoders with shared keys and on encoders with heads.
class TestSimplex : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // tiny operations: threads only wait for each other
    void property1OneVertexIsPrefixTuning_data() { addModels(); }
    void property1OneVertexIsPrefixTuning();
    void property2AVertexIsAPrefixAlone_data() { addModels(); }
    void property2AVertexIsAPrefixAlone();
    void property2TheOrderOfVerticesDoesNotMatter_data() { addModels(); }
    void property2TheOrderOfVerticesDoesNotMatter();
    void property3EqualVerticesMakeNoDifference_data() { addModels(); }
    void property3EqualVerticesMakeNoDifference();
    void property5AVertexGetsItsShareOfEachGradient();
    void property5GradientsAreThoseOfFiniteDifferences_data() { addModels(); }
    void property5GradientsAreThoseOfFiniteDifferences();
    void property5TheBackboneStaysAsItIs();
    void property6EachTextHasAPointOfItsOwn();
    void property6PointsOfAStepDoNotDependOnThreadsOrBatches();
    void property7NoTokensAreTheBareModel();
    void property7PaddingChangesNothing_data() { addModels(); }
    void property7PaddingChangesNothing();
    void textsSideBySideHaveTheirOwnPoints();
};

void TestSimplex::property1OneVertexIsPrefixTuning() {
    QFETCH(QString, architecture);
    const SimplexBench plain(architecture.toStdString());
    const SimplexBench own(architecture.toStdString());
    const auto prefix = plain.attach("prefix", {});
    prefix->trainAlso(headWeights(plain.model->summary()));
    const auto simplex = own.simplex({{"vertices", std::int64_t{1}}});
    QVERIFY(at::equal(own.output(), plain.output()));
    for (Adapter* each : {prefix.get(), static_cast<Adapter*>(simplex.get())})
        each->beginStep(4); // with dropout off, training reads the same
    const at::Tensor expected = plain.output();
    const at::Tensor given = own.output();
    QVERIFY(at::equal(given, expected));
    lossOf(expected).backward();
    lossOf(given).backward();
    QCOMPARE(simplex->parameters().size(), prefix->parameters().size());
    for (std::size_t i = 0; i < prefix->parameters().size(); ++i)
        QVERIFY(at::equal(simplex->parameters()[i].second.grad(), prefix->parameters()[i].second.grad()));
    const TempFolder one;
    const TempFolder other;
    const std::string kind = headWeights(own.model->summary()).empty() ? "CAUSAL_LM" : "SEQ_CLS";
    QVERIFY(prefix->save(one.path(), {"the/base", kind}).has_value());
    QVERIFY(simplex->save(other.path(), {"the/base", kind}).has_value());
    for (const auto& entry : fs::directory_iterator(other.path()))
        QVERIFY(readFile(one.path() / entry.path().filename()).value() == readFile(entry.path()).value());
}

void TestSimplex::property2AVertexIsAPrefixAlone() {
    QFETCH(QString, architecture);
    const SimplexBench bench(architecture.toStdString());
    const SimplexBench plain(architecture.toStdString());
    const auto simplex = bench.simplex();
    const auto prefix = plain.attach("prefix", {});
    prefix->trainAlso(headWeights(plain.model->summary()));
    const at::NoGradGuard noGrad;
    for (std::int64_t vertex = 0; vertex < 3; ++vertex) {
        for (const auto& [name, value] : prefix->parameters()) {
            const std::string base = name.substr(name.find_last_of('.', name.rfind('.') - 1) + 1);
            for (const auto& [own, all] : simplex->parameters())
                if ((name == "prompt_embeddings" && own == "prefix_vertices") ||
                    (name != "prompt_embeddings" && own.ends_with("." + base)))
                    at::Tensor(value).copy_(all[vertex]);
        }
        simplex->readAtVertex(vertex);
        LATHE_MATCHES(mismatch(bench.output(), plain.output(), kLogits));
    }
}

void TestSimplex::property2TheOrderOfVerticesDoesNotMatter() {
    QFETCH(QString, architecture);
    const SimplexBench bench(architecture.toStdString());
    const auto simplex = bench.simplex();
    const at::NoGradGuard noGrad;
    simplex->readAt({0.2, 0.5, 0.3});
    const at::Tensor before = bench.output();
    for (const auto& [name, value] : simplex->parameters())
        at::Tensor(value).copy_(at::stack({value[2], value[0], value[1]}));
    simplex->readAt({0.3, 0.2, 0.5});
    LATHE_MATCHES(mismatch(bench.output(), before, kLogits));
    simplex->readAt({0.2, 0.5, 0.3});
    QVERIFY(!mismatch(bench.output(), before, 1e-4).isEmpty());
}

void TestSimplex::property3EqualVerticesMakeNoDifference() {
    QFETCH(QString, architecture);
    const SimplexBench bench(architecture.toStdString());
    const auto simplex = bench.simplex({{"cosine_weight", 1.0}});
    const at::NoGradGuard noGrad;
    for (const auto& [name, value] : simplex->parameters())
        at::Tensor(value).copy_(at::stack({value[0], value[0], value[0]}));
    const at::Tensor middle = bench.output();
    simplex->readAt({0.9, 0.1, 0});
    LATHE_MATCHES(mismatch(bench.output(), middle, kLogits));
    simplex->readDrawn(5);
    LATHE_MATCHES(mismatch(bench.output(), middle, kLogits));
    simplex->beginStep(2);
    LATHE_MATCHES(mismatch(simplex->penalty().item<double>(), 1, 1e-6));
}

void TestSimplex::property5AVertexGetsItsShareOfEachGradient() {
    const SimplexBench bench("llama", at::kDouble); // 2 query heads share keys
    const ModelSummary& summary = bench.model->summary();
    at::Tensor gradient, vertices;
    at::Tensor alpha; // [B, L + 1, M]
    {
        const auto simplex = bench.simplex();
        alpha = drawCoefficients(simplex->settings().coefficients, 21, 0, 2, summary.layers + 1);
        simplex->readDrawn(21);
        lossOf(bench.output()).backward();
        vertices = simplex->vertices().detach().clone();
        gradient = parameterOf(*simplex, "prefix_vertices").grad().clone();
    }
    const auto shape = [&](const at::Tensor& table) { // [M, N, L, 2, K, d]
        return table.view({3, 3, summary.layers, 2, summary.keyValueHeads, summary.headSize});
    };
    VirtualTokens::Content content; // by hand, one of each text
    for (std::int64_t layer = 0; layer < summary.layers; ++layer) {
        std::vector<at::Tensor> both;
        for (const std::int64_t kind : {0, 1}) {
            std::vector<at::Tensor> rows;
            for (std::int64_t row = 0; row < 2; ++row) {
                at::Tensor sum;
                for (std::int64_t i = 0; i < 3; ++i) {
                    const at::Tensor part = shape(vertices)[i].select(1, layer).select(1, kind) *
                                            alpha[row][layer][i].item<double>(); // [N, K, d]
                    sum = sum.defined() ? sum + part : part;
                }
                rows.push_back(sum.transpose(0, 1));
            }
            both.push_back(at::stack(rows).requires_grad_(true));
        }
        content.keysAndValues.emplace_back(both[0], both[1]);
    }
    const Attachment given = bench.model->attach(std::make_shared<GivenTexts>(3, content));
    lossOf(bench.output()).backward();
    for (std::int64_t layer = 0; layer < summary.layers; ++layer)
        for (const std::int64_t kind : {0, 1}) {
            const auto& [keys, values] = content.keysAndValues[static_cast<std::size_t>(layer)];
            const at::Tensor own = (kind == 0 ? keys : values).grad(); // [B, K, N, d]
            for (std::int64_t i = 0; i < 3; ++i) {
                const at::Tensor share = alpha.select(1, layer).select(1, i).view({2, 1, 1, 1});
                LATHE_MATCHES(mismatch(shape(gradient)[i].select(1, layer).select(1, kind),
                                       (own * share).sum(0).transpose(0, 1), 1e-12, 1e-9));
            }
        }
}

void TestSimplex::property5GradientsAreThoseOfFiniteDifferences() {
    QFETCH(QString, architecture);
    const SimplexBench bench(architecture.toStdString(), at::kDouble);
    const auto simplex = bench.simplex();
    const auto loss = [&] {
        simplex->readDrawn(8);
        return lossOf(bench.output());
    };
    loss().backward();
    const at::NoGradGuard noGrad;
    constexpr double kStep = 1e-5;
    for (const auto& [name, value] : simplex->parameters())
        for (const std::int64_t place : {std::int64_t{0}, value.numel() / 2, value.numel() - 1}) {
            const at::Tensor entry = value.detach().view(-1)[place];
            const double before = entry.item<double>();
            const auto at = [&](double moved) {
                at::Tensor(entry).fill_(moved);
                return loss().item<double>();
            };
            const double expected = (at(before + kStep) - at(before - kStep)) / (2 * kStep);
            at::Tensor(entry).fill_(before);
            LATHE_MATCHES(mismatch(value.grad().reshape(-1)[place].item<double>(), expected, 1e-8, 1e-5));
        }
}

void TestSimplex::property5TheBackboneStaysAsItIs() {
    const SimplexBench bench("bert_labels");
    std::vector<at::Tensor> before;
    for (const auto& [name, weight] : bench.model->weights())
        before.push_back(weight.detach().clone());
    const auto simplex = bench.simplex({{"simplex_dropout", 0.1}});
    for (std::int64_t step = 0; step < 3; ++step) {
        simplex->beginStep(step);
        lossOf(bench.output()).backward();
        simplex->endTraining();
        const at::NoGradGuard noGrad;
        for (const auto& [name, value] : simplex->parameters()) {
            QVERIFY(value.grad().defined());
            at::Tensor(value).sub_(value.grad() * 0.1);
        }
    }
    for (std::size_t i = 0; i < before.size(); ++i) {
        const at::Tensor& weight = bench.model->weights()[i].second;
        QVERIFY(at::equal(weight, before[i]) && !weight.requires_grad() && !weight.grad().defined());
    }
}

void TestSimplex::property6EachTextHasAPointOfItsOwn() {
    const SimplexBench bench("llama");
    const at::NoGradGuard noGrad;
    ModelInput twice;
    twice.ids = SimplexBench::input().ids.narrow(0, 0, 1).expand({2, 6});
    for (const std::string& scope : alphaScopeNames()) {
        const auto simplex = bench.simplex({{"alpha_scope", scope}});
        const bool isEach = scope == "observation_layer" || scope == "observation";
        simplex->beginStep(3);
        const at::Tensor rows = bench.model->output(twice);
        QCOMPARE(at::equal(rows[0], rows[1]), !isEach);
        simplex->beginStep(4); // another step has other points
        QVERIFY(!at::equal(bench.model->output(twice), rows));
        simplex->beginStep(3);
        QVERIFY(at::equal(bench.model->output(twice), rows));
        const VirtualTokens::Content content = simplex->nextContent(2);
        QCOMPARE(content.keysAndValues.front().first.dim(), isEach ? 4 : 3);
    }
}

void TestSimplex::property6PointsOfAStepDoNotDependOnThreadsOrBatches() {
    const SimplexBench bench("bert_labels");
    const at::NoGradGuard noGrad;
    const auto simplex = bench.simplex();
    simplex->beginStep(5);
    const at::Tensor whole = bench.output();
    at::set_num_threads(4);
    simplex->beginStep(5);
    const at::Tensor threads = bench.output();
    at::set_num_threads(1);
    LATHE_MATCHES(mismatch(threads, whole, kLogits));
    simplex->beginStep(5);
    for (std::int64_t row = 0; row < 2; ++row) { // two micro-batches
        ModelInput one;
        one.ids = SimplexBench::input().ids.narrow(0, row, 1);
        LATHE_MATCHES(mismatch(bench.model->output(one)[0], whole[row], kLogits));
    }
}

void TestSimplex::property7NoTokensAreTheBareModel() {
    for (const char* architecture : {"llama", "bert_labels"}) {
        const SimplexBench bench(architecture);
        const ModelSummary& summary = bench.model->summary();
        const at::NoGradGuard noGrad;
        const at::Tensor bare = bench.output();
        VirtualTokens::Content content;
        for (std::int64_t layer = 0; layer < summary.layers; ++layer) {
            const at::Tensor none = at::empty({summary.keyValueHeads, 0, summary.headSize});
            content.keysAndValues.emplace_back(none, none);
        }
        const Attachment given = bench.model->attach(std::make_shared<GivenTexts>(0, content));
        // A pass with keys and values in front, even none, has its attention from LibTorch's operator, the
        // bare one from our own loops: the same formula, summed in another order.
        LATHE_MATCHES(mismatch(bench.output(), bare, kLogits));
    }
}

/// Positions count real tokens alone, behind the prefix, which is always seen.
void TestSimplex::property7PaddingChangesNothing() {
    QFETCH(QString, architecture);
    const SimplexBench bench(architecture.toStdString());
    const at::NoGradGuard noGrad;
    const auto simplex = bench.simplex();
    const at::Tensor ids = SimplexBench::input().ids;
    const std::int64_t pad = bench.model->summary().padId.value_or(0);
    const bool pools = !headWeights(bench.model->summary()).empty();
    for (const std::int64_t first : {0, 2}) { // padding behind, padding in front
        ModelInput input;
        input.mask = at::ones({2, 6}, at::kBool);
        input.mask[1].narrow(0, first == 0 ? 4 : 0, 2).fill_(false);
        input.ids = ids.masked_fill(input.mask.logical_not(), pad);
        input.positions = (input.mask.to(at::kLong).cumsum(1) - 1).clamp_min(0);
        simplex->readDrawn(6);
        const at::Tensor padded = bench.model->output(input);
        ModelInput alone;
        alone.ids = input.ids.narrow(0, 1, 1).narrow(1, first, 4);
        simplex->readDrawn(6, 1);
        const at::Tensor expected = bench.model->output(alone);
        if (pools && architecture != "llama_labels" && first == 2)
            continue; // an encoder's head reads the first place, where padding stands
        LATHE_MATCHES(mismatch(pools ? padded[1] : padded[1].narrow(0, first, 4), expected[0], kLogits));
    }
}

void TestSimplex::textsSideBySideHaveTheirOwnPoints() {
    for (const char* architecture : {"llama_labels", "bert_labels", "bloom"}) {
        const SimplexBench bench(architecture);
        const at::NoGradGuard noGrad;
        const auto simplex = bench.simplex();
        ModelInput row;
        row.ids = SimplexBench::input().ids.view({1, 12});
        row.lengths = {5, 7};
        simplex->readDrawn(6);
        const at::Tensor both = bench.model->output(row);
        for (const auto& [text, begin] : {std::pair<std::int64_t, std::int64_t>{0, 0}, {1, 5}}) {
            ModelInput alone;
            alone.ids = row.ids.narrow(1, begin, row.lengths[static_cast<std::size_t>(text)]);
            simplex->readDrawn(6, text);
            const at::Tensor expected = bench.model->output(alone)[0];
            const at::Tensor own = both.dim() == 2 ? both[text] : both[0].narrow(0, begin, expected.size(0));
            LATHE_MATCHES(mismatch(own, expected, kLogits));
        }
    }
}

QTEST_GUILESS_MAIN(TestSimplex)
#include "tst_simplex.moc"
