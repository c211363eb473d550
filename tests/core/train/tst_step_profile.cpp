#include "core/kernels/packed_weight.h"
#include "core/train/model_flops.h"
#include "core/train/profile_training.h"
#include "core/train/step_frames.h"
#include "core/train/step_profile.h"
#include "core/train/training_run.h"
#include "core/train/work_kinds.h"
#include "tests/core/train/run_recorder.h"
#include "tests/core/train/tiny_model.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/ThreadLocalState.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/rand.h>
#include <numeric>
#include <thread>

using namespace lathe;
using namespace lathe::test;

namespace {

constexpr std::size_t kAll = 1000;

NameFacts named(const char* name) { return NameFacts(name); }

double sumOf(const StepProfile& profile) {
    return std::accumulate(profile.kinds.begin(), profile.kinds.end(), 0.0);
}

const OperatorTime* find(const StepProfile& profile, const std::string& name, WorkKind kind) {
    for (const OperatorTime& each : profile.operators)
        if (each.name == name && each.kind == kind)
            return &each;
    return nullptr;
}

/// Milliseconds on one thread, as a frame has them.
Frame frameOf(std::size_t name, int begin, int end, std::uint64_t thread = 1) {
    Frame frame;
    frame.name = name;
    frame.begin = begin * 1'000'000LL;
    frame.end = end * 1'000'000LL;
    frame.thread = thread;
    return frame;
}

bool isNear(double actual, double expected) { return std::abs(actual - expected) < 1e-9; }

} // namespace

class TestStepProfile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { writeTinyProject(m_files); }

    void namesTellTheirKind_data();
    void namesTellTheirKind();
    void ownTimeLeavesOutWhatIsInside();
    void threadsShareTheTimeOnTheClock();
    void aNodeIsOfTheKindOfWhatMadeIt();
    void productsAreToldByWhatTheyRead();
    void rowsUnpackedTogetherAreTheBases();
    void operatorsAreCountedOnceAndAddUp();
    void nothingIsRecordedAfterwards();
    void onlyThreadsThatTakeOverTheStateShow();
    void aProfiledRunIsTheSameBitForBit_data();
    void aProfiledRunIsTheSameBitForBit();
    void aRecipesStepIsSortedIntoKinds_data();
    void aRecipesStepIsSortedIntoKinds();
    void aShortRecipeIsMeasuredAsFarAsItGoes();
    void aStopEndsIt();
    void badRequestsAreRefused();
    void operationsAreThoseOfTheFormula();
    void theTableHasEveryKindAndOperator();

private:
    [[nodiscard]] ParamValues recipe(const ParamValues& changes) const {
        ParamValues values = tinyRecipe(m_files.path());
        for (const auto& [key, value] : changes.map())
            values.set(key, value);
        return values;
    }
    [[nodiscard]] Result<StepProfile> profiled(const ParamValues& changes, std::int64_t steps = 4) const {
        ProfileRequest request;
        request.recipe = recipe(changes);
        request.steps = steps;
        return profileTraining(request);
    }

    TempFolder m_files;
};

void TestStepProfile::namesTellTheirKind_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("kind"); // -1: it does not tell
    QTest::addColumn<QString>("shown");
    const auto row = [](const char* name, std::optional<WorkKind> kind, const char* shown) {
        QTest::newRow(name) << name << (kind ? static_cast<int>(*kind) : -1) << shown;
    };
    row("aten::mm", {}, "aten::mm");
    row("torch::autograd::CppNode<lathe::(anonymous namespace)::RmsNorm>", WorkKind::Elementwise,
        "RmsNorm backward");
    row("torch::autograd::CppNode<lathe::(anonymous namespace)::LoraLinear>", WorkKind::AdapterProducts,
        "LoraLinear backward");
    row("torch::autograd::CppNode<lathe::(anonymous namespace)::TextAttentionNode>", WorkKind::Attention,
        "TextAttentionNode backward");
    row("torch::autograd::AccumulateGrad", {}, "AccumulateGrad");
    row("autograd::engine::evaluate_function: LogSoftmaxBackward0", {}, "autograd engine");
    row("LogSoftmaxBackward0", WorkKind::LossAndHead, "LogSoftmaxBackward0");
    row("aten::_softmax", WorkKind::Attention, "aten::_softmax");
    row("aten::native_layer_norm", WorkKind::Elementwise, "aten::native_layer_norm");
    row(kOptimizerScope, WorkKind::Optimizer, kOptimizerScope);
}

void TestStepProfile::namesTellTheirKind() {
    QFETCH(QString, name);
    QFETCH(int, kind);
    QFETCH(QString, shown);
    const auto told = kindOf(name.toStdString());
    QCOMPARE(told ? static_cast<int>(*told) : -1, kind);
    QCOMPARE(QString::fromStdString(operatorName(name.toStdString())), shown);
}

void TestStepProfile::ownTimeLeavesOutWhatIsInside() {
    const std::vector<NameFacts> names{named("aten::linear"), named("aten::add")};
    // As they are written down: the inner ones first.
    const std::vector<Frame> frames{frameOf(1, 2, 4), frameOf(1, 5, 6), frameOf(0, 0, 10),
                                    frameOf(1, 10, 11)};
    const auto own = ownTimes(frames, names, false);
    QVERIFY(isNear(own[0].seconds, 2e-3) && isNear(own[1].seconds, 1e-3));
    QVERIFY(isNear(own[2].seconds, 7e-3) && isNear(own[3].seconds, 1e-3));
}

void TestStepProfile::threadsShareTheTimeOnTheClock() {
    const std::vector<NameFacts> names{named("aten::mm"), named("aten::add")};
    const std::vector<Frame> frames{frameOf(0, 0, 6, 1), frameOf(1, 2, 10, 2)};
    const auto own = ownTimes(frames, names, false);
    QVERIFY(isNear(own[0].seconds, 2e-3 + 4e-3 / 2));
    QVERIFY(isNear(own[1].seconds, 4e-3 / 2 + 4e-3));
}

void TestStepProfile::aNodeIsOfTheKindOfWhatMadeIt() {
    const std::vector<NameFacts> names{named(kLossScope), named("aten::mul"), named("MulBackward0")};
    std::vector<Frame> frames{frameOf(0, 0, 4), frameOf(1, 1, 2), frameOf(1, 5, 6), frameOf(2, 7, 8),
                              frameOf(2, 8, 9)};
    frames[1].sequence = 11; // inside of the scope
    frames[2].sequence = 12; // outside
    for (std::size_t node : {3, 4}) {
        frames[node].isNode = true;
        frames[node].forwardThread = 1;
        frames[node].sequence = node == 3 ? 12 : 11;
    }
    const auto own = ownTimes(frames, names, false);
    QVERIFY(own[1].kind == WorkKind::LossAndHead && own[2].kind == WorkKind::Elementwise);
    QVERIFY(own[3].kind == WorkKind::Other && own[4].kind == WorkKind::LossAndHead);
}

void TestStepProfile::productsAreToldByWhatTheyRead() {
    const at::Tensor weight = at::rand({16, 8}), x = at::rand({4, 8}), other = at::rand({8, 3});
    StepProfiler profiler(BaseWeights({weight}), false);
    profiler.record([&] {
        (void)at::mm(x, weight.t());
        (void)at::mm(x, weight.narrow(0, 3, 5).t()); // a part of it
        (void)at::mm(x, other);
        (void)at::bmm(at::rand({2, 3, 4}), at::rand({2, 4, 3}));
    });
    const StepProfile profile = profiler.profile(kAll);
    QCOMPARE(find(profile, "aten::mm", WorkKind::BaseProducts)->calls, 2.0);
    QCOMPARE(find(profile, "aten::mm", WorkKind::AdapterProducts)->calls, 1.0);
    QCOMPARE(find(profile, "aten::bmm", WorkKind::Attention)->calls, 1.0);
}

void TestStepProfile::rowsUnpackedTogetherAreTheBases() {
    const at::Tensor table = at::rand({3000, 512});
    const at::Tensor packed =
        packedTensor(packTable(table, std::make_shared<ScratchPool>()).value(), at::kFloat);
    const BaseWeights weights({packed});
    const std::vector<RowRange> ranges = unpackedTogether(packed);
    QCOMPARE(ranges.size(), std::size_t{2});
    for (const RowRange& rows : ranges) {
        const DenseWeight dense(packed, rows);
        QVERIFY(weights.has(dense.tensor()) && weights.has(dense.tensor().t()));
    }
    QVERIFY(!weights.has(table.narrow(0, 0, 7)));
}

void TestStepProfile::operatorsAreCountedOnceAndAddUp() {
    const at::Tensor x = at::rand({64, 64});
    StepProfiler profiler(BaseWeights({}), false);
    for (int step = 0; step < 3; ++step)
        profiler.record([&] {
            for (int i = 0; i < 5; ++i)
                (void)at::mm(x, x);
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        });
    const StepProfile profile = profiler.profile(kAll);
    QCOMPARE(profile.steps, 3);
    const OperatorTime* product = find(profile, "aten::mm", WorkKind::AdapterProducts);
    QVERIFY(product != nullptr && product->seconds > 0);
    QCOMPARE(product->calls, 5.0);
    QVERIFY(profile.secondsOf(WorkKind::Other) >= 2e-3); // no operator: what the wall says is left
    QVERIFY2(std::abs(sumOf(profile) - profile.seconds) < 1e-9 * profile.seconds,
             qPrintable(QString::number(sumOf(profile) - profile.seconds)));
    double operators = 0;
    for (const OperatorTime& each : profile.operators)
        operators += each.seconds;
    QVERIFY(operators <= profile.seconds);
}

void TestStepProfile::nothingIsRecordedAfterwards() {
    const at::Tensor x = at::rand({8, 8});
    QVERIFY(!at::hasCallbacks());
    StepProfiler profiler(BaseWeights({}), false);
    profiler.record([&] { (void)at::mm(x, x); });
    QVERIFY(!at::hasCallbacks());
    (void)at::mm(x, x);
    profiler.record([] {});
    QCOMPARE(find(profiler.profile(kAll), "aten::mm", WorkKind::AdapterProducts)->calls, 0.5);
}

void TestStepProfile::onlyThreadsThatTakeOverTheStateShow() {
    const at::Tensor x = at::rand({8, 8});
    StepProfiler profiler(BaseWeights({}), false);
    profiler.record([&] {
        const at::ThreadLocalState state;
        std::jthread([&] { (void)at::mm(x, x); });
        std::jthread([&] {
            const at::ThreadLocalStateGuard same(state);
            (void)at::mm(x, x);
        });
    });
    const StepProfile profile = profiler.profile(kAll);
    QCOMPARE(find(profile, "aten::mm", WorkKind::AdapterProducts)->calls, 1.0);
    QVERIFY(sumOf(profile) <= profile.seconds * (1 + 1e-9));
}

void TestStepProfile::aProfiledRunIsTheSameBitForBit_data() {
    QTest::addColumn<QString>("method");
    QTest::addColumn<qint64>("threads");
    QTest::newRow("LoRA") << "lora" << qint64{1};
    QTest::newRow("LoRA, parts of a batch on two threads") << "lora" << qint64{2};
    QTest::newRow("all weights") << "full" << qint64{1};
}

void TestStepProfile::aProfiledRunIsTheSameBitForBit() {
    QFETCH(QString, method);
    QFETCH(qint64, threads);
    const ParamValues values = withDefaults(recipeSchema(), recipe({{"method", method.toStdString()},
                                                                    {"threads", threads},
                                                                    {"batch_size", 16L},
                                                                    {"max_steps", 9L}}));
    RunRecorder plain(m_files / ("plain" + method.toStdString() + std::to_string(threads)));
    QVERIFY(plain.run(values).has_value());

    RunRecorder::Series losses;
    TrialContext context;
    context.id = TrialId{1};
    context.seed = 42;
    context.folder = m_files / ("profiled" + method.toStdString() + std::to_string(threads));
    std::filesystem::create_directories(context.folder);
    context.publish = [](const Event&) {};
    context.report = [&losses](std::string_view metric, std::int64_t step, double value, double) {
        if (metric == "loss")
            losses[step] = value;
        return Verdict::Continue;
    };
    const auto profile = TrainingRun(values, context, {}).profile(100);
    QVERIFY2(profile.has_value(), profile ? "" : profile.error().text().c_str());
    QCOMPARE(profile->steps, 9 - kProfileWarmup);
    QCOMPARE(losses.size(), std::size_t{9});
    QVERIFY(losses == plain.series("loss"));
}

void TestStepProfile::aRecipesStepIsSortedIntoKinds_data() {
    QTest::addColumn<QString>("method");
    QTest::addColumn<bool>("hasAdapter");
    QTest::newRow("lora") << "lora" << true;
    QTest::newRow("parallel") << "parallel" << true;
    QTest::newRow("full") << "full" << false;
}

void TestStepProfile::aRecipesStepIsSortedIntoKinds() {
    QFETCH(QString, method);
    QFETCH(bool, hasAdapter);
    const auto profile = profiled({{"method", method.toStdString()}, {"max_steps", 40L}}, 6);
    QVERIFY2(profile.has_value(), profile ? "" : profile.error().text().c_str());
    QCOMPARE(profile->steps, 6);
    QVERIFY(profile->tokens > 0 && profile->flops > 0 && profile->threads == 1);
    QCOMPARE(profile->device, std::string("cpu"));
    for (std::size_t i = 0; i < kWorkKinds; ++i) {
        const auto kind = static_cast<WorkKind>(i);
        const bool isExpected = kind != WorkKind::AdapterProducts || hasAdapter;
        QVERIFY2((profile->kinds[i] > 0) == isExpected, std::string(toString(kind)).c_str());
    }
    QVERIFY(std::abs(sumOf(*profile) - profile->seconds) < 1e-9);
    QVERIFY(profile->operators.size() <= 12 && !profile->operators.empty());
    QVERIFY(std::ranges::is_sorted(profile->operators, std::ranges::greater(), &OperatorTime::seconds));
}

void TestStepProfile::aShortRecipeIsMeasuredAsFarAsItGoes() {
    const auto profile = profiled({{"max_steps", 2L}}, 20);
    QVERIFY(profile.has_value());
    QCOMPARE(profile->steps, 1);
}

void TestStepProfile::aStopEndsIt() {
    std::stop_source stop;
    ProfileRequest request;
    request.recipe = recipe({{"max_steps", 40L}});
    request.stop = stop.get_token();
    request.onProgress = [&stop](const std::string& phase, std::int64_t done, std::int64_t) {
        if (phase == "measuring" && done == 5)
            stop.request_stop();
    };
    const auto profile = profileTraining(request);
    QVERIFY(!profile.has_value() && profile.error().kind == Error::Kind::Cancelled);
}

void TestStepProfile::badRequestsAreRefused() {
    for (const std::int64_t steps : {std::int64_t{0}, kMostProfileSteps + 1}) {
        const auto profile = profiled({}, steps);
        QVERIFY(!profile.has_value());
        QVERIFY(profile.error().kind == Error::Kind::Input);
        QCOMPARE(profile.error().where, std::string("steps"));
    }
    const auto profile = profiled({{"model", std::string("/nowhere")}});
    QVERIFY(!profile.has_value() && profile.error().kind == Error::Kind::Input);
}

void TestStepProfile::operationsAreThoseOfTheFormula() {
    ModelSummary model;
    model.layers = 2;
    model.heads = 2;
    model.headSize = 4;
    model.hiddenSize = 8;
    model.outputs = 32;
    model.sites = {{"a", "a", 0, 8, 16}, {"head", "head", -1, 8, 32, false, SiteKind::Head}};
    Batch batch;
    batch.rows = 2;
    batch.length = 4;
    batch.mask = {1, 1, 1, 1, 1, 1, 0, 0};
    batch.realTokens = 6;
    batch.labelledTokens = 3;
    StepWork work = workOf(std::span(&batch, 1), model);
    QCOMPARE(work.tokens, 6.0);
    QCOMPARE(work.headRows, 3.0);
    QCOMPARE(work.pairs, 10.0 + 3.0);
    work.added = 24;
    work.ownTrained = 128;
    // 4 · 8 · 16 + 6 · 24 + 2 · 128 a token; 12 · 13 pairs · 8 wide · 2 layers; 4 · 3 rows · 8 · 32
    QCOMPARE(stepFlops(work, model), 6 * (512.0 + 144 + 256) + 2496 + 3072);
    model.isCausal = false;
    QCOMPARE(workOf(std::span(&batch, 1), model).pairs, 16.0 + 4.0);
}

void TestStepProfile::theTableHasEveryKindAndOperator() {
    StepProfile profile;
    profile.seconds = 0.02;
    profile.kinds[0] = 0.015;
    profile.kinds[7] = 0.005;
    profile.operators = {{"a<b, \"c\">", WorkKind::Attention, 2.5, 0.004}};
    const auto lines = QString::fromStdString(toCsv(profile)).split('\n');
    QCOMPARE(lines.size(), 1 + 8 + 1 + 1);
    QCOMPARE(lines[1], "base_products,,,15,0.75");
    QCOMPARE(lines[9], "attention,\"a<b, \"\"c\"\">\",2.5,4,0.2");
}

QTEST_GUILESS_MAIN(TestStepProfile)
#include "tst_step_profile.moc"
