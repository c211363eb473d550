#include "tests/core/hub/hub_double.h"

#include "core/base/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

using namespace lathe;
using namespace lathe::test;
namespace fs = std::filesystem;

/// A download that goes well, or that is forbidden, against a Hub of this machine.
class TestHubDownload : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nothingIsAskedWithoutConsent();
    void nothingIsAskedWhereTheEnvironmentForbidsIt_data();
    void nothingIsAskedWhereTheEnvironmentForbidsIt();
    void planTellsFilesAndRoom();
    void modelLiesInTheCacheAsThePythonToolsLayItOut();
    void progressReachesTheTotal();
    void secondDownloadFetchesNothing();
    void otherRevisionSharesTheBlobs();
    void withoutLinksTheFilesLieInTheSnapshot();
    void tokenGoesToTheHubOnly();
    void renamedModelIsFollowed();
    void fullDiskIsKnownBefore();
    void cancelKeepsWhatIsThereAndTheNextGoesOn();
    void lockedFileIsLeftToItsProgram();
};

void TestHubDownload::nothingIsAskedWithoutConsent() {
    HubDouble hub;
    HubAccess access = hub.access();
    access.consent = DownloadConsent::Refused;

    const auto refused = plan(access);
    const auto refusedToo = whileServing([&] { return downloadHubModel({}, access, {}, {}); });

    QVERIFY(!refused.has_value() && !refusedToo.has_value());
    QVERIFY(refused.error().message.find("switched off") != std::string::npos);
    QCOMPARE(hub.hub.connections + hub.storage.connections, 0);
    QVERIFY(fs::is_empty(hub.cache.path()));
}

void TestHubDownload::nothingIsAskedWhereTheEnvironmentForbidsIt_data() {
    QTest::addColumn<std::string>("name");
    QTest::newRow("hub") << std::string("HF_HUB_OFFLINE");
    QTest::newRow("transformers") << std::string("TRANSFORMERS_OFFLINE");
}

void TestHubDownload::nothingIsAskedWhereTheEnvironmentForbidsIt() {
    QFETCH(const std::string, name);
    HubDouble hub;
    hub.variables[name] = "1";

    const auto refused = download(hub.access());

    QVERIFY(!refused.has_value());
    QVERIFY(refused.error().message.find("OFFLINE") != std::string::npos);
    QCOMPARE(hub.hub.connections + hub.storage.connections, 0);
    QVERIFY(fs::is_empty(hub.cache.path()));
}

void TestHubDownload::planTellsFilesAndRoom() {
    HubDouble hub;
    HubAccess access = hub.access();
    access.freeBytes = [](const fs::path&) { return std::uintmax_t{12'345}; };

    const auto found = plan(access);

    QVERIFY2(found.has_value(), found.has_value() ? "" : found.error().text().c_str());
    QCOMPARE(found->commit, std::string(40, 'a'));
    QCOMPARE(found->files.size(), 4U);
    QCOMPARE(found->files.back().path, std::string("model.safetensors")); // the large one comes last
    QCOMPARE(found->missing, found->bytes);
    QVERIFY(found->bytes > 300'000 && found->bytes < 300'100);
    QCOMPARE(found->free, std::uint64_t{12'345});
    QVERIFY(!found->fits());
    QVERIFY(fs::is_empty(hub.cache.path()));
}

void TestHubDownload::modelLiesInTheCacheAsThePythonToolsLayItOut() {
    HubDouble hub;

    const auto folder = download(hub.access());

    QVERIFY2(folder.has_value(), folder.has_value() ? "" : folder.error().text().c_str());
    QCOMPARE(*folder, hub.snapshot());
    const fs::path pointer = hub.snapshot() / "model.safetensors";
    QCOMPARE(fs::read_symlink(pointer).string(),
             "../../blobs/" + HubDouble::hashOf(hub.files["model.safetensors"]).toStdString());
    QCOMPARE(readFile(pointer).value(), hub.files["model.safetensors"].content.toStdString());
    QCOMPARE(readFile(hub.folder() / "refs/main").value(), std::string(40, 'a'));
    QVERIFY(
        readFile(hub.cache / "CACHEDIR.TAG")->starts_with("Signature: 8a477f597d28d172789f06886806bc55\n"));
    QVERIFY(!fs::exists(hub.snapshot() / "flax_model.msgpack"));
    for (const auto& entry : fs::directory_iterator(hub.folder() / "blobs"))
        QVERIFY2(entry.path().extension() != ".incomplete", entry.path().c_str());
    const std::vector<HubModel> models = listHubModels(hub.cache.path());
    QCOMPARE(models.size(), 1U);
    QCOMPARE(models[0].name, std::string("org/small"));
    QCOMPARE(findHubSnapshot(hub.cache.path(), {"org/small", "main"}).value(), *folder);
}

void TestHubDownload::progressReachesTheTotal() {
    HubDouble hub;
    const HubAccess access = hub.access();
    std::vector<HubProgress> told;

    const auto folder = whileServing([&]() -> Result<fs::path> {
        LATHE_ASSIGN(const HubPlan plan, planHubDownload({"org/small", "main"}, access, {}));
        return downloadHubModel(plan, access, [&told](const HubProgress& p) { told.push_back(p); }, {});
    });

    QVERIFY(folder.has_value());
    QVERIFY(told.size() >= 4);
    QVERIFY(std::ranges::is_sorted(told, {}, &HubProgress::done));
    QCOMPARE(told.back().done, told.back().total);
}

void TestHubDownload::secondDownloadFetchesNothing() {
    HubDouble hub;
    QVERIFY(download(hub.access()).has_value());
    hub.hub.requests.clear();
    hub.storage.requests.clear();

    QVERIFY(download(hub.access()).has_value());

    QCOMPARE(hub.hub.requests.size(), 2); // what the model consists of
    QVERIFY(hub.storage.requests.isEmpty());
}

void TestHubDownload::otherRevisionSharesTheBlobs() {
    HubDouble hub;
    QVERIFY(download(hub.access()).has_value());
    hub.commit = QByteArray(40, 'b');
    hub.files["config.json"].content = R"({"model_type": "gpt2"})";
    hub.storage.requests.clear();

    QVERIFY(download(hub.access()).has_value());

    QVERIFY(hub.storage.requests.isEmpty());
    QCOMPARE(readFile(hub.folder() / "refs/main").value(), std::string(40, 'b'));
    QCOMPARE(readFile(hub.snapshot() / "config.json").value(), std::string(R"({"model_type": "gpt2"})"));
    QCOMPARE(listHubModels(hub.cache.path())[0].revisions.size(), 2U);
}

void TestHubDownload::withoutLinksTheFilesLieInTheSnapshot() {
    HubDouble hub;
    hub.variables["HF_HUB_DISABLE_SYMLINKS"] = "1";

    QVERIFY(download(hub.access()).has_value());

    QVERIFY(fs::is_regular_file(fs::symlink_status(hub.snapshot() / "model.safetensors")));
    QVERIFY(fs::is_empty(hub.folder() / "blobs"));
    QVERIFY(download(hub.access()).has_value()); // and is known the next time
    QCOMPARE(hub.storage.requests.size(), 1);
}

void TestHubDownload::tokenGoesToTheHubOnly() {
    HubDouble hub;

    QVERIFY(download(hub.access()).has_value());

    for (const WebRequest& request : hub.hub.requests)
        QCOMPARE(request.headers.value("authorization"), "Bearer hf_secret");
    QCOMPARE(hub.storage.requests.size(), 1);
    QVERIFY(!hub.storage.requests[0].headers.contains("authorization"));
}

void TestHubDownload::renamedModelIsFollowed() {
    HubDouble hub;
    hub.hubFirst = [](const WebRequest& request) -> WebReply {
        if (!request.target.contains("/old/name"))
            return {0, {}, {}};
        return {307, {}, {{"Location", QByteArray(request.target).replace("/old/name", "/org/small")}}};
    };
    const HubAccess access = hub.access();

    const auto folder = whileServing([&]() -> Result<fs::path> {
        LATHE_ASSIGN(const HubPlan plan, planHubDownload({"old/name", "main"}, access, {}));
        return downloadHubModel(plan, access, {}, {});
    });

    QVERIFY2(folder.has_value(), folder.has_value() ? "" : folder.error().text().c_str());
    QVERIFY(fs::exists(hub.cache / "models--old--name/refs/main"));
}

void TestHubDownload::fullDiskIsKnownBefore() {
    HubDouble hub;
    HubAccess access = hub.access();
    access.freeBytes = [](const fs::path&) { return std::uintmax_t{1'000}; };

    const auto refused = download(access);

    QVERIFY(!refused.has_value());
    QVERIFY2(refused.error().message.find("has 1000 bytes free and the model needs 293.0 kB more") !=
                 std::string::npos,
             refused.error().text().c_str());
    QVERIFY(hub.storage.requests.isEmpty());
    QVERIFY(fs::is_empty(hub.cache.path()));
}

void TestHubDownload::cancelKeepsWhatIsThereAndTheNextGoesOn() {
    HubDouble hub;
    hub.files["model.safetensors"].content = QByteArray(3'000'000, 'w');
    std::stop_source stop;
    hub.storageFirst = [&](const WebRequest&) -> WebReply {
        // Half of the file comes and then nothing, as if the line were slow.
        QTimer::singleShot(200, [&stop] { stop.request_stop(); });
        WebReply half = HubDouble::serve({}, hub.files["model.safetensors"].content);
        half.cutAfter = 1'500'000;
        return half;
    };
    HubAccess access = hub.access();
    access.retryPause = std::chrono::minutes(10); // the stop comes into the pause

    const auto stopped = download(access, stop.get_token());

    QVERIFY(!stopped.has_value());
    QCOMPARE(stopped.error().kind, Error::Kind::Cancelled);
    const fs::path partial = hub.blob("model.safetensors").string() + ".incomplete";
    QCOMPARE(fs::file_size(partial), std::uintmax_t{1'500'000});
    QVERIFY(!fs::exists(hub.folder() / "refs/main"));
    hub.storageFirst = {};
    hub.storage.requests.clear();

    QVERIFY(download(hub.access()).has_value());

    QCOMPARE(hub.storage.requests[0].headers.value("range"), "bytes=1500000-");
    QCOMPARE(readFile(hub.snapshot() / "model.safetensors")->size(), 3'000'000U);
}

void TestHubDownload::lockedFileIsLeftToItsProgram() {
    HubDouble hub;
    const std::string hash = HubDouble::hashOf(hub.files["model.safetensors"]).toStdString();
    const fs::path lock = hub.cache.write(".locks/models--org--small/" + hash + ".lock", "");
    const int descriptor = ::open(lock.c_str(), O_RDWR);
    QCOMPARE(::flock(descriptor, LOCK_EX), 0);

    const auto refused = download(hub.access());
    ::close(descriptor);

    QVERIFY(!refused.has_value());
    QCOMPARE(
        refused.error().text(),
        std::string("model.safetensors: is being downloaded by another program; wait until that has ended"));
    QVERIFY(download(hub.access()).has_value());
}

QTEST_GUILESS_MAIN(TestHubDownload)
#include "tst_hub_download.moc"
