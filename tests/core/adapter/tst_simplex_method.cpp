#include "tests/core/adapter/simplex_bench.h"
#include "tests/support/oracle.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/tanh.h>

using namespace lathe;
using namespace lathe::test;

namespace {

constexpr double kLogits = 1e-5; // what other orders of the same sums leave

at::Tensor lossOf(const at::Tensor& output) { return output.square().mean(); }

} // namespace

/// The method's options: starts, regulariser, networks, heads, dropout, sizes.
class TestSimplexMethod : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // tiny operations: threads only wait for each other
    void verticesStartIndependently();
    void equalStartsAreRefused();
    void cosineIsToldWhateverItsWeight();
    void randomPrefixesAreNearlyOrthogonal();
    void outputsOfTheNetworkAreMixed();
    void aHeadOfTwoLayersIsMixedLayerByLayer();
    void property10ParametersAreCounted();
    void tooManyPositionsAreRefused();
    void oneHeadForAllIsTheModelsOwn();
    void dropoutIsAFunctionOfTheStep();
};

void TestSimplexMethod::verticesStartIndependently() {
    const SimplexBench bench("bert_labels");
    for (const char* init : {"normal", "vocabulary"}) {
        const ParamValues changes{{"vertices", std::int64_t{4}},
                                  {"virtual_tokens", std::int64_t{12}},
                                  {"vertex_init", std::string(init)},
                                  {"vertex_deviation", 0.02}};
        const auto simplex = bench.simplex(changes);
        const at::Tensor all = simplex->vertices().detach();
        for (std::int64_t i = 0; i < 4; ++i)
            for (std::int64_t j = 0; j < i; ++j)
                QVERIFY(!at::equal(all[i], all[j]));
        if (std::string_view(init) == "normal")
            LATHE_MATCHES(mismatch(all.std().item<double>(), 0.02, 0.001));
        const at::Tensor& heads = parameterOf(*simplex, "head_vertices.classifier.weight");
        LATHE_MATCHES(mismatch(heads.std().item<double>(), 0.02, 0.003));
        QVERIFY(!at::equal(heads[0], heads[1]));
        QCOMPARE(parameterOf(*simplex, "head_vertices.classifier.bias").abs().max().item<double>(), 0.0);
    }
}

void TestSimplexMethod::equalStartsAreRefused() {
    const SimplexBench bench("llama");
    const auto method = adapterMethods().make("prefix_subspace").value();
    ParamValues values = SimplexBench::valuesOf("prefix_subspace", {{"vertex_init", std::string("zero")}});
    const auto problems = method->check(bench.model->summary(), values);
    QCOMPARE(problems.size(), std::size_t{1});
    QVERIFY(problems.front().message.find("makes all 3 vertices the same") != std::string::npos);
    values.set("vertices", std::int64_t{1});
    QVERIFY(method->check(bench.model->summary(), values).empty());
    const auto simplex = bench.simplex({{"vertices", std::int64_t{1}}, {"vertex_init", std::string("zero")}});
    QCOMPARE(simplex->vertices().abs().max().item<double>(), 0.0);
}

void TestSimplexMethod::cosineIsToldWhateverItsWeight() {
    const SimplexBench bench("llama");
    double told = 0;
    for (const double weight : {0.0, 0.5}) {
        const auto simplex = bench.simplex({{"cosine_weight", weight}});
        QVERIFY(!simplex->cosine().has_value());
        simplex->beginStep(7);
        QCOMPARE(simplex->penalty().defined(), weight > 0);
        simplex->beforeUpdate(7);
        const auto [one, other] = drawPair(3, simplex->settings().seed, 7);
        const at::Tensor all = simplex->vertices().detach();
        told = squaredCosine(all[one], all[other]).item<double>();
        QCOMPARE(simplex->cosine().value(), told);
        if (weight > 0)
            LATHE_MATCHES(mismatch(simplex->penalty().item<double>(), weight * told, 1e-9));
    }
    QVERIFY(told > 0);
}

/// Of n dimensions the cosine has the variance 1 / n.
void TestSimplexMethod::randomPrefixesAreNearlyOrthogonal() {
    const SimplexBench bench("llama");
    const std::int64_t width = promptWidth(bench.model->summary(), PromptPlace::Layers);
    const ParamValues values = SimplexBench::valuesOf(
        "prefix_subspace", {{"virtual_tokens", 100'000 / width}, {"vertices", std::int64_t{10}}});
    // More tokens than the tiny model has positions: nothing is computed with it.
    const auto adapter = adapterMethods().make("prefix_subspace").value()->attach(*bench.model, values, 1);
    const at::Tensor all = parameterOf(*adapter, "prefix_vertices").detach();
    double sum = 0;
    for (std::int64_t i = 0; i < 10; ++i)
        for (std::int64_t j = 0; j < i; ++j)
            sum += squaredCosine(all[i], all[j]).item<double>();
    QVERIFY2(sum / 45 > 3e-6 && sum / 45 < 3e-5, qPrintable(QString::number(sum / 45)));
}

void TestSimplexMethod::outputsOfTheNetworkAreMixed() {
    const SimplexBench bench("llama");
    const at::NoGradGuard noGrad;
    const auto network =
        bench.simplex({{"prefix_projection", true}, {"prefix_hidden_size", std::int64_t{7}}});
    const auto value = [&](const char* name, std::int64_t i) {
        return parameterOf(*network, std::string("prompt_encoder.") + name)[i];
    };
    for (std::int64_t i = 0; i < 3; ++i) {
        const at::Tensor hidden = at::tanh(at::linear(
            value("embedding.weight", i), value("transform.0.weight", i), value("transform.0.bias", i)));
        LATHE_MATCHES(
            mismatch(network->vertices()[i],
                     at::linear(hidden, value("transform.2.weight", i), value("transform.2.bias", i)), 1e-6));
    }
    const at::Tensor folded = network->vertices().clone();
    network->readDrawn(4);
    const at::Tensor expected = bench.output();
    const SimplexBench plain("llama");
    const auto simplex = plain.simplex();
    simplex->startFrom(folded);
    simplex->readDrawn(4);
    QVERIFY(at::equal(plain.output(), expected));
}

/// RoBERTa's head: dense, tanh, out_proj. Mixing the final scores alone would be something else.
void TestSimplexMethod::aHeadOfTwoLayersIsMixedLayerByLayer() {
    const SimplexBench bench("roberta_labels");
    const at::NoGradGuard noGrad;
    const auto simplex = bench.simplex();
    const auto mean = [&](const char* name) {
        return parameterOf(*simplex, std::string("head_vertices.classifier.") + name).mean(0);
    };
    const at::Tensor text =
        bench.model->pooled(bench.model->hidden(SimplexBench::input()), SimplexBench::input());
    for (const auto& [name, value] : simplex->parameters())
        if (name.starts_with("head_vertices"))
            at::Tensor(value).mul_(40); // so that tanh is not nearly linear
    const at::Tensor expected =
        at::linear(at::tanh(at::linear(text, mean("dense.weight"), mean("dense.bias"))),
                   mean("out_proj.weight"), mean("out_proj.bias"));
    LATHE_MATCHES(mismatch(bench.model->logits(text), expected, kLogits));
    at::Tensor ofScores;
    for (std::int64_t i = 0; i < 3; ++i) {
        simplex->readAtVertex(i);
        const at::Tensor own = bench.model->logits(text) / 3;
        ofScores = ofScores.defined() ? ofScores + own : own;
    }
    QVERIFY(!mismatch(ofScores, expected, 1e-3).isEmpty());
}

void TestSimplexMethod::property10ParametersAreCounted() {
    const auto method = adapterMethods().make("prefix_subspace").value();
    const auto count = [&](const std::string& config, std::int64_t vertices, bool isProjected) {
        const ModelSummary model = parseModelSummary(config, "config.json").value();
        return method->countParameters(
            model, SimplexBench::valuesOf("prefix_subspace", {{"virtual_tokens", std::int64_t{10}},
                                                              {"vertices", vertices},
                                                              {"prefix_projection", isProjected}}));
    };
    const std::string bert = R"({"model_type":"bert","hidden_size":768,"num_hidden_layers":12,
        "num_attention_heads":12,"intermediate_size":3072,"vocab_size":30522,"architectures":[)";
    const std::string plain = bert + "\"BertForMaskedLM\"]}";
    const std::string labels = bert + R"("BertForSequenceClassification"]})";
    const std::string stories = R"({"model_type":"llama","hidden_size":64,"num_hidden_layers":5,
        "num_attention_heads":8,"num_key_value_heads":4,"intermediate_size":172,"vocab_size":512})";
    QCOMPARE(count(plain, 1, false), 184'320);
    QCOMPARE(count(plain, 1, true), 9'857'024);
    QCOMPARE(count(stories, 1, false), 3'200);
    for (const std::int64_t m : {1, 2, 5}) {
        QCOMPARE(count(labels, m, false), m * (184'320 + 1'538));
        QCOMPARE(count(plain, m, true), m * 9'857'024);
        QCOMPARE(count(stories, m, false), m * 10 * 2 * 5 * 4 * 8);
    }
}

void TestSimplexMethod::tooManyPositionsAreRefused() {
    const auto method = adapterMethods().make("prefix_subspace").value();
    const ModelSummary model = parseModelSummary(R"({"model_type":"bert","max_position_embeddings":512,
            "architectures":["BertForMaskedLM"]})",
                                                 "config.json")
                                   .value();
    ParamValues values = SimplexBench::valuesOf("prefix_subspace", {{"virtual_tokens", std::int64_t{10}}});
    values.set("max_length", std::int64_t{502});
    QVERIFY(method->check(model, values).empty());
    values.set("max_length", std::int64_t{503});
    const auto problems = method->check(model, values);
    QCOMPARE(problems.size(), std::size_t{1});
    QVERIFY(problems.front().message.find("exceed the model's 512 positions") != std::string::npos);
}

void TestSimplexMethod::oneHeadForAllIsTheModelsOwn() {
    const SimplexBench bench("bert_labels");
    const at::Tensor own = bench.model->weight("classifier.weight").detach().clone();
    const auto simplex = bench.simplex({{"simplex_head", std::string("plain")}});
    QVERIFY(bench.model->weight("classifier.weight").requires_grad());
    QVERIFY(at::equal(bench.model->weight("classifier.weight"), own));
    simplex->beginStep(0);
    lossOf(bench.output()).backward();
    QVERIFY(bench.model->weight("classifier.weight").grad().defined());
}

void TestSimplexMethod::dropoutIsAFunctionOfTheStep() {
    for (const char* heads : {"mixed", "plain"}) {
        const SimplexBench bench("roberta_labels");
        const at::NoGradGuard noGrad;
        const auto simplex = bench.simplex({{"simplex_dropout", 0.5},
                                            {"alpha_scope", std::string("batch")},
                                            {"simplex_head", std::string(heads)}});
        const at::Tensor evaluation = bench.output();
        const auto atStep = [&](std::int64_t step) {
            simplex->beginStep(step);
            const at::Tensor output = bench.output();
            simplex->endTraining();
            return output;
        };
        const at::Tensor first = atStep(3);
        QVERIFY(!at::equal(atStep(4), first));
        QVERIFY(at::equal(atStep(3), first));
        QVERIFY(at::equal(bench.output(), evaluation));
    }
}

QTEST_GUILESS_MAIN(TestSimplexMethod)
#include "tst_simplex_method.moc"
