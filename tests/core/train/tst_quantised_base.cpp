#include "core/adapter/adapter_method.h"
#include "core/base/files.h"
#include "core/kernels/packed_weight.h"
#include "core/model/quantised_files.h"
#include "core/model/quantised_model.h"
#include "core/train/quantised_base.h"
#include "tests/core/train/run_recorder.h"
#include "tests/core/train/three_steps.h"
#include "tests/core/train/tiny_model.h"
#include "tests/support/shared_files.h"

#include <QtTest>

#include <ATen/ops/allclose.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/tensor.h>
#include <algorithm>
#include <nlohmann/json.hpp>

using namespace lathe;
using namespace lathe::test;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

fs::path golden(const std::string& name) { return sourceFile("tests/data/golden/quantised/" + name); }

QString textOf(const std::string& text) { return QString::fromStdString(text); }

Trained trainOver(const std::string& folder, Quantisation kind, const std::string& id,
                  const ParamValues& changes) {
    auto model = loadModel(golden(folder), {}, kind);
    if (!model.has_value())
        throw std::runtime_error(model.error().text());
    return train(*model.value(), id, changes);
}

json stateOf(const PackedWeight& weight, const Nf4Parts& parts) {
    return {{"quant_type", "nf4"},
            {"blocksize", parts.block},
            {"dtype", "float32"},
            {"shape", {weight.out(), weight.in()}},
            {"nested_blocksize", parts.nestedBlock},
            {"nested_dtype", "float32"},
            {"nested_offset", parts.offset}};
}

/// Puts the codes of a model's projections in the place of its weights, as bitsandbytes saves them.
void writeCodes(const fs::path& folder) {
    const auto model = loadModel(folder, {}, Quantisation::Nf4).value();
    std::vector<NamedTensor> tensors;
    for (const auto& [name, weight] : model->weights()) {
        const PackedWeight* packed = packedIn(weight);
        if (packed == nullptr) {
            tensors.emplace_back(name, weight.clone());
            continue;
        }
        const auto& parts = std::get<Nf4Parts>(packed->parts());
        const std::string state = stateOf(*packed, parts).dump();
        tensors.insert(tensors.end(),
                       {{name, parts.codes.unsqueeze(1)},
                        {name + ".absmax", parts.absmax},
                        {name + ".quant_map", parts.levels},
                        {name + ".nested_absmax", parts.nestedAbsmax},
                        {name + ".nested_quant_map", parts.nestedLevels},
                        {name + ".quant_state.bitsandbytes__nf4",
                         at::tensor(std::vector<std::uint8_t>(state.begin(), state.end()), at::kByte)}});
    }
    json config = json::parse(readFile(folder / "config.json").value());
    config["quantization_config"] = {
        {"quant_method", "bitsandbytes"}, {"load_in_4bit", true}, {"bnb_4bit_quant_type", "nf4"}};
    if (!writeTensorFile(folder / "model.safetensors", tensors).has_value() ||
        !writeFileAtomically(folder / "config.json", config.dump()).has_value())
        throw std::runtime_error("cannot write the codes");
}

} // namespace

class TestQuantisedBase : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { writeTinyProject(m_files); }

    void adaptersTrainAsOverTheUnpackedBase_data();
    void adaptersTrainAsOverTheUnpackedBase();
    void lossFallsAndTheErrorIsReported_data();
    void lossFallsAndTheErrorIsReported();
    void resumedRunRepeatsTheUninterruptedOne();
    void filesOfCodesTrainAsCodesMadeOnTheFly();
    void untrainedBaseIsPackedToo();
    void allocationsScoreOverCodes();
    void forecastKnowsIt();
    void whatCannotBeTrainedIsRefused();

private:
    [[nodiscard]] ParamValues recipe(const ParamValues& changes = {}) const {
        ParamValues values = tinyRecipe(m_files.path());
        for (const auto& [key, value] : changes.map())
            values.set(key, value);
        return values;
    }
    [[nodiscard]] fs::path newFolder() { return m_files / std::to_string(++m_folders); }

    TempFolder m_files;
    int m_folders = 0;
};

void TestQuantisedBase::adaptersTrainAsOverTheUnpackedBase_data() {
    QTest::addColumn<QString>("id");
    QTest::addColumn<QString>("option");
    QTest::addColumn<QString>("model");
    const ModelSummary model = readModelSummary(golden("llama_nf4")).value();
    for (const PartInfo& info : adapterMethods().list()) {
        const auto method = adapterMethods().make(info.id).value();
        if (info.id != "full" && method->check(model, smallValues(*method, {})).empty())
            QTest::addRow("%s", info.id.c_str()) << textOf(info.id) << QString() << "llama_nf4";
    }
    QTest::newRow("DoRA") << "lora"
                          << "use_dora"
                          << "llama_nf4";
    QTest::newRow("PiSSA") << "lora"
                           << "lora_init=pissa"
                           << "llama_nf4";
    QTest::newRow("LoRA, transposed") << "lora" << QString() << "gpt2_nf4";
    QTest::newRow("DoRA, transposed") << "lora"
                                      << "use_dora"
                                      << "gpt2_nf4";
    QTest::newRow("LoRA, int8") << "lora" << QString() << "llama_int8";
}

/// The same products over the same numbers: in fp32 nothing may differ but where a transposed weight lies the
/// other way round in memory, and its products add in another order.
void TestQuantisedBase::adaptersTrainAsOverTheUnpackedBase() {
    QFETCH(QString, id);
    QFETCH(QString, option);
    QFETCH(QString, model);
    ParamValues changes;
    if (option == QStringLiteral("use_dora"))
        changes.set("use_dora", true);
    if (option.startsWith(QStringLiteral("lora_init=")))
        changes.set("lora_init", option.mid(10).toStdString());
    const Quantisation kind = model.endsWith(QStringLiteral("int8")) ? Quantisation::Int8 : Quantisation::Nf4;
    const Trained packed = trainOver(model.toStdString(), kind, id.toStdString(), changes);
    const Trained whole = trainOver(model.toStdString(), Quantisation::None, id.toStdString(), changes);
    const double allowed = model.startsWith(QStringLiteral("gpt2")) ? 1e-5 : 0;
    for (std::size_t step = 0; step < whole.losses.size(); ++step)
        QVERIFY(std::abs(packed.losses[step] - whole.losses[step]) <= allowed * whole.losses[step]);
    QCOMPARE(packed.parameters.size(), whole.parameters.size());
    for (std::size_t i = 0; i < whole.parameters.size(); ++i)
        QVERIFY(allowed > 0 ? at::allclose(packed.parameters[i], whole.parameters[i], 1e-3, 1e-4)
                            : at::equal(packed.parameters[i], whole.parameters[i]));
}

void TestQuantisedBase::lossFallsAndTheErrorIsReported_data() {
    QTest::addColumn<QString>("quantization");
    QTest::addColumn<QString>("precision");
    for (const char* quantization : {"nf4", "int8"})
        for (const char* precision : {"float32", "bfloat16"})
            QTest::addRow("%s, %s", quantization, precision) << quantization << precision;
}

void TestQuantisedBase::lossFallsAndTheErrorIsReported() {
    QFETCH(QString, quantization);
    QFETCH(QString, precision);
    RunRecorder recorder(newFolder());
    const auto result = recorder.run(recipe({{"quantization", quantization.toStdString()},
                                             {"precision", precision.toStdString()},
                                             {"max_steps", 40L}}));
    QVERIFY2(result.has_value(), qPrintable(textOf(result ? "" : result.error().text())));
    const auto losses = recorder.series("eval_loss");
    QVERIFY2(losses.at(40) < 0.7 * losses.at(0),
             qPrintable(QStringLiteral("%1 to %2").arg(losses.at(0)).arg(losses.at(40))));
    const bool isNf4 = quantization == QStringLiteral("nf4");
    const double error = recorder.series("quantization_weight_error").at(0);
    QVERIFY2(isNf4 ? error > 0.03 && error < 0.15 : error > 0 && error < 0.02,
             qPrintable(QString::number(error)));
    QVERIFY(recorder.series("quantization_logit_error").at(0) > 0);
    QVERIFY(recorder.series("quantization_logit_error_max").at(0) < 1);
    QVERIFY(std::ranges::any_of(recorder.log(), [&](const std::string& line) {
        return line.starts_with(isNf4 ? "the base's projections are kept as NF4"
                                      : "the base's projections are kept as int8");
    }));
    QVERIFY(std::ranges::any_of(recorder.log(), [](const std::string& line) {
        return line.starts_with("against the unquantised base");
    }));
}

void TestQuantisedBase::resumedRunRepeatsTheUninterruptedOne() {
    const ParamValues values =
        recipe({{"quantization", std::string("nf4")}, {"dropout", 0.1}, {"max_steps", 12L}});
    RunRecorder whole(newFolder());
    QVERIFY(whole.run(values).has_value());
    RunRecorder stopped(newFolder());
    stopped.onPoint = [&](std::string_view, std::int64_t step) {
        if (step == 7)
            stopped.stop.request_stop();
        return Verdict::Continue;
    };
    QVERIFY(!stopped.run(values).has_value());
    stopped.stop = {};
    stopped.onPoint = {};
    QVERIFY(stopped.run(values, true).has_value());
    for (const char* metric : {"loss", "grad_norm", "eval_loss", "quantization_logit_error"})
        QCOMPARE(difference(stopped.series(metric), whole.series(metric)), std::string());
}

void TestQuantisedBase::filesOfCodesTrainAsCodesMadeOnTheFly() {
    RunRecorder made(newFolder());
    QVERIFY(made.run(recipe({{"quantization", std::string("nf4")}})).has_value());
    const fs::path folder = newFolder();
    fs::copy(m_files / "model", folder, fs::copy_options::recursive);
    writeCodes(folder);
    RunRecorder read(newFolder());
    const auto result = read.run(recipe({{"model", folder.string()}}));
    QVERIFY2(result.has_value(), qPrintable(textOf(result ? "" : result.error().text())));
    QCOMPARE(difference(read.series("loss"), made.series("loss")), std::string());
    QVERIFY(read.series("quantization_logit_error").empty());
    QVERIFY(std::ranges::any_of(read.log(), [](const std::string& line) {
        return line.find("distance from the unquantised weights is not known") != std::string::npos;
    }));
    QVERIFY(isProblem(recipe({{"model", folder.string()}, {"quantization", std::string("int8")}}),
                      "quantization", "files hold nf4 weights"));
    QVERIFY(isProblem(recipe({{"model", folder.string()}, {"method", std::string("full")}}), "method",
                      "kept as nf4 codes"));
}

void TestQuantisedBase::untrainedBaseIsPackedToo() {
    RunRecorder recorder(newFolder());
    QVERIFY(
        recorder
            .run(recipe(
                {{"quantization", std::string("int8")}, {"init", std::string("random")}, {"max_steps", 2L}}))
            .has_value());
    QVERIFY(recorder.series("quantization_weight_error").at(0) < 0.02);
}

/// SynFlow puts |w| in the place of each weight and back.
void TestQuantisedBase::allocationsScoreOverCodes() {
    for (const char* proxy : {"snip", "synflow"}) {
        RunRecorder recorder(newFolder());
        const auto result = recorder.run(recipe({{"quantization", std::string("nf4")},
                                                 {"method", std::string("heterolora")},
                                                 {"allocation", std::string("dynamic")},
                                                 {"proxy", std::string(proxy)},
                                                 {"allocation_steps", 2L},
                                                 {"max_steps", 6L}}));
        QVERIFY2(result.has_value(), qPrintable(textOf(result ? "" : result.error().text())));
        QCOMPARE(recorder.series("loss").size(), std::size_t{6});
    }
}

void TestQuantisedBase::forecastKnowsIt() {
    const auto bytes = [this](const std::string& quantization) {
        return forecast(recipe({{"quantization", quantization}})).value().memoryBytes;
    };
    const PackedShare share = packedShare(readModelSummary(m_files / "model").value(), Quantisation::Nf4);
    QCOMPARE(share.parameters, 2 * (2 * 16 * 16 + 2 * 8 * 16 + 3 * 32 * 16));
    QCOMPARE(share.largest, 32 * 16);
    const auto packed = static_cast<double>(share.parameters);
    QCOMPARE(bytes("none") - bytes("nf4"), 4 * packed - share.bytes - 4.0 * 32 * 16);
    QCOMPARE(bytes("none") - bytes("int8"), 3 * packed - 4.0 * 32 * 16);
}

void TestQuantisedBase::whatCannotBeTrainedIsRefused() {
    const ParamValues quantised = recipe({{"quantization", std::string("nf4")}});
    QVERIFY(preflight(quantised).empty());
    ParamValues full = quantised;
    full.set("method", std::string("full"));
    QVERIFY(isProblem(full, "method", "all weights cannot be trained"));
    RunRecorder recorder(newFolder());
    const auto result = recorder.run(full);
    QVERIFY(!result.has_value() && result.error().where == "method");
    ParamValues whole = quantised;
    whole.set("modules_to_save", std::string("q_proj"));
    QVERIFY(isProblem(whole, "modules_to_save", "cannot be trained as a whole"));
}

QTEST_GUILESS_MAIN(TestQuantisedBase)
#include "tst_quantised_base.moc"
