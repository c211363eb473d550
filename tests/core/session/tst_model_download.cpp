#include "core/session/model_download.h"

#include "core/session/settings.h"
#include "tests/core/hub/hub_double.h"

#include <QSignalSpy>
#include <QTest>

using namespace lathe;
using namespace lathe::test;

class TestModelDownload : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void withoutConsentNothingIsAsked();
    void consentIsReadAtEachCall();
    void modelIsLookedUpAndFetched();
    void pausedDownloadGoesOn();
    void wrongNameIsExplained();
    void newerQuestionReplacesTheOlder();
};

namespace {

/// A Hub of this machine and the settings of a user who has allowed downloads.
struct Bench {
    HubDouble hub;
    TempFolder folder;
    Settings settings{QString::fromStdString((folder / "settings.ini").string())};
    ModelDownload download{settings, hub.access()};
    QSignalSpy planned{&download, &ModelDownload::planned};
    QSignalSpy finished{&download, &ModelDownload::finished};
    QSignalSpy failed{&download, &ModelDownload::failed};
    QSignalSpy stopped{&download, &ModelDownload::stopped};

    Bench() { settings.areDownloadsAllowed.set(true); }
};

} // namespace

void TestModelDownload::withoutConsentNothingIsAsked() {
    Bench bench;
    bench.settings.areDownloadsAllowed.reset(); // the default

    QVERIFY(!bench.download.whyNot().isEmpty());
    bench.download.lookUp("org/small");

    QVERIFY(bench.failed.wait());
    QVERIFY(bench.failed[0][0].toString().contains("switched off"));
    QCOMPARE(bench.hub.hub.connections, 0);
}

void TestModelDownload::consentIsReadAtEachCall() {
    Bench bench;
    QVERIFY(bench.download.whyNot().isEmpty());
    bench.download.lookUp("org/small");
    QVERIFY(bench.planned.wait());
    bench.settings.areDownloadsAllowed.set(false);
    const int connections = bench.hub.hub.connections;

    bench.download.start();

    QVERIFY(bench.failed.wait());
    QCOMPARE(bench.hub.hub.connections, connections);
}

void TestModelDownload::modelIsLookedUpAndFetched() {
    Bench bench;
    QSignalSpy progressed(&bench.download, &ModelDownload::progressed);

    bench.download.lookUp("org/small");
    QVERIFY(bench.planned.wait());
    QCOMPARE(bench.download.plan()->files.size(), 4U);
    bench.download.start();

    QVERIFY(bench.finished.wait());
    QCOMPARE(bench.finished[0][0].toString(), QString::fromStdString(bench.hub.snapshot().string()));
    QVERIFY(!progressed.isEmpty());
    QCOMPARE(progressed.back()[0], progressed.back()[1]);
    QVERIFY(!bench.download.isBusy());
}

void TestModelDownload::pausedDownloadGoesOn() {
    Bench bench;
    bench.hub.storageFirst = [&bench](const WebRequest& request) {
        bench.download.stop();
        WebReply reply = HubDouble::serve(request, bench.hub.files["model.safetensors"].content);
        reply.cutAfter = 100'000;
        return reply;
    };
    bench.download.lookUp("org/small");
    QVERIFY(bench.planned.wait());
    bench.download.start();
    QVERIFY(bench.stopped.wait());
    bench.hub.storageFirst = {};

    bench.download.start();

    QVERIFY(bench.finished.wait());
    QVERIFY(bench.failed.isEmpty());
}

void TestModelDownload::wrongNameIsExplained() {
    Bench bench;
    bench.download.lookUp("../../etc");
    QVERIFY(bench.failed.wait());
    QVERIFY(bench.failed[0][0].toString().contains("is no name of a model on the Hub"));
    QCOMPARE(bench.hub.hub.connections, 0);
}

void TestModelDownload::newerQuestionReplacesTheOlder() {
    Bench bench;
    bench.hub.hubFirst = [](const WebRequest& request) -> WebReply {
        if (!request.target.contains("/slow"))
            return {0, {}, {}};
        WebReply reply;
        reply.isSilent = true;
        return reply;
    };
    bench.download.lookUp("org/slow");
    QTRY_COMPARE(bench.hub.hub.connections, 1);

    bench.download.lookUp("org/small");

    QVERIFY(bench.planned.wait());
    QCOMPARE(bench.download.plan()->model.name, std::string("org/small"));
    QVERIFY(bench.failed.isEmpty() && bench.stopped.isEmpty());
}

QTEST_GUILESS_MAIN(TestModelDownload)
#include "tst_model_download.moc"
