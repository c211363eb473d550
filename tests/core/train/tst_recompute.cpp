#include "core/model/load_model.h"
#include "core/train/head_loss.h"
#include "core/train/training_step.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/randn.h>

using namespace lathe;
using namespace lathe::test;

namespace {

constexpr std::int64_t kSteps = 2;

std::string folderOf(const std::string& name) {
    return sourceFile("tests/data/golden/architectures/" + name);
}

std::unique_ptr<LanguageModel> load(const std::string& name, at::ScalarType dtype = at::kFloat) {
    auto model = loadModel(folderOf(name), {dtype, at::kCPU});
    if (!model.has_value())
        throw std::runtime_error(model.error().text());
    return std::move(model).value();
}

Batch batchOf(const LanguageModel& model, const std::vector<std::size_t>& lengths, std::int32_t first) {
    const auto usable = static_cast<std::int32_t>(model.summary().vocabularySize) - 8;
    const bool isLabelled = model.summary().head == HeadKind::SequenceClassification;
    std::vector<Example> rows(lengths.size());
    std::vector<const Example*> pointers;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
        for (std::size_t t = 0; t < lengths[i]; ++t)
            rows[i].ids.push_back(7 + (first++ * 13) % usable);
        rows[i].labels = rows[i].ids;
        if (isLabelled) {
            rows[i].labels.assign(lengths[i], kIgnoreLabel);
            rows[i].textLabel = static_cast<std::int32_t>(lengths[i] % 2);
        }
        pointers.push_back(&rows[i]);
    }
    return makeBatch(pointers, static_cast<std::int32_t>(model.summary().padId.value_or(0)));
}

/// Small, with dropout wherever there is some; nothing where the method does not take the model.
std::unique_ptr<Adapter> attached(LanguageModel& model, const std::string& method,
                                  const ParamValues& changes) {
    const auto made = adapterMethods().make(method).value();
    ParamValues values = defaults(made->options());
    for (const char* key : {"virtual_tokens", "rank", "bottleneck_size", "vertices"})
        if (values.contains(key))
            values.set(key, std::int64_t{2});
    for (const char* key : {"dropout", "simplex_dropout"})
        if (values.contains(key))
            values.set(key, 0.1);
    for (const auto& [key, value] : changes.map())
        values.set(key, value);
    if (!made->check(model.summary(), values).empty())
        return nullptr;
    return made->attach(model, values, 3);
}

struct Course {
    std::vector<double> losses, norms;
    std::vector<at::Tensor> parameters;
};

/// A few steps, each of an even batch and one of unlike rows.
std::optional<Course> trained(const std::string& name, const std::string& method, const ParamValues& changes,
                              bool isRecomputed) {
    const auto model = load(name);
    const auto adapter = attached(*model, method, changes);
    if (!adapter)
        return std::nullopt;
    adapter->beginTraining(kSteps);
    FlatAdamW optimizer(adapter->groups(), {});
    Course course;
    for (std::int64_t step = 0; step < kSteps; ++step) {
        const auto first = static_cast<std::int32_t>(1 + 40 * step);
        const std::vector<Batch> batches{batchOf(*model, {6, 6, 6}, first),
                                         batchOf(*model, {5, 2, 9, 1, 5}, first + 18)};
        StepTurn turn{adapter.get(), &optimizer, batches, step, 1e-2, 1.0};
        turn.isRecomputed = isRecomputed;
        const StepReport report = trainingStep(*model, turn);
        course.losses.push_back(report.loss);
        course.norms.push_back(report.gradientNorm);
    }
    for (const auto& [each, parameter] : adapter->parameters())
        course.parameters.push_back(parameter.detach().clone());
    return course;
}

bool isSame(const Course& a, const Course& b) {
    return a.losses == b.losses && a.norms == b.norms &&
           std::ranges::equal(a.parameters, b.parameters,
                              [](const at::Tensor& x, const at::Tensor& y) { return at::equal(x, y); });
}

/// Leaves a projection as it is and counts how often it is computed.
class Counter final : public SiteAdapter {
public:
    at::Tensor apply(const at::Tensor& x, const LinearBase& base) override {
        ++count;
        return base.forward(x);
    }
    int count = 0;
};

} // namespace

class TestRecompute : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // tiny operations: threads only wait for each other
    void everyFamilyLearnsTheSameBitForBit_data();
    void everyFamilyLearnsTheSameBitForBit();
    void shortcutsBetweenLayersLearnTheSame();
    void onlyLayersWithGradientsAreComputedTwice();
    void evaluationComputesNothingTwice();
    void aLossInPiecesIsThatOfTheWhole();
    void aTrainedHeadIsReadWhole();
};

void TestRecompute::everyFamilyLearnsTheSameBitForBit_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("method");
    const auto add = [](const char* name, const std::string& method) {
        QTest::addRow("%s %s", name, method.c_str()) << name << QString::fromStdString(method);
    };
    for (const PartInfo& method : adapterMethods().list()) {
        if (method.id != "head" && method.id != "bitfit") // there are no labels, and no biases
            add("llama", method.id);
        add("bert_labels", method.id);
    }
    for (const char* name : {"gemma2", "bloom", "gpt2_labels"})
        for (const char* method : {"lora", "prefix", "prompt", "adapter_p", "full"})
            add(name, method);
}

void TestRecompute::everyFamilyLearnsTheSameBitForBit() {
    QFETCH(QString, name);
    QFETCH(QString, method);
    const auto plain = trained(name.toStdString(), method.toStdString(), {}, false);
    QVERIFY(plain.has_value());
    QVERIFY(plain->losses.front() > 0);
    QVERIFY(plain->norms.front() > 0);
    const auto recomputed = trained(name.toStdString(), method.toStdString(), {}, true);
    QVERIFY(isSame(*recomputed, *plain));
}

/// Their tensors go from block to block: such blocks are not computed twice, and nothing changes.
void TestRecompute::shortcutsBetweenLayersLearnTheSame() {
    const ParamValues changes{{"shortcuts", std::string("all")}};
    const auto plain = trained("llama", "heterolora", changes, false);
    QVERIFY(plain.has_value());
    QVERIFY(isSame(*trained("llama", "heterolora", changes, true), *plain));
}

void TestRecompute::onlyLayersWithGradientsAreComputedTwice() {
    const auto model = load("llama");
    const auto below = std::make_shared<Counter>();
    const auto above = std::make_shared<Counter>();
    const Attachment first = model->attach("model.layers.0.mlp.down_proj", below);
    const Attachment second = model->attach("model.layers.1.mlp.down_proj", above);
    const auto adapter = attached(*model, "lora", {{"target_layers", std::string("1")}});
    QVERIFY(adapter != nullptr);
    FlatAdamW optimizer(adapter->groups(), {});
    const std::vector<Batch> batches{batchOf(*model, {6, 6, 6}, 1)};
    StepTurn turn{adapter.get(), &optimizer, batches, 0, 1e-2, 1.0};
    turn.isRecomputed = true;
    (void)trainingStep(*model, turn);
    QCOMPARE(below->count, 1);
    QCOMPARE(above->count, 2);
    turn.isRecomputed = false;
    (void)trainingStep(*model, turn);
    QCOMPARE(above->count, 3);
}

void TestRecompute::evaluationComputesNothingTwice() {
    const auto model = load("llama");
    const auto counter = std::make_shared<Counter>();
    const Attachment attachment = model->attach("model.layers.1.mlp.down_proj", counter);
    (void)scoreBatch(*model, batchOf(*model, {6, 6, 6}, 1));
    QCOMPARE(counter->count, 1);
}

void TestRecompute::aLossInPiecesIsThatOfTheWhole() {
    const auto model = load("llama", at::kDouble);
    const std::int64_t vocabulary = model->summary().vocabularySize;
    const at::Tensor labels = at::randn({11}).abs().mul(1000).to(at::kLong).remainder(vocabulary);
    const at::Tensor start = at::randn({11, model->summary().hiddenSize}, at::kDouble);
    const auto lossAndGradient = [&](std::int64_t logitsAtOnce) {
        const at::Tensor rows = start.clone().requires_grad_(true);
        const at::Tensor loss = headLoss(*model, rows, labels, logitsAtOnce) / 7;
        loss.backward();
        return std::pair(loss.detach(), rows.grad());
    };
    const auto whole = lossAndGradient(kLogitsAtOnce);
    const auto pieces = lossAndGradient(3 * vocabulary);
    constexpr double kExact = 1e-12; // another order of the same sum
    LATHE_MATCHES(mismatch(pieces.first, whole.first, kExact));
    LATHE_MATCHES(mismatch(pieces.second, whole.second, kExact));
}

void TestRecompute::aTrainedHeadIsReadWhole() {
    const auto model = load("llama", at::kDouble);
    const std::string head = "lm_head.weight";
    at::Tensor(model->weight(head)).requires_grad_(true);
    const at::Tensor rows = at::randn({11, model->summary().hiddenSize}, at::kDouble);
    const at::Tensor labels = at::randn({11}).abs().to(at::kLong);
    headLoss(*model, rows, labels, 3 * model->summary().vocabularySize).backward();
    QVERIFY(model->weight(head).grad().defined());
    QVERIFY(model->weight(head).grad().abs().max().item<double>() > 0);
}

QTEST_GUILESS_MAIN(TestRecompute)
#include "tst_recompute.moc"
