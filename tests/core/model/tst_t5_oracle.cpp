#include "core/model/generate.h"
#include "core/model/load_model.h"
#include "core/model/relative_bias.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>

using namespace lathe;
using namespace lathe::test;
namespace fs = std::filesystem;

namespace {

constexpr double kAbsolute = 5e-5; // the reference's own float64 run differs by 1.6e-5

/// Folders of encoder-decoder models that transformers wrote.
std::vector<fs::path> modelFolders() {
    std::vector<fs::path> folders;
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator(sharedFile("oracles/models"), missing))
        if (entry.path().filename().string().starts_with("t5") && fs::exists(entry.path() / "golden.json"))
            folders.push_back(entry.path());
    return folders;
}

void addRows() {
    QTest::addColumn<QString>("folder");
    if (modelFolders().empty())
        QTest::newRow("none") << QString();
    for (const fs::path& folder : modelFolders())
        QTest::newRow(folder.filename().c_str()) << QString::fromStdString(folder.string());
}

std::unique_ptr<LanguageModel> load(const QString& folder) {
    auto model = loadModel(folder.toStdString(), {at::kFloat, at::kCPU, {}});
    if (!model.has_value())
        throw std::runtime_error(model.error().text());
    return std::move(model).value();
}

/// The source of a case, and the labels moved one place to the right behind the start token.
ModelInput inputOfCase(const LanguageModel& model, const nlohmann::json& data, const at::Tensor& labels) {
    ModelInput input;
    input.sourceIds = integers(data.at("input_ids"));
    input.sourceMask = integers(data.at("attention_mask")).to(at::kBool);
    const std::int64_t start = model.summary().decoderStartId.value();
    const at::Tensor shifted =
        at::cat({labels.narrow(1, 0, 1).mul(0).add(start), labels.narrow(1, 0, labels.size(1) - 1)}, 1);
    input.ids = shifted.masked_fill(shifted.eq(-100), model.summary().padId.value_or(0));
    return input;
}

} // namespace

/// Against transformers' T5ForConditionalGeneration (eager attention, fp32) on random weights.
class TestT5Oracle : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        LATHE_NEED_SHARED("oracles/models");
        at::set_num_threads(1);
    }
    void casesGiveTheReferenceNumbers_data() { addRows(); }
    void casesGiveTheReferenceNumbers();
    void gradientsOfAllWeightsMatch_data() { addRows(); }
    void gradientsOfAllWeightsMatch();
    void greedyGenerationMatches_data() { addRows(); }
    void greedyGenerationMatches();
    void bucketsGrowWithTheDistance();
};

void TestT5Oracle::casesGiveTheReferenceNumbers() {
    QFETCH(QString, folder);
    const Oracle oracle(folder.toStdString());
    const auto model = load(folder);
    QCOMPARE(model->summary().parameters, oracle.golden.at("parameters").get<std::int64_t>());
    const at::NoGradGuard noGrad;
    const at::Tensor labels = integers(oracle.golden.at("labels"));
    for (const char* kind : {"plain", "right", "left"})
        for (const bool isEager : {false, true}) {
            const nlohmann::json& data = oracle.golden.at(kind);
            ModelInput input = inputOfCase(*model, data, labels);
            input.isEager = isEager;
            const at::Tensor logits = model->output(input);
            LATHE_MATCHES(mismatch(logits, oracle.array(std::string(kind) + ".logits"), kAbsolute));
            const double loss = at::cross_entropy_loss(logits.flatten(0, 1), labels.flatten()).item<double>();
            LATHE_MATCHES(mismatch(loss, data.at("loss").get<double>(), 1e-5));
        }
}

void TestT5Oracle::gradientsOfAllWeightsMatch() {
    QFETCH(QString, folder);
    const Oracle oracle(folder.toStdString());
    const auto model = load(folder);
    for (const auto& [name, weight] : model->weights())
        at::Tensor(weight).requires_grad_(true);
    const at::Tensor labels = integers(oracle.golden.at("labels"));
    const nlohmann::json& data = oracle.golden.at("right");
    at::cross_entropy_loss(model->output(inputOfCase(*model, data, labels)).flatten(0, 1), labels.flatten())
        .backward();
    LATHE_MATCHES(
        gradientMismatch(model->weights(), data.at("grads"), [](const std::string& name) { return name; }));
}

void TestT5Oracle::greedyGenerationMatches() {
    QFETCH(QString, folder);
    const Oracle oracle(folder.toStdString());
    const auto model = load(folder);
    const nlohmann::json& expected = oracle.golden.at("generate");
    const nlohmann::json& data = oracle.golden.at(expected.at("case").get<std::string>());
    const at::Tensor wanted = integers(expected.at("new_tokens"));
    Decoding decoding;
    decoding.maxNewTokens = wanted.size(1);
    QVERIFY(at::equal(generate(*model, integers(data.at("input_ids")),
                               integers(data.at("attention_mask")).to(at::kBool), decoding),
                      wanted));
}

/// Two buckets a side hold one distance each; the others reach up to the largest.
void TestT5Oracle::bucketsGrowWithTheDistance() {
    const RelativeBuckets both{8, 16, false};
    QCOMPARE(relativeBucket(both, 0), 0);
    QCOMPARE(relativeBucket(both, -1), 1);
    QCOMPARE(relativeBucket(both, 1), 5);
    QCOMPARE(relativeBucket(both, -100), 3);
    QCOMPARE(relativeBucket(both, 100), 7);
    const RelativeBuckets causal{8, 16, true};
    QCOMPARE(relativeBucket(causal, 3), 0);
    QCOMPARE(relativeBucket(causal, -3), 3);
    QCOMPARE(relativeBucket(causal, -1000), 7);
}

QTEST_GUILESS_MAIN(TestT5Oracle)
#include "tst_t5_oracle.moc"
