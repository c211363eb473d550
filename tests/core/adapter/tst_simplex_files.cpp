#include "core/base/files.h"
#include "tests/core/adapter/simplex_bench.h"
#include "tests/support/oracle.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr double kLogits = 1e-5;
constexpr double kStories = 1e-3; // float64 reference, values rounded to 1e-6

/// The vertices of the reference: phases 0.1, 1.1 and 2.1.
at::Tensor wave(std::int64_t tokens, std::int64_t width, double phase) {
    return (at::sin(at::arange(tokens * width, at::kDouble) * 0.37 + phase) * 0.5)
        .view({tokens, width})
        .to(at::kFloat);
}

/// The folder as other tools see it: without the simplex beside the prefix.
void copyPeftFiles(const fs::path& from, const fs::path& to) {
    for (const char* name : {"adapter_config.json", "adapter_model.safetensors"})
        fs::copy_file(from / name, to / name);
}

json configOf(const fs::path& folder) {
    return json::parse(readFile(folder / "adapter_config.json").value());
}

std::set<std::string> namesIn(const fs::path& file) {
    std::set<std::string> names;
    const TensorFile tensors = TensorFile::open(file).value();
    for (const auto& [name, entry] : tensors.entries())
        names.insert(name);
    return names;
}

/// The first mismatch of a model's last logits with an entry of the golden file.
QString storiesMismatch(LanguageModel& model, const json& golden, const std::string& entry) {
    ModelInput input;
    input.ids = integers(json::array({golden.at("ids")}));
    const at::Tensor last = model.output(input)[0][-1];
    const json& expected = golden.at(entry);
    for (const auto& pair : expected.at("last_logits_top5"))
        if (const QString far = mismatch(last[pair.at(0).get<std::int64_t>()].item<double>(),
                                         pair.at(1).get<double>(), kStories);
            !far.isEmpty())
            return far;
    if (const QString far = mismatch(
            last.narrow(0, 0, 8),
            at::tensor(expected.at("last_logits_first8").get<std::vector<double>>(), at::kDouble), kStories);
        !far.isEmpty())
        return far;
    return mismatch(last.to(at::kDouble).sum().item<double>(), expected.at("last_logits_sum").get<double>(),
                    512 * kStories); // as many terms, each within the tolerance
}

} // namespace

/// What a simplex leaves in its folder, and what others read of it.
class TestSimplexFiles : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // tiny operations: threads only wait for each other
    void goldenPrefixAndSimplexAreReproduced();
    void property9MidpointOpensAsAPlainPrefix_data();
    void property9MidpointOpensAsAPlainPrefix();
    void simplexComesBackBitForBit_data();
    void simplexComesBackBitForBit();
    void columnsAreInPeftsOrder();
    void configHasPeftsKeys();
    void bertBaseFileHasTheKnownSize();
    void headsHaveTheNamesOfTheirModels_data();
    void headsHaveTheNamesOfTheirModels();
    void aSimplexOfAnotherPrefixIsRefused();
    void promptsOpenFromTheirTableAlone_data();
    void promptsOpenFromTheirTableAlone();
};

void TestSimplexFiles::goldenPrefixAndSimplexAreReproduced() {
    LATHE_NEED_SHARED("models/stories260K/golden.json");
    const fs::path folder = sharedFile("models/stories260K");
    const json golden = json::parse(readFile(folder / "golden.json").value()).at("adapters");
    const auto model = loadModel(folder).value();
    const at::NoGradGuard noGrad;
    const auto method = adapterMethods().make("prefix_subspace").value();
    const ParamValues values =
        SimplexBench::valuesOf("prefix_subspace", {{"virtual_tokens", std::int64_t{4}}});
    const TempFolder whole;
    const TempFolder plain;
    {
        auto adapter = method->attach(*model, values, 1);
        auto& simplex = dynamic_cast<PrefixSimplex&>(*adapter);
        const std::int64_t width = promptWidth(model->summary(), PromptPlace::Layers);
        simplex.startFrom(at::stack({wave(4, width, 0.1), wave(4, width, 1.1), wave(4, width, 2.1)}));
        simplex.readAtVertex(0);
        LATHE_MATCHES(storiesMismatch(*model, golden, "prefix"));
        simplex.readAt(golden.at("prefix_simplex").at("alpha").get<std::vector<double>>());
        LATHE_MATCHES(storiesMismatch(*model, golden, "prefix_simplex"));
        simplex.readAtMidpoint();
        LATHE_MATCHES(storiesMismatch(*model, golden, "prefix_simplex_midpoint"));
        QVERIFY(simplex.save(whole.path(), {folder, "CAUSAL_LM"}).has_value());
    }
    copyPeftFiles(whole.path(), plain.path());
    const auto prefix = loadAdapter(*model, plain.path());
    QVERIFY(prefix.has_value() && dynamic_cast<PromptAdapter*>(prefix->get()) != nullptr);
    LATHE_MATCHES(storiesMismatch(*model, golden, "prefix_simplex_midpoint"));
}

void TestSimplexFiles::property9MidpointOpensAsAPlainPrefix_data() {
    QTest::addColumn<QString>("architecture");
    for (const char* name :
         {"llama", "bloom", "bert_labels", "roberta_labels", "distilbert_labels", "llama_labels"})
        QTest::newRow(name) << name;
}

void TestSimplexFiles::property9MidpointOpensAsAPlainPrefix() {
    QFETCH(QString, architecture);
    const SimplexBench bench(architecture.toStdString());
    const std::string kind = headWeights(bench.model->summary()).empty() ? "CAUSAL_LM" : "SEQ_CLS";
    const at::NoGradGuard noGrad;
    const TempFolder whole;
    const TempFolder plain;
    at::Tensor middle;
    {
        const auto simplex = bench.simplex();
        middle = bench.output();
        QVERIFY(simplex->save(whole.path(), {"the/base", kind}).has_value());
    }
    copyPeftFiles(whole.path(), plain.path());
    const auto prefix = loadAdapter(*bench.model, plain.path());
    QVERIFY2(prefix.has_value(), prefix.has_value() ? "" : prefix.error().text().c_str());
    QVERIFY(dynamic_cast<PromptAdapter*>(prefix->get()) != nullptr);
    LATHE_MATCHES(mismatch(bench.output(), middle, kLogits));
}

void TestSimplexFiles::simplexComesBackBitForBit_data() {
    QTest::addColumn<QString>("architecture");
    QTest::addColumn<QString>("heads");
    QTest::newRow("decoder") << "llama"
                             << "mixed";
    QTest::newRow("encoder") << "bert_labels"
                             << "mixed";
    QTest::newRow("head of two layers") << "roberta_labels"
                                        << "mixed";
    QTest::newRow("one head") << "bert_labels"
                              << "plain";
}

void TestSimplexFiles::simplexComesBackBitForBit() {
    QFETCH(QString, architecture);
    QFETCH(QString, heads);
    const SimplexBench bench(architecture.toStdString());
    const std::string kind = headWeights(bench.model->summary()).empty() ? "CAUSAL_LM" : "SEQ_CLS";
    const at::NoGradGuard noGrad;
    const TempFolder folder;
    auto simplex = bench.simplex({{"simplex_head", heads.toStdString()},
                                  {"alpha_scope", std::string("batch_layer")},
                                  {"dirichlet_a", 0.5},
                                  {"val_mode", std::string("ensemble")},
                                  {"val_passes", std::int64_t{7}}},
                                 99);
    simplex->readAt({0.1, 0.7, 0.2});
    const at::Tensor before = bench.output();
    std::vector<at::Tensor> tensors;
    for (const auto& [name, value] : simplex->parameters())
        tensors.push_back(value.detach().clone());
    QVERIFY(simplex->save(folder.path(), {"the/base", kind}).has_value());
    QCOMPARE(json::parse(readFile(folder / "simplex_config.json").value()),
             (json{{"m", 3},
                   {"alpha_scope", "batch_layer"},
                   {"dirichlet_a", 0.5},
                   {"val_mode", "ensemble"},
                   {"S", 7},
                   {"seed", 99}}));
    simplex.reset();
    const auto loaded = loadAdapter(*bench.model, folder.path());
    QVERIFY2(loaded.has_value(), loaded.has_value() ? "" : loaded.error().text().c_str());
    auto& back = dynamic_cast<PrefixSimplex&>(**loaded);
    QCOMPARE(back.parameters().size(), tensors.size());
    for (std::size_t i = 0; i < tensors.size(); ++i)
        QVERIFY(at::equal(back.parameters()[i].second, tensors[i]));
    back.readAt({0.1, 0.7, 0.2});
    QVERIFY(at::equal(bench.output(), before));
    const SimplexSettings& settings = back.settings();
    QVERIFY(settings.coefficients == (CoefficientSettings{3, AlphaScope::BatchLayer, 0.5}));
    QCOMPARE(settings.validation, std::string("ensemble"));
    QCOMPARE(settings.passes, 7);
    QCOMPARE(settings.seed, std::uint64_t{99});
}

/// Column ((2·layer + kind)·heads + head)·headSize + place of the table.
void TestSimplexFiles::columnsAreInPeftsOrder() {
    const SimplexBench bench("llama");
    const ModelSummary& summary = bench.model->summary();
    const at::NoGradGuard noGrad;
    const auto simplex = bench.simplex();
    const at::Tensor table = simplex->vertices()[1];
    simplex->readAtVertex(1);
    const VirtualTokens::Content content = simplex->nextContent(1);
    for (std::int64_t token = 0; token < 3; ++token)
        for (std::int64_t layer = 0; layer < summary.layers; ++layer)
            for (const std::int64_t kind : {0, 1})
                for (std::int64_t head = 0; head < summary.keyValueHeads; ++head)
                    for (std::int64_t place = 0; place < summary.headSize; ++place) {
                        const std::int64_t column =
                            ((2 * layer + kind) * summary.keyValueHeads + head) * summary.headSize + place;
                        const auto& [keys, values] = content.keysAndValues[static_cast<std::size_t>(layer)];
                        QCOMPARE((kind == 0 ? keys : values)[head][token][place].item<float>(),
                                 table[token][column].item<float>());
                    }
}

void TestSimplexFiles::configHasPeftsKeys() {
    const SimplexBench bench("llama");
    const TempFolder folder;
    QVERIFY(bench.simplex()->save(folder.path(), {"the/base", "CAUSAL_LM"}).has_value());
    const json config = configOf(folder.path());
    for (const char* key : {"auto_mapping", "base_model_name_or_path", "revision", "peft_type",
                            "peft_version", "task_type", "inference_mode", "num_virtual_tokens", "token_dim",
                            "num_transformer_submodules", "num_attention_heads", "num_layers",
                            "modules_to_save", "prefix_projection", "encoder_hidden_size", "init_weights"})
        QVERIFY2(config.contains(key), key);
    QCOMPARE(config.at("peft_type"), json("PREFIX_TUNING"));
    QCOMPARE(config.at("inference_mode"), json(true));
    const ModelSummary& summary = bench.model->summary();
    QCOMPARE(config.at("num_attention_heads"), json(summary.keyValueHeads));
    QCOMPARE(config.at("token_dim"), json(summary.keyValueHeads * summary.headSize));
    QCOMPARE(readFile(folder / "adapter_config.json").value(), config.dump(2) + "\n"); // sorted, indent 2
}

void TestSimplexFiles::bertBaseFileHasTheKnownSize() {
    const ModelSummary bert =
        parseModelSummary(R"({"model_type":"bert","hidden_size":768,"num_hidden_layers":12,
            "num_attention_heads":12,"architectures":["BertForMaskedLM"]})",
                          "config.json")
            .value();
    const std::int64_t width = promptWidth(bert, PromptPlace::Layers);
    QCOMPARE(10 * width, 184'320);
    const TempFolder folder;
    QVERIFY(writePeftFolder(folder.path(), {"the/base", "SEQ_CLS"}, {{"peft_type", "PREFIX_TUNING"}},
                            {{"prompt_embeddings", at::zeros({10, width})}}, json())
                .has_value());
    const auto bytes = fs::file_size(folder / "adapter_model.safetensors");
    QVERIFY(bytes > 737'280 && bytes < 737'500);
}

void TestSimplexFiles::headsHaveTheNamesOfTheirModels_data() {
    QTest::addColumn<QString>("architecture");
    QTest::addColumn<QStringList>("names");
    QTest::newRow("bert") << "bert_labels"
                          << QStringList{"base_model.classifier.weight", "base_model.classifier.bias"};
    QTest::newRow("llama") << "llama_labels" << QStringList{"base_model.score.weight"};
    QTest::newRow("roberta") << "roberta_labels"
                             << QStringList{"base_model.classifier.dense.weight",
                                            "base_model.classifier.dense.bias",
                                            "base_model.classifier.out_proj.weight",
                                            "base_model.classifier.out_proj.bias"};
}

void TestSimplexFiles::headsHaveTheNamesOfTheirModels() {
    QFETCH(QString, architecture);
    QFETCH(QStringList, names);
    const SimplexBench bench(architecture.toStdString());
    const auto simplex = bench.simplex();
    const TempFolder folder;
    QVERIFY(simplex->save(folder.path(), {"the/base", "SEQ_CLS"}).has_value());
    std::set<std::string> expected{"prompt_embeddings"};
    std::set<std::string> vertices{"prefix_vertices"};
    for (const QString& name : names) {
        expected.insert(name.toStdString());
        vertices.insert("head_vertices." + name.toStdString().substr(std::string("base_model.").size()));
    }
    QCOMPARE(namesIn(folder / "adapter_model.safetensors"), expected);
    QCOMPARE(namesIn(folder / "simplex.safetensors"), vertices);
    QCOMPARE(configOf(folder.path()).at("modules_to_save"), json({"classifier", "score"}));
    const TensorFile file = TensorFile::open(folder / "simplex.safetensors").value();
    const auto weight = names.front().toStdString().substr(std::string("base_model.").size());
    QCOMPARE(file.entries().at("head_vertices." + weight).shape.front(), 3);
}

void TestSimplexFiles::aSimplexOfAnotherPrefixIsRefused() {
    const SimplexBench bench("llama");
    const TempFolder one;
    const TempFolder other;
    QVERIFY(bench.simplex({}, 1)->save(one.path(), {"the/base", "CAUSAL_LM"}).has_value());
    QVERIFY(bench.simplex({}, 2)->save(other.path(), {"the/base", "CAUSAL_LM"}).has_value());
    fs::copy_file(other / "simplex.safetensors", one / "simplex.safetensors",
                  fs::copy_options::overwrite_existing);
    const auto loaded = loadAdapter(*bench.model, one.path());
    QVERIFY(!loaded.has_value());
    QVERIFY(loaded.error().text().find("is not the midpoint of these vertices") != std::string::npos);
}

void TestSimplexFiles::promptsOpenFromTheirTableAlone_data() {
    QTest::addColumn<QString>("kind");
    QTest::newRow("prompt tuning") << "PROMPT_TUNING";
    QTest::newRow("P-tuning") << "P_TUNING";
}

void TestSimplexFiles::promptsOpenFromTheirTableAlone() {
    QFETCH(QString, kind);
    LATHE_NEED_SHARED("models/stories260K/golden.json");
    const fs::path folder = sharedFile("models/stories260K");
    const json golden = json::parse(readFile(folder / "golden.json").value()).at("adapters");
    const auto model = loadModel(folder).value();
    const TempFolder target;
    QVERIFY(writeTensorFile(target / "adapter_model.safetensors", {{"prompt_embeddings", wave(4, 64, 0.1)}})
                .has_value());
    const json config{{"peft_type", kind.toStdString()}, {"num_virtual_tokens", 4}};
    QVERIFY(writeFileAtomically(target / "adapter_config.json", config.dump()).has_value());
    const auto adapter = loadAdapter(*model, target.path());
    QVERIFY2(adapter.has_value(), adapter.has_value() ? "" : adapter.error().text().c_str());
    const at::NoGradGuard noGrad;
    LATHE_MATCHES(storiesMismatch(*model, golden, "prompt_tuning"));
}

QTEST_GUILESS_MAIN(TestSimplexFiles)
#include "tst_simplex_files.moc"
