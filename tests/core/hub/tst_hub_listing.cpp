#include "core/hub/hub_listing.h"

#include <QTest>

using namespace lathe;

/// What the Hub's replies are taken for; none of them can lead out of the model's folder.
class TestHubListing : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void filesOfBothKindsAreRead();
    void repliesThatCannotBeAreRefused_data();
    void repliesThatCannotBeAreRefused();
    void commitMustBeACommit();
    void nextPageIsFoundInTheLinkHeader();
    void onlyWhatIsReadIsFetched();
    void formatsOfTheWeightsHaveAnOrder_data();
    void formatsOfTheWeightsHaveAnOrder();
    void modelThatCannotBeOpenedIsRefused();
    void sizesAreReadable();
};

namespace {

const std::string kSha1(40, '1');
const std::string kSha256(64, '2');

QByteArray listing(const std::string& entry) { return QByteArray::fromStdString("[" + entry + "]"); }

std::vector<HubFile> filesNamed(std::initializer_list<const char*> paths) {
    std::vector<HubFile> files;
    for (const char* path : paths)
        files.push_back({path, 1, kSha1});
    return files;
}

std::vector<std::string> pathsOf(const std::vector<HubFile>& files) {
    std::vector<std::string> paths;
    for (const HubFile& file : files)
        paths.push_back(file.path);
    return paths;
}

} // namespace

void TestHubListing::filesOfBothKindsAreRead() {
    const auto files = filesFromTree(
        listing(R"({"type":"directory","path":"a","size":0,"oid":"x"},)"
                R"({"type":"file","path":"a/b.json","size":12,"oid":")" +
                kSha1 + R"("},{"type":"file","path":"w.bin","size":130,"oid":")" + kSha1 +
                R"(","lfs":{"oid":")" + kSha256 + R"(","size":7000000000,"pointerSize":130}})"));
    QVERIFY(files.has_value());
    QCOMPARE(files->size(), 2U);
    QCOMPARE(files->at(0).path, std::string("a/b.json"));
    QCOMPARE(files->at(0).size, std::uint64_t{12});
    QCOMPARE(files->at(0).hash, kSha1);
    QCOMPARE(files->at(1).size, std::uint64_t{7'000'000'000});
    QCOMPARE(files->at(1).hash, kSha256);
}

void TestHubListing::repliesThatCannotBeAreRefused_data() {
    QTest::addColumn<std::string>("entry");
    QTest::addColumn<std::string>("message");
    const auto row = [](const char* name, const std::string& path, const std::string& size,
                        const std::string& hash, const char* message) {
        QTest::newRow(name) << R"({"type":"file","path":")" + path + R"(","size":)" + size + R"(,"oid":")" +
                                   hash + "\"}"
                            << std::string(message);
    };
    row("up", "../config.json", "1", kSha1, "outside of the model's folder");
    row("up inside", "a/../../b", "1", kSha1, "outside of the model's folder");
    row("absolute", "/etc/passwd", "1", kSha1, "outside of the model's folder");
    row("backslash", "..\\\\a", "1", kSha1, "outside of the model's folder");
    row("no name", "", "1", kSha1, "outside of the model's folder");
    row("hash with a slash", "a", "1", "../../" + kSha1, "which is none");
    row("short hash", "a", "1", "abc", "which is none");
    row("negative", "a", "-5", kSha1, "size of nothing");
    row("sixty gigabytes", "a", "60000000000", kSha1, "size of 55.9 GB");
    row("no size", "a", "null", kSha1, "size of nothing");
}

void TestHubListing::repliesThatCannotBeAreRefused() {
    QFETCH(const std::string, entry);
    QFETCH(const std::string, message);
    const auto files = filesFromTree(listing(entry));
    QVERIFY(!files.has_value());
    QVERIFY2(files.error().text().find(message) != std::string::npos, files.error().text().c_str());
}

void TestHubListing::commitMustBeACommit() {
    const std::string good = "{\"sha\":\"" + kSha1 + "\"}";
    QCOMPARE(commitFromInfo(QByteArray::fromStdString(good)).value(), kSha1);
    for (const char* json :
         {"", "[]", "{}", "{\"sha\":\"main\"}", "{\"sha\":\"../../../../../../../../../../../etc/pass\"}"})
        QVERIFY2(!commitFromInfo(json).has_value(), json);
    QVERIFY(!filesFromTree("<html>").has_value());
}

void TestHubListing::nextPageIsFoundInTheLinkHeader() {
    QCOMPARE(nextPage("<https://h/api?cursor=a%3D>; rel=\"next\""), "https://h/api?cursor=a%3D");
    QCOMPARE(nextPage("<https://h/1>; rel=\"prev\", <https://h/3>; rel=\"next\""), "https://h/3");
    QCOMPARE(nextPage("<https://h/1>; rel=\"prev\""), "");
    QCOMPARE(nextPage(""), "");
}

void TestHubListing::onlyWhatIsReadIsFetched() {
    const auto files = filesToRead(filesNamed(
        {".gitattributes", "README.md", "config.json", "flax_model.msgpack", "generation_config.json",
         "model.safetensors", "onnx/model.onnx", "original/consolidated.00.pth", "pytorch_model.bin",
         "tf_model.h5", "tokenizer.json", "tokenizer_config.json", "additional_chat_templates/rag.jinja",
         "qwen.tiktoken", "model.fp16.safetensors", "training_args.bin", "sub/config.json"}));
    QVERIFY(files.has_value());
    QCOMPARE(pathsOf(*files),
             (std::vector<std::string>{"README.md", "config.json", "generation_config.json",
                                       "model.safetensors", "tokenizer.json", "tokenizer_config.json",
                                       "additional_chat_templates/rag.jinja", "qwen.tiktoken"}));
}

void TestHubListing::formatsOfTheWeightsHaveAnOrder_data() {
    using Paths = std::vector<std::string>;
    QTest::addColumn<Paths>("there");
    QTest::addColumn<Paths>("taken");
    QTest::newRow("one file before shards")
        << Paths{"model-00001-of-00002.safetensors", "model.safetensors", "model.safetensors.index.json"}
        << Paths{"model.safetensors"};
    QTest::newRow("shards before PyTorch")
        << Paths{"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
                 "model.safetensors.index.json", "pytorch_model.bin"}
        << Paths{"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
                 "model.safetensors.index.json"};
    QTest::newRow("PyTorch") << Paths{"pytorch_model.bin", "tf_model.h5"} << Paths{"pytorch_model.bin"};
    QTest::newRow("shards of PyTorch")
        << Paths{"pytorch_model-00001-of-00001.bin", "pytorch_model.bin.index.json"}
        << Paths{"pytorch_model-00001-of-00001.bin", "pytorch_model.bin.index.json"};
}

void TestHubListing::formatsOfTheWeightsHaveAnOrder() {
    using Paths = std::vector<std::string>;
    QFETCH(const Paths, there);
    QFETCH(const Paths, taken);
    std::vector<HubFile> all{{"config.json", 1, kSha1}};
    for (const std::string& path : there)
        all.push_back({path, 2, kSha256});
    const auto files = filesToRead(all);
    QVERIFY(files.has_value());
    Paths paths = pathsOf(*files);
    QCOMPARE(paths.front(), std::string("config.json"));
    paths.erase(paths.begin());
    QCOMPARE(paths, taken);
}

void TestHubListing::modelThatCannotBeOpenedIsRefused() {
    QVERIFY(!filesToRead(filesNamed({"model.safetensors"})).has_value());
    const auto quantized = filesToRead(filesNamed({"config.json", "model.Q4.gguf"}));
    QVERIFY(!quantized.has_value());
    QVERIFY(quantized.error().message.find("neither model.safetensors nor pytorch_model.bin") !=
            std::string::npos);
}

void TestHubListing::sizesAreReadable() {
    QCOMPARE(sizeText(0), std::string("0 bytes"));
    QCOMPARE(sizeText(1023), std::string("1023 bytes"));
    QCOMPARE(sizeText(1536), std::string("1.5 kB"));
    QCOMPARE(sizeText(std::uint64_t{7} << 30), std::string("7.0 GB"));
}

QTEST_GUILESS_MAIN(TestHubListing)
#include "tst_hub_listing.moc"
