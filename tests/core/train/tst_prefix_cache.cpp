#include "core/model/load_model.h"
#include "core/train/prefix_cache.h"
#include "core/train/training_step.h"
#include "tests/core/train/run_recorder.h"
#include "tests/core/train/tiny_model.h"
#include "tests/support/oracle.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>
#include <fstream>

using namespace lathe;
using namespace lathe::test;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kPlenty = 1'000'000'000;

ParamValues with(ParamValues recipe, const ParamValues& changes) {
    for (const auto& [key, value] : changes.map())
        recipe.set(key, value);
    return recipe;
}

bool says(const std::vector<std::string>& log, const std::string& words) {
    return std::ranges::any_of(
        log, [&](const std::string& line) { return line.find(words) != std::string::npos; });
}

Example row(std::vector<std::int32_t> ids) {
    Example made;
    made.labels = ids;
    made.ids = std::move(ids);
    return made;
}

} // namespace

class TestPrefixCache : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();

    void runsLearnTheSameBitForBit_data();
    void runsLearnTheSameBitForBit();
    void aResumedRunRepeatsTheUninterruptedOne();
    void packedTrialsLearnTheSameFromIt();
    void trialsOfAStudyComputeEachRowOnce();
    void whatIsNotConstantIsRefusedWithTheReason_data();
    void whatIsNotConstantIsRefusedWithTheReason();
    void rowsReadOnceAreNotKept();
    void whatDoesNotFitIsNotKept();
    void whatMemoryDoesNotHoldIsOnTheDisk();
    void anotherModelHasAnotherFile();
    void damagedRowsAreComputedAgain();
    void aCutFileIsMadeAnew();
    void filesUsedLongestAgoMakeRoom();

private:
    [[nodiscard]] ParamValues recipe(const ParamValues& changes = {}) const {
        return with(with(tinyRecipe(m_files.path()),
                         {{"target_layers", std::string("2-3")}, {"dropout", 0.1}, {"max_steps", 24L}}),
                    changes);
    }
    [[nodiscard]] fs::path newFolder() { return m_files / std::to_string(++m_folders); }
    [[nodiscard]] std::unique_ptr<LanguageModel> model() const {
        return loadModel(m_files / "model").value();
    }
    [[nodiscard]] std::unique_ptr<Adapter> upper(LanguageModel& model) const {
        const auto lora = makeLoraMethod();
        return lora->attach(model, with(defaults(lora->options()), {{"target_layers", std::string("2-3")}}),
                            1);
    }
    [[nodiscard]] PrefixCacheWish wish(std::uint64_t memory, const fs::path& folder = {}) const {
        PrefixCacheWish wanted{m_data, m_files / "model"};
        wanted.epochs = 3;
        wanted.memoryBytes = memory;
        wanted.folder = {folder, kPlenty};
        return wanted;
    }
    /// The hidden states of some rows by way of a cache.
    [[nodiscard]] at::Tensor read(PrefixCache& cache, LanguageModel& model) const {
        const Example rows[] = {m_data.train[0], m_data.train[1], m_data.train[2]};
        const std::vector<const Example*> pointers{&rows[0], &rows[1], &rows[2]};
        return cache.startOf(model, makeBatch(pointers, 0), BatchLayout::SideBySide).input;
    }

    TempFolder m_files;
    TrainingData m_data;
    int m_folders = 0;
};

void TestPrefixCache::initTestCase() {
    at::set_num_threads(1); // more would add up long sums in another order
    writeTinyProject(m_files, {32, 4});
    writeTinyLabels(m_files, 8);
    m_data.train = ExampleList({row({5, 6, 7}), row({8, 9, 10, 11, 12}), row({13}), row({5, 6, 7})});
    m_data.eval = ExampleList({row({8, 9}), row({13})});
}

void TestPrefixCache::runsLearnTheSameBitForBit_data() {
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("precision");
    QTest::addColumn<bool>("isPacked");
    QTest::addColumn<bool>("isRecomputed");
    for (const char* method : {"lora", "adalora", "vera", "adapter_h"})
        QTest::newRow(method) << method << "float32" << false << false;
    QTest::newRow("bfloat16") << "lora"
                              << "bfloat16" << false << false;
    QTest::newRow("rows that share sequences") << "lora"
                                               << "float32" << true << false;
    QTest::newRow("computed twice above") << "lora"
                                          << "float32" << false << true;
}

void TestPrefixCache::runsLearnTheSameBitForBit() {
    QFETCH(QString, method);
    QFETCH(QString, precision);
    QFETCH(bool, isPacked);
    QFETCH(bool, isRecomputed);
    const ParamValues values = recipe({{"method", method.toStdString()},
                                       {"precision", precision.toStdString()},
                                       {"packing", isPacked},
                                       {"recompute", isRecomputed}});
    RunRecorder cached(newFolder());
    const auto result = cached.run(values);
    QVERIFY2(result.has_value(), result ? "" : result.error().text().c_str());
    QVERIFY(says(cached.log(), "the activations below layer 2 of 4 are kept in memory"));
    RunRecorder plain(newFolder());
    QVERIFY(plain.run(with(values, {{"prefix_cache", std::string("off")}})).has_value());
    QVERIFY(!says(plain.log(), "activations"));
    QCOMPARE(cached.series("loss"), plain.series("loss"));
    QCOMPARE(cached.series("eval_loss"), plain.series("eval_loss"));
    QCOMPARE(cached.series("loss").size(), 24U);
}

void TestPrefixCache::aResumedRunRepeatsTheUninterruptedOne() {
    RunRecorder whole(newFolder());
    QVERIFY(whole.run(recipe()).has_value());
    const fs::path folder = newFolder();
    RunRecorder stopped(folder);
    stopped.onPoint = [&](std::string_view, std::int64_t step) {
        if (step == 7)
            stopped.stop.request_stop();
        return Verdict::Continue;
    };
    QVERIFY(!stopped.run(recipe()).has_value());
    RunRecorder resumed(folder);
    QVERIFY(resumed.run(recipe(), true).has_value());
    RunRecorder::Series rest = whole.series("loss");
    rest.erase(rest.begin(), rest.lower_bound(resumed.series("loss").begin()->first));
    QVERIFY(rest.size() >= 17U);
    QCOMPARE(resumed.series("loss"), rest);
}

void TestPrefixCache::packedTrialsLearnTheSameFromIt() {
    RunRecorder alone(newFolder());
    QVERIFY(alone.run(recipe()).has_value());
    const auto desk = makePackDesk();
    RunRecorder first(newFolder()), second(newFolder());
    first.desk = second.desk = desk;
    const ParamValues values = recipe({{"pack_trials", std::string("always")}});
    std::jthread beside([&] { (void)second.run(values); });
    QVERIFY(first.run(values).has_value());
    beside.join();
    const auto expected = alone.series("loss");
    constexpr double kRounding = 1e-4; // fp32, over 24 steps of AdamW: other batches, other products
    for (const RunRecorder* trial : {&first, &second}) {
        const auto losses = trial->series("loss");
        QCOMPARE(losses.size(), expected.size());
        for (const auto& [step, loss] : expected)
            QVERIFY(std::abs(losses.at(step) - loss) < kRounding * loss);
    }
}

void TestPrefixCache::trialsOfAStudyComputeEachRowOnce() {
    ActivationShelf shelf;
    PrefixCacheWish wanted = wish(kPlenty);
    wanted.shelf = &shelf;
    std::int64_t computed = 0;
    for (int trial = 0; trial < 3; ++trial) {
        const auto base = model();
        const auto adapter = upper(*base);
        const auto answer = openPrefixCache(*base, wanted);
        QVERIFY(answer.cache != nullptr);
        (void)read(*answer.cache, *base);
        computed += answer.cache->computedRows();
    }
    QCOMPARE(computed, std::int64_t{3});
}

void TestPrefixCache::whatIsNotConstantIsRefusedWithTheReason_data() {
    QTest::addColumn<QString>("method");
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("reason");
    QTest::newRow("an adapter below") << "lora"
                                      << "target_layers"
                                      << "0-3"
                                      << "layer 0 has an adapter";
    QTest::newRow("everything is trained") << "full"
                                           << "target_layers"
                                           << ""
                                           << "model.embed_tokens.weight is trained";
    QTest::newRow("norms are trained") << "layer_norm"
                                       << "target_layers"
                                       << ""
                                       << "model.layers.0.input_layernorm.weight is trained";
    QTest::newRow("a prefix") << "prefix"
                              << "target_layers"
                              << ""
                              << "trained tokens stand in front of each text";
    QTest::newRow("the token table") << "lora"
                                     << "target_modules"
                                     << "embed_tokens,q_proj"
                                     << "the token table has an adapter";
}

void TestPrefixCache::whatIsNotConstantIsRefusedWithTheReason() {
    QFETCH(QString, method);
    QFETCH(QString, key);
    QFETCH(QString, value);
    QFETCH(QString, reason);
    const auto base = model();
    const auto made = adapterMethods().make(method.toStdString()).value();
    ParamValues values = defaults(made->options());
    if (values.contains(key.toStdString()))
        values.set(key.toStdString(), value.toStdString());
    const auto adapter = made->attach(*base, values, 1);
    const auto answer = openPrefixCache(*base, wish(kPlenty));
    QVERIFY(answer.cache == nullptr);
    QVERIFY2(answer.note.ends_with(reason.toStdString()), answer.note.c_str());
}

void TestPrefixCache::rowsReadOnceAreNotKept() {
    const auto base = model();
    const auto adapter = upper(*base);
    PrefixCacheWish wanted = wish(kPlenty);
    wanted.epochs = 1;
    QVERIFY(openPrefixCache(*base, wanted).note.ends_with("each row is read once"));
}

void TestPrefixCache::whatDoesNotFitIsNotKept() {
    const auto base = model();
    const auto adapter = upper(*base);
    const auto answer = openPrefixCache(*base, wish(100));
    QVERIFY(answer.cache == nullptr);
    QVERIFY(answer.note.find("more than is allowed") != std::string::npos);
}

void TestPrefixCache::whatMemoryDoesNotHoldIsOnTheDisk() {
    const TempFolder folder;
    const auto base = model();
    const auto adapter = upper(*base);
    at::Tensor fresh;
    {
        const auto answer = openPrefixCache(*base, wish(0, folder.path()));
        QVERIFY2(answer.cache != nullptr, answer.note.c_str());
        QVERIFY(answer.cache->store().isInFile());
        fresh = read(*answer.cache, *base);
        QCOMPARE(answer.cache->computedRows(), std::int64_t{3});
    }
    const auto again = openPrefixCache(*base, wish(0, folder.path()));
    QVERIFY(at::equal(read(*again.cache, *base), fresh));
    QCOMPARE(again.cache->computedRows(), std::int64_t{0});
    QCOMPARE(again.cache->foundRows(), std::int64_t{3});
}

void TestPrefixCache::anotherModelHasAnotherFile() {
    const TempFolder folder;
    const auto base = model();
    const auto adapter = upper(*base);
    const auto first = openPrefixCache(*base, wish(0, folder.path()));
    const auto other = model();
    const auto otherAdapter = upper(*other);
    {
        const at::NoGradGuard noGrad;
        at::Tensor(other->weight("model.layers.1.mlp.down_proj.weight")).mul_(1.5);
    }
    const auto second = openPrefixCache(*other, wish(0, folder.path()));
    QVERIFY(first.cache->store().plan().key != second.cache->store().plan().key);
    const auto third = model();
    const auto thirdAdapter = upper(*third);
    {
        const at::NoGradGuard noGrad; // above the cut
        at::Tensor(third->weight("model.layers.3.mlp.down_proj.weight")).mul_(1.5);
    }
    const auto same = openPrefixCache(*third, wish(0, folder.path()));
    QCOMPARE(same.cache->store().plan().key, first.cache->store().plan().key);
}

void TestPrefixCache::damagedRowsAreComputedAgain() {
    const TempFolder folder;
    const auto base = model();
    const auto adapter = upper(*base);
    at::Tensor fresh;
    fs::path file;
    {
        const auto answer = openPrefixCache(*base, wish(0, folder.path()));
        fresh = read(*answer.cache, *base);
        file = ActivationFolder{folder.path(), 0}.fileOf(answer.cache->store().plan().key);
    }
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    std::string zeros(fs::file_size(file) / 2, '\x55');
    bytes.seekp(-static_cast<std::streamoff>(zeros.size()), std::ios::end);
    bytes << zeros;
    bytes.close();
    const auto again = openPrefixCache(*base, wish(0, folder.path()));
    QVERIFY(at::equal(read(*again.cache, *base), fresh));
    QVERIFY(again.cache->store().damagedRows() > 0);
    QVERIFY(again.cache->computedRows() > 0);
}

void TestPrefixCache::aCutFileIsMadeAnew() {
    const TempFolder folder;
    const auto base = model();
    const auto adapter = upper(*base);
    at::Tensor fresh;
    fs::path file;
    {
        const auto answer = openPrefixCache(*base, wish(0, folder.path()));
        fresh = read(*answer.cache, *base);
        file = ActivationFolder{folder.path(), 0}.fileOf(answer.cache->store().plan().key);
    }
    fs::resize_file(file, fs::file_size(file) - 1);
    const auto again = openPrefixCache(*base, wish(0, folder.path()));
    QVERIFY(again.note.starts_with("a damaged file of activations is made anew"));
    QVERIFY(at::equal(read(*again.cache, *base), fresh));
}

void TestPrefixCache::filesUsedLongestAgoMakeRoom() {
    const TempFolder folder;
    folder.write("old.activations", std::string(600, 'x'));
    folder.write("new.activations", std::string(300, 'x'));
    fs::last_write_time(folder / "old.activations",
                        fs::last_write_time(folder / "new.activations") - std::chrono::hours(1));
    const ActivationFolder files{folder.path(), 1000};
    QVERIFY(files.makeRoom(50));
    QVERIFY(fs::exists(folder / "old.activations"));
    QVERIFY(!files.makeRoom(1001));
    QVERIFY(fs::exists(folder / "old.activations"));
    QVERIFY(files.makeRoom(200));
    QVERIFY(!fs::exists(folder / "old.activations"));
    QVERIFY(fs::exists(folder / "new.activations"));
}

QTEST_GUILESS_MAIN(TestPrefixCache)
#include "tst_prefix_cache.moc"
