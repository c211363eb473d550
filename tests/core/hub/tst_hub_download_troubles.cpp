#include "tests/core/hub/hub_double.h"

#include "core/base/files.h"

using namespace lathe;
using namespace lathe::test;
namespace fs = std::filesystem;

/// What networks and servers do to a download, and what a hostile one might.
class TestHubDownloadTroubles : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cutConnectionGoesOnWhereItWas();
    void fiveCutsWithoutProgressEndIt();
    void serverWithoutRangesStartsAgain();
    void expiredAddressIsAskedForAgain();
    void wrongContentIsDeletedAndReported();
    void moreThanAnnouncedIsDeletedAndReported();
    void busyHubIsAskedAgain_data();
    void busyHubIsAskedAgain();
    void hubThatWantsALongPauseIsNotWaitedFor();
    void partThatDoesNotFitStartsAgain();
    void silentServerTimesOut();
    void nobodyThereIsSaid();
    void errorsAreOneSentence_data();
    void errorsAreOneSentence();
    void hostileListingsAreRefused_data();
    void hostileListingsAreRefused();
    void endlessListIsLeft();
    void listOnAnotherHostIsNotRead();
    void etagWithASlashIsRefused();
    void changeMeanwhileIsNoticed();
};

namespace {

bool says(const Error& error, const std::string& what) {
    if (error.text().find(what) != std::string::npos)
        return true;
    qWarning("%s", error.text().c_str());
    return false;
}

} // namespace

void TestHubDownloadTroubles::cutConnectionGoesOnWhereItWas() {
    HubDouble hub;
    hub.storageFirst = [&hub](const WebRequest& request) {
        WebReply reply = HubDouble::serve(request, hub.files["model.safetensors"].content);
        reply.cutAfter = 60'000;
        return reply;
    };

    const auto folder = download(hub.access());

    QVERIFY2(folder.has_value(), folder.has_value() ? "" : folder.error().text().c_str());
    // 300,000 bytes: progress each time, so no end of patience. Qt itself sends a request anew where the
    // connection is gone before it could tell, so the same range may be asked for twice.
    QByteArrayList ranges;
    for (const WebRequest& request : hub.storage.requests)
        if (const QByteArray range = request.headers.value("range"); !ranges.contains(range))
            ranges << range;
    QCOMPARE(ranges.size(), 5);
    QCOMPARE(ranges[3], "bytes=180000-");
    QCOMPARE(readFile(*folder / "model.safetensors").value(),
             hub.files["model.safetensors"].content.toStdString());
}

void TestHubDownloadTroubles::fiveCutsWithoutProgressEndIt() {
    HubDouble hub;
    hub.storageFirst = [&hub](const WebRequest& request) {
        WebReply reply = HubDouble::serve(request, hub.files["model.safetensors"].content);
        reply.cutAfter = 0;
        return reply;
    };

    const auto failed = download(hub.access());

    QVERIFY(!failed.has_value());
    QVERIFY(says(failed.error(), "broke"));
    QVERIFY(hub.storage.requests.size() >= 6); // Qt itself sends some anew, see above
}

void TestHubDownloadTroubles::serverWithoutRangesStartsAgain() {
    HubDouble hub;
    hub.storageFirst = [&](const WebRequest& request) {
        WebReply whole{200, hub.files["model.safetensors"].content, {}};
        // Not only the first: Qt itself may send that anew, see above.
        whole.cutAfter = request.headers.value("range").isEmpty() ? 100'000 : -1;
        return whole;
    };

    const auto folder = download(hub.access());

    QVERIFY(folder.has_value());
    QCOMPARE(hub.storage.requests.back().headers.value("range"), "bytes=100000-");
    QCOMPARE(readFile(*folder / "model.safetensors").value(),
             hub.files["model.safetensors"].content.toStdString());
}

void TestHubDownloadTroubles::expiredAddressIsAskedForAgain() {
    HubDouble hub;
    bool isExpired = true;
    hub.storageFirst = [&](const WebRequest&) -> WebReply {
        return std::exchange(isExpired, false) ? WebReply{403, "expired", {}} : WebReply{0, {}, {}};
    };

    QVERIFY(download(hub.access()).has_value());

    QCOMPARE(hub.hub.asked("HEAD", "model.safetensors").size(), 2);
    QCOMPARE(hub.storage.requests.size(), 2);
}

void TestHubDownloadTroubles::wrongContentIsDeletedAndReported() {
    for (const char* name : {"model.safetensors", "config.json"}) {
        HubDouble hub;
        HubDouble::File& file = hub.files[name];
        file.hash = HubDouble::hashOf(file);
        file.content[3] = '!';

        const auto failed = download(hub.access());

        QVERIFY(!failed.has_value());
        QVERIFY(says(failed.error(), std::string(name) + ": has the hash "));
        QVERIFY(says(failed.error(), "is deleted"));
        QVERIFY(!fs::exists(hub.blob(name)));
        QVERIFY(!fs::exists(hub.blob(name).string() + ".incomplete"));
        QVERIFY(!fs::exists(hub.snapshot() / name));
        QVERIFY(!fs::exists(hub.folder() / "refs/main"));
    }
}

void TestHubDownloadTroubles::moreThanAnnouncedIsDeletedAndReported() {
    HubDouble hub;
    hub.storageFirst = [](const WebRequest&) { return WebReply{200, QByteArray(5'000'000, 'w'), {}}; };

    const auto failed = download(hub.access());

    QVERIFY(!failed.has_value());
    QVERIFY(says(failed.error(), "more than the 300000 bytes"));
    QVERIFY(!fs::exists(hub.blob("model.safetensors").string() + ".incomplete"));
}

void TestHubDownloadTroubles::busyHubIsAskedAgain_data() {
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("retryAfter");
    QTest::newRow("429 with a pause") << 429 << QByteArray("0");
    QTest::newRow("429 with a date") << 429 << QByteArray("Wed, 21 Oct 2015 07:28:00 GMT");
    QTest::newRow("429") << 429 << QByteArray();
    QTest::newRow("408") << 408 << QByteArray();
    QTest::newRow("503") << 503 << QByteArray();
}

void TestHubDownloadTroubles::busyHubIsAskedAgain() {
    QFETCH(const int, status);
    QFETCH(const QByteArray, retryAfter);
    HubDouble hub;
    int count = 0;
    hub.hubFirst = [&](const WebRequest&) -> WebReply {
        if (++count > 3)
            return {0, {}, {}};
        WebReply busy{status, "busy", {}};
        if (!retryAfter.isEmpty())
            busy.headers.append({"Retry-After", retryAfter});
        return busy;
    };

    const auto folder = download(hub.access());

    QVERIFY2(folder.has_value(), folder.has_value() ? "" : folder.error().text().c_str());
    QCOMPARE(hub.hub.asked("GET", "/revision/").size(), 4);
}

void TestHubDownloadTroubles::hubThatWantsALongPauseIsNotWaitedFor() {
    HubDouble hub;
    hub.hubFirst = [](const WebRequest&) { return WebReply{429, {}, {{"Retry-After", "3600"}}}; };

    const auto failed = download(hub.access());

    QVERIFY(!failed.has_value());
    QVERIFY(says(failed.error(), "it asks to wait: 3600 s"));
    QCOMPARE(hub.hub.requests.size(), 1);
}

void TestHubDownloadTroubles::partThatDoesNotFitStartsAgain() {
    HubDouble hub;
    hub.cache.write("models--org--small/blobs/" + hub.blob("model.safetensors").filename().string() +
                        ".incomplete",
                    std::string(200'000, 'w'));
    int count = 0;
    hub.storageFirst = [&](const WebRequest&) {
        return ++count == 1 ? WebReply{416, {}, {}} : WebReply{0, {}, {}};
    };

    QVERIFY(download(hub.access()).has_value());

    QCOMPARE(hub.storage.requests[0].headers.value("range"), "bytes=200000-");
    QVERIFY(!hub.storage.requests[1].headers.contains("range"));
}

void TestHubDownloadTroubles::silentServerTimesOut() {
    HubDouble hub;
    hub.hubFirst = [](const WebRequest&) {
        WebReply reply;
        reply.isSilent = true;
        return reply;
    };
    HubAccess access = hub.access();
    access.timeout = std::chrono::milliseconds(50);

    const auto failed = plan(access);

    QVERIFY(!failed.has_value());
    QVERIFY(says(failed.error(), "127.0.0.1 does not answer in time"));
}

void TestHubDownloadTroubles::nobodyThereIsSaid() {
    HubDouble hub;
    HubAccess access = hub.access();
    QTcpServer closed;
    QVERIFY(closed.listen(QHostAddress::LocalHost));
    const std::string nobody = "http://127.0.0.1:" + std::to_string(closed.serverPort());
    closed.close();
    access.environment = [nobody,
                          cache = hub.cache.path()](const std::string& name) -> std::optional<std::string> {
        if (name == "HF_ENDPOINT")
            return nobody;
        return name == "HF_HUB_CACHE" ? std::optional(cache.string()) : std::nullopt;
    };

    const auto failed = plan(access);

    QVERIFY(!failed.has_value());
    QVERIFY(says(failed.error(), "127.0.0.1 refuses the connection"));
}

void TestHubDownloadTroubles::errorsAreOneSentence_data() {
    QTest::addColumn<int>("status");
    QTest::addColumn<QByteArray>("code");
    QTest::addColumn<std::string>("message");
    const auto row = [](const char* name, int status, const char* code, const char* message) {
        QTest::newRow(name) << status << QByteArray(code) << std::string(message);
    };
    row("no model", 404, "RepoNotFound", "org/small: there is no such model on the Hub, or it is private");
    row("unknown without a token", 401, "RepoNotFound", "there is no such model");
    row("bad token", 401, "", "the Hub does not accept the token; check HF_TOKEN");
    row("gated", 403, "GatedRepo", "its authors ask for an agreement first: open http://127.0.0.1:");
    row("gated without a token", 401, "GatedRepo", "its authors ask for an agreement first");
    row("no revision", 404, "RevisionNotFound", "has no revision \"main\"");
    row("no file", 404, "EntryNotFound", "is not there any more");
    row("forbidden", 403, "", "does not let this file be read");
    row("other", 418, "", "the Hub answers with HTTP 418 (words of the server); try again later");
}

void TestHubDownloadTroubles::errorsAreOneSentence() {
    QFETCH(const int, status);
    QFETCH(const QByteArray, code);
    QFETCH(const std::string, message);
    HubDouble hub;
    hub.hubFirst = [&](const WebRequest&) -> WebReply {
        WebReply reply{status, {}, {{"X-Error-Message", "words of\t the server"}}};
        if (!code.isEmpty())
            reply.headers.append({"X-Error-Code", code});
        return reply;
    };

    const auto failed = plan(hub.access());

    QVERIFY(!failed.has_value());
    QVERIFY(says(failed.error(), message));
    QVERIFY(failed.error().text().find('\n') == std::string::npos);
    QCOMPARE(hub.hub.requests.size(), 1);
}

void TestHubDownloadTroubles::hostileListingsAreRefused_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<QByteArray>("hash");
    QTest::addColumn<double>("size");
    QTest::newRow("path that climbs") << "../../config.json" << QByteArray() << -1.0;
    QTest::newRow("absolute path") << "/tmp/config.json" << QByteArray() << -1.0;
    QTest::newRow("hash with a slash") << "" << QByteArray("../../../../x") << -1.0;
    QTest::newRow("60 GB") << "" << QByteArray() << 60e9;
}

void TestHubDownloadTroubles::hostileListingsAreRefused() {
    QFETCH(const QString, path);
    QFETCH(const QByteArray, hash);
    QFETCH(const double, size);
    HubDouble hub;
    hub.files["bad"] = {"{}", false, hash, path, size};

    const auto refused = download(hub.access());

    QVERIFY(!refused.has_value());
    QCOMPARE(refused.error().kind, Error::Kind::Input);
    QVERIFY(fs::is_empty(hub.cache.path()));
    QVERIFY(hub.hub.asked("HEAD", "").isEmpty());
}

void TestHubDownloadTroubles::endlessListIsLeft() {
    HubDouble hub;
    int page = 0;
    hub.hubFirst = [&](const WebRequest& request) -> WebReply {
        if (!request.target.contains("/tree/"))
            return {0, {}, {}};
        const QByteArray next =
            hub.hub.address() + "/api/models/org/small/tree/x?cursor=" + QByteArray::number(++page);
        return {200, "[]", {{"Link", "<" + next + ">; rel=\"next\""}}};
    };

    const auto refused = plan(hub.access());

    QVERIFY(!refused.has_value());
    QVERIFY(says(refused.error(), "does not end after 50 pages"));
    QCOMPARE(page, 50);
}

void TestHubDownloadTroubles::listOnAnotherHostIsNotRead() {
    HubDouble hub;
    hub.hubFirst = [&](const WebRequest& request) -> WebReply {
        if (!request.target.contains("/tree/"))
            return {0, {}, {}};
        return {200, "[]", {{"Link", "<" + hub.storage.address() + "/more>; rel=\"next\""}}};
    };

    QVERIFY(!plan(hub.access()).has_value());

    QCOMPARE(hub.storage.connections, 0);
}

void TestHubDownloadTroubles::etagWithASlashIsRefused() {
    HubDouble hub;
    hub.hubFirst = [&](const WebRequest& request) -> WebReply {
        if (request.verb != "HEAD")
            return {0, {}, {}};
        return {200, hub.files["config.json"].content, {{"ETag", "\"../../../evil\""}}};
    };

    const auto refused = download(hub.access());

    QVERIFY(!refused.has_value());
    QVERIFY(says(refused.error(), "outside of the cache"));
    QVERIFY(!fs::exists(hub.cache / "evil"));
}

void TestHubDownloadTroubles::changeMeanwhileIsNoticed() {
    HubDouble hub;
    hub.hubFirst = [&](const WebRequest& request) -> WebReply {
        if (request.verb != "HEAD")
            return {0, {}, {}};
        return {200, "{}", {{"ETag", '"' + QByteArray(40, '7') + '"'}}};
    };

    const auto refused = download(hub.access());

    QVERIFY(!refused.has_value());
    QVERIFY(says(refused.error(), "has changed on the Hub meanwhile"));
}

QTEST_GUILESS_MAIN(TestHubDownloadTroubles)
#include "tst_hub_download_troubles.moc"
