#include "core/adapter/lora.h"
#include "core/model/load_model.h"
#include "core/train/training_step.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"

#include <QtTest>

#include <ATen/Parallel.h>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

constexpr double kTrainingLoss = 1e-4; // Adam divides by tiny second moments at first, errors grow
constexpr double kLearningRate = 1e-3;

/// A right-padded golden case as the batch that the program's own data would give.
Batch batchOf(const json& data) {
    std::vector<Example> examples;
    for (std::size_t row = 0; row < data.at("input_ids").size(); ++row) {
        Example example;
        const auto mask = data.at("attention_mask").at(row).get<std::vector<int>>();
        for (std::size_t i = 0; i < mask.size() && mask[i] == 1; ++i) {
            example.ids.push_back(data.at("input_ids").at(row).at(i).get<std::int32_t>());
            example.labels.push_back(data.at("labels").at(row).at(i).get<std::int32_t>());
        }
        examples.push_back(std::move(example));
    }
    std::vector<const Example*> pointers;
    for (const Example& example : examples)
        pointers.push_back(&example);
    return makeBatch(pointers, 0);
}

/// The reference's set-up: AdamW, lr 1e-3 constant, weight decay 0.01 on everything, no clipping.
FlatAdamW makeOptimizer(const Adapter& adapter) {
    FlatAdamW::Settings settings;
    settings.weightDecay = 0.01;
    settings.shouldDecayVectors = true;
    return {adapter.parameters(), settings};
}

/// Trains the ten steps of a golden file; where the losses (each before its update, and one at the end) or
/// the final norms leave the reference.
QString trainingMismatch(LanguageModel& model, Adapter& adapter, const json& data, const json& expected,
                         const std::function<std::string(const std::string&)>& goldenName) {
    FlatAdamW optimizer = makeOptimizer(adapter);
    const std::vector<Batch> batches{batchOf(data)};
    const auto losses = expected.at("losses").get<std::vector<double>>();
    for (std::size_t step = 0; step < losses.size(); ++step) {
        if (step + 1 == losses.size()) // one update fewer than losses
            for (const auto& [name, tensor] : adapter.parameters())
                if (const QString problem =
                        mismatch(tensor.detach().norm().item<double>(),
                                 expected.at("final_norms").at(goldenName(name)).get<double>(), 0, 1e-4);
                    !problem.isEmpty())
                    return QString::fromStdString(name) + ": " + problem;
        const StepReport report = trainingStep(model, adapter, optimizer, batches,
                                               static_cast<std::int64_t>(step), kLearningRate, 0);
        if (const QString problem = mismatch(report.loss, losses[step], kTrainingLoss); !problem.isEmpty())
            return QStringLiteral("step %1: %2").arg(step).arg(problem);
    }
    return {};
}

} // namespace

/// Ten optimiser steps against transformers, PEFT and torch.optim.AdamW.
class TestTrainingOracle : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Several threads meet after each of these tiny operations: on a busy machine that takes minutes.
    void initTestCase() { at::set_num_threads(1); }
    void fullTrainingFollowsTheReference_data();
    void fullTrainingFollowsTheReference();
    void loraTrainingFollowsPeft_data();
    void loraTrainingFollowsPeft();
    void accumulatedRowsGiveTheLossOfTheWholeBatch();
};

void TestTrainingOracle::fullTrainingFollowsTheReference_data() {
    QTest::addColumn<QString>("folder");
    QTest::newRow("in the repository")
        << QString::fromStdString(sourceFile("tests/data/golden/llama").string());
    QTest::newRow("shared") << QString::fromStdString(sharedFile("oracles/models/llama").string());
}

void TestTrainingOracle::fullTrainingFollowsTheReference() {
    QFETCH(QString, folder);
    if (folder.endsWith("oracles/models/llama"))
        LATHE_NEED_SHARED("oracles/models/llama");
    const json golden = Oracle(folder.toStdString()).golden;
    const auto model = loadModel(folder.toStdString()).value();
    const auto adapter = makeFullMethod()->attach(*model, {}, 0);
    LATHE_MATCHES(trainingMismatch(*model, *adapter, golden.at("right"), golden.at("full_training"),
                                   [](const std::string& name) { return name; }));
}

void TestTrainingOracle::loraTrainingFollowsPeft_data() {
    QTest::addColumn<QString>("adapter");
    QTest::newRow("llama_lora_qv in the repository") << "";
    for (const char* name : {"llama_lora_qv", "llama_lora_all", "llama_rslora", "llama_lora_patterns"})
        QTest::newRow(name) << name;
}

void TestTrainingOracle::loraTrainingFollowsPeft() {
    QFETCH(QString, adapter);
    if (!adapter.isEmpty())
        LATHE_NEED_SHARED("oracles/adapters/" + adapter.toStdString());
    const fs::path base =
        adapter.isEmpty() ? sourceFile("tests/data/golden/llama") : sharedFile("oracles/models/llama");
    const fs::path folder = adapter.isEmpty() ? sourceFile("tests/data/golden/llama_lora_qv")
                                              : sharedFile("oracles/adapters/" + adapter.toStdString());
    const json golden = Oracle(folder).golden;
    const auto model = loadModel(base).value();
    const auto lora = loadAdapter(*model, folder).value();
    LATHE_MATCHES(trainingMismatch(
        *model, *lora, golden.at("cases").at("right"), golden.at("training"), [](const std::string& name) {
            return name.substr(0, name.rfind('.')) + ".default" + name.substr(name.rfind('.'));
        }));
}

void TestTrainingOracle::accumulatedRowsGiveTheLossOfTheWholeBatch() {
    const fs::path folder = sourceFile("tests/data/golden/llama");
    const json golden = Oracle(folder).golden;
    json first = golden.at("right");
    json second = golden.at("right");
    for (const char* key : {"input_ids", "attention_mask", "labels"}) {
        first[key].erase(1); // rows of different numbers of labels, so that a mean of means would be wrong
        second[key].erase(0);
    }
    const auto model = loadModel(folder).value();
    const auto adapter = makeFullMethod()->attach(*model, {}, 0);
    FlatAdamW optimizer = makeOptimizer(*adapter);
    const std::vector<Batch> batches{batchOf(first), batchOf(second)};
    const auto losses = golden.at("full_training").at("losses").get<std::vector<double>>();
    for (std::size_t step = 0; step < losses.size(); ++step) {
        const StepReport report = trainingStep(*model, *adapter, optimizer, batches,
                                               static_cast<std::int64_t>(step), kLearningRate, 0);
        LATHE_MATCHES(mismatch(report.loss, losses[step], kTrainingLoss));
    }
}

QTEST_GUILESS_MAIN(TestTrainingOracle)
#include "tst_training_oracle.moc"
