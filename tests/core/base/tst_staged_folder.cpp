#include "core/base/staged_folder.h"

#include "core/base/files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <iterator>

using namespace lathe;
using namespace lathe::test;
namespace fs = std::filesystem;

namespace {

std::ptrdiff_t entriesIn(const fs::path& folder) {
    return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

} // namespace

class TestStagedFolder : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void whatIsCommittedAppearsWhole();
    void whatIsNotCommittedLeavesNothing();
    void anEmptyFolderIsTaken();
    void somebodysFilesStay_data();
    void somebodysFilesStay();
    void leftOversOfDeadProcessesGo();
};

void TestStagedFolder::whatIsCommittedAppearsWhole() {
    const TempFolder folder;
    const fs::path target = folder / "deep/out/"; // a slash at the end changes nothing
    auto staged = StagedFolder::begin(target);
    QVERIFY(staged.has_value());
    QVERIFY(writeFileAtomically(staged->path() / "a", "one").has_value());
    QVERIFY(!fs::exists(folder / "deep/out"));
    QVERIFY(staged->commit().has_value());
    QCOMPARE(readFile(folder / "deep/out/a").value(), std::string("one"));
    QCOMPARE(entriesIn(folder / "deep"), std::ptrdiff_t{1});
}

void TestStagedFolder::whatIsNotCommittedLeavesNothing() {
    const TempFolder folder;
    {
        const auto staged = StagedFolder::begin(folder / "out");
        QVERIFY(staged.has_value());
        QVERIFY(writeFileAtomically(staged->path() / "a", "one").has_value());
    }
    QCOMPARE(entriesIn(folder.path()), std::ptrdiff_t{0});
}

void TestStagedFolder::anEmptyFolderIsTaken() {
    const TempFolder folder;
    fs::create_directory(folder / "out");
    auto staged = StagedFolder::begin(folder / "out");
    QVERIFY(staged.has_value());
    QVERIFY(writeFileAtomically(staged->path() / "a", "one").has_value());
    QVERIFY(staged->commit().has_value());
    QVERIFY(fs::exists(folder / "out/a"));
}

void TestStagedFolder::somebodysFilesStay_data() {
    QTest::addColumn<bool>("isFolder");
    QTest::newRow("a folder with a file") << true;
    QTest::newRow("a file") << false;
}

void TestStagedFolder::somebodysFilesStay() {
    QFETCH(bool, isFolder);
    const TempFolder folder;
    const fs::path file = folder.write(isFolder ? "out/a" : "out", "mine");
    const auto staged = StagedFolder::begin(folder / "out");
    QVERIFY(!staged.has_value());
    QCOMPARE(staged.error().kind, Error::Kind::Input);
    QCOMPARE(readFile(file).value(), std::string("mine"));
}

void TestStagedFolder::leftOversOfDeadProcessesGo() {
    const TempFolder folder;
    folder.write(".out.part2147483646/a", "of a process that cannot be"); // above any pid_max
    folder.write(".out.part1/a", "of one that lives");
    folder.write(".out.partner/a", "of somebody");
    auto staged = StagedFolder::begin(folder / "out");
    QVERIFY(staged.has_value());
    QVERIFY(!fs::exists(folder / ".out.part2147483646"));
    QVERIFY(fs::exists(folder / ".out.part1"));
    QVERIFY(fs::exists(folder / ".out.partner"));
}

QTEST_GUILESS_MAIN(TestStagedFolder)
#include "tst_staged_folder.moc"
