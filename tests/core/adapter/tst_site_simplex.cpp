#include "core/adapter/lora.h"
#include "core/adapter/site_simplex.h"
#include "core/base/files.h"
#include "tests/core/adapter/simplex_bench.h"
#include "tests/support/oracle.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr double kLogits = 1e-5; // what other orders of the same sums leave

at::Tensor lossOf(const at::Tensor& output) { return output.square().mean(); }

/// The family that carries a simplex, as a method by itself.
std::string plainOf(const std::string& id) { return id == "lora_subspace" ? "lora" : "adapter_p"; }

void addModels() {
    QTest::addColumn<QString>("id");
    QTest::addColumn<QString>("architecture");
    for (const char* id : {"lora_subspace", "bottleneck_subspace"})
        for (const char* name : {"llama", "gpt2", "bert_labels", "roberta_labels", "llama_labels"})
            QTest::addRow("%s, %s", id, name) << id << name;
}

/// Moves every parameter, so that no B is 0.
void stir(const Adapter& adapter) {
    const at::NoGradGuard noGrad;
    at::Generator generator = at::detail::createCPUGenerator(7);
    for (const auto& [name, parameter] : adapter.parameters())
        at::Tensor(parameter).add_(at::randn(parameter.sizes(), generator, parameter.options()) * 0.1);
}

/// A simplex on a random model, and the plain adapter on another one of the same weights.
struct Carrier {
    Carrier(const QString& method, const QString& architecture, at::ScalarType dtype = at::kFloat)
        : id(method.toStdString()),
          own(architecture.toStdString(), dtype),
          plain(architecture.toStdString(), dtype) {}

    [[nodiscard]] static ParamValues small(const ParamValues& changes) {
        ParamValues values{{"rank", std::int64_t{2}}, {"bottleneck_size", std::int64_t{4}}};
        for (const auto& [key, value] : changes.map())
            values.set(key, value);
        return values;
    }
    [[nodiscard]] std::unique_ptr<SiteSimplex> simplex(const ParamValues& changes = {}) const {
        auto adapter = own.attach(id, small(changes));
        return std::unique_ptr<SiteSimplex>(&dynamic_cast<SiteSimplex&>(*adapter.release()));
    }
    [[nodiscard]] std::unique_ptr<Adapter> alone(const ParamValues& changes = {}) const {
        ParamValues values = small(changes);
        if (plain.model->summary().architecture == "bert") // whose pooler lies in no layer
            values.set("exclude_modules", std::string("pooler.dense"));
        auto adapter = plain.attach(plainOf(id), id == "lora_subspace" ? values : small(changes));
        adapter->trainAlso(headWeights(plain.model->summary()));
        return adapter;
    }
    [[nodiscard]] std::string task() const {
        return headWeights(own.model->summary()).empty() ? "CAUSAL_LM" : "SEQ_CLS";
    }

    std::string id;
    SimplexBench own, plain;
};

/// The folder as other tools see it: without the simplex beside the adapter.
void copyWithoutSimplex(const fs::path& from, const fs::path& to) {
    for (const auto& entry : fs::directory_iterator(from))
        if (!entry.path().filename().string().starts_with("simplex"))
            fs::copy_file(entry.path(), to / entry.path().filename());
}

} // namespace

/// The properties of a simplex of LoRA adapters or bottlenecks.
class TestSiteSimplex : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // tiny operations: threads only wait for each other
    void oneVertexIsThePlainAdapter_data() { addModels(); }
    void oneVertexIsThePlainAdapter();
    void aVertexIsAnAdapterAlone_data() { addModels(); }
    void aVertexIsAnAdapterAlone();
    void equalVerticesMakeNoDifference_data() { addModels(); }
    void equalVerticesMakeNoDifference();
    void drawnPointsAreThoseOfTheirTexts_data() { addModels(); }
    void drawnPointsAreThoseOfTheirTexts();
    void layersHavePointsOfTheirOwn_data() { addModels(); }
    void layersHavePointsOfTheirOwn();
    void textsSideBySideHaveTheirOwnPoints_data() { addModels(); }
    void textsSideBySideHaveTheirOwnPoints();
    void gradientsAreThoseOfFiniteDifferences_data() { addModels(); }
    void gradientsAreThoseOfFiniteDifferences();
    void midpointOpensAsAPlainAdapter_data() { addModels(); }
    void midpointOpensAsAPlainAdapter();
    void simplexComesBackBitForBit_data() { addModels(); }
    void simplexComesBackBitForBit();
    void aSimplexOfAnotherAdapterIsRefused();
    void nothingStandsInFrontOfTextsButWhilePointsAreDrawn();
    void verticesOfLoraPartByTheirPoints();
    void whatHasNoPointIsRefused();
};

void TestSiteSimplex::oneVertexIsThePlainAdapter() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    const Carrier carrier(id, architecture);
    const ParamValues dropout{{"vertices", std::int64_t{1}}, {"dropout", 0.3}};
    const auto simplex = carrier.simplex(dropout);
    const auto alone = carrier.alone(dropout);
    for (Adapter* each : {alone.get(), static_cast<Adapter*>(simplex.get())}) {
        stir(*each);
        each->beginStep(4);
    }
    ModelInput input = SimplexBench::input();
    input.isEager = true; // a layer under plain LoRA would be computed otherwise, to rounding
    const at::Tensor expected = carrier.plain.model->output(input);
    const at::Tensor given = carrier.own.model->output(input);
    QVERIFY(at::equal(given, expected));
    lossOf(expected).backward();
    lossOf(given).backward();
    QCOMPARE(simplex->parameters().size(), alone->parameters().size());
    for (std::size_t i = 0; i < alone->parameters().size(); ++i)
        QVERIFY(at::equal(simplex->parameters()[i].second.grad(), alone->parameters()[i].second.grad()));
    const TempFolder one;
    const TempFolder other;
    QVERIFY(alone->save(one.path(), {"the/base", carrier.task()}).has_value());
    QVERIFY(simplex->save(other.path(), {"the/base", carrier.task()}).has_value());
    for (const auto& entry : fs::directory_iterator(other.path()))
        QVERIFY(readFile(one.path() / entry.path().filename()).value() == readFile(entry.path()).value());
}

void TestSiteSimplex::aVertexIsAnAdapterAlone() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    const Carrier carrier(id, architecture);
    const auto simplex = carrier.simplex();
    const auto alone = carrier.alone();
    stir(*simplex);
    const at::NoGradGuard noGrad;
    for (std::int64_t vertex = 0; vertex < 3; ++vertex) {
        for (const auto& [name, value] : alone->parameters()) {
            const std::string module = name.substr(std::string_view("base_model.model.").size());
            for (const auto& [own, all] : simplex->parameters()) {
                if (own == "head_vertices." + module)
                    at::Tensor(value).copy_(all[vertex]);
                if (own == name) // side by side, in the dimension that is longer
                    at::Tensor(value).copy_(
                        all.chunk(3, all.size(0) == value.size(0) ? 1 : 0)[static_cast<std::size_t>(vertex)]);
            }
        }
        simplex->readAtVertex(vertex);
        LATHE_MATCHES(mismatch(carrier.own.output(), carrier.plain.output(), kLogits));
    }
}

void TestSiteSimplex::equalVerticesMakeNoDifference() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    const Carrier carrier(id, architecture);
    const auto simplex = carrier.simplex({{"cosine_weight", 1.0}, {"simplex_head", std::string("plain")}});
    stir(*simplex);
    const at::NoGradGuard noGrad;
    for (const auto& [name, value] : simplex->parameters())
        if (name.find("lora_") != std::string::npos || name.find("adapter_") != std::string::npos) {
            const bool isFirst =
                name.find("lora_A") != std::string::npos || name.find("adapter_down") != std::string::npos;
            const auto parts = value.chunk(3, isFirst ? 0 : 1);
            parts[1].copy_(parts[0]);
            parts[2].copy_(parts[0]);
        }
    const at::Tensor middle = carrier.own.output();
    simplex->readAt({0.9, 0.1, 0});
    LATHE_MATCHES(mismatch(carrier.own.output(), middle, kLogits));
    simplex->readDrawn(5);
    LATHE_MATCHES(mismatch(carrier.own.output(), middle, kLogits));
    simplex->beginStep(2);
    LATHE_MATCHES(mismatch(simplex->penalty().item<double>(), 1, 1e-6));
    simplex->beforeUpdate(2);
    LATHE_MATCHES(mismatch(simplex->cosine().value(), 1, 1e-6));
}

void TestSiteSimplex::drawnPointsAreThoseOfTheirTexts() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    const Carrier carrier(id, architecture);
    const auto simplex = carrier.simplex({{"alpha_scope", std::string("observation")}});
    stir(*simplex);
    const at::NoGradGuard noGrad;
    const at::Tensor alpha = drawCoefficients(simplex->settings().coefficients, 21, 0, 2,
                                              carrier.own.model->summary().layers + 1); // [B, L + 1, M]
    simplex->readDrawn(21);
    const at::Tensor drawn = carrier.own.output();
    for (std::int64_t row = 0; row < 2; ++row) {
        std::vector<double> point;
        for (std::int64_t i = 0; i < 3; ++i)
            point.push_back(alpha[row][0][i].item<double>());
        simplex->readAt(point);
        const at::Tensor expected = carrier.own.output();
        LATHE_MATCHES(mismatch(drawn[row], expected[row], kLogits));
        QVERIFY(!mismatch(drawn[1 - row], expected[1 - row], kLogits).isEmpty());
    }
}

/// Channels weighed by hand: with a point for each layer, the same for all texts, the simplex is its midpoint
/// with the second matrix of each layer weighed.
void TestSiteSimplex::layersHavePointsOfTheirOwn() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    const Carrier carrier(id, architecture);
    const auto simplex = carrier.simplex(
        {{"alpha_scope", std::string("batch_layer")}, {"simplex_head", std::string("plain")}});
    stir(*simplex);
    const at::NoGradGuard noGrad;
    const ModelSummary& summary = carrier.own.model->summary();
    const at::Tensor alpha = drawCoefficients(simplex->settings().coefficients, 21, 0, 2, summary.layers + 1);
    simplex->readDrawn(21);
    const at::Tensor drawn = carrier.own.output();
    simplex->readAtMidpoint();
    for (const Site& site : summary.sites)
        for (const auto& [name, value] : simplex->parameters())
            if (name == "base_model.model." + site.name + ".lora_B.weight" ||
                name == "base_model.model." + site.name + ".adapter_up.weight") {
                const auto parts = value.chunk(3, 1);
                for (std::size_t i = 0; i < 3; ++i)
                    parts[i].mul_(3 * alpha[0][site.layer][static_cast<std::int64_t>(i)].item<double>());
            }
    LATHE_MATCHES(mismatch(carrier.own.output(), drawn, kLogits));
}

void TestSiteSimplex::textsSideBySideHaveTheirOwnPoints() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    const Carrier carrier(id, architecture);
    const auto simplex = carrier.simplex();
    stir(*simplex);
    const at::NoGradGuard noGrad;
    ModelInput row;
    row.ids = SimplexBench::input().ids.view({1, 12});
    row.lengths = {5, 7};
    simplex->readDrawn(6);
    const at::Tensor both = carrier.own.model->output(row);
    for (const auto& [text, begin] : {std::pair<std::int64_t, std::int64_t>{0, 0}, {1, 5}}) {
        ModelInput alone;
        alone.ids = row.ids.narrow(1, begin, row.lengths[static_cast<std::size_t>(text)]);
        simplex->readDrawn(6, text);
        const at::Tensor expected = carrier.own.model->output(alone)[0];
        const at::Tensor own = both.dim() == 2 ? both[text] : both[0].narrow(0, begin, expected.size(0));
        LATHE_MATCHES(mismatch(own, expected, kLogits));
    }
}

void TestSiteSimplex::gradientsAreThoseOfFiniteDifferences() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    const Carrier carrier(id, architecture, at::kDouble);
    const auto simplex = carrier.simplex();
    stir(*simplex);
    const auto loss = [&] {
        simplex->readDrawn(8);
        return lossOf(carrier.own.output());
    };
    loss().backward();
    const at::NoGradGuard noGrad;
    constexpr double kStep = 1e-5;
    for (const auto& [name, value] : simplex->parameters()) {
        const std::int64_t place = value.numel() / 2;
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
    for (const auto& [name, weight] : carrier.own.model->weights())
        QVERIFY2(!weight.requires_grad(), name.c_str());
}

void TestSiteSimplex::midpointOpensAsAPlainAdapter() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    const Carrier carrier(id, architecture);
    const TempFolder whole;
    const TempFolder alone;
    const auto simplex = carrier.simplex();
    stir(*simplex);
    const at::NoGradGuard noGrad;
    const at::Tensor middle = carrier.own.output();
    QVERIFY(simplex->save(whole.path(), {"the/base", carrier.task()}).has_value());
    copyWithoutSimplex(whole.path(), alone.path());
    const auto plain = loadAdapter(*carrier.plain.model, alone.path());
    QVERIFY2(plain.has_value(), plain.has_value() ? "" : plain.error().text().c_str());
    QVERIFY(dynamic_cast<SimplexAdapter*>(plain->get()) == nullptr);
    LATHE_MATCHES(mismatch(carrier.plain.output(), middle, kLogits));
    const json config = json::parse(readFile(alone.path() / "adapter_config.json").value());
    if (carrier.id == "lora_subspace") {
        QCOMPARE(config.at("r"), json(3 * 2));
        QCOMPARE(config.at("lora_alpha"), json(16));
    } else {
        QCOMPARE(config.at("bottleneck_size"), json(3 * 4));
    }
}

void TestSiteSimplex::simplexComesBackBitForBit() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    const Carrier carrier(id, architecture);
    const TempFolder folder;
    auto simplex = carrier.simplex({{"alpha_scope", std::string("batch_layer")}, {"dirichlet_a", 0.5}});
    stir(*simplex);
    const at::NoGradGuard noGrad;
    simplex->readAt({0.1, 0.7, 0.2});
    const at::Tensor before = carrier.own.output();
    QVERIFY(simplex->save(folder.path(), {"the/base", carrier.task()}).has_value());
    const auto loaded = loadAdapter(*carrier.plain.model, folder.path());
    QVERIFY2(loaded.has_value(), loaded.has_value() ? "" : loaded.error().text().c_str());
    auto& back = dynamic_cast<SiteSimplex&>(**loaded);
    QCOMPARE(back.parameters().size(), simplex->parameters().size());
    for (std::size_t i = 0; i < back.parameters().size(); ++i)
        QVERIFY(at::equal(back.parameters()[i].second, simplex->parameters()[i].second));
    back.readAt({0.1, 0.7, 0.2});
    QVERIFY(at::equal(carrier.plain.output(), before));
    QVERIFY(back.settings().coefficients == (CoefficientSettings{3, AlphaScope::BatchLayer, 0.5}));
}

void TestSiteSimplex::aSimplexOfAnotherAdapterIsRefused() {
    const Carrier carrier("lora_subspace", "llama");
    const TempFolder one;
    const TempFolder other;
    const auto simplex = carrier.simplex();
    QVERIFY(simplex->save(one.path(), {"the/base", "CAUSAL_LM"}).has_value());
    stir(*simplex);
    QVERIFY(simplex->save(other.path(), {"the/base", "CAUSAL_LM"}).has_value());
    fs::copy_file(other.path() / "simplex.safetensors", one.path() / "simplex.safetensors",
                  fs::copy_options::overwrite_existing);
    const auto loaded = loadAdapter(*carrier.plain.model, one.path());
    QVERIFY(!loaded.has_value());
    QVERIFY(loaded.error().message.find("does not belong to") != std::string::npos);
    QVERIFY(!carrier.plain.model->isAdapted());
}

/// So that the middle merges, is scaled and stands beside other adapters as a plain one does.
void TestSiteSimplex::nothingStandsInFrontOfTextsButWhilePointsAreDrawn() {
    const Carrier carrier("lora_subspace", "llama");
    const auto simplex = carrier.simplex();
    const LanguageModel& model = *carrier.own.model;
    QVERIFY(model.virtualTokens() == nullptr && simplex->canScale());
    simplex->beginStep(0);
    QVERIFY(model.virtualTokens() != nullptr);
    simplex->endTraining();
    QVERIFY(model.virtualTokens() == nullptr);
    simplex->readDrawn(1);
    QVERIFY(model.virtualTokens() != nullptr);
    simplex->readAtMidpoint();
    QVERIFY(model.virtualTokens() == nullptr);
    QVERIFY(simplex->merge().has_value());
}

/// All B are 0 at first: every point is the base model, and yet the first gradients of the B differ.
void TestSiteSimplex::verticesOfLoraPartByTheirPoints() {
    const Carrier carrier("lora_subspace", "llama");
    const at::Tensor base = carrier.plain.output();
    const auto simplex = carrier.simplex();
    simplex->readAtVertex(1);
    LATHE_MATCHES(mismatch(carrier.own.output().detach(), base, kLogits));
    const at::Tensor& a =
        parameterOf(*simplex, "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight");
    const at::Tensor& b =
        parameterOf(*simplex, "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight");
    QVERIFY(!at::equal(a.detach().chunk(3, 0)[0], a.detach().chunk(3, 0)[1]));
    simplex->beginStep(0);
    lossOf(carrier.own.output()).backward();
    const auto gradients = b.grad().chunk(3, 1);
    QVERIFY(!at::equal(gradients[0], gradients[1]) && !at::equal(gradients[1], gradients[2]));
}

void TestSiteSimplex::whatHasNoPointIsRefused() {
    const auto method = adapterMethods().make("lora_subspace").value();
    const ModelSummary t5 = parseModelSummary(R"({"model_type":"t5"})", "config.json").value();
    const auto problems = method->check(t5, SimplexBench::valuesOf("lora_subspace", {}));
    QVERIFY(!problems.empty());
    QCOMPARE(problems.front().key, std::string("method"));
    const SimplexBench bench("llama");
    const auto wide = method->check(bench.model->summary(),
                                    SimplexBench::valuesOf("lora_subspace", {{"rank", std::int64_t{1000}}}));
    QCOMPARE(wide.size(), std::size_t{1});
    QVERIFY(wide.front().message.find("exceeds the width") != std::string::npos);
    const auto vertex = method->check(
        bench.model->summary(), SimplexBench::valuesOf("lora_subspace", {{"rank", std::int64_t{2}},
                                                                         {"test_mode", std::string("vertex")},
                                                                         {"test_vertex", std::int64_t{3}}}));
    QCOMPARE(vertex.size(), std::size_t{1});
    QCOMPARE(vertex.front().key, std::string("test_vertex"));
}

QTEST_GUILESS_MAIN(TestSiteSimplex)
#include "tst_site_simplex.moc"
