#include "core/adapter/adalora.h"
#include "core/adapter/adapter_method.h"
#include "core/base/files.h"
#include "core/kernels/orthogonality.h"
#include "core/model/load_model.h"
#include "core/train/flat_adamw.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/sin.h>
#include <cmath>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

const std::string kOracle = "oracles/adapters/llama_adalora";

std::map<std::string, at::Tensor> tensorsIn(const fs::path& path) {
    std::map<std::string, at::Tensor> tensors;
    const TensorFile file = TensorFile::open(path).value();
    for (const auto& [name, entry] : file.entries())
        tensors[name] = file.tensor(name).value().clone();
    return tensors;
}

json readJson(const fs::path& path) { return json::parse(readFile(path).value()); }

/// The folder of the oracle as it was before its ten steps.
void writeStart(const fs::path& folder) {
    json config = readJson(sharedFile(kOracle) / "adapter_config.json");
    config["rank_pattern"] = nullptr;
    std::vector<NamedTensor> tensors;
    for (const auto& [name, tensor] : tensorsIn(sharedFile(kOracle) / "start.safetensors"))
        tensors.emplace_back(name.substr(0, name.rfind(".default")), tensor);
    if (!writeTensorFile(folder / "adapter_model.safetensors", tensors).has_value() ||
        !writeFileAtomically(folder / "adapter_config.json", config.dump()).has_value())
        throw std::runtime_error("cannot write " + folder.string());
}

/// A fresh adapter on a tiny model, and a loss to train it by.
struct Bench {
    explicit Bench(std::uint64_t seed = 1, at::ScalarType dtype = at::kFloat)
        : model(loadModel(sourceFile("tests/data/golden/architectures/llama"), {dtype, at::kCPU}).value()) {
        const auto method = adapterMethods().make("adalora").value();
        ParamValues values = defaults(method->options());
        values.set("init_rank", std::int64_t{4});
        values.set("target_rank", std::int64_t{2});
        values.set("dropout", 0.1);
        adapter = method->attach(*model, values, seed);
        adapter->beginTraining(12);
        FlatAdamW::Settings settings;
        settings.weightDecay = 0.01;
        optimizer = std::make_unique<FlatAdamW>(adapter->groups(), settings);
    }
    [[nodiscard]] ModelInput input() const {
        ModelInput input;
        input.ids = (at::arange(12, at::kLong) * 7 % (model->summary().vocabularySize - 3) + 3).view({2, 6});
        return input;
    }
    [[nodiscard]] at::Tensor output() const { return model->output(input()); }
    void train(std::int64_t from, std::int64_t to) const {
        for (std::int64_t step = from; step < to; ++step) {
            adapter->beginStep(step);
            optimizer->zeroGradients();
            const at::Tensor labels = at::arange(12, at::kLong) * 5 % 12;
            (at::cross_entropy_loss(output().flatten(0, 1), labels) + adapter->penalty()).backward();
            optimizer->step(1e-2);
            adapter->afterUpdate(step);
            adapter->endTraining();
        }
    }
    [[nodiscard]] const AdaLoraAdapter& whole() const { return dynamic_cast<AdaLoraAdapter&>(*adapter); }

    std::unique_ptr<LanguageModel> model; // outlives the adapter
    std::unique_ptr<Adapter> adapter;
    std::unique_ptr<FlatAdamW> optimizer;
};

} // namespace

class TestAdaLora : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // of tiny operations
    void budgetFallsAsACubic();
    void penaltyIsTheMeanDistanceFromOrthonormal();
    void penaltyHasTheGradientOfItsFormula();
    void tenStepsPruneAsPeftDoes();
    void resumedRunGoesOnBitForBit();
    void prunedTripletsAreLeftOutOfFiles();
    void asPlainLoraItComputesTheSame();
    void badFilesAreRefusedByName_data();
    void badFilesAreRefusedByName();
};

void TestAdaLora::budgetFallsAsACubic() {
    const BudgetSchedule schedule{36, 18, 2, 3, 10, 1};
    const std::vector<std::int64_t> expected{36, 36, 36, 27, 21, 19, 18, 18, 18, 18}; // PEFT's
    for (std::int64_t step = 0; step < 10; ++step) {
        QCOMPARE(schedule.budget(step), expected[static_cast<std::size_t>(step)]);
        QCOMPARE(schedule.isDue(step), step > 2);
    }
    const BudgetSchedule seldom{36, 18, 2, 3, 10, 4};
    QVERIFY(seldom.isDue(4) && !seldom.isDue(5) && seldom.isDue(8));
}

void TestAdaLora::penaltyIsTheMeanDistanceFromOrthonormal() {
    const at::Tensor a = at::sin(at::arange(15, at::kDouble)).view({3, 5});
    const at::Tensor b = at::sin(at::arange(8, at::kDouble) + 0.3).view({2, 4});
    const auto distance = [](const at::Tensor& p) {
        double sum = 0;
        const at::Tensor gram = at::matmul(p, p.t());
        for (std::int64_t i = 0; i < gram.size(0); ++i)
            for (std::int64_t j = 0; j < gram.size(0); ++j)
                sum += std::pow(gram[i][j].item<double>() - (i == j ? 1 : 0), 2);
        return std::sqrt(sum);
    };
    const std::vector<at::Tensor> matrices{a, b};
    LATHE_MATCHES(
        mismatch(orthogonalityPenalty(matrices).item<double>(), (distance(a) + distance(b)) / 2, 1e-12));
}

void TestAdaLora::penaltyHasTheGradientOfItsFormula() {
    at::Tensor a = at::sin(at::arange(15, at::kDouble)).view({3, 5}).requires_grad_(true);
    const at::Tensor orthonormal = at::eye(4, at::kDouble).narrow(0, 0, 2).clone().requires_grad_(true);
    const std::vector<at::Tensor> matrices{a, orthonormal};
    orthogonalityPenalty(matrices).backward();
    QCOMPARE(orthonormal.grad().abs().max().item<double>(), 0.0); // where the norm has a corner
    const at::NoGradGuard noGrad;
    for (const std::int64_t place : {0, 4, 7, 14}) {
        const at::Tensor entry = a.view(-1)[place];
        const double before = entry.item<double>();
        const auto at = [&](double value) {
            at::Tensor(entry).fill_(value);
            return orthogonalityPenalty(matrices).item<double>();
        };
        const double expected = (at(before + 1e-6) - at(before - 1e-6)) / 2e-6;
        at::Tensor(entry).fill_(before);
        LATHE_MATCHES(mismatch(a.grad().view(-1)[place].item<double>(), expected, 1e-8));
    }
}

void TestAdaLora::tenStepsPruneAsPeftDoes() {
    LATHE_NEED_SHARED(kOracle);
    const Oracle oracle(sharedFile(kOracle));
    const json& golden = oracle.golden;
    const TempFolder start;
    writeStart(start.path());
    const auto model = loadModel(sharedFile("oracles/models/llama")).value();
    const auto adapter = loadAdapter(*model, start.path()).value();
    std::int64_t count = 0;
    for (const auto& [name, tensor] : adapter->parameters())
        count += tensor.numel();
    QCOMPARE(count, golden.at("trainable_parameters").get<std::int64_t>());

    FlatAdamW::Settings settings;
    settings.weightDecay = 0.01;
    settings.shouldDecayVectors = true;
    FlatAdamW optimizer(adapter->groups(), settings);
    adapter->beginTraining(10);
    const json& data = golden.at("cases").at("right");
    const auto losses = golden.at("training").at("losses").get<std::vector<double>>();
    for (std::size_t step = 0; step < 10; ++step) {
        optimizer.zeroGradients();
        const at::Tensor plain = lossOf(model->output(inputOf(data)), data);
        if (step == 0)
            LATHE_MATCHES(mismatch(plain.item<double>(),
                                   golden.at("start.right.loss_without_penalty").get<double>(), 1e-5));
        const at::Tensor loss = plain + adapter->penalty();
        LATHE_MATCHES(mismatch(loss.item<double>(), losses[step], 1e-4));
        loss.backward();
        optimizer.step(1e-3);
        adapter->afterUpdate(static_cast<std::int64_t>(step));
        const json& expected = golden.at("adalora_steps").at("lora_E_after_step").at(step);
        for (const auto& [name, tensor] : adapter->parameters())
            if (name.ends_with("lora_E")) {
                const auto values = expected.at(name).get<std::vector<float>>();
                const at::Tensor wanted = at::tensor(values).view({-1, 1});
                QVERIFY2(at::equal(tensor.detach() == 0, wanted == 0), name.c_str());
                LATHE_MATCHES(mismatch(tensor.detach(), wanted, 1e-4));
            }
    }
    const at::NoGradGuard noGrad;
    LATHE_MATCHES(mismatch(model->output(inputOf(data)), oracle.array("right.logits"), 1e-4, 1e-3,
                           integers(data.at("attention_mask")).to(at::kBool)));

    const TempFolder saved;
    QVERIFY(adapter->save(saved.path(), {"the/base", "CAUSAL_LM"}).has_value());
    QCOMPARE(readJson(saved.path() / "adapter_config.json").at("rank_pattern"), golden.at("rank_pattern"));
    const auto ours = tensorsIn(saved.path() / "adapter_model.safetensors");
    const auto theirs = tensorsIn(sharedFile(kOracle) / "adapter_model.safetensors");
    QCOMPARE(ours.size(), theirs.size());
    for (const auto& [name, tensor] : theirs)
        LATHE_MATCHES(mismatch(ours.at(name), tensor, 1e-4));
}

void TestAdaLora::resumedRunGoesOnBitForBit() {
    const Bench straight(3);
    straight.train(0, 12);

    const Bench first(3);
    first.train(0, 5);
    const Bench same(3); // fresh again: everything has to come out of the checkpoint
    std::map<std::string, at::Tensor> kept;
    for (const auto& [name, tensor] : first.optimizer->state())
        kept[name] = tensor.clone();
    QVERIFY(same.optimizer->restore(kept, 5).has_value());
    const std::vector<NamedTensor> from = first.adapter->state();
    const std::vector<NamedTensor> to = same.adapter->state();
    QVERIFY(!from.empty());
    QCOMPARE(to.size(), from.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
        QCOMPARE(to[i].first, from[i].first);
        at::Tensor(to[i].second).copy_(from[i].second);
    }
    same.train(5, 12);
    for (std::size_t i = 0; i < same.adapter->parameters().size(); ++i)
        QVERIFY(at::equal(same.adapter->parameters()[i].second, straight.adapter->parameters()[i].second));
}

void TestAdaLora::prunedTripletsAreLeftOutOfFiles() {
    const Bench bench;
    bench.train(0, 12);
    const at::NoGradGuard noGrad;
    const at::Tensor before = bench.output();
    const TempFolder saved;
    QVERIFY(bench.adapter->save(saved.path(), {"the/base", "CAUSAL_LM"}).has_value());
    std::int64_t triplets = 0;
    std::int64_t sites = 0;
    for (const auto& [name, tensor] : tensorsIn(saved.path() / "adapter_model.safetensors"))
        if (name.ends_with("lora_E")) {
            triplets += tensor.size(0);
            ++sites;
        }
    QCOMPARE(triplets, 2 * sites);
    const auto loaded = loadAdapter(*bench.model, saved.path());
    QVERIFY2(loaded.has_value(), loaded.has_value() ? "" : loaded.error().text().c_str());
    bench.adapter->setStrength(0);
    LATHE_MATCHES(mismatch(bench.output(), before, 1e-5));

    const TempFolder again;
    QVERIFY(loaded.value()->save(again.path(), {"the/base", "CAUSAL_LM"}).has_value());
    for (const char* file : {"adapter_config.json", "adapter_model.safetensors"})
        QCOMPARE(readFile(again.path() / file).value(), readFile(saved.path() / file).value());
}

void TestAdaLora::asPlainLoraItComputesTheSame() {
    const Bench bench;
    bench.train(0, 12);
    const at::NoGradGuard noGrad;
    const at::Tensor before = bench.output();
    const TempFolder saved;
    QVERIFY(bench.whole().saveAsLora(saved.path(), {"the/base", "CAUSAL_LM"}).has_value());
    QCOMPARE(readJson(saved.path() / "adapter_config.json").at("peft_type"), json("LORA"));
    bench.adapter->setStrength(0);
    QVERIFY(!at::allclose(bench.output(), before, 0, 1e-3));
    const auto plain = loadAdapter(*bench.model, saved.path());
    QVERIFY2(plain.has_value(), plain.has_value() ? "" : plain.error().text().c_str());
    LATHE_MATCHES(mismatch(bench.output(), before, 1e-5));
}

void TestAdaLora::badFilesAreRefusedByName_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::newRow("rank below 1") << "init_r"
                                  << "0";
    QTest::newRow("no scale") << "lora_alpha"
                              << "0";
    QTest::newRow("DoRA") << "use_dora"
                          << "true";
    QTest::newRow("interval below 1") << "deltaT"
                                      << "0";
    QTest::newRow("pattern of another rank")
        << "rank_pattern"
        << R"({"model.layers.0.self_attn.q_proj.lora_E": [true, false]})";
}

void TestAdaLora::badFilesAreRefusedByName() {
    QFETCH(QString, key);
    QFETCH(QString, value);
    Bench bench;
    const TempFolder saved;
    QVERIFY(bench.adapter->save(saved.path(), {"the/base", "CAUSAL_LM"}).has_value());
    json config = readJson(saved.path() / "adapter_config.json");
    config[key.toStdString()] = json::parse(value.toStdString());
    saved.write("adapter_config.json", config.dump());
    const auto loaded = loadAdapter(*bench.model, saved.path());
    QVERIFY(!loaded.has_value());
    QVERIFY2(loaded.error().message.find(key.toStdString()) != std::string::npos,
             loaded.error().text().c_str());
}

QTEST_GUILESS_MAIN(TestAdaLora)
#include "tst_adalora.moc"
