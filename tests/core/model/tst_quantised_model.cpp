#include "core/base/files.h"
#include "core/kernels/packed_weight.h"
#include "core/model/generate.h"
#include "core/model/quantised_files.h"
#include "core/model/quantised_model.h"
#include "core/model/save_model.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <algorithm>

using namespace lathe;
using namespace lathe::test;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr double kAbsolute = 5e-5; // as of models in float32; the same numbers in another order of sums

fs::path goldenFolder(const QString& name) {
    return sourceFile("tests/data/golden/quantised/" + name.toStdString());
}

std::unique_ptr<LanguageModel> load(const fs::path& folder, const BaseQuantisation& kind,
                                    at::ScalarType dtype = at::kFloat) {
    LoadOptions options;
    options.dtype = dtype;
    auto model = loadModel(folder, options, kind);
    if (!model.has_value())
        throw std::runtime_error(model.error().text());
    return std::move(model).value();
}

std::int64_t packedCount(const LanguageModel& model) {
    return std::ranges::count_if(model.weights(),
                                 [](const NamedTensor& each) { return packedIn(each.second) != nullptr; });
}

at::Tensor logitsOf(LanguageModel& model, const at::Tensor& ids) {
    const at::NoGradGuard noGrad;
    ModelInput input;
    input.ids = ids;
    return model.output(input);
}

/// A copy of a golden model whose tensors and config.json can be spoiled.
class Copy {
public:
    explicit Copy(const QString& name)
        : m_config(json::parse(readFile(goldenFolder(name) / "config.json").value())),
          m_file(TensorFile::open(goldenFolder(name) / "model.safetensors").value()) {
        for (const auto& [tensor, entry] : m_file.entries())
            tensors[tensor] = m_file.tensor(tensor).value().clone();
    }
    json& config() { return m_config; }
    std::map<std::string, at::Tensor> tensors;

    fs::path written() {
        m_folder.write("config.json", m_config.dump());
        const std::vector<NamedTensor> all(tensors.begin(), tensors.end());
        if (!writeTensorFile(m_folder / "model.safetensors", all).has_value())
            throw std::runtime_error("cannot write the model");
        return m_folder.path();
    }

private:
    TempFolder m_folder;
    json m_config;
    TensorFile m_file;
};

QString refusal(const fs::path& folder, const BaseQuantisation& kind = {},
                at::ScalarType dtype = at::kFloat) {
    LoadOptions options;
    options.dtype = dtype;
    const auto model = loadModel(folder, options, kind);
    return model.has_value() ? QString() : QString::fromStdString(model.error().text());
}

constexpr const char* kProjection = "model.layers.0.self_attn.q_proj";

} // namespace

/// Models that transformers and bitsandbytes saved; see tests/data/golden/quantised/make_models.py.
class TestQuantisedModel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); }

    void publishedModelAnswersAsTheReference_data() {
        QTest::addColumn<int>("kind");
        for (const char* name : {"llama_nf4", "llama_nf4_plain", "gpt2_nf4"})
            QTest::newRow(name) << static_cast<int>(Quantisation::Nf4);
        QTest::newRow("llama_int8") << static_cast<int>(Quantisation::Int8);
    }

    void publishedModelAnswersAsTheReference() {
        QFETCH(int, kind);
        const fs::path folder = goldenFolder(QString::fromLatin1(QTest::currentDataTag()));
        const Oracle oracle(folder);
        const at::Tensor ids = integers(oracle.golden.at("input_ids"));
        QVERIFY(checkModelFolder(folder).has_value());
        QCOMPARE(static_cast<int>(storedQuantisation(folder).value()), kind);
        const auto packed = load(folder, static_cast<Quantisation>(kind));
        const auto whole = load(folder, Quantisation::None);
        QCOMPARE(packedCount(*packed), oracle.golden.at("packed").get<std::int64_t>());
        QCOMPARE(packedCount(*whole), 0);
        const at::Tensor logits = logitsOf(*packed, ids);
        const double apart = (logits - oracle.array("logits")).abs().max().item<double>();
        QVERIFY2(apart < kAbsolute, qPrintable(QString::number(apart)));
        QVERIFY(at::equal(logits, logitsOf(*whole, ids)));
    }

    void bfloat16IsNear() {
        const fs::path folder = goldenFolder(QStringLiteral("llama_nf4"));
        const Oracle oracle(folder);
        const auto model = load(folder, Quantisation::Nf4, at::kBFloat16);
        const at::Tensor logits = logitsOf(*model, integers(oracle.golden.at("input_ids")));
        const at::Tensor expected = oracle.array("logits");
        QVERIFY((logits.to(at::kFloat) - expected).abs().max().item<double>() <
                0.05 * expected.abs().max().item<double>());
    }

    void wholeModelIsPackedWhileItIsLoaded() {
        const fs::path folder = sourceFile("tests/data/golden/llama");
        const auto whole = load(folder, Quantisation::None);
        const at::Tensor ids = integers(json::array({json::array({3, 1, 4, 1, 5})}));
        const at::Tensor expected = logitsOf(*whole, ids);
        for (const auto& [kind, limit] :
             {std::pair(Quantisation::Nf4, 0.3), std::pair(Quantisation::Int8, 0.03)}) {
            const auto packed = load(folder, kind);
            QVERIFY(packedCount(*packed) > 0);
            const double apart = (logitsOf(*packed, ids) - expected).abs().mean().item<double>();
            const double error = apart / expected.abs().mean().item<double>();
            QVERIFY2(error > 0 && error < limit, qPrintable(QString::number(error)));
        }
    }

    void tablesNormsAndHeadsStayWhole() {
        const auto model = load(sourceFile("tests/data/golden/llama"), Quantisation::Nf4);
        for (const auto& [name, weight] : model->weights())
            QCOMPARE(packedIn(weight) != nullptr, name.ends_with("proj.weight"));
    }

    void tokensArePackedWhereThatIsAskedFor() {
        const BaseQuantisation both(Quantisation::Nf4, Quantisation::Int8);
        const auto model = load(sourceFile("tests/data/golden/llama"), both);
        for (const auto& [name, weight] : model->weights()) {
            const bool isTable = name == "model.embed_tokens.weight" || name == "lm_head.weight";
            QCOMPARE(packedIn(weight) != nullptr, isTable || name.ends_with("proj.weight"));
            if (isTable)
                QCOMPARE(packedIn(weight)->kind(), Quantisation::Int8);
        }
        QVERIFY(refusal(sourceFile("tests/data/golden/llama"), both, at::kHalf)
                    .contains(QStringLiteral("nf4 with tokens in int8, which computes on the CPU")));
    }

    void positionsAndTypesStayWhole() {
        const auto model =
            load(goldenFolder(QStringLiteral("gpt2_nf4")), {Quantisation::Nf4, Quantisation::Int8});
        QVERIFY(packedIn(model->weight("transformer.wte.weight")) != nullptr);
        QVERIFY(packedIn(model->weight("transformer.wpe.weight")) == nullptr);
    }

    /// With a cache and without, tied and untied, every family's own table.
    void modelsWithPackedTokensAnswerAsTheirUnpackedTwins_data() {
        QTest::addColumn<QString>("folder");
        for (const char* name : {"bloom", "falcon", "gemma", "gemma2", "glm", "gpt2", "gpt_neo", "gpt_neox",
                                 "gptj", "llama", "mistral", "opt", "opt_plain", "phi", "phi3", "qwen2"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }

    void modelsWithPackedTokensAnswerAsTheirUnpackedTwins() {
        QFETCH(QString, folder);
        const fs::path source = sourceFile("tests/data/golden/architectures/" + folder.toStdString());
        const auto packed = load(source, {Quantisation::Int8, Quantisation::Int8});
        const TempFolder saved;
        QVERIFY(saveModel(*packed, source, saved.path(), at::kFloat).has_value());
        const auto whole = load(saved.path(), Quantisation::None);
        const at::Tensor ids = integers(json::array({json::array({3, 1, 4, 1, 5})}));
        const double apart = (logitsOf(*packed, ids) - logitsOf(*whole, ids)).abs().max().item<double>();
        QVERIFY2(apart < kAbsolute, qPrintable(QString::number(apart)));
        Decoding decoding;
        decoding.maxNewTokens = 6;
        const at::Tensor mask = at::ones(ids.sizes(), at::kBool);
        QVERIFY(at::equal(generate(*packed, ids, mask, decoding), generate(*whole, ids, mask, decoding)));
    }

    void sharedAndGeneratingModelsReadTheSameCodes() {
        const fs::path folder = goldenFolder(QStringLiteral("llama_nf4"));
        const auto model = load(folder, Quantisation::Nf4);
        const auto shared = sharedModel(folder, *model).value();
        const std::string name = std::string(kProjection) + ".weight";
        QCOMPARE(packedIn(shared->weight(name)), packedIn(model->weight(name)));
        const at::Tensor ids = integers(json::array({json::array({3, 1, 4, 1, 5})}));
        Decoding decoding;
        decoding.maxNewTokens = 6;
        const at::Tensor mask = at::ones(ids.sizes(), at::kBool);
        const auto whole = load(folder, Quantisation::None);
        QVERIFY(at::equal(generate(*shared, ids, mask, decoding), generate(*whole, ids, mask, decoding)));
    }

    void savedModelIsWhole() {
        const fs::path folder = goldenFolder(QStringLiteral("llama_nf4"));
        const auto model = load(folder, Quantisation::Nf4);
        const TempFolder saved;
        QCOMPARE(storedDtype(folder).value(), at::kBFloat16);
        QVERIFY(saveModel(*model, folder, saved.path(), at::kBFloat16).has_value());
        QCOMPARE(storedQuantisation(saved.path()).value(), Quantisation::None);
        const auto again = load(saved.path(), Quantisation::None);
        const at::Tensor ids = integers(json::array({json::array({7, 8, 9})}));
        QVERIFY(at::equal(logitsOf(*again, ids), logitsOf(*model, ids))); // codes decode to bfloat16
    }

    void otherQuantisationsAreRefused() {
        Copy copy(QStringLiteral("llama_nf4"));
        QVERIFY(refusal(copy.written(), Quantisation::Int8).contains(QStringLiteral("holds nf4 weights")));
        copy.config()["quantization_config"]["bnb_4bit_quant_type"] = "fp4";
        QVERIFY(refusal(copy.written()).contains(QStringLiteral("type \"fp4\"; nf4 is supported")));
        copy.config()["quantization_config"]["quant_method"] = "gptq";
        QVERIFY(
            refusal(copy.written()).contains(QStringLiteral("\"gptq\" weights, which are not supported")));
    }

    void brokenCodesAreRefusedByName() {
        const std::string name = std::string(kProjection) + ".weight";
        const auto spoiled = [&](const std::function<void(std::map<std::string, at::Tensor>&)>& spoil) {
            Copy copy(QStringLiteral("llama_nf4"));
            spoil(copy.tensors);
            return refusal(copy.written(), Quantisation::Nf4);
        };
        QVERIFY(
            spoiled([&](auto& all) {
                all.erase(name + ".absmax");
            }).contains(QStringLiteral("lacks the tensor model.layers.0.self_attn.q_proj.weight.absmax")));
        QVERIFY(spoiled([&](auto& all) {
                    all[name] = all[name].narrow(0, 0, 100).clone();
                }).contains(QStringLiteral("has 100 bytes of codes, but 2048 hold the 64 x 64")));
        QVERIFY(spoiled([&](auto& all) {
                    all[name + ".absmax"] = all[name + ".absmax"].narrow(0, 0, 3).clone();
                }).contains(QStringLiteral("has 3 numbers of Byte; 64 of Byte are needed")));
        QVERIFY(spoiled([&](auto& all) {
                    all[name + ".nested_absmax"].fill_(std::nan(""));
                }).contains(QStringLiteral("not finite")));
        QVERIFY(spoiled([&](auto& all) {
                    const std::string state = name + ".quant_state.bitsandbytes__nf4";
                    all[state] =
                        all["model.layers.0.mlp.down_proj.weight.quant_state.bitsandbytes__nf4"].clone();
                }).contains(QStringLiteral("has the shape [64,128], but config.json asks for [64,64]")));
        QVERIFY(spoiled([&](auto& all) {
                    all[name + ".quant_state.bitsandbytes__nf4"].fill_(65);
                }).contains(QStringLiteral("is not the JSON of an NF4 weight")));
    }

    void int8OfAGpusOwnOrderIsRefused() {
        Copy copy(QStringLiteral("llama_int8"));
        copy.tensors[std::string(kProjection) + ".weight_format"].fill_(1);
        QVERIFY(refusal(copy.written(), Quantisation::Int8).contains(QStringLiteral("a GPU's own order")));
    }

    void numbersThatAreNotFiniteAreNotPacked() {
        const fs::path source = goldenFolder(QStringLiteral("llama_nf4"));
        const TempFolder saved;
        const auto model = load(source, Quantisation::None);
        const std::string name = std::string(kProjection) + ".weight";
        at::Tensor(model->weight(name))[0][0] = std::nan("");
        QVERIFY(saveModel(*model, source, saved.path(), at::kFloat).has_value());
        const QString text = refusal(saved.path(), Quantisation::Nf4);
        QVERIFY2(text.contains(QString::fromStdString(name)) && text.contains(QStringLiteral("not finite")),
                 qPrintable(text));
    }
};

QTEST_APPLESS_MAIN(TestQuantisedModel)
#include "tst_quantised_model.moc"
