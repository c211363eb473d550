#include "core/adapter/adapter_method.h"
#include "core/kernels/cuda_kernel.h"
#include "core/model/cuda.h"
#include "core/model/load_model.h"
#include "core/train/recipe.h"
#include "core/train/text_generator.h"
#include "tests/core/train/run_recorder.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace lathe;
using namespace lathe::test;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kSteps = 20;

QString textOf(const std::string& text) { return QString::fromStdString(text); }

fs::path example(const std::string& name) { return sourceFile("resources/examples/" + name); }

/// Largest |a - b| over the largest |b|.
double relative(const at::Tensor& a, const at::Tensor& b) {
    const at::Tensor left = a.to(at::kCPU, at::kDouble), right = b.to(at::kCPU, at::kDouble);
    return ((left - right).abs().max() / right.abs().max().clamp_min(1e-12)).item<double>();
}

/// Largest relative difference of two series; infinite if their steps differ.
double relative(const RunRecorder::Series& a, const RunRecorder::Series& b) {
    double worst = a.size() == b.size() ? 0 : INFINITY;
    for (const auto& [step, value] : b)
        worst = std::max(worst, a.contains(step) ? std::abs(a.at(step) - value) / std::abs(value) : INFINITY);
    return worst;
}

at::Tensor someIds(std::int64_t vocabulary) {
    return (at::arange(2 * 24, at::kLong) * 7919 % (vocabulary - 4) + 4).view({2, 24});
}

/// Loaded anew from its files, in fp32.
at::Tensor logitsOf(const fs::path& model, const fs::path& adapter, at::Device device,
                    const std::optional<NewHead>& head = {}) {
    const at::NoGradGuard noGrad;
    const auto loaded = loadModel(model, {at::kFloat, device, head});
    const auto attached = loadAdapter(*loaded.value(), adapter);
    if (!attached.has_value())
        throw std::runtime_error(attached.error().text());
    ModelInput input;
    input.ids = someIds(loaded.value()->summary().vocabularySize).to(device);
    return loaded.value()->output(input).cpu();
}

} // namespace

/// That a GPU does what the CPU does. Without one everything is skipped.
class TestCuda : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void autoTakesTheGpu();
    void devicesThatAreNotThereAreRefused();
    void masksAreThoseOfTheCpu();
    void logitsAreThoseOfTheCpu_data();
    void logitsAreThoseOfTheCpu();
    void runsLearnAsOnTheCpu_data();
    void runsLearnAsOnTheCpu();
    void textsAreThoseOfTheCpu_data();
    void textsAreThoseOfTheCpu();
    void crashedRunGoesOnFromItsLastCheckpoint();
    void aFullGpuEndsTheRunAndNothingElse();

private:
    [[nodiscard]] ParamValues recipe(const std::string& method, const std::string& device) const;
    [[nodiscard]] fs::path newFolder() { return m_files / std::to_string(++m_folders); }
    void writeModelWithBiases();
    void writeLabels();

    TempFolder m_files;
    int m_folders = 0;
};

void TestCuda::initTestCase() {
    // First what a program does first: the answer of this question is LibTorch's for good.
    ParamValues values = recipe("lora", "auto");
    QVERIFY(preflight(values).empty());
    if (!deviceFrom("cuda").has_value())
        QSKIP(*loadCudaLibraries() == 0 ? "there is no CUDA device" : loadCudaLibraries());
    writeModelWithBiases();
    writeLabels();
}

void TestCuda::writeModelWithBiases() {
    auto config = nlohmann::json::parse(std::ifstream(example("base_model/config.json")));
    config["attention_bias"] = config["mlp_bias"] = true;
    m_files.write("biases/config.json", config.dump());
    for (const char* name : {"tokenizer.json", "tokenizer_config.json"})
        fs::copy_file(example(std::string("base_model/") + name), m_files / "biases" / name);
}

void TestCuda::writeLabels() {
    std::ifstream rows(example("data/sentiment.train.jsonl"));
    std::string all;
    for (std::string line; std::getline(rows, line);) {
        const auto row = nlohmann::json::parse(line);
        all += nlohmann::json{{"text", row["input"]}, {"label", row["output"]}}.dump() + "\n";
    }
    m_files.write("labels.jsonl", all);
}

ParamValues TestCuda::recipe(const std::string& method, const std::string& device) const {
    ParamValues values{{"model", example("base_model").string()},
                       {"train_file", example("data/word_problems.train.jsonl").string()},
                       {"eval_file", example("data/word_problems.test.jsonl").string()},
                       {"method", method},
                       {"device", device},
                       {"learning_rate", 1e-3},
                       {"batch_size", std::int64_t{16}},
                       {"eval_rows", std::int64_t{64}},
                       {"max_length", std::int64_t{128}},
                       {"max_steps", kSteps},
                       {"eval_every", std::int64_t{0}},
                       {"sample_every", std::int64_t{0}},
                       {"checkpoint_every", std::int64_t{5}}};
    if (method == "head") {
        values.set("task", std::string("labels"));
        values.set("train_file", (m_files / "labels.jsonl").string());
        values.set("eval_file", (m_files / "labels.jsonl").string());
    }
    if (method == "bitfit") {
        values.set("model", (m_files / "biases").string());
        values.set("init", std::string("random"));
    }
    return values;
}

void TestCuda::autoTakesTheGpu() {
    QVERIFY(deviceFrom("auto").value() == at::Device(at::kCUDA, 0));
    QVERIFY(deviceFrom("cuda:0").value() == at::Device(at::kCUDA, 0));
    QVERIFY(deviceFrom("cpu").value() == at::Device(at::kCPU));
}

void TestCuda::devicesThatAreNotThereAreRefused() {
    for (const char* name : {"cuda:", "cuda:99", "cuda:-1", "cuda:1x", "cuda:99999999999"})
        QVERIFY2(!deviceFrom(name).has_value(), name);
}

void TestCuda::masksAreThoseOfTheCpu() {
    const DropoutClock clock{0xfedcba9876543210U, 0xcafe1234, true};
    for (const std::int64_t count : {1, 8, 1001, 300'000})
        for (const std::int64_t first : {0, 13})
            for (const auto& make : {dropoutMask, dropoutMaskByOperators}) {
                const at::Tensor mask = make({7, count}, 0.1, clock, 3, at::Device(at::kCUDA, 0), first);
                QVERIFY(mask.is_cuda());
                QVERIFY(at::equal(mask.cpu(), dropoutMask({7, count}, 0.1, clock, 3, at::kCPU, first)));
            }
    // The compiler comes with LibTorch, and without it masks would be slow and nobody would know.
    QVERIFY(CudaKernel::compile("extern \"C\" __global__ void nothing() {}", "nothing") != nullptr);
    QVERIFY(CudaKernel::compile("no CUDA C", "nothing") == nullptr);
}

void TestCuda::logitsAreThoseOfTheCpu_data() {
    QTest::addColumn<QString>("name");
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(sourceFile("tests/data/golden/architectures")))
        if (entry.is_directory())
            names.insert(entry.path().filename().string());
    for (const std::string& name : names)
        QTest::newRow(name.c_str()) << textOf(name);
}

void TestCuda::logitsAreThoseOfTheCpu() {
    QFETCH(QString, name);
    const at::NoGradGuard noGrad;
    const fs::path folder = sourceFile("tests/data/golden/architectures/" + name.toStdString());
    const auto outputs = [&](at::Device device, bool isPadded) {
        const auto model = loadModel(folder, {at::kFloat, device});
        ModelInput input;
        const std::int64_t limit = model.value()->summary().maxPositions; // 0: none
        const std::int64_t length = limit == 0 ? 24 : std::min<std::int64_t>(24, limit);
        input.ids = someIds(model.value()->summary().vocabularySize).narrow(1, 0, length).to(device);
        if (isPadded) {
            input.mask = at::ones(input.ids.sizes(), input.ids.options().dtype(at::kBool));
            input.mask[1].narrow(0, model.value()->summary().isCausal ? 0 : length - 5, 5).zero_();
        }
        const at::Tensor logits = model.value()->output(input).cpu();
        return isPadded && logits.dim() == 3 ? logits[1].narrow(0, 5, length - 10) : logits;
    };
    for (const bool isPadded : {false, true}) {
        const double worst = relative(outputs({at::kCUDA, 0}, isPadded), outputs(at::kCPU, isPadded));
        qInfo("padded %d: %.1e", isPadded, worst);
        QVERIFY(worst < 1e-4);
    }
}

void TestCuda::runsLearnAsOnTheCpu_data() {
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("precision");
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    const auto add = [](const std::string& method, const char* precision, const char* key = "",
                        const char* value = "") {
        QTest::addRow("%s, %s %s %s", method.c_str(), precision, key, value)
            << textOf(method) << precision << key << value;
    };
    for (const char* precision : {"float32", "bfloat16"})
        for (const PartInfo& method : adapterMethods().list())
            add(method.id, precision);
    for (const char* start : {"gaussian", "orthogonal", "pissa", "pissa_niter", "olora", "eva"})
        add("lora", "float32", "lora_init", start);
    for (const char* method : {"lora", "adalora", "vera", "adapter_h", "parallel"})
        add(method, "float32", "dropout", "0.1");
    add("lora", "float32", "use_dora", "true");
    add("lora", "bfloat16", "use_dora", "true");
    add("p_tuning", "float32", "encoder_type", "lstm");
    add("prefix", "float32", "prefix_projection", "true");
    add("prompt", "float32", "tokens_init", "vocabulary");
    add("prefix", "float32", "tokens_init", "vocabulary");
    add("oft", "float32", "block_dropout", "0.3");
    add("boft", "float32", "boft_factors", "2");
    add("loha", "float32", "rank_dropout", "0.2");
    add("adapter_p", "float32", "placement", "residual");
}

void TestCuda::runsLearnAsOnTheCpu() {
    QFETCH(QString, method);
    QFETCH(QString, precision);
    QFETCH(QString, key);
    QFETCH(QString, value);
    RunRecorder onCpu(newFolder()), onGpu(newFolder());
    std::vector<fs::path> adapters;
    for (RunRecorder* recorder : {&onCpu, &onGpu}) {
        ParamValues values = recipe(method.toStdString(), recorder == &onCpu ? "cpu" : "cuda");
        values.set("precision", precision.toStdString());
        // On the CPU padding is left out, and a mask covers the batch as it lies. Packed, it lies alike on
        // both.
        values.set("packing", key == "dropout");
        if (!key.isEmpty()) {
            bool isNumber = false, isFlag = value == "true";
            const double number = value.toDouble(&isNumber);
            if (key == "boft_factors")
                values.set(key.toStdString(), std::int64_t{value.toInt()});
            else if (isFlag)
                values.set(key.toStdString(), true);
            else if (isNumber)
                values.set(key.toStdString(), number);
            else
                values.set(key.toStdString(), value.toStdString());
        }
        const auto result = recorder->run(values);
        QVERIFY2(result.has_value(), qPrintable(textOf(result ? "" : result.error().text())));
        adapters.push_back(result->adapterFolder);
    }
    const RunRecorder::Series cpu = onCpu.series("loss"), gpu = onGpu.series("loss");
    QCOMPARE(gpu.size(), std::size_t{kSteps});
    const double first = std::abs(gpu.at(1) - cpu.at(1)) / cpu.at(1);
    const double all = relative(gpu, cpu);
    double logits = 0, moved = 0;
    const bool hasFiles = method != "full" && method != "head" && method != "bitfit";
    if (hasFiles) {
        const fs::path model = example("base_model");
        const at::Tensor there = logitsOf(model, adapters[1], at::kCPU);
        moved = relative(there, logitsOf(model, adapters[0], at::kCPU));
        logits = relative(logitsOf(model, adapters[1], at::Device(at::kCUDA, 0)), there);
    }
    qInfo("loss %.4f to %.4f; first loss %.1e, all %.1e; logits %.1e, against the CPU's adapter %.1e",
          gpu.at(1), gpu.at(kSteps), first, all, logits, moved);
    const bool isNarrow = precision == "bfloat16";
    // Measured on an H100: 4e-5 in float32 (PiSSA; 2e-5 else) and 2e-2 in bfloat16 (all weights; 8e-3 else)
    // after 20 steps, which magnify what rounds differently in the first: 4e-7, and 1.3e-3.
    QVERIFY(first < (isNarrow ? 5e-3 : 2e-6));
    QVERIFY(all < (isNarrow ? 5e-2 : 2e-4));
    QVERIFY(logits < 1e-4);
}

void TestCuda::textsAreThoseOfTheCpu_data() {
    QTest::addColumn<int>("beams");
    QTest::addColumn<double>("temperature");
    QTest::newRow("greedy") << 1 << 0.0;
    QTest::newRow("beams") << 3 << 0.0;
    QTest::newRow("drawn") << 1 << 0.8;
}

void TestCuda::textsAreThoseOfTheCpu() {
    QFETCH(int, beams);
    QFETCH(double, temperature);
    GenerationOptions options;
    options.maxNewTokens = 48;
    options.beams = beams;
    options.temperature = temperature;
    const std::vector<std::string> prompts{"Once there was", "Is this review positive or negative?\nThe soup",
                                           "Ann has 3 apples and buys 4 more. How many", "The"};
    std::vector<std::vector<std::string>> texts;
    for (const char* device : {"cpu", "cuda"}) {
        auto generator = openTextGenerator(example("base_model"), {}, {"float32", device});
        QVERIFY(generator.has_value());
        const auto made = generator.value()->generateAll(prompts, options, {});
        QVERIFY2(made.has_value(), qPrintable(textOf(made ? "" : made.error().text())));
        std::vector<std::string> all;
        for (const GeneratedText& each : made.value())
            all.push_back(each.text);
        for (const std::string& prompt : prompts)
            all.push_back(generator.value()->generate(prompt, options, {}, {}).value().text);
        texts.push_back(std::move(all));
    }
    for (std::size_t i = 0; i < texts[0].size(); ++i)
        QCOMPARE(textOf(texts[1][i]), textOf(texts[0][i]));
}

void TestCuda::crashedRunGoesOnFromItsLastCheckpoint() {
    ParamValues values = recipe("lora", "cuda");
    values.set("dropout", 0.1);
    RunRecorder whole(newFolder()), crashed(newFolder());
    QVERIFY(whole.run(values).has_value());
    crashed.onPoint = [](std::string_view metric, std::int64_t step) {
        if (metric == "loss" && step == 13)
            throw std::runtime_error("the process is gone");
        return Verdict::Continue;
    };
    QVERIFY_THROWS_EXCEPTION(std::runtime_error, (void)crashed.run(values));
    crashed.onPoint = {};
    QVERIFY(crashed.run(values, true).has_value());
    const double worst = relative(crashed.series("loss"), whole.series("loss"));
    qInfo("resumed against whole: %.1e", worst);
    QVERIFY(worst < 1e-5);
}

void TestCuda::aFullGpuEndsTheRunAndNothingElse() {
    constexpr std::size_t kLeft = 600U << 20U; // for CUDA's libraries, and too little for the run
    const at::Device device(at::kCUDA, 0);
    releaseUnusedCudaMemory();
    const std::size_t free = c10::getDeviceAllocator(at::kCUDA)->getMemoryInfo(0).first;
    at::Tensor wall =
        at::empty({static_cast<std::int64_t>(free - kLeft)}, at::TensorOptions(at::kByte).device(device));
    ParamValues values = recipe("full", "cuda");
    values.set("batch_size", std::int64_t{1024});
    RunRecorder recorder(newFolder());
    const auto result = recorder.run(values);
    QVERIFY(!result.has_value());
    qInfo("%s", result.error().text().c_str());
    QVERIFY(result.error().kind == Error::Kind::Memory);
    QVERIFY(result.error().message.find("more were asked for") != std::string::npos);
    wall = at::Tensor();
    const auto next = recorder.run(values);
    QVERIFY2(next.has_value(), qPrintable(textOf(next ? "" : next.error().text())));
}

QTEST_GUILESS_MAIN(TestCuda)
#include "tst_cuda.moc"
