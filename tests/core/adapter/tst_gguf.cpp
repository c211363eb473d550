#include "core/adapter/adapter_method.h"
#include "core/adapter/gguf_file.h"
#include "core/adapter/gguf_lora.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/model/load_model.h"
#include "tests/core/adapter/gguf_container.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/tensor.h>
#include <cmath>
#include <nlohmann/json.hpp>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

fs::path goldenModel(const std::string& name) {
    return sourceFile("tests/data/golden/architectures/" + name);
}

/// A LoRA on every projection of a golden model with numbers in it, as PEFT's folder.
struct Trained {
    explicit Trained(const std::string& name, const ParamValues& changes = {})
        : model(loadModel(goldenModel(name)).value()) {
        const auto method = makeLoraMethod();
        ParamValues values = defaults(method->options());
        values.set("rank", std::int64_t{3});
        values.set("alpha", 5.0);
        values.set("target_modules", std::string("all-linear"));
        for (const auto& [key, value] : changes.map())
            values.set(key, value);
        const auto adapter = method->attach(*model, values, 1);
        const at::NoGradGuard noGrad;
        Rng rng(3);
        for (const auto& [parameter, tensor] : adapter->parameters()) {
            at::Tensor each = tensor;
            float* numbers = each.data_ptr<float>();
            std::generate_n(numbers, each.numel(), [&rng] { return static_cast<float>(0.2 * rng.normal()); });
        }
        if (!adapter->save(folder.path(), {goldenModel(name), "CAUSAL_LM"}).has_value())
            throw std::runtime_error("cannot save the adapter");
    }

    void setConfig(const std::string& key, const json& value) const {
        json config = json::parse(readFile(folder / "adapter_config.json").value());
        config[key] = value;
        folder.write("adapter_config.json", config.dump());
    }
    [[nodiscard]] PeftFolder files() const { return PeftFolder::read(folder.path()).value(); }
    [[nodiscard]] const ModelSummary& summary() const { return model->summary(); }
    /// B A of a site, as PEFT's files hold it.
    [[nodiscard]] at::Tensor product(const std::string& site) const {
        const PeftFolder all = files();
        return at::mm(all.tensors().at("base_model.model." + site + ".lora_B.weight"),
                      all.tensors().at("base_model.model." + site + ".lora_A.weight"));
    }

    TempFolder folder;
    std::unique_ptr<LanguageModel> model;
};

Container written(const Trained& trained, const TempFolder& folder) {
    const auto file = ggufOfLora(trained.summary(), trained.files(), "probe");
    if (!file.has_value())
        throw std::runtime_error(file.error().text());
    if (!writeGguf(folder / "x.gguf", *file).has_value())
        throw std::runtime_error("cannot write");
    return Container(folder / "x.gguf");
}

/// What llama.cpp adds to its tensor: alpha / rank · B A.
at::Tensor addedBy(const Container& file, const std::string& tensor) {
    const at::Tensor a = file.matrix(tensor + ".weight.lora_a");
    const at::Tensor b = file.matrix(tensor + ".weight.lora_b");
    return at::mm(b, a) * (std::stod(file.values.at("adapter.lora.alpha")) / static_cast<double>(b.size(1)));
}

/// rows[i]: the row of Hugging Face's matrix that is llama.cpp's row i.
std::vector<std::int64_t> sameRows(std::int64_t count) {
    std::vector<std::int64_t> rows(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i] = static_cast<std::int64_t>(i);
    return rows;
}
std::vector<std::int64_t> pairRows(std::int64_t heads, std::int64_t size) {
    std::vector<std::int64_t> rows;
    for (std::int64_t head = 0; head < heads; ++head)
        for (std::int64_t pair = 0; pair < size / 2; ++pair)
            for (std::int64_t half = 0; half < 2; ++half)
                rows.push_back(head * size + half * size / 2 + pair);
    return rows;
}
std::vector<std::int64_t> fusedRows(std::int64_t keys, std::int64_t group, std::int64_t size) {
    std::vector<std::int64_t> rows;
    const auto add = [&](std::int64_t key, std::int64_t part) {
        for (std::int64_t i = 0; i < size; ++i)
            rows.push_back((key * (group + 2) + part) * size + i);
    };
    for (std::int64_t key = 0; key < keys; ++key)
        for (std::int64_t query = 0; query < group; ++query)
            add(key, query);
    for (const std::int64_t part : {group, group + 1})
        for (std::int64_t key = 0; key < keys; ++key)
            add(key, part);
    return rows;
}

double distance(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); }

} // namespace

class TestGguf : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void fileHoldsTheKeysThatLoadersAskFor();
    void everyProjectionAddsWhatPeftAdds_data();
    void everyProjectionAddsWhatPeftAdds();
    void scalesThatAreNotAlphaOverRankAreFolded();
    void readsBackAsPeft_data();
    void readsBackAsPeft();
    void tokenTableIsLookedUpByRows();
    void whatHasNoPlaceIsRefusedByName_data();
    void whatHasNoPlaceIsRefusedByName();
    void damagedFilesAreRefused_data();
    void damagedFilesAreRefused();
};

void TestGguf::fileHoldsTheKeysThatLoadersAskFor() {
    const Trained trained("llama");
    const TempFolder folder;
    const Container file = written(trained, folder);
    QCOMPARE(file.values.at("general.type"), std::string("adapter"));
    QCOMPARE(file.values.at("general.architecture"), std::string("llama"));
    QCOMPARE(file.values.at("adapter.type"), std::string("lora"));
    QCOMPARE(std::stod(file.values.at("adapter.lora.alpha")), 5.0);
    const auto layers = static_cast<std::size_t>(trained.summary().layers);
    QCOMPARE(file.tensors.size(), 7 * 2 * layers);
    const Container::Tensor& a = file.tensors.at("blk.0.ffn_down.weight.lora_a");
    const Site& site = *std::ranges::find(trained.summary().sites, std::string("down_proj"), &Site::module);
    QCOMPARE(a.sizes, (std::vector<std::uint64_t>{static_cast<std::uint64_t>(site.in), 3}));
    QCOMPARE(file.tensors.at("blk.0.ffn_down.weight.lora_b").sizes,
             (std::vector<std::uint64_t>{3, static_cast<std::uint64_t>(site.out)}));
}

void TestGguf::everyProjectionAddsWhatPeftAdds_data() {
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("site");
    QTest::addColumn<QString>("tensor");
    QTest::addColumn<QString>("order");
    const auto row = [](const char* model, const char* site, const char* tensor, const char* order = "same") {
        QTest::addRow("%s %s", model, tensor) << model << site << tensor << order;
    };
    for (const char* model : {"llama", "mistral"}) {
        row(model, "model.layers.1.self_attn.q_proj", "blk.1.attn_q", "queries");
        row(model, "model.layers.1.self_attn.k_proj", "blk.1.attn_k", "keys");
        row(model, "model.layers.0.self_attn.v_proj", "blk.0.attn_v");
        row(model, "model.layers.0.self_attn.o_proj", "blk.0.attn_output");
        row(model, "model.layers.0.mlp.gate_proj", "blk.0.ffn_gate");
        row(model, "model.layers.0.mlp.up_proj", "blk.0.ffn_up");
    }
    for (const char* model : {"qwen2", "qwen3", "gemma", "gemma2"}) {
        row(model, "model.layers.1.self_attn.q_proj", "blk.1.attn_q");
        row(model, "model.layers.0.mlp.down_proj", "blk.0.ffn_down");
    }
    row("phi", "model.layers.1.self_attn.dense", "blk.1.attn_output");
    row("phi", "model.layers.1.mlp.fc2", "blk.1.ffn_down");
    row("phi3", "model.layers.1.self_attn.qkv_proj", "blk.1.attn_qkv");
    row("phi3", "model.layers.1.mlp.gate_up_proj", "blk.1.ffn_up");
    row("gpt2", "transformer.h.1.attn.c_attn", "blk.1.attn_qkv");
    row("gpt2", "transformer.h.1.attn.c_proj", "blk.1.attn_output");
    row("gpt2", "transformer.h.0.mlp.c_proj", "blk.0.ffn_down");
    row("gpt_neox", "gpt_neox.layers.1.attention.query_key_value", "blk.1.attn_qkv", "fused");
    row("gpt_neox", "gpt_neox.layers.1.attention.dense", "blk.1.attn_output");
    row("bloom", "transformer.h.1.self_attention.query_key_value", "blk.1.attn_qkv", "fused");
    row("bloom", "transformer.h.1.mlp.dense_4h_to_h", "blk.1.ffn_down");
    row("falcon_groups", "transformer.h.1.self_attention.query_key_value", "blk.1.attn_qkv", "fused");
    row("falcon", "transformer.h.1.self_attention.query_key_value", "blk.1.attn_qkv", "fused");
}

void TestGguf::everyProjectionAddsWhatPeftAdds() {
    QFETCH(QString, model);
    QFETCH(QString, site);
    QFETCH(QString, tensor);
    QFETCH(QString, order);
    const Trained trained(model.toStdString());
    const ModelSummary& about = trained.summary();
    const TempFolder folder;
    const at::Tensor added = addedBy(written(trained, folder), tensor.toStdString());
    const at::Tensor ours = trained.product(site.toStdString()) * (5.0 / 3.0);
    const auto rows = order == "queries" ? pairRows(about.heads, about.headSize)
                      : order == "keys"  ? pairRows(about.keyValueHeads, about.headSize)
                      : order == "fused"
                          ? fusedRows(about.keyValueHeads, about.heads / about.keyValueHeads, about.headSize)
                          : sameRows(ours.size(0));
    QCOMPARE(static_cast<std::int64_t>(rows.size()), ours.size(0));
    QVERIFY(distance(added, ours.index_select(0, at::tensor(rows))) < 1e-5);
}

void TestGguf::scalesThatAreNotAlphaOverRankAreFolded() {
    const std::string site = "model.layers.0.mlp.up_proj";
    const TempFolder folder;
    const Trained stabilized("llama", {{"use_rslora", true}});
    QVERIFY(distance(addedBy(written(stabilized, folder), "blk.0.ffn_up"),
                     stabilized.product(site) * (5.0 / std::sqrt(3.0))) < 1e-5);
    const Trained patterned("llama");
    patterned.setConfig("alpha_pattern", {{"layers.0.mlp.up_proj", 11}});
    const Container file = written(patterned, folder);
    QVERIFY(distance(addedBy(file, "blk.0.ffn_up"), patterned.product(site) * (11.0 / 3.0)) < 1e-5);
    QVERIFY(distance(addedBy(file, "blk.1.ffn_up"),
                     patterned.product("model.layers.1.mlp.up_proj") * (5.0 / 3.0)) < 1e-5);
}

void TestGguf::readsBackAsPeft_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"llama", "mistral", "qwen2", "gemma2", "phi", "phi3", "gpt2", "gpt_neox",
                             "bloom", "falcon", "falcon_groups"})
        QTest::newRow(name) << name;
}

void TestGguf::readsBackAsPeft() {
    QFETCH(QString, name);
    const Trained trained(name.toStdString(), {{"use_rslora", true}});
    const TempFolder folder;
    QVERIFY(writeGguf(folder / "x.gguf", ggufOfLora(trained.summary(), trained.files(), "x").value())
                .has_value());
    const GgufFile file = readGguf(folder / "x.gguf").value();
    const Status back =
        writeLoraOfGguf(file, trained.summary(), {goldenModel(name.toStdString())}, folder / "peft");
    QVERIFY2(back.has_value(), back.has_value() ? "" : back.error().text().c_str());
    ModelInput input;
    input.ids = at::arange(12, at::kLong).view({2, 6});
    const auto logitsWith = [&](const fs::path& adapterFolder) {
        const at::NoGradGuard noGrad;
        const auto adapter = loadAdapter(*trained.model, adapterFolder).value();
        return trained.model->output(input);
    };
    const at::Tensor expected = logitsWith(trained.folder.path());
    QVERIFY(distance(expected, trained.model->output(input)) > 1e-2); // the adapter does something
    QVERIFY(distance(expected, logitsWith(folder / "peft")) <=
            1e-5 * (1 + expected.abs().max().item<double>()));
}

void TestGguf::tokenTableIsLookedUpByRows() {
    const Trained trained("llama");
    const ModelSummary& about = trained.summary();
    const at::Tensor a = at::arange(3 * about.vocabularySize, at::kFloat).view({3, -1});
    const at::Tensor b = at::arange(3 * about.embeddingWidth, at::kFloat).view({-1, 3});
    trained.setConfig("target_modules", {"embed_tokens"});
    const std::string name = "base_model.model.model.embed_tokens.lora_embedding_";
    QVERIFY(writeTensorFile(trained.folder / "adapter_model.safetensors", {{name + "A", a}, {name + "B", b}})
                .has_value());
    const TempFolder folder;
    const Container file = written(trained, folder);
    QVERIFY(at::equal(file.matrix("token_embd.weight.lora_a"), a.t()));
    QVERIFY(distance(file.matrix("token_embd.weight.lora_b"), b) == 0);
}

void TestGguf::whatHasNoPlaceIsRefusedByName_data() {
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("named");
    QTest::newRow("DoRA") << "llama"
                          << "use_dora"
                          << "true"
                          << "use_dora";
    QTest::newRow("biases") << "llama"
                            << "bias"
                            << "\"all\""
                            << "bias";
    QTest::newRow("biases of its own") << "llama"
                                       << "lora_bias"
                                       << "true"
                                       << "lora_bias";
    QTest::newRow("whole modules") << "llama"
                                   << "modules_to_save"
                                   << "[\"lm_head\"]"
                                   << "modules_to_save";
    QTest::newRow("a changed base") << "llama"
                                    << "init_lora_weights"
                                    << "\"pissa_niter_4\""
                                    << "pissa_niter_4";
    QTest::newRow("another family") << "llama"
                                    << "peft_type"
                                    << "\"IA3\""
                                    << "IA3";
    QTest::newRow("an architecture without a loader") << "gptj"
                                                      << "r"
                                                      << "3"
                                                      << "gptj";
    QTest::newRow("another one") << "opt"
                                 << "r"
                                 << "3"
                                 << "opt";
}

void TestGguf::whatHasNoPlaceIsRefusedByName() {
    QFETCH(QString, model);
    QFETCH(QString, key);
    QFETCH(QString, value);
    QFETCH(QString, named);
    const Trained trained(model.toStdString());
    trained.setConfig(key.toStdString(), json::parse(value.toStdString()));
    const std::string obstacle = ggufObstacle(trained.summary(), trained.files());
    QVERIFY2(obstacle.find(named.toStdString()) != std::string::npos, obstacle.c_str());
    const auto file = ggufOfLora(trained.summary(), trained.files(), "x");
    QVERIFY(!file.has_value());
    QCOMPARE(file.error().kind, Error::Kind::Input);
}

void TestGguf::damagedFilesAreRefused_data() {
    QTest::addColumn<int>("at");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("length");
    QTest::newRow("another magic") << 0 << QByteArray("GGML") << -1;
    QTest::newRow("another version") << 4 << QByteArray("\2\0\0\0", 4) << -1;
    QTest::newRow("tensors without end") << 8 << QByteArray(8, '\x7f') << -1;
    QTest::newRow("values without end") << 16 << QByteArray(8, '\x7f') << -1;
    QTest::newRow("a key without end") << 24 << QByteArray(8, '\x7f') << -1;
    QTest::newRow("cut in the header") << 0 << QByteArray() << 100;
    QTest::newRow("cut in the data") << 0 << QByteArray() << -2;
    QTest::newRow("too short") << 0 << QByteArray() << 10;
}

void TestGguf::damagedFilesAreRefused() {
    QFETCH(int, at);
    QFETCH(QByteArray, bytes);
    QFETCH(int, length);
    const Trained trained("llama");
    const TempFolder folder;
    std::string content = written(trained, folder).bytes;
    content.replace(static_cast<std::size_t>(at), static_cast<std::size_t>(bytes.size()), bytes.data(),
                    static_cast<std::size_t>(bytes.size()));
    if (length != -1)
        content.resize(length == -2 ? content.size() - 64 : static_cast<std::size_t>(length));
    const auto file = readGguf(folder.write("damaged.gguf", content));
    QVERIFY(!file.has_value());
    QVERIFY(file.error().text().find("damaged.gguf") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestGguf)
#include "tst_gguf.moc"
