#include "core/base/files.h"
#include "core/kernels/packed_weight.h"
#include "core/model/quantised_model.h"
#include "core/model/save_model.h"
#include "core/train/quantised_base.h"
#include "core/train/trial_pack.h"
#include "tests/core/train/run_recorder.h"
#include "tests/core/train/three_steps.h"
#include "tests/core/train/tiny_model.h"

#include <QtTest>

#include <ATen/ops/allclose.h>
#include <algorithm>
#include <nlohmann/json.hpp>

using namespace lathe;
using namespace lathe::test;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

QString textOf(const std::string& text) { return QString::fromStdString(text); }

/// config.json of a LLaMA with so many tokens that their table is unpacked in several parts.
void writeManyTokens(const fs::path& folder, bool isTied) {
    const json config{{"architectures", {"LlamaForCausalLM"}},
                      {"model_type", "llama"},
                      {"hidden_size", 64},
                      {"intermediate_size", 96},
                      {"num_hidden_layers", 2},
                      {"num_attention_heads", 4},
                      {"vocab_size", 40'000},
                      {"max_position_embeddings", 64},
                      {"rms_norm_eps", 1e-5},
                      {"tie_word_embeddings", isTied}};
    fs::create_directories(folder);
    if (!writeFileAtomically(folder / "config.json", config.dump()).has_value())
        throw std::runtime_error("cannot write config.json");
}

} // namespace

/// The table of tokens, and a head of its own over them, in int8 beside quantised projections.
class TestQuantisedTokens : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { writeTinyProject(m_files); }

    void tokensInCodesTrainAsTheirUnpackedNumbers_data();
    void tokensInCodesTrainAsTheirUnpackedNumbers();
    void tokensInCodesTrainAndAreReported();
    void packedTrialsKnowTheCodesOfTokens();
    void forecastKnowsThem();
    void smallModelsWithManyTokensTakeLessThanTwoFifths();
    void wholeProjectionsAreRefused();
    void adaptersOfPackedTokensAreRefused();

private:
    [[nodiscard]] ParamValues recipe(const ParamValues& changes = {}) const {
        ParamValues values = tinyRecipe(m_files.path());
        values.set("quantization", std::string("nf4"));
        values.set("quantize_tokens", std::string("int8"));
        for (const auto& [key, value] : changes.map())
            values.set(key, value);
        return values;
    }
    [[nodiscard]] fs::path newFolder() { return m_files / std::to_string(++m_folders); }

    TempFolder m_files;
    int m_folders = 0;
};

void TestQuantisedTokens::tokensInCodesTrainAsTheirUnpackedNumbers_data() {
    QTest::addColumn<bool>("isTied");
    QTest::addColumn<QString>("id");
    for (const bool isTied : {true, false})
        for (const char* id : {"lora", "prompt", "prefix"})
            QTest::addRow("%s, %s", id, isTied ? "tied" : "untied") << isTied << id;
}

/// The twin's weights are those numbers in float32. The loss adds over ranges of rows, in another order.
void TestQuantisedTokens::tokensInCodesTrainAsTheirUnpackedNumbers() {
    QFETCH(bool, isTied);
    QFETCH(QString, id);
    const fs::path folder = newFolder(), unpacked = newFolder();
    writeManyTokens(folder, isTied);
    const auto packed =
        randomModel(folder, 3, {}, BaseQuantisation(Quantisation::Nf4, Quantisation::Int8)).value();
    std::size_t tables = 0;
    for (const auto& [name, weight] : packed->weights())
        tables += packedIn(weight) != nullptr && unpackedTogether(weight).size() > 2 ? 1 : 0;
    QCOMPARE(tables, std::size_t{isTied ? 1U : 2U});
    fs::create_directories(unpacked);
    QVERIFY(saveModel(*packed, folder, unpacked, at::kFloat).has_value());
    const auto whole = loadModel(unpacked, {}).value();
    ParamValues changes;
    if (id == QStringLiteral("prompt"))
        changes.set("tokens_init", std::string("vocabulary"));
    const Trained ours = train(*packed, id.toStdString(), changes);
    const Trained theirs = train(*whole, id.toStdString(), changes);
    for (std::size_t step = 0; step < theirs.losses.size(); ++step)
        QVERIFY(std::abs(ours.losses[step] - theirs.losses[step]) <= 1e-6 * theirs.losses[step]);
    QCOMPARE(ours.parameters.size(), theirs.parameters.size());
    for (std::size_t i = 0; i < theirs.parameters.size(); ++i)
        QVERIFY(at::allclose(ours.parameters[i], theirs.parameters[i], 1e-3, 1e-4));
}

void TestQuantisedTokens::tokensInCodesTrainAndAreReported() {
    RunRecorder recorder(newFolder());
    const auto result = recorder.run(recipe({{"max_steps", 40L}}));
    QVERIFY2(result.has_value(), qPrintable(textOf(result ? "" : result.error().text())));
    const auto losses = recorder.series("eval_loss");
    QVERIFY(losses.at(40) < 0.7 * losses.at(0));
    const double error = recorder.series("quantization_token_error").at(0);
    QVERIFY2(error > 0 && error < 0.02, qPrintable(QString::number(error)));
    QVERIFY(recorder.series("quantization_token_error_max").at(0) < 0.02);
    QVERIFY(recorder.series("quantization_weight_error").at(0) > 0.03);
    QVERIFY(std::ranges::any_of(recorder.log(), [](const std::string& line) {
        return line.starts_with("its table of tokens is kept as int8, ");
    }));
    QVERIFY(std::ranges::any_of(recorder.log(), [](const std::string& line) {
        return line.find(", the table of tokens by ") != std::string::npos;
    }));
}

void TestQuantisedTokens::packedTrialsKnowTheCodesOfTokens() {
    PackDesk desk;
    const auto pack = [&](const std::string& tokens) {
        const ParamValues values =
            recipe({{"quantize_tokens", tokens}, {"pack_trials", std::string("always")}});
        return desk.packFor(withDefaults(recipeSchema(), values)).value();
    };
    const auto whole = pack("none"), codes = pack("int8");
    QVERIFY(whole != codes && codes == pack("int8"));
    QVERIFY(packedIn(whole->base().weights().front().second) == nullptr);
    QVERIFY(packedIn(codes->base().weights().front().second) != nullptr);
}

void TestQuantisedTokens::forecastKnowsThem() {
    const auto bytes = [this](const std::string& tokens) {
        return forecast(recipe({{"quantize_tokens", tokens}})).value().memoryBytes;
    };
    const ModelSummary model = readModelSummary(m_files / "model").value();
    QVERIFY(!model.hasTiedHead);
    QCOMPARE(bytes("none") - bytes("int8"), 3.0 * 2 * 16 * static_cast<double>(model.vocabularySize));
}

/// 135 million parameters, 28 million of them in the tied table.
void TestQuantisedTokens::smallModelsWithManyTokensTakeLessThanTwoFifths() {
    const ModelSummary model = parseModelSummary(R"({"model_type": "llama", "hidden_size": 576,
        "intermediate_size": 1536, "num_hidden_layers": 30, "num_attention_heads": 9,
        "num_key_value_heads": 3, "vocab_size": 49152, "tie_word_embeddings": true})",
                                                 "config.json")
                                   .value();
    const auto ratio = [&model](const BaseQuantisation& quantisation) {
        const PackedShare share = packedShare(model, quantisation);
        const auto whole = static_cast<double>(model.parameters - share.parameters);
        return (2 * whole + share.bytes) / (2 * static_cast<double>(model.parameters));
    };
    QVERIFY(ratio(Quantisation::Nf4) > 0.4);
    QVERIFY2(ratio({Quantisation::Nf4, Quantisation::Int8}) < 0.32,
             qPrintable(QString::number(ratio({Quantisation::Nf4, Quantisation::Int8}))));
}

void TestQuantisedTokens::wholeProjectionsAreRefused() {
    QVERIFY(isProblem(recipe({{"quantization", std::string("none")}}), "quantize_tokens",
                      "projections are not quantised"));
}

void TestQuantisedTokens::adaptersOfPackedTokensAreRefused() {
    ParamValues tokens = recipe();
    QVERIFY(preflight(tokens).empty());
    for (const char* module : {"embed_tokens", "lm_head"}) {
        ParamValues adapted = tokens;
        adapted.set("target_modules", std::string("q_proj,") + module);
        QVERIFY(isProblem(adapted, "quantize_tokens", "is to have an adapter"));
        ParamValues trained = tokens;
        trained.set("modules_to_save", std::string(module));
        QVERIFY(isProblem(trained, "modules_to_save", "is kept as int8 codes"));
        adapted.set("quantize_tokens", std::string("none"));
        QVERIFY(preflight(adapted).empty());
    }
    tokens.set("method", std::string("full"));
    QVERIFY(isProblem(tokens, "method", "all weights cannot be trained"));
}

QTEST_GUILESS_MAIN(TestQuantisedTokens)
#include "tst_quantised_tokens.moc"
