#include "widgets/dialogs/download_dialog.h"

#include "core/session/model_download.h"
#include "core/session/settings.h"
#include "tests/core/hub/hub_double.h"

#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

/// The dialog over a Hub of this machine, by keyboard alone.
class TestDownloadDialog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void enterTwiceFetchesAModel();
    void fullDiskIsSaidBeforeAnythingIsFetched();
    void pauseKeepsWhatIsThereAndGoesOn();
    void unknownModelIsExplainedAndCanBeMended();
    void closingStopsTheDownload();
};

namespace {

constexpr int kPatienceMs = 20'000; ///< only a broken dialog takes this long

struct Bench {
    HubDouble hub;
    TempFolder folder;
    Settings settings{QString::fromStdString((folder / "settings.ini").string())};
    std::unique_ptr<ModelDownload> download;
    QWidget window;
    QPointer<DownloadDialog> dialog; ///< deletes itself when it is closed

    void open(const HubAccess& access) {
        settings.areDownloadsAllowed.set(true);
        download = std::make_unique<ModelDownload>(settings, access);
        window.show();
        dialog = new DownloadDialog(*download, &window);
        dialog->open();
    }
    template <typename Widget>
    [[nodiscard]] Widget* find(const char* name) const {
        return dialog->findChild<Widget*>(QLatin1String(name));
    }
    void ask(const char* name) const {
        auto* edit = find<QLineEdit>("downloadNameEdit");
        edit->selectAll();
        QTest::keyClicks(edit, name);
        QTest::keyClick(edit, Qt::Key_Return);
    }
    [[nodiscard]] bool shows(const char* label) const {
        return QTest::qWaitFor([this, label] { return find<QLabel>(label)->isVisible(); }, kPatienceMs);
    }
    [[nodiscard]] QPushButton* go() const { return find<QPushButton>("downloadButton"); }
};

} // namespace

void TestDownloadDialog::enterTwiceFetchesAModel() {
    Bench bench;
    bench.open(bench.hub.access());
    QSignalSpy downloaded(bench.dialog, &DownloadDialog::downloaded);
    QVERIFY(!bench.go()->isVisible());

    bench.ask("org/small");
    QVERIFY(bench.shows("downloadPlanLabel"));
    QVERIFY(bench.find<QLabel>("downloadPlanLabel")->text().startsWith("293.0 kB in 4 files."));
    QVERIFY(bench.go()->isDefault());
    QVERIFY(bench.hub.storage.requests.isEmpty());
    QTest::keyClick(bench.dialog, Qt::Key_Return);

    QTRY_VERIFY_WITH_TIMEOUT(!bench.dialog, kPatienceMs);
    QCOMPARE(downloaded.size(), 1);
    QCOMPARE(downloaded[0][0].toString(), QString::fromStdString(bench.hub.snapshot().string()));
}

void TestDownloadDialog::fullDiskIsSaidBeforeAnythingIsFetched() {
    Bench bench;
    HubAccess access = bench.hub.access();
    access.freeBytes = [](const std::filesystem::path&) { return std::uintmax_t{2048}; };
    bench.open(access);

    bench.ask("org/small");

    QVERIFY(bench.shows("downloadPlanLabel"));
    QVERIFY(bench.find<QLabel>("downloadPlanLabel")->text().contains("2.0 kB are free in"));
    QVERIFY(bench.find<QLabel>("downloadPlanLabel")->text().contains("too little"));
    QVERIFY(!bench.go()->isEnabled());
}

void TestDownloadDialog::pauseKeepsWhatIsThereAndGoesOn() {
    Bench bench;
    bench.hub.storageFirst = [](const WebRequest&) {
        WebReply reply;
        reply.isSilent = true; // the line hangs
        return reply;
    };
    bench.open(bench.hub.access());
    bench.ask("org/small");
    QVERIFY(bench.shows("downloadPlanLabel"));
    QTest::keyClick(bench.go(), Qt::Key_Space);
    QTRY_COMPARE_WITH_TIMEOUT(bench.hub.storage.requests.size(), 1, kPatienceMs);
    QCOMPARE(bench.go()->text(), "&Pause");

    QTest::keyClick(bench.go(), Qt::Key_Space);

    QTRY_COMPARE_WITH_TIMEOUT(bench.go()->text(), "&Go on", kPatienceMs);
    QVERIFY(bench.find<QLabel>("downloadStateLabel")->text().startsWith("Paused."));
    bench.hub.storageFirst = {};
    QTest::keyClick(bench.go(), Qt::Key_Space);
    QTRY_VERIFY_WITH_TIMEOUT(!bench.dialog, kPatienceMs);
}

void TestDownloadDialog::unknownModelIsExplainedAndCanBeMended() {
    Bench bench;
    bench.open(bench.hub.access());

    bench.ask("org/other");

    QVERIFY(bench.shows("downloadProblemLabel"));
    QVERIFY(
        bench.find<QLabel>("downloadProblemLabel")->text().startsWith("org/other: there is no such model"));
    QVERIFY(!bench.go()->isVisible());
    bench.ask("org/small");
    QVERIFY(bench.shows("downloadPlanLabel"));
    QVERIFY(!bench.find<QLabel>("downloadProblemLabel")->isVisible());
}

void TestDownloadDialog::closingStopsTheDownload() {
    Bench bench;
    bench.hub.storageFirst = [](const WebRequest&) {
        WebReply reply;
        reply.isSilent = true;
        return reply;
    };
    bench.open(bench.hub.access());
    QSignalSpy stopped(bench.download.get(), &ModelDownload::stopped);
    bench.ask("org/small");
    QVERIFY(bench.shows("downloadPlanLabel"));
    QTest::keyClick(bench.go(), Qt::Key_Space);
    QTRY_COMPARE_WITH_TIMEOUT(bench.hub.storage.requests.size(), 1, kPatienceMs);

    QTest::keyClick(bench.dialog, Qt::Key_Escape);

    QTRY_COMPARE_WITH_TIMEOUT(stopped.size(), 1, kPatienceMs);
}

QTEST_MAIN(TestDownloadDialog)
#include "tst_download_dialog.moc"
