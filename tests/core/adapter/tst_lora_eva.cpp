#include "core/adapter/lora.h"
#include "core/model/load_model.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/mm.h>

using namespace lathe;
using namespace lathe::test;
namespace fs = std::filesystem;

namespace {

const fs::path kModel = sourceFile("tests/data/golden/llama");

ParamValues values(const ParamValues& changes = {}) {
    ParamValues all = defaults(makeLoraMethod()->options());
    all.set("rank", std::int64_t{4});
    all.set("alpha", 8.0);
    all.set("target_modules", std::string("q_proj,v_proj"));
    for (const auto& [key, value] : changes.map())
        all.set(key, value);
    return all;
}

std::map<std::string, at::Tensor> savedTensors(const Adapter& adapter) {
    const TempFolder target;
    if (!adapter.save(target.path(), {"base", "CAUSAL_LM"}).has_value())
        throw std::runtime_error("cannot save");
    const TensorFile file = TensorFile::open(target / "adapter_model.safetensors").value();
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, entry] : file.entries())
        tensors[name] = file.tensor(name).value().clone();
    return tensors;
}

std::string fileName(const std::string& module, const char* part) {
    return "base_model.model." + module + ".lora_" + part + ".weight";
}

/// The batches of make_lora.py, over and over.
NextCalibrationBatch calibrationBatches(const TensorFile& file) {
    return [&file, number = 0]() mutable -> std::optional<CalibrationBatch> {
        const at::Tensor ids = file.tensor("ids." + std::to_string(number++ % 3)).value();
        std::vector<std::int64_t> tokens;
        for (std::int64_t row = 0; row < ids.size(0); ++row)
            for (std::int64_t t = 5; t < ids.size(1); ++t) // the first five have no label
                tokens.push_back(row * ids.size(1) + t);
        ModelInput input;
        input.ids = ids;
        return CalibrationBatch{input, at::tensor(tokens, at::kLong)};
    };
}

} // namespace

class TestLoraEva : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // of tiny operations
    void directionsOfTheDataAreThoseOfPeft();
    void redistributedAdapterKeepsTheSumOfRanks();
};

void TestLoraEva::directionsOfTheDataAreThoseOfPeft() {
    const TensorFile file =
        TensorFile::open(sourceFile("tests/data/golden/adapters/lora/eva.safetensors")).value();
    const auto model = loadModel(kModel).value();
    const auto adapter =
        makeLoraMethod()->attach(*model,
                                 values({{"lora_init", std::string("eva")},
                                         {"target_modules", std::string("q_proj,v_proj,down_proj")}}),
                                 1);
    QVERIFY(adapter->wantsCalibration());
    adapter->calibrate(calibrationBatches(file));
    std::map<std::string, at::Tensor> parameters(adapter->parameters().begin(), adapter->parameters().end());
    int compared = 0;
    for (const auto& [name, entry] : file.entries()) {
        if (!name.starts_with("directions."))
            continue;
        const at::Tensor expected = file.tensor(name).value();
        const std::string module = name.substr(std::string("directions.").size());
        if (expected.size(0) == 0) {
            QVERIFY2(!parameters.contains(fileName(module, "A")), module.c_str());
            continue;
        }
        const at::Tensor actual = parameters.at(fileName(module, "A")).detach();
        QVERIFY2(actual.sizes() == expected.sizes(), qPrintable(QStringLiteral("%1: rank %2, PEFT's is %3")
                                                                    .arg(QString::fromStdString(module))
                                                                    .arg(actual.size(0))
                                                                    .arg(expected.size(0))));
        // PEFT's decomposition is a random projection; both stop once directions stay within cosine 0.99.
        const double cosine = (actual * expected).sum(1).abs().min().item<double>();
        QVERIFY2(cosine > 0.97, qPrintable(QStringLiteral("%1: %2").arg(module.c_str()).arg(cosine)));
        ++compared;
    }
    QVERIFY(compared > 3);
}

void TestLoraEva::redistributedAdapterKeepsTheSumOfRanks() {
    const TensorFile file =
        TensorFile::open(sourceFile("tests/data/golden/adapters/lora/eva.safetensors")).value();
    const auto model = loadModel(kModel).value();
    ModelInput input;
    input.ids = file.tensor("ids.0").value();
    const at::NoGradGuard noGrad;
    const at::Tensor before = model->output(input);
    const ParamValues wanted =
        values({{"lora_init", std::string("eva")}, {"target_modules", std::string("all-linear")}});
    const auto adapter = makeLoraMethod()->attach(*model, wanted, 1);
    adapter->calibrate(calibrationBatches(file));
    const auto again = [&] {
        const auto other = loadModel(kModel).value();
        const auto same = makeLoraMethod()->attach(*other, wanted, 1);
        same->calibrate(calibrationBatches(file));
        return savedTensors(*same);
    }();
    QVERIFY(at::equal(model->output(input), before)); // B is 0
    std::int64_t ranks = 0;
    std::int64_t most = 0;
    for (const auto& [name, parameter] : adapter->parameters()) {
        QVERIFY2(at::equal(parameter.detach(), again.at(name)), name.c_str());
        if (!name.ends_with("lora_A.weight"))
            continue;
        ranks += parameter.size(0);
        most = std::max(most, parameter.size(0));
        LATHE_MATCHES(
            mismatch(at::mm(parameter.detach(), parameter.detach().t()), at::eye(parameter.size(0)), 1e-4));
    }
    QCOMPARE(ranks, 14 * 4); // seven projections in two layers
    QVERIFY(most > 4 && most <= 8);
    for (const auto& [name, parameter] : adapter->parameters())
        if (name.ends_with("lora_B.weight"))
            at::Tensor(parameter).fill_(0.01);
    const at::Tensor trained = model->output(input);
    const TempFolder target;
    QVERIFY(adapter->save(target.path(), {kModel, "CAUSAL_LM"}).has_value());
    const auto fresh = loadModel(kModel).value();
    const auto loaded = loadAdapter(*fresh, target.path());
    QVERIFY(at::equal(fresh->output(input), trained));
}

QTEST_GUILESS_MAIN(TestLoraEva)
#include "tst_lora_eva.moc"
