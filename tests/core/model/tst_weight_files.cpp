#include "core/model/weight_files.h"

#include "core/base/files.h"
#include "core/model/shard_index.h"
#include "tests/support/checkpoint_bytes.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/zeros.h>
#include <sys/resource.h>

using namespace lathe;
namespace fs = std::filesystem;
namespace pickle = test::pickle;

namespace {

constexpr const char* kCheckpoints = "tests/data/checkpoints";

at::Tensor sample(double start) { return at::arange(6, at::kFloat).view({2, 3}) + start; }

/// Float data of `count` elements: 0, 1, 2, …
std::string floats(std::int64_t count) {
    const at::Tensor tensor = at::arange(count, at::kFloat);
    return {static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()};
}

std::string indexOf(const std::vector<std::pair<std::string, std::string>>& map) {
    std::string text;
    for (const auto& [tensor, file] : map)
        text += (text.empty() ? "" : ", ") + ('"' + tensor) + "\": \"" + file + '"';
    return R"({"metadata": {"total_size": 48}, "weight_map": {)" + text + "}}";
}

void write(const fs::path& path, const std::vector<NamedTensor>& tensors) {
    fs::create_directories(path.parent_path());
    QVERIFY(writeTensorFile(path, tensors).has_value());
}

std::string messageOf(const Result<WeightFiles>& weights) {
    return weights.has_value() ? std::string() : weights.error().text();
}

} // namespace

class TestWeightFiles : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void firstOfThePrecedenceIsTaken();
    void variantsAreTakenWhereThereIsNothingElse();
    void nothingThereNamesWhatWasLookedFor();
    void shardsEqualTheUnsplitModel();
    void shardsOfPicklesAreRead();
    void hubCacheIsFollowedToItsBlobs();
    void linksOutOfTheFolderAreRefused();
    void brokenIndicesAreRefused_data();
    void brokenIndicesAreRefused();
    void missingShardsAndTensorsAreNamed();
    void filesOfTorchAreRead_data();
    void filesOfTorchAreRead();
    void sharedStoragesStayShared();
    void foreignFilesOfTorchAreRefused_data();
    void foreignFilesOfTorchAreRefused();
    void brokenFilesOfTorchAreRefused_data();
    void brokenFilesOfTorchAreRefused();
    void everyTruncationIsRefused_data();
    void everyTruncationIsRefused();
    void writingToATensorLeavesTheFile();
    void filesThatShrinkGiveAnError();
    void placeholdersOfGitAreNamed();
    void openingReadsNoWeights();
};

void TestWeightFiles::firstOfThePrecedenceIsTaken() {
    const test::TempFolder folder;
    const auto openedFile = [&] {
        return WeightFiles::open(folder.path())->files().front().filename().string();
    };
    const std::string torchFile =
        test::torchZip(pickle::dict({{"a", pickle::tensor("0", 1, 0, {1}, {1})}}), {{"0", floats(1)}});
    folder.write("bin-shard.bin", torchFile);
    folder.write("pytorch_model.bin.index.json", indexOf({{"a", "bin-shard.bin"}}));
    QCOMPARE(openedFile(), std::string("bin-shard.bin"));
    folder.write("pytorch_model.bin", torchFile);
    QCOMPARE(openedFile(), std::string("pytorch_model.bin"));
    write(folder / "shard.safetensors", {{"a", sample(0)}});
    folder.write("model.safetensors.index.json", indexOf({{"a", "shard.safetensors"}}));
    QCOMPARE(openedFile(), std::string("shard.safetensors"));
    write(folder / "model.safetensors", {{"a", sample(0)}});
    QCOMPARE(openedFile(), std::string("model.safetensors"));
}

void TestWeightFiles::variantsAreTakenWhereThereIsNothingElse() {
    const test::TempFolder folder;
    write(folder / "model.fp16-00001-of-00002.safetensors", {{"a", sample(0)}});
    QVERIFY(!WeightFiles::open(folder.path()).has_value());
    folder.write("model.safetensors.index.fp16.json",
                 indexOf({{"a", "model.fp16-00001-of-00002.safetensors"}}));
    QCOMPARE(WeightFiles::open(folder.path())->files().front().filename().string(),
             std::string("model.fp16-00001-of-00002.safetensors"));
    write(folder / "model.fp16.safetensors", {{"a", sample(0)}});
    QCOMPARE(WeightFiles::open(folder.path())->files().front().filename().string(),
             std::string("model.fp16.safetensors"));
}

void TestWeightFiles::nothingThereNamesWhatWasLookedFor() {
    const test::TempFolder folder;
    folder.write("weights.gguf", "x");
    const std::string message = messageOf(WeightFiles::open(folder.path()));
    for (const char* name : {"model.safetensors,", "model.safetensors.index.json", "pytorch_model.bin,",
                             "pytorch_model.bin.index.json", "(weights.gguf cannot be read)"})
        QVERIFY2(message.find(name) != std::string::npos, message.c_str());
    QVERIFY(messageOf(WeightFiles::open(folder / "none")).find("not a folder") != std::string::npos);
}

void TestWeightFiles::shardsEqualTheUnsplitModel() {
    const test::TempFolder folder;
    std::vector<NamedTensor> all;
    std::vector<std::pair<std::string, std::string>> map;
    for (int i = 0; i < 6; ++i) {
        const std::string name = "layer." + std::to_string(i);
        const std::string file = "model-0000" + std::to_string(i / 2 + 1) + "-of-00003.safetensors";
        all.emplace_back(name, sample(10 * i).to(i % 2 == 0 ? at::kFloat : at::kBFloat16));
        map.emplace_back(name, file);
        write(folder / ("split/" + file), {all.end() - (i % 2 + 1), all.end()});
    }
    folder.write("split/model.safetensors.index.json", indexOf(map));
    write(folder / "whole/model.safetensors", all);
    const auto split = WeightFiles::open(folder / "split");
    const auto whole = WeightFiles::open(folder / "whole");
    QVERIFY2(split.has_value() && whole.has_value(), messageOf(split).c_str());
    QCOMPARE(split->files().size(), std::size_t{3});
    QCOMPARE(split->entries().size(), whole->entries().size());
    QCOMPARE(split->bytes(), whole->bytes());
    QCOMPARE(split->bytes(), std::uint64_t{3 * 24 + 3 * 12});
    for (const auto& [name, tensor] : all) {
        QVERIFY(split->entries().at(name).dtype == tensor.scalar_type());
        QVERIFY2(at::equal(split->tensor(name).value(), tensor), name.c_str());
        QVERIFY2(at::equal(whole->tensor(name).value(), tensor), name.c_str());
    }
    QVERIFY(!split->tensor("layer.6").has_value());
}

void TestWeightFiles::shardsOfPicklesAreRead() {
    const test::TempFolder folder;
    fs::create_directories(folder.path());
    for (const char* name : {"ordered.bin", "strided.bin"})
        fs::copy_file(test::sourceFile(kCheckpoints) / name, folder / name);
    folder.write("pytorch_model.bin.index.json", indexOf({{"z", "ordered.bin"}, {"t", "strided.bin"}}));
    const auto weights = WeightFiles::open(folder.path());
    QVERIFY2(weights.has_value(), messageOf(weights).c_str());
    QCOMPARE(weights->entries().size(), std::size_t{2});
    const auto expected = TensorFile::open(test::sourceFile(kCheckpoints) / "expected.safetensors");
    QVERIFY(at::equal(weights->tensor("t").value(), expected->tensor("strided/t").value()));
    QVERIFY(at::equal(weights->tensor("z").value(), expected->tensor("ordered/z").value()));
}

void TestWeightFiles::hubCacheIsFollowedToItsBlobs() {
    const test::TempFolder folder;
    const fs::path home = folder / "hub/models--org--name";
    const fs::path snapshot = home / "snapshots/0123";
    write(home / "blobs/aa", {{"a", sample(1)}});
    write(home / "blobs/bb", {{"b", sample(2)}});
    folder.write("hub/models--org--name/blobs/cc",
                 indexOf({{"a", "model-1.safetensors"}, {"b", "model-2.safetensors"}}));
    fs::create_directories(snapshot);
    fs::create_symlink("../../blobs/aa", snapshot / "model-1.safetensors");
    fs::create_symlink("../../blobs/bb", snapshot / "model-2.safetensors");
    fs::create_symlink("../../blobs/cc", snapshot / "model.safetensors.index.json");
    const auto split = WeightFiles::open(snapshot);
    QVERIFY2(split.has_value(), messageOf(split).c_str());
    QVERIFY(at::equal(split->tensor("b").value(), sample(2)));

    fs::create_symlink("../../blobs/aa", snapshot / "model.safetensors");
    QVERIFY(at::equal(WeightFiles::open(snapshot)->tensor("a").value(), sample(1)));
    fs::remove(home / "blobs/aa");
    QVERIFY(messageOf(WeightFiles::open(snapshot)).find("link to ../../blobs/aa, which is not there") !=
            std::string::npos);
}

void TestWeightFiles::linksOutOfTheFolderAreRefused() {
    const test::TempFolder folder;
    write(folder / "elsewhere/blobs/aa", {{"a", sample(1)}});
    fs::create_directories(folder / "model");
    folder.write("model/model.safetensors.index.json", indexOf({{"a", "shard.safetensors"}}));
    fs::create_symlink("../elsewhere/blobs/aa", folder / "model/shard.safetensors");
    const std::string message = messageOf(WeightFiles::open(folder / "model"));
    QVERIFY2(message.find("shard.safetensors: is a link that leads out of the model's folder") !=
                 std::string::npos,
             message.c_str());
    fs::remove(folder / "model/shard.safetensors");
    fs::create_symlink("nowhere", folder / "model/shard.safetensors");
    QVERIFY(messageOf(WeightFiles::open(folder / "model")).find("not there") != std::string::npos);
}

void TestWeightFiles::brokenIndicesAreRefused_data() {
    QTest::addColumn<std::string>("index");
    QTest::addColumn<std::string>("says");
    const auto row = [](const char* name, const std::string& index, const char* says) {
        QTest::newRow(name) << index << std::string(says);
    };
    row("parent folder", indexOf({{"a", "../x.safetensors"}}),
        "\"../x.safetensors\", which is not a plain name");
    row("absolute", indexOf({{"a", "/etc/passwd"}}), "\"/etc/passwd\", which is not a plain name");
    row("backslash", indexOf({{"a", "..\\\\x"}}), "not a plain name");
    row("subfolder", indexOf({{"a", "b/x.safetensors"}}), "not a plain name");
    row("dots", indexOf({{"a", ".."}}), "not a plain name");
    row("empty name", indexOf({{"a", ""}}), "not a plain name");
    row("NUL", indexOf({{"a", "x\\u0000.safetensors"}}), "not a plain name");
    row("not JSON", "{\"weight_map\": {", "not valid JSON");
    row("no object", "[1]", "not a JSON object");
    row("empty", "{}", "has no weight_map");
    row("map that is a list", R"({"weight_map": ["a"]})", "weight_map that is not an object");
    row("map that is text", R"({"weight_map": "a"})", "weight_map that is not an object");
    row("null", R"({"weight_map": null})", "weight_map that is not an object");
    row("number for a file", R"({"weight_map": {"a": 1}})",
        "gives tensor \"a\" something other than a file name");
    row("list for a file", R"({"weight_map": {"a": ["x"]}})", "something other than a file name");
    row("a tensor twice", indexOf({{"a", "x"}, {"a", "y"}}), "names tensor \"a\" twice");
    row("two maps", R"({"weight_map": {}, "weight_map": {}})", "two weight_map");
    row("deep", "{\"x\": " + std::string(10'000, '[') + std::string(10'000, ']') + "}", "levels deep");
    row("not UTF-8", "{\"\xff\": 1}", "not valid JSON");
    row("NaN", R"({"metadata": NaN})", "not valid JSON");
}

void TestWeightFiles::brokenIndicesAreRefused() {
    QFETCH(std::string, index);
    QFETCH(std::string, says);
    const test::TempFolder folder;
    folder.write("model.safetensors.index.json", index);
    const std::string message = messageOf(WeightFiles::open(folder.path()));
    QVERIFY2(message.find("model.safetensors.index.json: ") != std::string::npos, message.c_str());
    QVERIFY2(message.find(says) != std::string::npos, message.c_str());
}

void TestWeightFiles::missingShardsAndTensorsAreNamed() {
    const test::TempFolder folder;
    folder.write("model.safetensors.index.json",
                 indexOf({{"a", "one.safetensors"}, {"b", "one.safetensors"}}));
    QVERIFY(messageOf(WeightFiles::open(folder.path())).find("one.safetensors: is not there") !=
            std::string::npos);
    write(folder / "one.safetensors", {{"a", sample(0)}});
    const std::string message = messageOf(WeightFiles::open(folder.path()));
    QVERIFY2(message.find("one.safetensors: has no tensor \"b\", but model.safetensors.index.json says") !=
                 std::string::npos,
             message.c_str());
}

void TestWeightFiles::filesOfTorchAreRead_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("expected");
    for (const char* name :
         {"dict", "ordered", "state_dict", "shared", "strided", "nested", "legacy_state_dict"})
        QTest::newRow(name) << name << QString(name).remove("legacy_");
    QTest::newRow("protocol 4") << "protocol4"
                                << "dict";
    QTest::newRow("protocol 5") << "protocol5"
                                << "state_dict";
    QTest::newRow("legacy") << "legacy"
                            << "dict shared strided";
}

void TestWeightFiles::filesOfTorchAreRead() {
    QFETCH(QString, file);
    QFETCH(QString, expected);
    const auto weights = TorchFile::open(test::sourceFile(kCheckpoints) / (file.toStdString() + ".bin"));
    QVERIFY2(weights.has_value(), weights.has_value() ? "" : weights.error().text().c_str());
    const auto all = TensorFile::open(test::sourceFile(kCheckpoints) / "expected.safetensors");
    std::size_t count = 0;
    for (const auto& [full, entry] : all->entries()) {
        const auto slash = full.find('/');
        const std::string name = full.substr(slash + 1);
        if (!expected.split(' ').contains(QString::fromStdString(full.substr(0, slash))))
            continue;
        ++count;
        QVERIFY2(weights->entries().contains(name), name.c_str());
        QVERIFY2(weights->entries().at(name).shape == entry.shape, name.c_str());
        const auto tensor = weights->tensor(name);
        QVERIFY2(tensor.has_value() && tensor->scalar_type() == entry.dtype, name.c_str());
        QVERIFY2(at::equal(*tensor, all->tensor(full).value()), name.c_str());
    }
    QCOMPARE(weights->entries().size(), count);
}

void TestWeightFiles::sharedStoragesStayShared() {
    const auto weights = TorchFile::open(test::sourceFile(kCheckpoints) / "shared.bin");
    const at::Tensor all = weights->tensor("all").value();
    weights->tensor("rows").value().fill_(7);
    QCOMPARE(all[2][5].item<float>(), 7.0F);
    QCOMPARE(weights->tensor("column").value()[3].item<float>(), 7.0F);
    QVERIFY(weights->tensor("tied").value().const_data_ptr() == all.const_data_ptr());
}

void TestWeightFiles::foreignFilesOfTorchAreRefused_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<std::string>("says");
    QTest::newRow("another dtype") << "uint16.bin" << std::string("uses \"torch.uint16\"");
    QTest::newRow("a module") << "whole_module.bin"
                              << std::string("uses \"__main__.Small\", which a file of tensors");
}

void TestWeightFiles::foreignFilesOfTorchAreRefused() {
    QFETCH(QString, file);
    QFETCH(std::string, says);
    const auto weights = TorchFile::open(test::sourceFile(kCheckpoints) / file.toStdString());
    QVERIFY(!weights.has_value());
    QVERIFY2(weights.error().text().find(says) != std::string::npos, weights.error().text().c_str());
}

void TestWeightFiles::brokenFilesOfTorchAreRefused_data() {
    QTest::addColumn<std::string>("content");
    QTest::addColumn<std::string>("says");
    const auto row = [](const char* name, const std::string& content, const char* says) {
        QTest::newRow(name) << content << std::string(says);
    };
    const std::string four = pickle::dict({{"w", pickle::tensor("0", 4, 0, {4}, {1})}});
    row("text", std::string(100, 'x'), "neither a zip archive nor a pickle");
    row("no entry", test::torchZip(four, {}), "lacks the entry \"archive/data/0\"");
    row("entry too short", test::torchZip(four, {{"0", floats(3)}}),
        "holds 12 bytes for tensor \"w\", its storage of 4 elements needs 16");
    row("big-endian", test::zipOf({{"a/data.pkl", four}, {"a/byteorder", "big"}, {"a/data/0", floats(4)}}),
        "byte order \"big\"");
    row("two pickles", test::zipOf({{"a/data.pkl", four}, {"b/data.pkl", four}}), "two entries data.pkl");
    row("no pickle", test::zipOf({{"a/version", "3\n"}, {"a/b/data.pkl", four}}),
        "zip archive without data.pkl");
    row("key that leads out",
        test::torchZip(pickle::dict({{"w", pickle::tensor("../0", 4, 0, {4}, {1})}}), {}),
        "lacks the entry \"archive/data/../0\"");
    row("a list", test::torchZip("\x80\x02].", {}), "does not hold a dictionary");
    row("no tensors", test::torchZip("\x80\x02}.", {}), "a dictionary without tensors");
    row("a number for a name",
        test::torchZip("\x80\x02}K\1" + pickle::tensor("0", 4, 0, {4}, {1}) + "s.", {}),
        "under a key that is not text");
    row("another pickle", "\x80\x02" + std::string(30, 'N'), "is cut");
    row("a pickle of another", "\x80\x02N.\x80\x02N.\x80\x02N.\x80\x02N.\x80\x02N.",
        "not one of torch.save()");
}

void TestWeightFiles::brokenFilesOfTorchAreRefused() {
    QFETCH(std::string, content);
    QFETCH(std::string, says);
    const auto weights =
        TorchFile::open(FileBytes::of(std::as_bytes(std::span(content.data(), content.size())), "some.bin"));
    QVERIFY(!weights.has_value());
    QVERIFY2(weights.error().text().starts_with("some.bin: "), weights.error().text().c_str());
    QVERIFY2(weights.error().text().find(says) != std::string::npos, weights.error().text().c_str());
}

void TestWeightFiles::everyTruncationIsRefused_data() {
    QTest::addColumn<QString>("file");
    for (const char* name : {"legacy.bin", "state_dict.bin"})
        QTest::newRow(name) << name;
}

void TestWeightFiles::everyTruncationIsRefused() {
    QFETCH(QString, file);
    const std::string whole = *readFile(test::sourceFile(kCheckpoints) / file.toStdString());
    for (std::size_t length = 0; length < whole.size(); ++length)
        QVERIFY2(!TorchFile::open(FileBytes::of(std::as_bytes(std::span(whole.data(), length)), "cut.bin"))
                      .has_value(),
                 qPrintable(QString::number(length)));
}

void TestWeightFiles::writingToATensorLeavesTheFile() {
    const test::TempFolder folder;
    write(folder / "model.safetensors", {{"a", sample(1)}});
    const std::string before = *readFile(folder / "model.safetensors");
    const auto weights = WeightFiles::open(folder.path());
    const at::Tensor tensor = weights->tensor("a").value();
    tensor.mul_(3);
    QVERIFY(at::equal(tensor, sample(1) * 3));
    QVERIFY(at::equal(weights->tensor("a").value(), tensor));
    QCOMPARE(*readFile(folder / "model.safetensors"), before);
    QVERIFY(at::equal(WeightFiles::open(folder.path())->tensor("a").value(), sample(1)));
}

void TestWeightFiles::filesThatShrinkGiveAnError() {
    const test::TempFolder folder;
    write(folder / "model.safetensors", {{"a", sample(1)}});
    const auto size = fs::file_size(folder / "model.safetensors");
    const auto weights = WeightFiles::open(folder.path());
    fs::resize_file(folder / "model.safetensors", size - 1);
    const auto tensor = weights->tensor("a");
    QVERIFY(!tensor.has_value());
    QVERIFY2(tensor.error().message.find("had " + std::to_string(size) + " bytes when it was opened") !=
                 std::string::npos,
             tensor.error().message.c_str());
    QVERIFY(messageOf(WeightFiles::open(folder.path())).find("truncated") != std::string::npos);
}

void TestWeightFiles::placeholdersOfGitAreNamed() {
    const test::TempFolder folder;
    folder.write("pytorch_model.bin",
                 "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 440\n");
    QVERIFY(messageOf(WeightFiles::open(folder.path())).find("placeholder of Git LFS") != std::string::npos);
}

void TestWeightFiles::openingReadsNoWeights() {
    const test::TempFolder folder;
    const std::string header = R"({"a":{"dtype":"U8","shape":[8000000000],"data_offsets":[0,8000000000]}})";
    const fs::path path = folder.write("model.safetensors", test::safetensorsOf(header, ""));
    fs::resize_file(path, fs::file_size(path) + 8'000'000'000); // a hole on disk: nothing to be read
    rusage before{}, after{};
    getrusage(RUSAGE_SELF, &before);
    const auto weights = WeightFiles::open(folder.path());
    QVERIFY2(weights.has_value(), messageOf(weights).c_str());
    const at::Tensor tensor = weights->tensor("a").value();
    QCOMPARE(tensor[7'999'999'999].item<int>(), 0);
    getrusage(RUSAGE_SELF, &after);
    QVERIFY(after.ru_maxrss - before.ru_maxrss < 50'000); // kB
}

QTEST_GUILESS_MAIN(TestWeightFiles)
#include "tst_weight_files.moc"
