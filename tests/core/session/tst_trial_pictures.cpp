#include "core/session/allocation_file.h"
#include "core/session/simplex_file.h"
#include "core/session/text.h"
#include "core/session/trial_pictures.h"
#include "tests/support/temp_folder.h"

#include <QSignalSpy>
#include <QtTest>

#include <cmath>
#include <filesystem>

using namespace lathe;

class TestTrialPictures : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anEmptyFolderTellsNothing();
    void theStateAloneIsOneReallocation();
    void theHistoryIsReadLineByLine();
    void aLineThatIsStillBeingWrittenIsLeftOut();
    void theHistoryAloneNamesItsModules();
    void aDamagedLineIsNamed();
    void lossesOverASimplexAreRead();
    void aLossThatWasNoNumberIsNull();
    void aDamagedSimplexIsNamed();
    void theReaderTellsWhatIsNew();
    void theReaderForgetsAnotherTrial();
    void theReaderTellsWhatIsDamaged();
};

namespace {

const char* const kState = R"({"version": 1, "step": 0, "proxy": "grad_norm", "normalisation": "none",
  "budget": {"unit": "modules", "value": 0.5}, "scope": "combined", "rng_state": "7",
  "modules": [
    {"name": "l.0.v_proj", "kind": "v_proj", "layer": 0, "rank": 8, "alpha": 16, "score": 2.5,
     "enabled": true, "parameters": 64},
    {"name": "l.0.shortcut_sa", "kind": "shortcut_sa", "layer": 0, "rank": 8, "alpha": 4, "score": null,
     "enabled": false, "parameters": 64}]})";
const char* const kFirst =
    R"({"epoch": 0, "step": 0, "modules": [{"layer": 0, "name": "l.0.v_proj", "score": 2.5, "on": true}]})"
    "\n";
const char* const kSecond =
    R"({"epoch": 0.5, "step": 20, "modules": [{"layer": 0, "name": "l.0.shortcut_sa", "score": 3, "enabled": true}, {"layer": 0, "name": "l.0.v_proj", "score": 1, "enabled": false}]})"
    "\n";
const char* const kSimplex = R"({"vertices": 2,
  "grid": [{"alpha": [1, 0], "train": 0.5, "validation": 0.7}],
  "edges": [{"from": 0, "to": 1, "t": [0, 1], "train": [0.5, null], "validation": [0.7, 0.8]}]})";

AllocationHistory allocationIn(const test::TempFolder& folder) {
    const auto read = readAllocationHistory(folder.path());
    if (!read.has_value())
        qFatal("%s", read.error().text().c_str());
    return read->value();
}

} // namespace

void TestTrialPictures::anEmptyFolderTellsNothing() {
    const test::TempFolder folder;
    QVERIFY(!readAllocationHistory(folder.path())->has_value());
    QVERIFY(!readSimplexLoss(folder.path())->has_value());
}

void TestTrialPictures::theStateAloneIsOneReallocation() {
    const test::TempFolder folder;
    folder.write(kAllocationRecord, kState);
    const AllocationHistory history = allocationIn(folder);
    QCOMPARE(history.proxy, std::string("grad_norm"));
    QCOMPARE(history.modules.size(), std::size_t{2});
    QVERIFY(!history.modules[0].isShortcut && history.modules[1].isShortcut);
    QCOMPARE(*history.modules[0].parameters, std::int64_t{64});
    QCOMPARE(history.reallocations.size(), std::size_t{1});
    QVERIFY(history.reallocations[0].isOn[0] && !history.reallocations[0].isOn[1]);
    QVERIFY(std::isnan(history.reallocations[0].scores[1]));
}

void TestTrialPictures::theHistoryIsReadLineByLine() {
    const test::TempFolder folder;
    folder.write(kAllocationRecord, kState);
    folder.write(kAllocationHistoryRecord, std::string(kFirst) + kSecond);
    const AllocationHistory history = allocationIn(folder);
    QCOMPARE(history.reallocations.size(), std::size_t{2});
    QCOMPARE(history.reallocations[1].step, std::int64_t{20});
    QCOMPARE(history.reallocations[1].scores, (std::vector<double>{1, 3}));
    QCOMPARE(history.reallocations[1].isOn, (std::vector<bool>{false, true}));
    QCOMPARE(history.reallocations[0].isOn, (std::vector<bool>{true, false}));
}

void TestTrialPictures::aLineThatIsStillBeingWrittenIsLeftOut() {
    const test::TempFolder folder;
    folder.write(kAllocationRecord, kState);
    folder.write(kAllocationHistoryRecord, std::string(kFirst) + R"({"epoch": 0.5, "st)");
    QCOMPARE(allocationIn(folder).reallocations.size(), std::size_t{1});
}

void TestTrialPictures::theHistoryAloneNamesItsModules() {
    const test::TempFolder folder;
    folder.write(kAllocationHistoryRecord, std::string(kFirst) + kSecond);
    const AllocationHistory history = allocationIn(folder);
    QCOMPARE(history.modules[1].kind, std::string("shortcut_sa"));
    QVERIFY(!history.modules[0].parameters);
    QCOMPARE(history.reallocations[0].isOn.size(), std::size_t{2});
}

void TestTrialPictures::aDamagedLineIsNamed() {
    const test::TempFolder folder;
    folder.write(kAllocationHistoryRecord, std::string(kFirst) + "{\"step\": true}\n");
    const auto read = readAllocationHistory(folder.path());
    QVERIFY(!read.has_value());
    QCOMPARE(read.error().where, std::string("allocation_history.jsonl, line 2"));
}

void TestTrialPictures::lossesOverASimplexAreRead() {
    const test::TempFolder folder;
    folder.write(kSimplexLossRecord, kSimplex);
    const SimplexLoss loss = readSimplexLoss(folder.path())->value();
    QCOMPARE(loss.vertices, std::size_t{2});
    QCOMPARE(loss.grid.at(0), (SimplexPoint{{1, 0}, 0.5, 0.7}));
    QCOMPARE(loss.edges.at(0).to, std::size_t{1});
}

void TestTrialPictures::aLossThatWasNoNumberIsNull() {
    const test::TempFolder folder;
    folder.write(kSimplexLossRecord, kSimplex);
    QVERIFY(std::isnan(readSimplexLoss(folder.path())->value().edges.at(0).train.at(1)));
}

void TestTrialPictures::aDamagedSimplexIsNamed() {
    const test::TempFolder folder;
    folder.write(kSimplexLossRecord, R"({"vertices": 2, "grid": [{"alpha": [1], "train": 1, "validation": 1}],
                                       "edges": []})");
    QCOMPARE(readSimplexLoss(folder.path()).error().text(),
             std::string("simplex_loss.json: grid point 1: has 1 coefficients, not 2"));
    folder.write(kSimplexLossRecord, "[]");
    QVERIFY(readSimplexLoss(folder.path()).error().text().starts_with("simplex_loss.json: is no record"));
}

void TestTrialPictures::theReaderTellsWhatIsNew() {
    const test::TempFolder folder;
    TrialPictureReader reader;
    QSignalSpy changed(&reader, &TrialPictureReader::changed);
    folder.write(kAllocationHistoryRecord, kFirst);
    reader.watch(pathText(folder.path()));
    QTRY_VERIFY(reader.pictures().allocation.has_value());
    folder.write(kAllocationHistoryRecord, std::string(kFirst) + kSecond);
    reader.refreshSoon();
    QTRY_COMPARE(reader.pictures().allocation->reallocations.size(), std::size_t{2});
    QCOMPARE(changed.count(), 2);
}

void TestTrialPictures::theReaderForgetsAnotherTrial() {
    const test::TempFolder folder;
    folder.write(kSimplexLossRecord, kSimplex);
    TrialPictureReader reader;
    reader.watch(pathText(folder.path()));
    QTRY_VERIFY(reader.pictures().simplex.has_value());
    reader.watch({});
    QVERIFY(!reader.pictures().simplex);
}

void TestTrialPictures::theReaderTellsWhatIsDamaged() {
    const test::TempFolder folder;
    folder.write(kSimplexLossRecord, "{");
    folder.write(kAllocationRecord, kState);
    TrialPictureReader reader;
    reader.watch(pathText(folder.path()));
    QTRY_VERIFY(reader.pictures().problem.startsWith(QLatin1String("simplex_loss.json: ")));
    QVERIFY(reader.pictures().allocation.has_value()); // what is sound is shown
}

QTEST_GUILESS_MAIN(TestTrialPictures)
#include "tst_trial_pictures.moc"
