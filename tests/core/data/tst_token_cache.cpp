#include "core/base/files.h"
#include "core/data/token_cache.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace lathe;
using namespace lathe::test;

namespace fs = std::filesystem;

namespace {

const std::string kKey = "aa";

/// All kinds of them.
std::vector<Example> samples() {
    Example text;
    text.ids = {1, 2, 3};
    text.labels = {1, 2, 3};
    Example answer;
    answer.ids = {5, 6, 7, 8};
    answer.labels = {kIgnoreLabel, kIgnoreLabel, 7, 8};
    answer.prompt = "Ä question";
    answer.answer = " and so on";
    answer.row = 7;
    Example label;
    label.ids = {9};
    label.labels = {kIgnoreLabel};
    label.textLabel = 3;
    label.typeIds = {1};
    label.row = 8;
    Example odd;
    odd.ids = {1, 2};
    odd.labels = {2, kIgnoreLabel};
    return {text, answer, label, odd};
}

void compare(const Example& actual, const Example& expected) {
    QCOMPARE(actual.ids, expected.ids);
    QCOMPARE(actual.labels, expected.labels);
    QCOMPARE(actual.prompt, expected.prompt);
    QCOMPARE(actual.answer, expected.answer);
    QCOMPARE(actual.textLabel, expected.textLabel);
    QCOMPARE(actual.typeIds, expected.typeIds);
    QCOMPARE(actual.row, expected.row);
}

Result<StoredExamples> keep(const TokenCache& cache, const std::string& key,
                            const std::vector<Example>& examples) {
    return cache.store(key, [&](ExampleFileWriter& writer) -> Result<ExampleFacts> {
        for (const Example& example : examples)
            LATHE_TRY(writer.add(example));
        ExampleFacts facts;
        facts.dropped = {{12, "it is \"bad\""}};
        facts.truncatedCount = 2;
        facts.labelNames = {"no", "yes"};
        return facts;
    });
}

std::size_t filesIn(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), {}));
}

} // namespace

class TestTokenCache : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void examplesComeBackAsTheyWere();
    void unknownKeyGivesNothing();
    void anyChangedByteIsNoticed();
    void cutFileIsNoticedAndRemoved();
    void failedWriterLeavesNothing();
    void crashWhileWritingLeavesNoEntry();
    void leastRecentlyUsedGoFirst();
    void listStaysReadableAfterItsFileIsGone();
    void largeDataIsWrittenInBlocks();
};

void TestTokenCache::examplesComeBackAsTheyWere() {
    const TempFolder folder;
    const TokenCache cache({folder / "tokens"});
    QVERIFY(keep(cache, kKey, samples()).has_value());
    const auto stored = cache.find(kKey);
    QVERIFY(stored.has_value());
    QCOMPARE(stored->examples.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) {
        compare(stored->examples[i], samples()[i]);
        QCOMPARE(stored->examples.length(i), samples()[i].ids.size());
        QCOMPARE(stored->examples.row(i), samples()[i].row);
    }
    QCOMPARE(stored->facts.dropped.size(), 1U);
    QCOMPARE(stored->facts.dropped[0].line, 12U);
    QCOMPARE(stored->facts.dropped[0].reason, std::string("it is \"bad\""));
    QCOMPARE(stored->facts.truncatedCount, 2U);
    QCOMPARE(stored->facts.labelNames, (std::vector<std::string>{"no", "yes"}));
}

void TestTokenCache::unknownKeyGivesNothing() {
    const TempFolder folder;
    QVERIFY(!TokenCache({folder / "tokens"}).find(kKey).has_value());
    QVERIFY(!TokenCache({}).isOn());
    QVERIFY(!TokenCache({}).find(kKey).has_value());
}

void TestTokenCache::anyChangedByteIsNoticed() {
    const TempFolder folder;
    QVERIFY(keep(TokenCache({folder.path()}), kKey, samples()).has_value());
    const fs::path file = folder / (kKey + ".examples");
    const std::string whole = readFile(file).value();
    for (std::size_t at = 0; at < whole.size(); at += at < 48 ? 1 : 5) { // the header byte by byte
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 0x10);
        (void)folder.write("changed.examples", changed);
        QVERIFY2(!openExampleFile(folder / "changed.examples").has_value(), qPrintable(QString::number(at)));
    }
}

void TestTokenCache::cutFileIsNoticedAndRemoved() {
    const TempFolder folder;
    const TokenCache cache({folder.path()});
    QVERIFY(keep(cache, kKey, samples()).has_value());
    const fs::path file = folder / (kKey + ".examples");
    const auto size = fs::file_size(file);
    for (const std::uintmax_t bytes : {std::uintmax_t{0}, std::uintmax_t{20}, size / 2, size - 1}) {
        fs::resize_file(file, bytes);
        QVERIFY(!cache.find(kKey).has_value());
        QVERIFY(!fs::exists(file));
        QVERIFY(keep(cache, kKey, samples()).has_value()); // made again
        QVERIFY(cache.find(kKey).has_value());
    }
}

void TestTokenCache::failedWriterLeavesNothing() {
    const TempFolder folder;
    const TokenCache cache({folder / "tokens"});
    const auto stored = cache.store(kKey, [](ExampleFileWriter& writer) -> Result<ExampleFacts> {
        LATHE_TRY(writer.add(samples()[0]));
        return inputError("rows", "are bad");
    });
    QCOMPARE(stored.error().message, std::string("are bad"));
    QCOMPARE(filesIn(folder / "tokens"), 0U);
}

void TestTokenCache::crashWhileWritingLeavesNoEntry() {
    const TempFolder folder;
    const TokenCache cache({folder.path()});
    const pid_t child = ::fork();
    if (child == 0) {
        (void)cache.store(kKey, [](ExampleFileWriter& writer) -> Result<ExampleFacts> {
            for (int i = 0; i < 50000; ++i)
                LATHE_TRY(writer.add(samples()[1]));
            ::kill(::getpid(), SIGKILL);
            return ExampleFacts();
        });
        ::_exit(0);
    }
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QVERIFY(WIFSIGNALED(status));
    QCOMPARE(filesIn(folder.path()), 1U); // what it had written
    QVERIFY(!cache.find(kKey).has_value());
    QVERIFY(keep(cache, "bb", samples()).has_value()); // clears up
    QCOMPARE(filesIn(folder.path()), 1U);
}

void TestTokenCache::leastRecentlyUsedGoFirst() {
    const TempFolder folder;
    QVERIFY(keep(TokenCache({folder.path()}), "aa", samples()).has_value());
    const auto size = fs::file_size(folder / "aa.examples");
    const TokenCache cache({folder.path(), 2 * size});
    QVERIFY(keep(cache, "bb", samples()).has_value());
    const auto now = fs::file_time_type::clock::now();
    fs::last_write_time(folder / "aa.examples", now - std::chrono::hours(3));
    fs::last_write_time(folder / "bb.examples", now - std::chrono::hours(2));
    QVERIFY(cache.find("aa").has_value()); // now the last one used
    QVERIFY(keep(cache, "cc", samples()).has_value());
    QVERIFY(cache.find("aa").has_value());
    QVERIFY(!cache.find("bb").has_value());
    QVERIFY(cache.find("cc").has_value());
}

void TestTokenCache::listStaysReadableAfterItsFileIsGone() {
    const TempFolder folder;
    const auto stored = keep(TokenCache({folder.path(), 1}), kKey, samples()); // too small to keep it
    QVERIFY(stored.has_value());
    QCOMPARE(filesIn(folder.path()), 0U);
    compare(stored->examples[1], samples()[1]);
}

void TestTokenCache::largeDataIsWrittenInBlocks() {
    const TempFolder folder;
    Example large = samples()[1];
    large.prompt.assign(3 << 20, 'x'); // more than a block
    std::vector<Example> examples(3, large);
    examples.push_back(samples()[2]);
    const auto stored = keep(TokenCache({folder.path()}), kKey, examples);
    QVERIFY(stored.has_value());
    for (std::size_t i = 0; i < examples.size(); ++i)
        compare(stored->examples[i], examples[i]);
    const std::vector<std::size_t> chosen{3, 0};
    const ExampleList some = stored->examples.select(chosen);
    QCOMPARE(some.size(), 2U);
    compare(some[0], examples[3]);
    QCOMPARE(some.first(1).size(), 1U);
}

QTEST_GUILESS_MAIN(TestTokenCache)
#include "tst_token_cache.moc"
