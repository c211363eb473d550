#include "core/hub/hub_cache.h"

#include "tests/support/temp_folder.h"

#include <QTest>

#include <map>

using Values = std::map<std::string, std::string>;
using namespace lathe;
using lathe::test::TempFolder;
namespace fs = std::filesystem;

/// The cache as huggingface_hub lays it out, made by hand; the environment is a map.
class TestHubCache : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rootFollowsTheEnvironment_data();
    void rootFollowsTheEnvironment();
    void offlineFlagsAreReadAsPythonReadsThem();
    void endpointAndTokenComeFromTheEnvironment();
    void tokenFileIsReadAndStripped();
    void namesAreParsed_data();
    void namesAreParsed();
    void namesThatLeadAwayAreRefused_data();
    void namesThatLeadAwayAreRefused();
    void modelsAreListedWithTheirRevisions();
    void sharedBlobsCountOnce();
    void revisionsAreFoundByBranchTagAndCommit();
    void whatIsMissingIsNamed();
    void refThatIsNoCommitIsRefused();
    void cacheThatIsNotThereHasNoModels();
};

namespace {

const std::string kFirst(40, 'a');
const std::string kSecond(40, 'b');

EnvironmentLookup environment(std::map<std::string, std::string> values) {
    return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
        const auto it = values.find(name);
        return it == values.end() ? std::nullopt : std::optional(it->second);
    };
}

/// A file of the snapshot as the Python tools make it: a blob and a relative link to it.
void addFile(const TempFolder& root, const std::string& model, const std::string& commit,
             const std::string& path, const std::string& blob, const std::string& text) {
    const fs::path folder = root / model;
    root.write(model + "/blobs/" + blob, text);
    const fs::path pointer = folder / "snapshots" / commit / path;
    fs::create_directories(pointer.parent_path());
    fs::create_symlink((folder / "blobs" / blob).lexically_relative(pointer.parent_path()), pointer);
}

void makeCache(const TempFolder& root) {
    addFile(root, "models--org--small", kFirst, "config.json", "c1", "{}");
    addFile(root, "models--org--small", kFirst, "model.safetensors", "w1", std::string(1000, 'x'));
    addFile(root, "models--org--small", kSecond, "config.json", "c2", "{ }");
    fs::create_symlink("../../blobs/w1",
                       root / ("models--org--small/snapshots/" + kSecond + "/model.safetensors"));
    root.write("models--org--small/refs/main", kSecond);
    root.write("models--org--small/refs/refs/pr/1", kFirst + "\n");
    root.write("models--org--small/refs/broken", "not a commit");
    addFile(root, "models--gpt2", kFirst, "config.json", "c1", "{}");
    root.write("models--gpt2/refs/main", kFirst);
    root.write("datasets--org--rows/refs/main", kFirst);
    root.write("models--org--empty/refs/main", kFirst);
}

} // namespace

void TestHubCache::rootFollowsTheEnvironment_data() {
    QTest::addColumn<Values>("values");
    QTest::addColumn<std::string>("root");
    QTest::newRow("default") << Values{{"HOME", "/me"}} << std::string("/me/.cache/huggingface/hub");
    QTest::newRow("xdg") << Values{{"HOME", "/me"}, {"XDG_CACHE_HOME", "/c"}}
                         << std::string("/c/huggingface/hub");
    QTest::newRow("hf home") << Values{{"HOME", "/me"}, {"HF_HOME", "~/hf"}} << std::string("/me/hf/hub");
    QTest::newRow("old name") << Values{{"HUGGINGFACE_HUB_CACHE", "/old"}, {"HF_HOME", "/hf"}}
                              << std::string("/old");
    QTest::newRow("first") << Values{{"HF_HUB_CACHE", "$DATA/hub"},
                                     {"DATA", "/d"},
                                     {"HUGGINGFACE_HUB_CACHE", "/old"}}
                           << std::string("/d/hub");
    QTest::newRow("braces") << Values{{"HF_HUB_CACHE", "/x/${USER}_$NONE/hub"}, {"USER", "me"}}
                            << std::string("/x/me_$NONE/hub");
    QTest::newRow("empty is unset") << Values{{"HF_HUB_CACHE", ""}, {"HF_HOME", "/hf"}}
                                    << std::string("/hf/hub");
    QTest::newRow("tilde inside") << Values{{"HOME", "/h"}, {"HF_HUB_CACHE", "/a/~b"}}
                                  << std::string("/a/~b");
}

void TestHubCache::rootFollowsTheEnvironment() {
    QFETCH(const Values, values);
    QFETCH(const std::string, root);
    QCOMPARE(hubCacheRoot(environment(values)).string(), root);
}

void TestHubCache::offlineFlagsAreReadAsPythonReadsThem() {
    for (const char* name : {"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"}) {
        for (const char* yes : {"1", "ON", "yes", "True"})
            QVERIFY2(isHubOffline(environment({{name, yes}})), yes);
        for (const char* no : {"0", "", "off", "2"})
            QVERIFY2(!isHubOffline(environment({{name, no}})), no);
    }
    QVERIFY(!isHubOffline(environment({})));
}

void TestHubCache::endpointAndTokenComeFromTheEnvironment() {
    QCOMPARE(hubEndpoint(environment({})), std::string("https://huggingface.co"));
    QCOMPARE(hubEndpoint(environment({{"HF_ENDPOINT", "http://mirror:8080/hf//"}})),
             std::string("http://mirror:8080/hf"));
    QVERIFY(!hubToken(environment({{"HOME", "/nowhere"}})));
    QCOMPARE(hubToken(environment({{"HF_TOKEN", " hf_a\n"}, {"HUGGING_FACE_HUB_TOKEN", "hf_b"}})), "hf_a");
    QCOMPARE(hubToken(environment({{"HUGGING_FACE_HUB_TOKEN", "hf_b"}})), "hf_b");
    QVERIFY(!hubToken(environment({{"HF_TOKEN", "hf_a"}, {"HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"}})));
}

void TestHubCache::tokenFileIsReadAndStripped() {
    const TempFolder folder;
    folder.write("token", "hf_file\n");
    folder.write("other", "  hf_other ");
    const std::string home = folder.path();
    QCOMPARE(hubToken(environment({{"HF_HOME", home}})), "hf_file");
    QCOMPARE(hubToken(environment({{"HF_HOME", home}, {"HF_TOKEN_PATH", home + "/other"}})), "hf_other");
}

void TestHubCache::namesAreParsed_data() {
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("name");
    QTest::addColumn<std::string>("revision");
    const auto row = [](const char* text, const char* name, const char* revision) {
        QTest::newRow(text) << std::string(text) << std::string(name) << std::string(revision);
    };
    row("gpt2", "gpt2", "main");
    row("org/name-1.5_b", "org/name-1.5_b", "main");
    row(" org/name@v1.0 ", "org/name", "v1.0");
    row("org/name@refs/pr/3", "org/name", "refs/pr/3");
    row("https://huggingface.co/org/name", "org/name", "main");
}

void TestHubCache::namesAreParsed() {
    QFETCH(const std::string, text);
    QFETCH(const std::string, name);
    QFETCH(const std::string, revision);
    const auto parsed = parseHubName(text);
    QVERIFY(parsed.has_value());
    QCOMPARE(parsed->name, name);
    QCOMPARE(parsed->revision, revision);
}

void TestHubCache::namesThatLeadAwayAreRefused_data() {
    QTest::addColumn<std::string>("text");
    for (const char* text :
         {"", "../x", "a/../b", "a/b/c", "org/", "/name", "org/na me", "org/a--b", "org/.git", "org/name@",
          "org/name@../../x", "org/name@/etc", "org/name@a\\b", "org/name@a//b", "org\\name"})
        QTest::newRow(*text == '\0' ? "empty" : text) << std::string(text);
}

void TestHubCache::namesThatLeadAwayAreRefused() {
    QFETCH(const std::string, text);
    const auto parsed = parseHubName(text);
    QVERIFY(!parsed.has_value());
    QCOMPARE(parsed.error().kind, Error::Kind::Input);
}

void TestHubCache::modelsAreListedWithTheirRevisions() {
    const TempFolder root;
    makeCache(root);

    const std::vector<HubModel> models = listHubModels(root.path());

    QCOMPARE(models.size(), 2U);
    QCOMPARE(models[0].name, std::string("gpt2"));
    QCOMPARE(models[1].name, std::string("org/small"));
    QCOMPARE(models[1].revisions.size(), 2U);
    QCOMPARE(models[1].revisions[0].commit, kFirst);
    QCOMPARE(models[1].revisions[0].refs, std::vector<std::string>{"refs/pr/1"});
    QCOMPARE(models[1].revisions[1].refs, std::vector<std::string>{"main"});
}

void TestHubCache::sharedBlobsCountOnce() {
    const TempFolder root;
    makeCache(root);
    QCOMPARE(listHubModels(root.path())[1].bytes, std::uintmax_t{1000 + 2 + 3});
}

void TestHubCache::revisionsAreFoundByBranchTagAndCommit() {
    const TempFolder root;
    makeCache(root);
    const fs::path snapshots = root / "models--org--small/snapshots";

    QCOMPARE(findHubSnapshot(root.path(), {"org/small", "main"}).value(), snapshots / kSecond);
    QCOMPARE(findHubSnapshot(root.path(), {"org/small", "refs/pr/1"}).value(), snapshots / kFirst);
    QCOMPARE(findHubSnapshot(root.path(), {"org/small", kFirst}).value(), snapshots / kFirst);
    QVERIFY(fs::exists(findHubSnapshot(root.path(), {"gpt2", "main"}).value() / "config.json"));
}

void TestHubCache::whatIsMissingIsNamed() {
    const TempFolder root;
    makeCache(root);
    const auto says = [&root](const HubName& model, const char* what) {
        const auto found = findHubSnapshot(root.path(), model);
        return !found.has_value() && found.error().text().find(what) != std::string::npos;
    };
    QVERIFY(says({"org/other", "main"}, "org/other: is not in the Hub cache"));
    QVERIFY(says({"org/small", "v9"}, "no revision \"v9\""));
    QVERIFY(says({"org/small", std::string(40, 'c')}, "no files of the revision"));
    QVERIFY(says({"org/empty", "main"}, "no files of the revision"));
    QVERIFY(says({"../small", "main"}, "is not in the Hub cache"));
}

void TestHubCache::refThatIsNoCommitIsRefused() {
    const TempFolder root;
    makeCache(root);
    root.write("models--org--small/refs/up", "../../../../etc");
    for (const char* ref : {"broken", "up"}) {
        const auto found = findHubSnapshot(root.path(), {"org/small", ref});
        QVERIFY(!found.has_value());
        QVERIFY(found.error().message.find("is no commit of 40 hexadecimal digits") != std::string::npos);
    }
}

void TestHubCache::cacheThatIsNotThereHasNoModels() { QVERIFY(listHubModels("/no/such/cache").empty()); }

QTEST_GUILESS_MAIN(TestHubCache)
#include "tst_hub_cache.moc"
