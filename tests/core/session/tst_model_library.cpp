#include "core/session/model_library.h"

#include "core/base/files.h"
#include "core/session/settings.h"
#include "tests/support/temp_folder.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include <atomic>
#include <memory>

using namespace lathe;
using lathe::test::TempFolder;
namespace fs = std::filesystem;

/// The library over folders of the disk; what a config.json says is played.
class TestModelLibrary : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void builtInModelIsThereFromTheStart();
    void addedFolderIsReadAndRemembered();
    void fileOfAModelStandsForItsFolder();
    void folderWithoutAModelIsRefusedInOneSentence();
    void brokenModelIsListedWithItsProblem();
    void modelsBelowAFolderAreFoundAndNewOnesLater();
    void missingFolderStaysAndComesBack();
    void locateMovesEverythingOfTheDrive();
    void locateRefusesAFolderWithoutAModel();
    void removedModelStaysAway();
    void hubCacheIsListedByName();
    void unchangedFilesAreNotReadAgain();
    void costFollowsTheRecipeAndTheModel();
    void fitComparesWithFreeMemory();
    void filterFindsWords();

private:
    void makeLibrary();
    void refresh();
    [[nodiscard]] const ModelEntry* entry(const QString& folder) const {
        const int row = m_library->models().rowOf(folder);
        return row < 0 ? nullptr : &m_library->models().row(row);
    }
    [[nodiscard]] QString path(const char* relative) const {
        return QString::fromStdString((*m_folder / relative).string());
    }
    /// Adds and waits for the facts.
    void add(const char* relative) {
        m_library->add(path(relative));
        QTRY_VERIFY(entry(path(relative)) != nullptr);
        QTRY_VERIFY(entry(path(relative))->state != ModelEntry::State::Reading);
    }

    std::unique_ptr<TempFolder> m_folder;
    std::unique_ptr<Settings> m_settings;
    std::unique_ptr<ModelLibrary> m_library;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
    std::atomic<int> m_reads = 0;
    std::atomic<double> m_freeMemory = 1000;
    QString m_builtIn;
};

void TestModelLibrary::init() {
    m_folder = std::make_unique<TempFolder>();
    m_reads = 0;
    m_freeMemory = 1000;
    m_builtIn.clear();
    for (const char* model : {"a", "b"})
        m_folder->write(std::string("drive/models/") + model + "/config.json", model);
    makeLibrary();
}

void TestModelLibrary::cleanup() {
    m_tester.reset();
    m_library.reset();
    m_settings.reset();
}

void TestModelLibrary::makeLibrary() {
    cleanup();
    m_settings = std::make_unique<Settings>(path("settings.ini"));
    ModelLibraryParts parts;
    parts.readFacts = [this](const fs::path& folder) -> Result<ModelFacts> {
        ++m_reads;
        const auto config = readFile(folder / "config.json");
        if (!config.has_value())
            return inputError(folder.string(), "has no readable config.json; choose the folder of a model");
        if (*config == "bad")
            return inputError(folder.string(), "has an architecture that is not supported");
        ModelFacts facts;
        facts.family = *config;
        facts.parameters = 100;
        return facts;
    };
    parts.forecast = [](const ParamValues& recipe) -> Result<RecipeCost> {
        if (recipe.text("model").ends_with("/b") && recipe.integer("rank") > 64)
            return inputError("rank", "exceeds the width 64");
        return RecipeCost{1, 100, static_cast<double>(10 * recipe.integer("rank"))};
    };
    parts.freeMemory = [this] { return std::optional(m_freeMemory.load()); };
    parts.builtIn = m_builtIn;
    parts.hubCache = *m_folder / "hub";
    m_library = std::make_unique<ModelLibrary>(*m_settings, parts);
    m_tester = std::make_unique<QAbstractItemModelTester>(&m_library->models());
}

void TestModelLibrary::refresh() {
    QSignalSpy refreshed(m_library.get(), &ModelLibrary::refreshed);
    m_library->refresh();
    QVERIFY(refreshed.wait());
}

void TestModelLibrary::builtInModelIsThereFromTheStart() {
    m_builtIn = path("drive/models/a");
    makeLibrary();
    refresh();
    QCOMPARE(m_library->models().rowCount(), 1);
    QCOMPARE(m_library->models().row(0).source, ModelEntry::Source::BuiltIn);
    QCOMPARE(m_library->models().row(0).name, "Built-in model");
    QVERIFY(m_settings->modelFolders.value().isEmpty());
}

void TestModelLibrary::addedFolderIsReadAndRemembered() {
    QSignalSpy added(m_library.get(), &ModelLibrary::added);
    add("drive/models/a");
    QCOMPARE(added.size(), 1);
    QCOMPARE(entry(path("drive/models/a"))->facts.family, std::string("a"));
    QCOMPARE(entry(path("drive/models/a"))->name, "a");

    makeLibrary();
    refresh();
    QTRY_COMPARE(entry(path("drive/models/a"))->state, ModelEntry::State::Ready);
}

void TestModelLibrary::fileOfAModelStandsForItsFolder() {
    m_library->add(path("drive/models/a/config.json"));
    QTRY_VERIFY(entry(path("drive/models/a")) != nullptr);
}

void TestModelLibrary::folderWithoutAModelIsRefusedInOneSentence() {
    fs::create_directories(*m_folder / "empty");
    QSignalSpy failed(m_library.get(), &ModelLibrary::addFailed);
    m_library->add(path("empty"));
    QVERIFY(failed.wait());
    QCOMPARE(failed[0][0].toString(),
             path("empty") + ": has no readable config.json; choose the folder of a model");
    QCOMPARE(m_library->models().rowCount(), 0);
}

void TestModelLibrary::brokenModelIsListedWithItsProblem() {
    m_folder->write("broken/config.json", "bad");
    add("broken");
    QCOMPARE(entry(path("broken"))->state, ModelEntry::State::Faulty);
    QVERIFY(entry(path("broken"))->problem.endsWith("is not supported"));

    m_folder->write("broken/config.json", "mended");
    fs::last_write_time(*m_folder / "broken/config.json",
                        fs::file_time_type::clock::now() + std::chrono::hours(1));
    refresh();
    QTRY_COMPARE(entry(path("broken"))->state, ModelEntry::State::Ready);
    QVERIFY(entry(path("broken"))->problem.isEmpty());
}

void TestModelLibrary::modelsBelowAFolderAreFoundAndNewOnesLater() {
    m_folder->write("drive/models/.hidden/config.json", "h");
    m_library->add(path("drive"));
    QTRY_COMPARE(m_library->models().rowCount(), 2);

    m_folder->write("drive/more/c/config.json", "c");
    refresh();

    QCOMPARE(m_library->models().rowCount(), 3);
    QVERIFY(entry(path("drive/more/c")) != nullptr);
}

void TestModelLibrary::missingFolderStaysAndComesBack() {
    m_library->add(path("drive"));
    QTRY_COMPARE(m_library->models().rowCount(), 2);
    fs::rename(*m_folder / "drive", *m_folder / "unplugged");
    makeLibrary();

    refresh();

    QCOMPARE(m_library->models().rowCount(), 2);
    QTRY_COMPARE(entry(path("drive/models/a"))->state, ModelEntry::State::Missing);
    QVERIFY(entry(path("drive/models/a"))->problem.contains("is not there now"));
    fs::rename(*m_folder / "unplugged", *m_folder / "drive");
    refresh();
    QTRY_COMPARE(entry(path("drive/models/a"))->state, ModelEntry::State::Ready);
    QVERIFY(entry(path("drive/models/a"))->problem.isEmpty());
}

void TestModelLibrary::locateMovesEverythingOfTheDrive() {
    add("drive/models/a");
    add("drive/models/b");
    fs::rename(*m_folder / "drive", *m_folder / "elsewhere");
    refresh();
    QTRY_COMPARE(entry(path("drive/models/b"))->state, ModelEntry::State::Missing);
    QSignalSpy moved(m_library.get(), &ModelLibrary::moved);

    m_library->locate(path("drive/models/a"), path("elsewhere/models/a"));

    QTRY_COMPARE(moved.size(), 2);
    QCOMPARE(m_library->models().rowCount(), 2);
    QVERIFY(entry(path("elsewhere/models/a")) != nullptr);
    QVERIFY(entry(path("elsewhere/models/b")) != nullptr);
    QCOMPARE(m_settings->modelFolders.value().size(), 2);
}

void TestModelLibrary::locateRefusesAFolderWithoutAModel() {
    add("drive/models/a");
    fs::rename(*m_folder / "drive", *m_folder / "elsewhere");
    fs::create_directories(*m_folder / "empty");
    QSignalSpy failed(m_library.get(), &ModelLibrary::addFailed);

    m_library->locate(path("drive/models/a"), path("empty"));

    QVERIFY(failed.wait());
    QVERIFY(entry(path("drive/models/a")) != nullptr);
}

void TestModelLibrary::removedModelStaysAway() {
    m_library->add(path("drive"));
    QTRY_COMPARE(m_library->models().rowCount(), 2);

    m_library->remove(path("drive/models/a"));

    QCOMPARE(m_library->models().rowCount(), 1);
    refresh();
    QCOMPARE(m_library->models().rowCount(), 1); // though it is still below the folder
    QVERIFY(fs::exists(*m_folder / "drive/models/a/config.json"));
    add("drive/models/a"); // unless it is asked for
    refresh();
    QCOMPARE(m_library->models().rowCount(), 2);
}

void TestModelLibrary::hubCacheIsListedByName() {
    const std::string commit(40, 'c');
    m_folder->write("hub/models--org--small/snapshots/" + commit + "/config.json", "llama");
    m_folder->write("hub/models--org--small/refs/main", commit);

    refresh();

    QCOMPARE(m_library->models().rowCount(), 1);
    QCOMPARE(m_library->models().row(0).name, "org/small");
    QCOMPARE(m_library->models().row(0).source, ModelEntry::Source::HubCache);
    QVERIFY(m_settings->modelFolders.value().isEmpty());
    const QString folder = m_library->models().row(0).folder;
    m_library->remove(folder);
    refresh();
    QCOMPARE(m_library->models().rowCount(), 0);
    m_library->add(folder);
    QTRY_VERIFY(entry(folder) != nullptr);
    QCOMPARE(entry(folder)->name, "org/small");
}

void TestModelLibrary::unchangedFilesAreNotReadAgain() {
    add("drive/models/a");
    const int reads = m_reads;
    refresh();
    refresh();
    m_library.reset(); // waits for the readers
    QCOMPARE(m_reads.load(), reads);
}

void TestModelLibrary::costFollowsTheRecipeAndTheModel() {
    add("drive/models/a");
    add("drive/models/b");
    m_library->setRecipe({{"model", std::string("x")}, {"rank", std::int64_t{8}}});
    QTRY_VERIFY(entry(path("drive/models/b"))->cost.has_value());
    QCOMPARE(entry(path("drive/models/b"))->cost->memoryBytes, 80.0);

    m_library->setRecipe({{"model", std::string("x")}, {"rank", std::int64_t{128}}});

    QTRY_COMPARE(entry(path("drive/models/b"))->costProblem, "rank: exceeds the width 64");
    QTRY_COMPARE(entry(path("drive/models/a"))->cost->memoryBytes, 1280.0);
}

void TestModelLibrary::fitComparesWithFreeMemory() {
    add("drive/models/a");
    m_library->setRecipe({{"rank", std::int64_t{10}}});
    QTRY_VERIFY(entry(path("drive/models/a"))->cost.has_value());
    ModelTableModel& models = m_library->models();
    const auto text = [&models] { return models.index(0, ModelTableModel::Fits).data().toString(); };
    const auto fitWith = [&](double freeBytes) {
        models.setFreeMemory(freeBytes);
        return models.fit(models.row(0));
    };
    QCOMPARE(fitWith(1000), MemoryFit::Fits);
    QCOMPARE(text(), "fits, 100 bytes");
    QCOMPARE(fitWith(110), MemoryFit::Tight);
    QCOMPARE(text(), "tight, 100 bytes");
    QCOMPARE(fitWith(99), MemoryFit::TooBig);
    QCOMPARE(text(), "too big, 100 bytes");
    models.setFreeMemory({});
    QCOMPARE(models.fit(models.row(0)), MemoryFit::Unknown);
    QCOMPARE(text(), "100 bytes");
}

void TestModelLibrary::filterFindsWords() {
    m_folder->write("drive/models/c-1.5/config.json", "opt");
    m_library->add(path("drive"));
    QTRY_COMPARE(m_library->models().rowCount(), 3);
    ModelSortModel sorted;
    QAbstractItemModelTester tester(&sorted);
    sorted.setSourceModel(&m_library->models());
    QTRY_COMPARE(entry(path("drive/models/c-1.5"))->state, ModelEntry::State::Ready);

    sorted.setWords("models opt");
    QCOMPARE(sorted.rowCount(), 1);
    sorted.setWords("C-1.5");
    QCOMPARE(sorted.rowCount(), 1);
    sorted.setWords("c-115");
    QCOMPARE(sorted.rowCount(), 0);
    sorted.setWords({});
    QCOMPARE(sorted.rowCount(), 3);
}

QTEST_GUILESS_MAIN(TestModelLibrary)
#include "tst_model_library.moc"
