#include "core/adapter/adapter_method.h"
#include "core/model/load_model.h"
#include "core/train/flat_adamw.h"
#include "tests/core/train/three_steps.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/randn.h>
#include <set>

using namespace lathe;
using namespace lathe::test;
namespace fs = std::filesystem;

namespace {

/// Decoders and an encoder with a classifier; of each way to keep projections one.
const std::vector<std::string> kArchitectures{"llama", "gpt2", "bloom", "opt", "gptj", "bert_labels"};

fs::path folderOf(const std::string& architecture) {
    return sourceFile("tests/data/golden/architectures/" + architecture);
}

/// Small sizes, so that they fit the tiny models, and dropout where the method has it.
ParamValues smallValues(const AdapterMethod& method, double dropout = 0) {
    const bool hasDropout = findSpec(method.options(), "dropout") != nullptr;
    return test::smallValues(method, hasDropout ? ParamValues{{"dropout", dropout}} : ParamValues());
}

void addRows() {
    QTest::addColumn<QString>("id");
    QTest::addColumn<QString>("architecture");
    for (const PartInfo& info : adapterMethods().list()) {
        const auto method = adapterMethods().make(info.id).value();
        for (const std::string& architecture : kArchitectures) {
            const ModelSummary model = readModelSummary(folderOf(architecture)).value();
            if (method->check(model, smallValues(*method)).empty())
                QTest::addRow("%s, %s", info.id.c_str(), architecture.c_str())
                    << QString::fromStdString(info.id) << QString::fromStdString(architecture);
        }
    }
}

/// One method on one tiny model.
struct Bench {
    Bench(const QString& id, const QString& architecture, at::ScalarType dtype = at::kFloat,
          double dropout = 0)
        : method(adapterMethods().make(id.toStdString()).value()),
          model(loadModel(folderOf(architecture.toStdString()), {dtype, at::kCPU}).value()),
          values(smallValues(*method, dropout)) {}

    void attach(std::uint64_t seed = 1) { adapter = method->attach(*model, values, seed); }
    /// Moves every parameter a little, so that none is at a start that hides it.
    void stir() const {
        const at::NoGradGuard noGrad;
        at::Generator generator = at::detail::createCPUGenerator(7);
        for (const auto& [name, parameter] : adapter->parameters())
            at::Tensor(parameter).add_(
                at::randn(parameter.sizes(), generator, parameter.options().dtype(at::kDouble))
                    .mul(0.1)
                    .to(parameter.scalar_type()));
    }
    [[nodiscard]] ModelInput input() const {
        ModelInput input;
        input.ids = (at::arange(12, at::kLong) * 7 % (model->summary().vocabularySize - 3) + 3).view({2, 6});
        input.mask = at::ones_like(input.ids, at::kBool);
        input.mask[1][5] = false;
        return input;
    }
    [[nodiscard]] at::Tensor output() const { return model->output(input()); }
    /// Of something that depends on every output.
    [[nodiscard]] at::Tensor loss() const {
        const at::Tensor all = output();
        const at::Tensor rows = all.dim() == 2 ? all : all.narrow(1, all.size(1) - 6, 5).flatten(0, 1);
        const at::Tensor labels = at::arange(rows.size(0), at::kLong) * 5 % rows.size(1);
        const at::ScalarType wide = rows.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
        return at::cross_entropy_loss(rows.to(wide), labels);
    }

    std::unique_ptr<AdapterMethod> method;
    std::unique_ptr<LanguageModel> model; // outlives the adapter
    ParamValues values;
    std::unique_ptr<Adapter> adapter;
};

} // namespace

/// What every method of the registry keeps, whatever it computes.
class TestAdapterContract : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // of tiny operations
    void startsAsTheBaseWhereItSaysSo_data() { addRows(); }
    void startsAsTheBaseWhereItSaysSo();
    void countsItsParametersBeforeTheyExist_data() { addRows(); }
    void countsItsParametersBeforeTheyExist();
    void gradientsBelongToItsParametersAlone_data() { addRows(); }
    void gradientsBelongToItsParametersAlone();
    void gradientsAreThoseOfFiniteDifferences_data() { addRows(); }
    void gradientsAreThoseOfFiniteDifferences();
    void mergedWeightsComputeTheSame_data() { addRows(); }
    void mergedWeightsComputeTheSame();
    void filesGiveTheSameBack_data() { addRows(); }
    void filesGiveTheSameBack();
    void aHeadTrainedAlongComesBack_data() { addRows(); }
    void aHeadTrainedAlongComesBack();
    void withoutStrengthItIsTheBase_data() { addRows(); }
    void withoutStrengthItIsTheBase();
    void comesOffAndOnAgain_data() { addRows(); }
    void comesOffAndOnAgain();
    void narrowBaseGivesFiniteNumbers_data() { addRows(); }
    void narrowBaseGivesFiniteNumbers();
    void dropoutDependsOnSeedAndStepAlone_data() { addRows(); }
    void dropoutDependsOnSeedAndStepAlone();
    void learns_data() { addRows(); }
    void learns();
};

void TestAdapterContract::startsAsTheBaseWhereItSaysSo() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    Bench bench(id, architecture);
    const at::NoGradGuard noGrad;
    // A method with heads of its own starts those anew: of such a model it keeps what a head reads.
    // As the formulas stand: a layer under plain LoRA, or none, would be computed otherwise, to rounding.
    ModelInput input = bench.input();
    input.isEager = true;
    const auto answer = [&bench, &input] {
        return bench.method->trainsHead() ? bench.model->hidden(input) : bench.model->output(input);
    };
    const at::Tensor before = answer();
    bench.attach();
    const at::Tensor after = answer();
    if (bench.method->startsAsBase(bench.values))
        LATHE_MATCHES(mismatch(after, before, 2e-6, 1e-6));
    else
        QVERIFY(after.sizes() != before.sizes() || !at::equal(after, before));
}

void TestAdapterContract::countsItsParametersBeforeTheyExist() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    Bench bench(id, architecture);
    const std::int64_t expected = bench.method->countParameters(bench.model->summary(), bench.values);
    bench.attach();
    std::int64_t count = 0;
    std::set<std::string> names;
    for (const auto& [name, parameter] : bench.adapter->parameters()) {
        QVERIFY2(parameter.is_leaf() && parameter.requires_grad(), name.c_str());
        QVERIFY2(names.insert(name).second, name.c_str());
        count += parameter.numel();
    }
    QVERIFY(count > 0);
    QCOMPARE(count, expected);
    std::size_t grouped = 0;
    for (const ParameterGroup& group : bench.adapter->groups())
        grouped += group.parameters.size();
    QCOMPARE(grouped, bench.adapter->parameters().size());
}

void TestAdapterContract::gradientsBelongToItsParametersAlone() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    Bench bench(id, architecture);
    bench.attach();
    bench.stir();
    bench.loss().backward();
    std::set<const void*> own;
    for (const auto& [name, parameter] : bench.adapter->parameters()) {
        own.insert(parameter.unsafeGetTensorImpl());
        QVERIFY2(parameter.grad().defined(), name.c_str());
    }
    for (const auto& [name, weight] : bench.model->weights())
        if (!own.contains(weight.unsafeGetTensorImpl()))
            QVERIFY2(!weight.requires_grad() && !weight.grad().defined(), name.c_str());
}

void TestAdapterContract::gradientsAreThoseOfFiniteDifferences() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    Bench bench(id, architecture, at::kDouble);
    bench.attach();
    bench.stir();
    bench.loss().backward();
    const at::NoGradGuard noGrad;
    constexpr double kStep = 1e-5;
    constexpr std::size_t kMost = 24; // parameters of full training are many
    const auto& parameters = bench.adapter->parameters();
    for (std::size_t i = 0; i < parameters.size(); i += parameters.size() / kMost + 1) {
        const auto& [name, parameter] = parameters[i];
        const std::int64_t place = static_cast<std::int64_t>(i) * 5 % parameter.numel();
        const at::Tensor entry = parameter.detach().view(-1)[place];
        const double before = entry.item<double>();
        const auto lossAt = [&](double value) {
            at::Tensor(entry).fill_(value);
            return bench.loss().item<double>();
        };
        const double expected = (lossAt(before + kStep) - lossAt(before - kStep)) / (2 * kStep);
        at::Tensor(entry).fill_(before);
        const double actual = parameter.grad().reshape(-1)[place].item<double>();
        const QString problem = mismatch(actual, expected, 1e-7, 1e-4);
        QVERIFY2(problem.isEmpty(), qPrintable(QString::fromStdString(name) + ": " + problem));
    }
}

void TestAdapterContract::mergedWeightsComputeTheSame() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    Bench bench(id, architecture);
    bench.attach();
    bench.stir();
    const at::NoGradGuard noGrad;
    const at::Tensor before = bench.output();
    const Status merged = bench.adapter->merge();
    if (!merged.has_value()) {
        QVERIFY2(merged.error().message.find("cannot be merged") != std::string::npos,
                 merged.error().text().c_str());
        QVERIFY(at::equal(bench.output(), before));
        return;
    }
    LATHE_MATCHES(mismatch(bench.output(), before, 1e-4));
    QVERIFY(!bench.model->isAdapted());
    bench.adapter->unmerge();
    QVERIFY(at::equal(bench.output(), before));
}

void TestAdapterContract::filesGiveTheSameBack() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    Bench bench(id, architecture);
    bench.attach();
    bench.stir();
    const at::NoGradGuard noGrad;
    const at::Tensor before = bench.output();
    const TempFolder target;
    const Status saved =
        bench.adapter->save(target.path(), {folderOf(architecture.toStdString()), "CAUSAL_LM"});
    QVERIFY2(saved.has_value(), saved.has_value() ? "" : saved.error().text().c_str());
    if (fs::exists(target.path() / "config.json"))
        return; // a whole model, which loadModel() reads and the tests of the model cover
    bench.adapter.reset();
    const auto loaded = loadAdapter(*bench.model, target.path());
    QVERIFY2(loaded.has_value(), loaded.has_value() ? "" : loaded.error().text().c_str());
    QVERIFY(at::equal(bench.output(), before));

    const TempFolder again;
    QVERIFY(
        loaded.value()->save(again.path(), {folderOf(architecture.toStdString()), "CAUSAL_LM"}).has_value());
    for (const auto& entry : fs::directory_iterator(target.path()))
        QCOMPARE(readFile(again.path() / entry.path().filename()).value(), readFile(entry.path()).value());
}

void TestAdapterContract::aHeadTrainedAlongComesBack() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    if (architecture != "bert_labels")
        return;
    Bench bench(id, architecture);
    bench.attach();
    if (bench.method->trainsHead())
        return;
    const std::size_t before = bench.adapter->parameters().size();
    bench.adapter->trainAlso(headWeights(bench.model->summary()));
    QCOMPARE(bench.adapter->parameters().size(), before + 2);
    bench.stir();
    const at::NoGradGuard noGrad;
    const at::Tensor trained = bench.output();
    const TempFolder target;
    QVERIFY(
        bench.adapter->save(target.path(), {folderOf(architecture.toStdString()), "SEQ_CLS"}).has_value());
    bench.adapter.reset();
    QVERIFY(!at::equal(bench.output(), trained));
    const auto loaded = loadAdapter(*bench.model, target.path());
    QVERIFY2(loaded.has_value(), loaded.has_value() ? "" : loaded.error().text().c_str());
    QVERIFY(at::equal(bench.output(), trained));
}

void TestAdapterContract::withoutStrengthItIsTheBase() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    Bench bench(id, architecture);
    const at::NoGradGuard noGrad;
    // As the formulas stand: see startsAsTheBaseWhereItSaysSo().
    ModelInput input = bench.input();
    input.isEager = true;
    const auto output = [&bench, &input] { return bench.model->output(input); };
    const at::Tensor base = output();
    bench.attach();
    bench.stir();
    const at::Tensor whole = output();
    if (!bench.adapter->canScale())
        return;
    bench.adapter->setStrength(0);
    LATHE_MATCHES(mismatch(output(), base, 2e-6, 1e-6));
    bench.adapter->setStrength(0.5);
    QVERIFY(!at::equal(output(), base) && !at::equal(output(), whole));
    bench.adapter->setStrength(1);
    QVERIFY(at::equal(output(), whole));
}

void TestAdapterContract::comesOffAndOnAgain() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    Bench bench(id, architecture);
    const at::NoGradGuard noGrad;
    const at::Tensor base = bench.output();
    bench.attach();
    bench.stir();
    if (!bench.adapter->canDetach())
        return;
    const at::Tensor with = bench.output();
    QVERIFY(with.sizes() != base.sizes() || !at::equal(with, base));
    bench.adapter->setAttached(false);
    QVERIFY(at::equal(bench.output(), base));
    bench.adapter->setAttached(true);
    QVERIFY(at::equal(bench.output(), with));
    bench.adapter.reset();
    QVERIFY(at::equal(bench.output(), base));
}

void TestAdapterContract::narrowBaseGivesFiniteNumbers() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    Bench bench(id, architecture, at::kBFloat16);
    bench.attach();
    FlatAdamW optimizer(bench.adapter->groups(), {});
    for (std::int64_t step = 0; step < 3; ++step) {
        bench.adapter->beginStep(step);
        optimizer.zeroGradients();
        const at::Tensor loss = bench.loss();
        QVERIFY(at::isfinite(loss).item<bool>());
        loss.backward();
        QVERIFY(std::isfinite(optimizer.clipGradients(1).item<double>()));
        optimizer.step(1e-3);
        bench.adapter->afterUpdate(step);
        bench.adapter->endTraining();
    }
    const at::NoGradGuard noGrad;
    const at::Tensor output = bench.output();
    QVERIFY(output.scalar_type() == at::kBFloat16);
    QVERIFY(at::isfinite(output).all().item<bool>());
}

void TestAdapterContract::dropoutDependsOnSeedAndStepAlone() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    Bench bench(id, architecture, at::kFloat, 0.5);
    if (findSpec(bench.method->options(), "dropout") == nullptr)
        return;
    bench.attach(1);
    bench.stir();
    const at::NoGradGuard noGrad;
    const at::Tensor evaluation = bench.output();
    const auto at = [&bench](std::int64_t step) {
        bench.adapter->beginStep(step);
        const at::Tensor output = bench.output();
        bench.adapter->endTraining();
        return output;
    };
    const at::Tensor first = at(3);
    QVERIFY(!at::equal(first, evaluation));
    QVERIFY(!at::equal(at(4), first));
    QVERIFY(at::equal(at(3), first));
    QVERIFY(at::equal(bench.output(), evaluation));
    bench.adapter.reset();
    bench.attach(2); // another seed, other masks
    bench.stir();
    QVERIFY(!at::equal(at(3), first));
}

void TestAdapterContract::learns() {
    QFETCH(QString, id);
    QFETCH(QString, architecture);
    Bench bench(id, architecture);
    bench.attach();
    bench.adapter->beginTraining(30);
    FlatAdamW optimizer(bench.adapter->groups(), {});
    const double before = bench.loss().item<double>();
    for (std::int64_t step = 0; step < 30; ++step) {
        bench.adapter->beginStep(step);
        optimizer.zeroGradients();
        at::Tensor loss = bench.loss();
        if (const at::Tensor penalty = bench.adapter->penalty(); penalty.defined())
            loss = loss + penalty;
        loss.backward();
        optimizer.step(1e-2);
        bench.adapter->afterUpdate(step);
        bench.adapter->endTraining();
    }
    const double after = bench.loss().item<double>();
    QVERIFY2(after < before, qPrintable(QStringLiteral("%1 after %2").arg(after).arg(before)));
}

QTEST_GUILESS_MAIN(TestAdapterContract)
#include "tst_adapter_contract.moc"
