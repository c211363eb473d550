#include "core/base/files.h"
#include "core/store/schema.h"
#include "tests/core/store/store_fixture.h"
#include "tests/support/shared_files.h"

#include <unistd.h>

using namespace lathe;
using namespace lathe::test;
namespace fs = std::filesystem;

class TestSchema : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void newDatabaseHasTheLatestVersion();
    void versionsAreWithoutGaps();
    void oldDatabaseIsMigratedAndKeepsItsRows_data();
    void oldDatabaseIsMigratedAndKeepsItsRows();
    void oldDatabaseIsMigratedForAReader();
    void migratedDatabaseHasTheTablesOfANewOne();
    void failedMigrationChangesNothing();
    void laterVersionIsRefusedUntouched();
    void foreignFileIsRefusedUntouched_data();
    void foreignFileIsRefusedUntouched();
    void emptyFileBecomesADatabase();
    void missingFolderIsNamed();
    void unwritableFolderIsNamed();
    void secondWriterIsToldWhoHoldsIt();
    void readerNeedsADatabase();

private:
    static fs::path copyOfOld(const TempFolder& folder, const char* name = "version_1.db") {
        const fs::path target = folder / "lathe.db";
        fs::copy_file(sourceFile("tests/data/old_databases") / name, target);
        fs::permissions(target, fs::perms::owner_all);
        return target;
    }
    static std::string tablesOf(const fs::path& path) {
        auto database = need(sql::Database::open(path, sql::Access::Read));
        auto* select =
            need(database.statement("SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema "
                                    "ORDER BY name)"));
        need(select->step());
        std::string tables = select->text(0);
        select->reset();
        return tables;
    }
    static std::vector<std::string> filesIn(const fs::path& folder) {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(folder))
            names.push_back(entry.path().filename().string());
        std::ranges::sort(names);
        return names;
    }
};

void TestSchema::newDatabaseHasTheLatestVersion() {
    const TempFolder folder;
    const fs::path path = folder / "lathe.db";
    need(StudyWriter::open(path));
    const sql::FileState state = need(sql::inspectFile(path));
    QVERIFY(state.exists);
    QCOMPARE(state.version, sql::latestVersion(sql::migrations()));
    auto database = need(sql::Database::open(path, sql::Access::Read));
    QCOMPARE(need(database.integer("PRAGMA application_id")), sql::kApplicationId);
    QCOMPARE(filesIn(folder.path()).front(), std::string("lathe.db"));
}

void TestSchema::versionsAreWithoutGaps() {
    std::int64_t expected = 1;
    for (const sql::Migration& migration : sql::migrations())
        QCOMPARE(migration.version, expected++);
}

void TestSchema::oldDatabaseIsMigratedAndKeepsItsRows_data() {
    QTest::addColumn<QByteArray>("name");
    for (std::int64_t version = 1; version < sql::latestVersion(sql::migrations()); ++version)
        QTest::addRow("version %d", static_cast<int>(version))
            << QByteArray("version_" + QByteArray::number(qint64{version}) + ".db");
}

void TestSchema::oldDatabaseIsMigratedAndKeepsItsRows() {
    QFETCH(QByteArray, name);
    const TempFolder folder;
    const fs::path path = copyOfOld(folder, name.constData());
    StudyWriter writer = need(StudyWriter::open(path));
    QCOMPARE(need(sql::inspectFile(path)).version, sql::latestVersion(sql::migrations()));

    const StudyReader reader = need(StudyReader::open(path));
    need(reader.checkIntegrity());
    const auto studies = need(reader.studies());
    QCOMPARE(studies.size(), 1U);
    QCOMPARE(studies[0].spec.name, std::string("kept since version 1"));
    const auto trials = need(reader.trials(studies[0].id));
    QCOMPARE(trials.size(), 2U);
    QCOMPARE(nameOf(trials[0].state), nameOf(TrialState::Complete));
    QVERIFY(!trials[0].isProtected);
    need(writer.protectTrial(trials[0].id));
    QCOMPARE(trials[0].bestValues.at("loss"), 0.5);
    QCOMPARE(need(reader.points(trials[0].id)).size(), 4U);
    QVERIFY(std::isnan(need(reader.points(trials[1].id)).front().value));
    QCOMPARE(need(reader.samples(trials[0].id)).size(), 1U);
    QCOMPARE(need(reader.log(trials[0].id)).size(), 1U);
    need(writer.setArtifacts(trials[0].id, std::vector<Artifact>{{"a", 1, "b"}}));
}

void TestSchema::oldDatabaseIsMigratedForAReader() {
    const TempFolder folder;
    const StudyReader reader = need(StudyReader::open(copyOfOld(folder)));
    QVERIFY(need(reader.artifacts(TrialId{1})).empty());
}

void TestSchema::migratedDatabaseHasTheTablesOfANewOne() {
    const TempFolder fresh;
    const TempFolder old;
    need(StudyWriter::open(fresh / "lathe.db"));
    need(StudyWriter::open(copyOfOld(old)));
    QCOMPARE(tablesOf(old / "lathe.db"), tablesOf(fresh / "lathe.db"));
}

void TestSchema::failedMigrationChangesNothing() {
    const TempFolder folder;
    const fs::path path = copyOfOld(folder);
    const std::string before = tablesOf(path);
    const std::vector<sql::Migration> broken{
        {1, {}}, {2, {"CREATE TABLE extra (id INTEGER PRIMARY KEY)", "INSERT INTO missing (id) VALUES (1)"}}};
    auto database = need(sql::Database::open(path, sql::Access::Write));
    const Status status = sql::migrate(database, broken);
    QCOMPARE(status.error().kind, Error::Kind::Database);
    QCOMPARE(tablesOf(path), before);
    QCOMPARE(need(database.integer("PRAGMA user_version")), 1);
}

void TestSchema::laterVersionIsRefusedUntouched() {
    const TempFolder folder;
    const fs::path path = folder / "lathe.db";
    need(StudyWriter::open(path));
    {
        auto database = need(sql::Database::open(path, sql::Access::Write));
        need(database.execute("PRAGMA user_version = 99"));
    }
    fs::remove(folder / "lathe.lock");
    const std::string bytes = need(readFile(path));
    const auto files = filesIn(folder.path());

    const std::string expected = path.string() + ": has schema version 99, this Lathe knows versions up to " +
                                 std::to_string(sql::latestVersion(sql::migrations())) +
                                 "; open it with a newer Lathe";
    QCOMPARE(StudyWriter::open(path).error().text(), expected);
    QCOMPARE(StudyReader::open(path).error().text(), expected);
    QCOMPARE(StudyWriter::open(path).error().kind, Error::Kind::Database);
    QVERIFY(need(readFile(path)) == bytes);
    QCOMPARE(filesIn(folder.path()), files);
}

void TestSchema::foreignFileIsRefusedUntouched_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("reason");
    QTest::newRow("short text") << QByteArray("hello") << QStringLiteral("is not an SQLite file");
    QTest::newRow("long text") << QByteArray(5000, 'x') << QStringLiteral("is not an SQLite file");
    const TempFolder folder;
    {
        auto other = need(sql::Database::open(folder / "other.db", sql::Access::Create));
        need(other.execute("CREATE TABLE bookmark (id INTEGER PRIMARY KEY)"));
    }
    QTest::newRow("another program's") << QByteArray::fromStdString(need(readFile(folder / "other.db")))
                                       << QStringLiteral("is a database of another program");
}

void TestSchema::foreignFileIsRefusedUntouched() {
    QFETCH(QByteArray, content);
    QFETCH(QString, reason);
    const TempFolder folder;
    const fs::path path = folder.write("lathe.db", content.toStdString());
    QVERIFY(QString::fromStdString(StudyWriter::open(path).error().text()).contains(reason));
    QVERIFY(QString::fromStdString(StudyReader::open(path).error().text()).contains(reason));
    QCOMPARE(QByteArray::fromStdString(need(readFile(path))), content);
    QCOMPARE(filesIn(folder.path()), std::vector<std::string>{"lathe.db"});
}

void TestSchema::emptyFileBecomesADatabase() {
    const TempFolder folder;
    const fs::path path = folder.write("lathe.db", "");
    QVERIFY(!StudyReader::open(path).has_value());
    QVERIFY(StudyWriter::open(path).has_value());
}

void TestSchema::missingFolderIsNamed() {
    const TempFolder folder;
    const auto opened = StudyWriter::open(folder / "missing/lathe.db");
    QCOMPARE(opened.error().kind, Error::Kind::Io);
    QVERIFY(QString::fromStdString(opened.error().text()).contains(QStringLiteral("missing")));
}

void TestSchema::unwritableFolderIsNamed() {
    if (::geteuid() == 0)
        QSKIP("the super-user may write everywhere");
    const TempFolder folder;
    fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec);
    const auto opened = StudyWriter::open(folder / "lathe.db");
    fs::permissions(folder.path(), fs::perms::owner_all);
    QCOMPARE(opened.error().kind, Error::Kind::Io);
}

void TestSchema::secondWriterIsToldWhoHoldsIt() {
    const TempFolder folder;
    const fs::path path = folder / "lathe.db";
    {
        const StudyWriter first = need(StudyWriter::open(path));
        const auto second = StudyWriter::open(path);
        QCOMPARE(second.error().kind, Error::Kind::Database);
        QCOMPARE(second.error().message, "is in use by another Lathe (process " + std::to_string(::getpid()) +
                                             "); close it or choose another project folder");
        QVERIFY(StudyReader::open(path).has_value());
    }
    QVERIFY(StudyWriter::open(path).has_value());
}

void TestSchema::readerNeedsADatabase() {
    const TempFolder folder;
    QVERIFY(QString::fromStdString(StudyReader::open(folder / "lathe.db").error().text())
                .contains(QStringLiteral("does not exist")));
    QVERIFY(filesIn(folder.path()).empty());
}

QTEST_GUILESS_MAIN(TestSchema)
#include "tst_schema.moc"
