#include "core/base/cores.h"
#include "core/model/load_model.h"
#include "core/train/pack_groups.h"
#include "core/train/threads.h"
#include "core/train/trial_pack.h"
#include "tests/core/train/tiny_model.h"

#include <QDeadlineTimer>
#include <QtTest>

#include <chrono>
#include <cmath>
#include <semaphore>
#include <system_error>
#include <thread>

using namespace lathe;
using namespace lathe::test;

namespace {

/// How the trials of a hand-made pack differ.
struct Knobs {
    std::uint64_t seed = 1;
    std::int64_t rank = 4;
    double dropout = 0;
    double lr = 2e-3;
    std::vector<std::vector<std::size_t>> lengths{{8, 8}}; ///< of the rows of each micro-batch
    std::size_t steps = 12;
    std::int64_t threads = 1;       ///< as of StepTurn
    std::int64_t poisonedStep = -1; ///< has a token that the vocabulary lacks
};

/// A trial over a shared base, which leaves its steps to a pack or takes them alone.
class Trial {
public:
    Trial(const std::filesystem::path& folder, const LanguageModel& base, Knobs knobs)
        : m_knobs(std::move(knobs)), m_model(sharedModel(folder, base).value()) {
        const auto lora = makeLoraMethod();
        ParamValues values = defaults(lora->options());
        values.set("rank", m_knobs.rank);
        values.set("dropout", m_knobs.dropout);
        values.set("target_modules", std::string("all-linear"));
        m_adapter = lora->attach(*m_model, values, m_knobs.seed);
        m_adapter->beginTraining(static_cast<std::int64_t>(m_knobs.steps));
        m_optimizer = std::make_unique<FlatAdamW>(m_adapter->groups(), FlatAdamW::Settings{});
    }

    /// On the calling thread. Null pack: alone.
    void run(TrialPack* pack) {
        const auto seat = pack != nullptr ? seatIn(*pack) : nullptr;
        for (std::size_t step = 0; step < m_knobs.steps; ++step) {
            try {
                take(seat.get());
            } catch (const std::exception&) {
                ++failures;
            }
            if (seat && step % 5 == m_knobs.seed % 5) // as to evaluate
                seat->standAside();
        }
    }
    std::unique_ptr<TrialPack::Seat> seatIn(TrialPack& pack) { return pack.join(*m_model, *m_adapter); }
    void take(TrialPack::Seat* seat) {
        const std::int64_t step = m_step++;
        const std::vector<Batch> batches = draw(step == m_knobs.poisonedStep);
        StepTurn turn{m_adapter.get(), m_optimizer.get(), batches, step, m_knobs.lr, 1.0};
        turn.threads = m_knobs.threads;
        losses.push_back((seat != nullptr ? seat->step(turn) : trainingStep(*m_model, turn)).loss);
    }
    [[nodiscard]] double weightsOff(const Trial& other) const {
        double worst = 0;
        for (std::size_t i = 0; i < m_adapter->parameters().size(); ++i) {
            const at::Tensor mine = m_adapter->parameters()[i].second.detach();
            const at::Tensor its = other.m_adapter->parameters()[i].second.detach();
            worst = std::max(worst, ((mine - its).abs().max() / its.abs().max()).item<double>());
        }
        return worst;
    }

    std::vector<double> losses;
    int failures = 0;

private:
    std::vector<Batch> draw(bool isPoisoned) {
        std::vector<Batch> batches;
        for (const std::vector<std::size_t>& lengths : m_knobs.lengths) {
            std::vector<Example> rows(lengths.size());
            std::vector<const Example*> pointers;
            for (std::size_t row = 0; row < rows.size(); ++row) {
                for (std::size_t i = 0; i < lengths[row]; ++i)
                    rows[row].ids.push_back(static_cast<std::int32_t>(mixSeed(m_knobs.seed, m_drawn++) % 32));
                rows[row].labels = rows[row].ids;
                if (isPoisoned)
                    rows[row].ids.front() = 1'000'000;
                pointers.push_back(&rows[row]);
            }
            batches.push_back(makeBatch(pointers, 0));
        }
        return batches;
    }

    Knobs m_knobs;
    std::unique_ptr<LanguageModel> m_model;
    std::unique_ptr<Adapter> m_adapter;
    std::unique_ptr<FlatAdamW> m_optimizer;
    std::int64_t m_step = 0;
    std::uint64_t m_drawn = 0;
};

/// The same trials in a pack of at least two threads, where there are two cores, and alone.
struct Both {
    Both(const std::filesystem::path& folder, at::ScalarType dtype, const std::vector<Knobs>& knobs,
         ThreadStart start = startThread)
        : pack(
              loadModel(folder, {dtype, at::kCPU}).value(), Packing::Always, 1,
              [folder](const LanguageModel& base) { return sharedModel(folder, base); }, std::move(start)) {
        for (const Knobs& own : knobs) {
            packed.push_back(std::make_unique<Trial>(folder, pack.base(), own));
            alone.push_back(std::make_unique<Trial>(folder, pack.base(), own));
        }
        std::vector<std::jthread> threads;
        for (const auto& trial : packed)
            threads.emplace_back([&, trial = trial.get()] {
                useThreads(1);
                trial->run(&pack);
            });
        threads.clear();
        for (const auto& trial : alone)
            trial->run(nullptr);
    }
    /// The largest relative difference of the losses and weights of a trial.
    [[nodiscard]] double off(std::size_t trial) const {
        const Trial& mine = *packed[trial];
        const Trial& its = *alone[trial];
        double worst = mine.losses.size() == its.losses.size() ? mine.weightsOff(its) : 1;
        for (std::size_t i = 0; i < std::min(mine.losses.size(), its.losses.size()); ++i)
            worst = std::max(worst, std::abs(mine.losses[i] - its.losses[i]) / std::abs(its.losses[i]));
        return worst;
    }

    TrialPack pack;
    std::vector<std::unique_ptr<Trial>> packed, alone; // after the pack whose base they share
};

/// Eight of unlike ranks, dropout, lengths and micro-batches; enough for groups of several on each thread.
std::vector<Knobs> unlikeTrials() {
    std::vector<Knobs> all;
    for (std::uint64_t seed = 1; seed <= 8; ++seed)
        all.push_back({.seed = seed,
                       .rank = static_cast<std::int64_t>(1 + seed % 5),
                       .dropout = seed % 3 == 0 ? 0.2 : 0,
                       .lr = 1e-3 * static_cast<double>(seed)});
    all[1].lengths = {{5, 1, 9}};
    all[2].lengths = {{7}, {3, 4}};
    all[4].lengths = {{2, 6}};
    all[6].lengths = {{16}};
    return all;
}

constexpr auto kPatience = std::chrono::seconds(20); // only a broken pack waits so long
constexpr double kExact = 1e-12; // fp64, relative: what another order of the same sums leaves

} // namespace

class TestPackGroups : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        useThreads(1);
        writeTinyProject(m_files);
    }
    void groupsOnTwoThreadsStepAsTrialsAlone();
    void oneThatIsNotANumberTouchesNobodyInAnyGroup();
    void trialsOfAFailedPassStepAlone();
    void withoutAThreadTrialsStepAlone();
    void trialsJoinAndLeaveGroupsAtAnyStep();
    void whoWaitsGoesOnWhenTheOthersLeave();
    void aTrialOfManyTokensStepsBitForBitAsAlone();
    void aPassOfOneTrialTakesItsGroupsThreads();
    void waitingTrialsAreAThreadsShareOrAllThatCome();
    void passesServeFewTokensOrOneTrial();

private:
    TempFolder m_files;
};

void TestPackGroups::groupsOnTwoThreadsStepAsTrialsAlone() {
    const Both both(m_files / "model", at::kDouble, unlikeTrials());
    QVERIFY(both.pack.stepsTogether() > 8 * 12 / 2);
    for (std::size_t i = 0; i < both.packed.size(); ++i)
        QVERIFY2(both.off(i) <= kExact, qPrintable(QStringLiteral("%1: %2").arg(i).arg(both.off(i))));
}

void TestPackGroups::oneThatIsNotANumberTouchesNobodyInAnyGroup() {
    std::vector<Knobs> knobs = unlikeTrials();
    knobs[3].lr = 1e200;
    const Both both(m_files / "model", at::kDouble, knobs);
    QVERIFY(!std::isfinite(both.packed[3]->losses.back()));
    for (std::size_t i = 0; i < both.packed.size(); ++i)
        QVERIFY2(i == 3 || both.off(i) <= kExact, qPrintable(QString::number(i)));
}

/// Nobody waits for them afterwards, either.
void TestPackGroups::trialsOfAFailedPassStepAlone() {
    std::vector<Knobs> knobs = unlikeTrials();
    knobs[5].poisonedStep = 4;
    const Both both(m_files / "model", at::kDouble, knobs);
    QCOMPARE(both.packed[5]->failures, 1);
    QCOMPARE(both.packed[5]->losses.size(), std::size_t{11});
    QVERIFY(both.pack.stepsTogether() > 0);
    for (std::size_t i = 0; i < both.packed.size(); ++i)
        QVERIFY2(both.off(i) <= kExact, qPrintable(QStringLiteral("%1: %2").arg(i).arg(both.off(i))));
}

/// The first is not there, or the second, for which the first one's group waits.
void TestPackGroups::withoutAThreadTrialsStepAlone() {
    for (int started = 0; started < std::min(2, availableCores()); ++started) {
        int asked = 0; // the pack's lock is held
        std::binary_semaphore isRefused(0);
        const ThreadStart start = [&, started](std::function<void(const std::stop_token&)> work) {
            if (asked++ == started) {
                isRefused.release();
                throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
            }
            return startThread([&isRefused, work = std::move(work)](const std::stop_token& stop) {
                if (isRefused.try_acquire_for(kPatience))
                    work(stop);
            });
        };
        const Both both(m_files / "model", at::kDouble, unlikeTrials(), start);
        QCOMPARE(asked, started + 1); // and never again
        QCOMPARE(both.pack.stepsTogether() > 0, started > 0);
        for (std::size_t i = 0; i < both.packed.size(); ++i) {
            QCOMPARE(both.packed[i]->failures, 0);
            QVERIFY2(both.off(i) <= kExact, qPrintable(QStringLiteral("%1: %2").arg(i).arg(both.off(i))));
        }
    }
}

void TestPackGroups::trialsJoinAndLeaveGroupsAtAnyStep() {
    std::vector<Knobs> knobs = unlikeTrials();
    for (std::size_t i = 0; i < knobs.size(); ++i)
        knobs[i].steps = 3 + 4 * i;
    const Both both(m_files / "model", at::kDouble, knobs);
    QVERIFY(both.pack.stepsTogether() > 0);
    for (std::size_t i = 0; i < both.packed.size(); ++i)
        QVERIFY2(both.off(i) <= kExact, qPrintable(QStringLiteral("%1: %2").arg(i).arg(both.off(i))));
}

/// The small one waits for the large one, which is most of the work of both.
void TestPackGroups::whoWaitsGoesOnWhenTheOthersLeave() {
    const std::filesystem::path folder = m_files / "model";
    TrialPack pack(loadModel(folder, {at::kDouble, at::kCPU}).value(), Packing::Always, 1,
                   [folder](const LanguageModel& base) { return sharedModel(folder, base); });
    Trial small(folder, pack.base(), {.seed = 1, .lengths = {{2}}});
    Trial large(folder, pack.base(), {.seed = 2, .lengths = {{60, 60, 60}}});
    const auto smallSeat = small.seatIn(pack);
    const auto largeSeat = large.seatIn(pack);
    for (int time = 0; time < 20; ++time) {
        large.take(largeSeat.get());
        std::jthread stepping([&] {
            useThreads(1);
            small.take(smallSeat.get());
            smallSeat->standAside();
        });
        const QDeadlineTimer limit(kPatience);
        while (pack.waiting() == 0 && !limit.hasExpired())
            std::this_thread::yield();
        const std::size_t waiting = pack.waiting();
        largeSeat->standAside();
        QCOMPARE(waiting, std::size_t{1});
    }
    QCOMPARE(pack.stepsTogether(), std::int64_t{0});
    QCOMPARE(small.losses.size(), std::size_t{20});
}

void TestPackGroups::aTrialOfManyTokensStepsBitForBitAsAlone() {
    std::vector<Knobs> knobs = unlikeTrials();
    for (Knobs& own : knobs)
        own.lengths = {{60, 60, 60, 60, 60}};
    const Both both(m_files / "model", at::kFloat, knobs);
    QVERIFY(both.pack.stepsTogether() > 0);
    for (std::size_t i = 0; i < both.packed.size(); ++i) {
        QCOMPARE(both.packed[i]->losses, both.alone[i]->losses);
        QCOMPARE(both.packed[i]->weightsOff(*both.alone[i]), 0.0);
    }
}

/// A step depends in its last bits on the number of its parts, one a thread.
void TestPackGroups::aPassOfOneTrialTakesItsGroupsThreads() {
    const int cores = availableCores();
    if (cores < 2)
        QSKIP("one core");
    const std::filesystem::path folder = m_files / "model";
    TrialPack pack(loadModel(folder, {at::kFloat, at::kCPU}).value(), Packing::Always, cores,
                   [folder](const LanguageModel& base) { return sharedModel(folder, base); });
    Knobs knobs{.lengths = {std::vector<std::size_t>(2 * static_cast<std::size_t>(cores), 32)}, .steps = 3};
    const auto trialOf = [&](std::int64_t threads) {
        knobs.threads = threads;
        return Trial(folder, pack.base(), knobs);
    };
    Trial beside = trialOf(cores), packed = trialOf(cores), half = trialOf(cores / 2), whole = trialOf(cores);
    const auto besideSeat = beside.seatIn(pack);
    beside.take(besideSeat.get()); // from then on it is there, and half of the threads are its own
    packed.run(&pack);
    useThreads(cores / 2);
    half.run(nullptr);
    useThreads(cores);
    whole.run(nullptr);
    useThreads(1);
    QCOMPARE(pack.stepsTogether(), std::int64_t{3});
    QCOMPARE(packed.losses, half.losses);
    QCOMPARE(packed.weightsOff(half), 0.0);
    QVERIFY(packed.weightsOff(whole) > 0);
}

void TestPackGroups::waitingTrialsAreAThreadsShareOrAllThatCome() {
    const std::vector<std::int64_t> equal(8, 32);
    const auto first = [&](std::size_t count) { return std::span(equal).first(count); };
    QCOMPARE(shareOf(first(3), 256, 8, 2), std::size_t{0});
    QCOMPARE(shareOf(first(4), 256, 8, 2), std::size_t{4});
    QCOMPARE(shareOf(first(7), 256, 8, 2), std::size_t{4});
    QCOMPARE(shareOf(first(7), 256, 8, 1), std::size_t{0});
    QCOMPARE(shareOf(first(1), 256, 8, 8), std::size_t{1});
    QCOMPARE(shareOf({}, 256, 8, 8), std::size_t{0});
    const std::vector<std::int64_t> uneven{30, 33, 28, 31}; // of eight with 252 tokens
    QCOMPARE(shareOf(uneven, 252, 8, 2), std::size_t{4});
    const std::vector<std::int64_t> large{32, 2048};
    QCOMPARE(shareOf(large, 2048 + 7 * 32, 8, 2), std::size_t{2});
}

void TestPackGroups::passesServeFewTokensOrOneTrial() {
    const std::vector<std::int64_t> tokens{100, 100, 100, 300, 10, 246, 1};
    QCOMPARE(passSizes(tokens), (std::vector<std::size_t>{2, 1, 1, 2, 1}));
    QVERIFY(passSizes({}).empty());
}

QTEST_GUILESS_MAIN(TestPackGroups)
#include "tst_pack_groups.moc"
