#include "core/model/load_model.h"
#include "core/train/trial_pack.h"
#include "tests/core/train/run_recorder.h"
#include "tests/core/train/tiny_model.h"

#include <QtTest>

#include <cmath>
#include <thread>

using namespace lathe;
using namespace lathe::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kLimit = 30s; // of a wait; a run takes far below a second on a free machine
/// fp32 over twenty steps: small batches take other kernels of the matrix library than packs do.
constexpr double kRounding = 1e-3;

ParamValues with(ParamValues recipe, const ParamValues& changes) {
    for (const auto& [key, value] : changes.map())
        recipe.set(key, value);
    return recipe;
}

double worst(const RunRecorder::Series& actual, const RunRecorder::Series& expected) {
    if (actual.size() != expected.size() || actual.empty())
        return 1;
    double worst = 0;
    for (const auto& [step, value] : expected)
        worst =
            std::max(worst, actual.contains(step) ? std::abs(actual.at(step) - value) / std::abs(value) : 1);
    return worst;
}

/// A run on a thread of its own.
class Runner {
public:
    Runner(const std::filesystem::path& folder, std::shared_ptr<PackDesk> desk) : recorder(folder) {
        recorder.desk = std::move(desk);
    }
    void start(const ParamValues& recipe, bool shouldResume = false) {
        m_thread =
            std::jthread([this, recipe, shouldResume] { result = recorder.run(recipe, shouldResume); });
    }
    void join() { m_thread.join(); }

    RunRecorder recorder;
    std::optional<Result<TrialResult>> result;

private:
    std::jthread m_thread; // last: the others are there while it runs
};

} // namespace

class TestTrialPack : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { writeTinyProject(m_files); }
    void init();
    void trialsTogetherReportWhatTheyDoAlone();
    void trialsToBeTheSameAgainAreSoAtAnyPace();
    void aTrialThatDivergesFailsAlone();
    void aPausedTrialHoldsNobodyUp();
    void aPrunedTrialLeavesAtOnce();
    void aStoppedTrialResumesInAnotherPack();
    void theBaseIsLoadedOnceAndGoesWithTheLast();
    void whatCannotPackFindsNoPack_data();
    void whatCannotPackFindsNoPack();

private:
    ParamValues recipe(std::int64_t rank, double lr) const {
        return with(tinyRecipe(m_files.path()),
                    {{"rank", rank}, {"learning_rate", lr}, {"pack_trials", std::string("always")}});
    }
    Runner& runner(const std::string& name) {
        m_runners.push_back(
            std::make_unique<Runner>(m_out->path() / name, name.starts_with("alone") ? nullptr : m_desk));
        return *m_runners.back();
    }
    /// Holds the pack, so that its count of steps can be asked for afterwards.
    std::shared_ptr<TrialPack> pack() const {
        return m_desk->packFor(withDefaults(recipeSchema(), recipe(4, 0.02))).value();
    }

    TempFolder m_files;
    std::unique_ptr<TempFolder> m_out;
    std::shared_ptr<PackDesk> m_desk;
    std::vector<std::unique_ptr<Runner>> m_runners;
};

void TestTrialPack::init() {
    m_runners.clear();
    m_out = std::make_unique<TempFolder>();
    m_desk = makePackDesk();
}

void TestTrialPack::trialsTogetherReportWhatTheyDoAlone() {
    const auto held = pack();
    const std::vector<ParamValues> recipes{recipe(4, 0.02), with(recipe(2, 0.01), {{"dropout", 0.1}}),
                                           with(recipe(8, 0.005), {{"batch_size", std::int64_t{3}}})};
    std::vector<Runner*> together;
    for (std::size_t i = 0; i < recipes.size(); ++i)
        together.push_back(&runner("packed" + std::to_string(i)));
    for (std::size_t i = 0; i < recipes.size(); ++i)
        together[i]->start(recipes[i]);
    for (std::size_t i = 0; i < recipes.size(); ++i) {
        together[i]->join();
        Runner& alone = runner("alone" + std::to_string(i));
        alone.start(recipes[i]);
        alone.join();
        QVERIFY(together[i]->result->has_value() && alone.result->has_value());
        for (const char* metric : {"loss", "eval_loss", "grad_norm"}) {
            const double off = worst(together[i]->recorder.series(metric), alone.recorder.series(metric));
            QVERIFY2(off < kRounding, qPrintable(QStringLiteral("%1: %2").arg(metric).arg(off)));
        }
    }
    QVERIFY(held->stepsTogether() > 0);
}

/// Twice beside each other, the second time one dawdles here and another there, and once alone.
void TestTrialPack::trialsToBeTheSameAgainAreSoAtAnyPace() {
    std::vector<ParamValues> recipes;
    for (const std::int64_t rank : {1, 2, 3, 4, 5, 6})
        recipes.push_back(with(recipe(rank, 0.01), {{"dropout", rank % 2 == 0 ? 0.1 : 0.0}}));
    const auto held = pack();
    std::vector<std::vector<RunRecorder::Series>> losses(recipes.size());
    for (const std::string time : {"swift", "dawdling", "alone"}) {
        std::vector<Runner*> trials;
        for (std::size_t i = 0; i < recipes.size(); ++i) {
            trials.push_back(&runner(time + std::to_string(i)));
            trials[i]->recorder.isRepeatable = true;
            trials[i]->recorder.onPoint = [i, dawdles = time == "dawdling"](auto, std::int64_t step) {
                if (dawdles)
                    std::this_thread::sleep_for(std::chrono::microseconds(mixSeed(i, step) % 2000));
                return Verdict::Continue;
            };
        }
        for (std::size_t i = 0; i < recipes.size(); ++i) {
            trials[i]->start(recipes[i]);
            if (time == "alone")
                trials[i]->join();
        }
        for (std::size_t i = 0; i < recipes.size(); ++i) {
            if (time != "alone")
                trials[i]->join();
            QVERIFY(trials[i]->result->has_value());
            for (const char* metric : {"loss", "eval_loss", "grad_norm"})
                losses[i].push_back(trials[i]->recorder.series(metric));
        }
    }
    QCOMPARE(held->stepsTogether(), std::int64_t{0});
    for (const auto& own : losses) {
        QCOMPARE(own.size(), std::size_t{9});
        for (std::size_t metric = 0; metric < 3; ++metric) {
            QVERIFY(!own[metric].empty());
            QVERIFY(own[metric] == own[metric + 3] && own[metric] == own[metric + 6]);
        }
    }
}

void TestTrialPack::aTrialThatDivergesFailsAlone() {
    Runner& good = runner("good");
    Runner& bad = runner("bad");
    good.start(recipe(4, 0.02));
    // A decay of 100 a step: the weights grow 99-fold each time.
    bad.start(with(recipe(4, 10.0), {{"weight_decay", 10.0}, {"schedule", std::string("constant")}}));
    good.join();
    bad.join();
    QVERIFY(!bad.result->has_value());
    QVERIFY2(bad.result->error().text().find("lower the learning rate") != std::string::npos,
             bad.result->error().text().c_str());
    QVERIFY2(good.result->has_value(), "the other trial fell too");
    QCOMPARE(good.recorder.series("loss").size(), std::size_t{20});
}

void TestTrialPack::aPausedTrialHoldsNobodyUp() {
    Runner& paused = runner("paused");
    Runner& other = runner("other");
    paused.recorder.pause->pause();
    paused.start(recipe(4, 0.02));
    QVERIFY(paused.recorder.waitFor(TrialState::Paused, kLimit));
    other.start(recipe(4, 0.02));
    other.join();
    QVERIFY(other.result->has_value());
    paused.recorder.pause->resume();
    paused.join();
    QVERIFY(paused.result->has_value());
    QCOMPARE(paused.recorder.series("loss").size(), std::size_t{20});
}

void TestTrialPack::aPrunedTrialLeavesAtOnce() {
    Runner& pruned = runner("pruned");
    Runner& other = runner("other");
    pruned.recorder.onPoint = [](std::string_view metric, std::int64_t step) {
        return metric == "loss" && step == 3 ? Verdict::Prune : Verdict::Continue;
    };
    pruned.start(recipe(4, 0.02));
    other.start(recipe(2, 0.02));
    pruned.join();
    other.join();
    QVERIFY(pruned.result->value().wasPruned);
    QCOMPARE(pruned.result->value().steps, std::int64_t{3});
    QCOMPARE(other.result->value().steps, std::int64_t{20});
}

void TestTrialPack::aStoppedTrialResumesInAnotherPack() {
    Runner& alone = runner("alone");
    alone.start(recipe(4, 0.02));
    alone.join();
    {
        Runner& first = runner("first");
        Runner& beside = runner("beside");
        first.recorder.onPoint = [&first](std::string_view metric, std::int64_t step) {
            if (metric == "loss" && step == 7)
                first.recorder.stop.request_stop();
            return Verdict::Continue;
        };
        first.start(recipe(4, 0.02));
        beside.start(recipe(8, 0.01));
        first.join();
        beside.join();
        QCOMPARE(first.result->error().kind, Error::Kind::Cancelled);
    }
    Runner& again = runner("first");
    Runner& company = runner("company");
    again.start(recipe(4, 0.02), true);
    company.start(recipe(2, 0.03));
    again.join();
    company.join();
    QVERIFY(again.result->has_value());
    RunRecorder::Series rest = alone.recorder.series("loss");
    rest.erase(rest.begin(), rest.upper_bound(7));
    RunRecorder::Series resumed = again.recorder.series("loss");
    resumed.erase(resumed.begin(), resumed.upper_bound(7)); // those that the checkpoint repeats
    QVERIFY(worst(resumed, rest) < kRounding);
}

void TestTrialPack::theBaseIsLoadedOnceAndGoesWithTheLast() {
    auto first = pack();
    auto second = m_desk->packFor(withDefaults(recipeSchema(), recipe(16, 0.5))).value();
    QCOMPARE(first.get(), second.get());
    const auto model = sharedModel(m_files / "model", first->base()).value();
    const std::string name = model->weights().front().first;
    QCOMPARE(model->weight(name).data_ptr(), first->base().weight(name).data_ptr());
    const auto narrow = with(recipe(4, 0.02), {{"precision", std::string("bfloat16")}});
    const auto other = m_desk->packFor(withDefaults(recipeSchema(), narrow)).value();
    QVERIFY(other.get() != first.get());
    const std::weak_ptr<TrialPack> watched = first;
    first.reset();
    QVERIFY(!watched.expired());
    second.reset();
    QVERIFY(watched.expired());
}

void TestTrialPack::whatCannotPackFindsNoPack_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::newRow("the recipe says so") << "pack_trials"
                                        << "never";
    QTest::newRow("another method") << "method"
                                    << "ia3";
    QTest::newRow("an untrained base") << "init"
                                       << "random";
}

void TestTrialPack::whatCannotPackFindsNoPack() {
    QFETCH(QString, key);
    QFETCH(QString, value);
    ParamValues changed = withDefaults(recipeSchema(), recipe(4, 0.02));
    changed.set(key.toStdString(), value.toStdString());
    QVERIFY(m_desk->packFor(changed).value() == nullptr);
}

QTEST_GUILESS_MAIN(TestTrialPack)
#include "tst_trial_pack.moc"
