#include "core/model/tensor_file.h"

#include "core/base/files.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <algorithm>

using namespace lathe;
namespace fs = std::filesystem;

namespace {

constexpr const char* kOneTensor = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";

/// A file of a given header and data, with the header's length in front.
std::string fileOf(std::string_view header, std::string_view data) {
    const std::uint64_t length = header.size();
    return std::string(reinterpret_cast<const char*>(&length), sizeof length) + std::string(header) +
           std::string(data);
}

std::string bytes(std::size_t count, char value = 0) { return std::string(count, value); }

/// Small whole numbers, so that every dtype holds them exactly.
at::Tensor sample(at::ScalarType dtype) { return at::arange(12, at::kFloat).view({3, 4}).to(dtype); }

std::vector<NamedTensor> oneOfEachDtype() {
    std::vector<NamedTensor> tensors;
    for (const at::ScalarType dtype : {at::kBool, at::kByte, at::kChar, at::kShort, at::kHalf, at::kBFloat16,
                                       at::kInt, at::kFloat, at::kLong, at::kDouble})
        tensors.emplace_back(std::string("t.") + c10::toString(dtype), sample(dtype));
    return tensors;
}

bool isSame(const at::Tensor& a, const at::Tensor& b) {
    return a.scalar_type() == b.scalar_type() && a.sizes() == b.sizes() && at::equal(a, b);
}

} // namespace

class TestTensorFile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyDtypeComesBackBitForBit();
    void scalarsAndEmptyTensorsComeBack();
    void viewsAreWrittenInTheirOwnOrder();
    void tensorsOutliveTheFileObjectAndTheFile();
    void metadataComesBackWithTheFormat();
    void sameTensorsGiveTheSameBytes();
    void dataIsAlignedAndSorted();
    void misalignedDataIsReadAll();
    void malformedFilesAreRefused_data();
    void malformedFilesAreRefused();
    void everyTruncationIsRefused();
    void missingFilesAndFoldersAreNamed();
    void unknownNamesAreInputErrors();
    void unwritableTensorsLeaveTheOldFile_data();
    void unwritableTensorsLeaveTheOldFile();
    void failedWriteLeavesNothingBehind();
    void filesOfTheReferenceLibraryAreRewrittenByteForByte_data();
    void filesOfTheReferenceLibraryAreRewrittenByteForByte();

private:
    /// Opens a file of these bytes; the message, or nothing if it opens.
    std::string messageFor(const std::string& content) {
        const auto file = TensorFile::open(m_folder.write("bad.safetensors", content));
        return file.has_value() ? std::string() : file.error().text();
    }

    test::TempFolder m_folder;
};

void TestTensorFile::everyDtypeComesBackBitForBit() {
    const fs::path path = m_folder / "all.safetensors";
    QVERIFY(writeTensorFile(path, oneOfEachDtype()).has_value());
    const auto file = TensorFile::open(path);
    QVERIFY2(file.has_value(), file.has_value() ? "" : file.error().text().c_str());
    QCOMPARE(file->entries().size(), oneOfEachDtype().size());
    for (const auto& [name, expected] : oneOfEachDtype()) {
        const auto read = file->tensor(name);
        QVERIFY2(read.has_value() && isSame(*read, expected), name.c_str());
    }
}

void TestTensorFile::scalarsAndEmptyTensorsComeBack() {
    const fs::path path = m_folder / "edge.safetensors";
    const std::vector<NamedTensor> tensors{{"scalar", at::full({}, 2.5, at::kDouble)},
                                           {"empty", at::zeros({0}, at::kFloat)},
                                           {"empty.inside", at::zeros({3, 0, 2}, at::kHalf)},
                                           {"flag", at::full({}, true, at::kBool)}};
    QVERIFY(writeTensorFile(path, tensors).has_value());
    const auto file = TensorFile::open(path);
    QVERIFY(file.has_value());
    for (const auto& [name, expected] : tensors)
        QVERIFY2(isSame(*file->tensor(name), expected), name.c_str());

    QVERIFY(writeTensorFile(path, {}).has_value());
    QVERIFY(TensorFile::open(path)->entries().empty());
}

void TestTensorFile::viewsAreWrittenInTheirOwnOrder() {
    const fs::path path = m_folder / "views.safetensors";
    const at::Tensor whole = sample(at::kFloat);
    QVERIFY(writeTensorFile(path, {{"t", whole.t()}, {"column", whole.select(1, 2)}}).has_value());
    const auto file = TensorFile::open(path);
    QVERIFY(isSame(*file->tensor("t"), whole.t().contiguous()));
    QVERIFY(isSame(*file->tensor("column"), whole.select(1, 2).contiguous()));
}

void TestTensorFile::tensorsOutliveTheFileObjectAndTheFile() {
    const fs::path path = m_folder / "gone.safetensors";
    QVERIFY(writeTensorFile(path, {{"a", sample(at::kFloat)}}).has_value());
    const at::Tensor kept = [&] { return *TensorFile::open(path)->tensor("a"); }();
    QVERIFY(writeTensorFile(path, {{"a", at::zeros({3, 4}, at::kFloat)}}).has_value());
    fs::remove(path);
    QVERIFY(isSame(kept, sample(at::kFloat)));
}

void TestTensorFile::metadataComesBackWithTheFormat() {
    const fs::path path = m_folder / "metadata.safetensors";
    QVERIFY(
        writeTensorFile(path, {{"ä \"b\"", sample(at::kFloat)}}, {{"made by", "ünit\ntest"}}).has_value());
    const auto file = TensorFile::open(path);
    const std::map<std::string, std::string> expected{{"format", "pt"}, {"made by", "ünit\ntest"}};
    QCOMPARE(file->metadata(), expected);
    QVERIFY(file->entries().contains("ä \"b\""));
}

void TestTensorFile::sameTensorsGiveTheSameBytes() {
    auto tensors = oneOfEachDtype();
    QVERIFY(writeTensorFile(m_folder / "one.safetensors", tensors).has_value());
    std::ranges::reverse(tensors);
    QVERIFY(writeTensorFile(m_folder / "two.safetensors", tensors).has_value());
    QCOMPARE(*readFile(m_folder / "one.safetensors"), *readFile(m_folder / "two.safetensors"));
}

void TestTensorFile::dataIsAlignedAndSorted() {
    const fs::path path = m_folder / "aligned.safetensors";
    const std::vector<NamedTensor> tensors{{"z", at::zeros({3}, at::kByte)},
                                           {"b", at::zeros({3}, at::kFloat)},
                                           {"a", at::zeros({3}, at::kFloat)},
                                           {"c", at::zeros({3}, at::kLong)},
                                           {"y", at::zeros({3}, at::kHalf)}};
    QVERIFY(writeTensorFile(path, tensors).has_value());
    const std::string content = *readFile(path);
    std::uint64_t length = 0;
    std::copy_n(content.data(), sizeof length, reinterpret_cast<char*>(&length));
    QCOMPARE(length % 8, std::uint64_t{0});
    const auto file = TensorFile::open(path);
    QCOMPARE(file->entries().at("c").begin, std::uint64_t{0});
    QCOMPARE(file->entries().at("a").begin, std::uint64_t{24});
    QCOMPARE(file->entries().at("b").begin, std::uint64_t{36});
    QCOMPARE(file->entries().at("y").begin, std::uint64_t{48});
    QCOMPARE(file->entries().at("z").begin, std::uint64_t{54});
}

void TestTensorFile::misalignedDataIsReadAll() {
    const float values[2] = {1.5F, -2};
    const std::string data(reinterpret_cast<const char*>(values), sizeof values);
    for (std::size_t spaces = 0; spaces < 8; ++spaces) {
        const auto path =
            m_folder.write("odd.safetensors", fileOf(kOneTensor + std::string(spaces, ' '), data));
        const auto tensor = TensorFile::open(path)->tensor("a");
        QVERIFY(tensor.has_value());
        QCOMPARE((*tensor)[0].item<float>(), 1.5F);
        QCOMPARE((*tensor)[1].item<float>(), -2.0F);
    }
}

void TestTensorFile::malformedFilesAreRefused_data() {
    QTest::addColumn<std::string>("content");
    QTest::addColumn<std::string>("says");
    const auto row = [](const char* name, std::string_view header, std::size_t data, const char* says) {
        QTest::newRow(name) << fileOf(header, bytes(data)) << std::string(says);
    };
    QTest::newRow("empty file") << std::string() << std::string("has 0 bytes");
    QTest::newRow("seven bytes") << bytes(7) << std::string("has 7 bytes");
    QTest::newRow("no header") << bytes(8) << std::string("does not start with \"{\"");
    QTest::newRow("huge header") << bytes(8, '\xff') << std::string("18446744073709551615 bytes");
    QTest::newRow("header beyond the limit")
        << std::string("\x01\xe1\xf5\x05\0\0\0\0", 8) << std::string("at most 100000000");
    row("not JSON", "{\"a\":", 0, "not valid JSON");
    row("a list", "[]", 0, "does not start with \"{\"");
    row("a space first", " {}", 0, "does not start with \"{\"");
    row("NaN", R"({"a":NaN})", 0, "not valid JSON");
    row("not UTF-8", "{\"\xff\":1}", 0, "not valid JSON");
    row("text behind", "{}x", 0, "not valid JSON");
    row("deep", "{\"a\":{\"x\":" + std::string(10000, '[') + std::string(10000, ']') + "}}", 0,
        "levels deep");
    row("a list for a tensor", R"({"a":[]})", 0, "something other than an object");
    row("a shape twice", R"({"a":{"dtype":"U8","shape":[1],"shape":[1],"data_offsets":[0,1]}})", 1,
        "malformed shape");
    row(
        "65 dimensions",
        R"({"a":{"dtype":"U8","data_offsets":[0,1],"shape":[1)" +
            [] {
                std::string more;
                for (int i = 0; i < 64; ++i)
                    more += ",1";
                return more;
            }() +
            "]}}",
        1, "malformed shape");
    row("a long text", "{\"" + std::string(1'000'001, 'x') + "\":1}", 0, "more than 1000000 bytes");
    row("metadata twice", R"({"__metadata__":{},"__metadata__":{}})", 0, "names \"__metadata__\" twice");
    row("a name twice",
        R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
        1, "names \"a\" twice");
    row("no object", R"({"a":1})", 0, "tensor \"a\"");
    row("no dtype", R"({"a":{"shape":[2],"data_offsets":[0,8]}})", 8, "no dtype for tensor \"a\"");
    row("unknown dtype", R"({"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}})", 8, "\"a\" as \"F99\"");
    row("8-bit float", R"({"w":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}})", 8,
        "\"w\" as \"F8_E4M3\"");
    row("no shape", R"({"a":{"dtype":"F32","data_offsets":[0,8]}})", 8, "malformed shape");
    row("negative size", R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8, "malformed shape");
    row("broken size", R"({"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}})", 8, "malformed shape");
    row("size beyond 63 bits", R"({"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]}})",
        8, "malformed shape");
    row("overflowing shape", R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})",
        0, "too large");
    row("overflowing empty shape",
        R"({"a":{"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}})", 0, "too large");
    row("one offset", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8]}})", 8, "malformed data_offsets");
    row("end before begin", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8,
        "malformed data_offsets");
    row("wrong size", R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8,
        "8 bytes, its shape needs 12");
    row("overlap",
        R"({"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[8],"data_offsets":[4,12]}})",
        12, "overlap before tensor \"b\"");
    row("the same place twice",
        R"({"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}})",
        8, "overlap before tensor \"b\"");
    row("hole",
        R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[8,12]}})",
        12, "hole before tensor \"b\"");
    row("hole in front", R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}})", 8, "hole before");
    row("bytes behind", kOneTensor, 9, "its tensors end at");
    row("metadata that is a list", R"({"__metadata__":[]})", 0, "metadata that is not an object");
    row("metadata that is a number", R"({"__metadata__":{"format":1}})", 0, "metadata entry \"format\"");
}

void TestTensorFile::malformedFilesAreRefused() {
    QFETCH(std::string, content);
    QFETCH(std::string, says);
    const auto path = m_folder.write("malformed.safetensors", content);
    const auto file = TensorFile::open(path);
    QVERIFY(!file.has_value());
    QCOMPARE(file.error().kind, Error::Kind::Input);
    QCOMPARE(file.error().where, path.string());
    QVERIFY2(file.error().message.find(says) != std::string::npos, file.error().message.c_str());
}

void TestTensorFile::everyTruncationIsRefused() {
    const fs::path path = m_folder / "whole.safetensors";
    QVERIFY(writeTensorFile(path, oneOfEachDtype()).has_value());
    const std::string whole = *readFile(path);
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const std::string message = messageFor(whole.substr(0, length));
        const bool saysSizes = message.find("has " + std::to_string(length)) != std::string::npos;
        QVERIFY2(saysSizes, qPrintable(QString("%1: %2").arg(length).arg(message.c_str())));
    }
    QCOMPARE(messageFor(whole), std::string());
}

void TestTensorFile::missingFilesAndFoldersAreNamed() {
    const auto missing = TensorFile::open(m_folder / "no such.safetensors");
    QVERIFY(!missing.has_value());
    QCOMPARE(missing.error().kind, Error::Kind::Input);
    QVERIFY(missing.error().text().find("no such.safetensors: there is no such file") != std::string::npos);

    const auto folder = TensorFile::open(m_folder.path());
    QVERIFY(!folder.has_value());
    QVERIFY(folder.error().message.find("not a regular file") != std::string::npos);
}

void TestTensorFile::unknownNamesAreInputErrors() {
    const auto file = TensorFile::open(m_folder.write("ok.safetensors", fileOf(kOneTensor, bytes(8))));
    const auto tensor = file->tensor("b");
    QVERIFY(!tensor.has_value());
    QVERIFY(tensor.error().message.find("no tensor \"b\"") != std::string::npos);

    const auto flags = TensorFile::open(m_folder.write(
        "flags.safetensors", fileOf(R"({"f":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}})", "\1\2")));
    QVERIFY(!flags->tensor("f").has_value());
}

void TestTensorFile::unwritableTensorsLeaveTheOldFile_data() {
    QTest::addColumn<std::vector<NamedTensor>>("tensors");
    QTest::addColumn<std::string>("says");
    const at::Tensor plain = at::zeros({2}, at::kFloat);
    QTest::newRow("complex") << std::vector<NamedTensor>{{"c", at::zeros({2}, at::kComplexFloat)}}
                             << std::string("\"c\" of type ComplexFloat");
    QTest::newRow("a name twice") << std::vector<NamedTensor>{{"a", plain}, {"a", plain.to(at::kHalf)}}
                                  << std::string("two tensors named \"a\"");
    QTest::newRow("reserved name") << std::vector<NamedTensor>{{"__metadata__", plain}}
                                   << std::string("named \"__metadata__\"");
    QTest::newRow("undefined") << std::vector<NamedTensor>{{"u", at::Tensor()}} << std::string("\"u\"");
    QTest::newRow("not UTF-8") << std::vector<NamedTensor>{{"\xff", plain}} << std::string("UTF-8");
}

void TestTensorFile::unwritableTensorsLeaveTheOldFile() {
    QFETCH(std::vector<NamedTensor>, tensors);
    QFETCH(std::string, says);
    const fs::path path = m_folder.write("old.safetensors", "old");
    const Status status = writeTensorFile(path, tensors);
    QVERIFY(!status.has_value());
    QVERIFY2(status.error().message.find(says) != std::string::npos, status.error().message.c_str());
    QCOMPARE(*readFile(path), std::string("old"));
}

void TestTensorFile::failedWriteLeavesNothingBehind() {
    const fs::path folder = m_folder / "taken";
    fs::create_directories(folder / "model.safetensors" / "inside"); // a folder where the file should go
    const Status status = writeTensorFile(folder / "model.safetensors", {{"a", sample(at::kFloat)}});
    QVERIFY(!status.has_value());
    QCOMPARE(status.error().kind, Error::Kind::Io);
    QCOMPARE(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), std::ptrdiff_t{1});
}

void TestTensorFile::filesOfTheReferenceLibraryAreRewrittenByteForByte_data() {
    QTest::addColumn<QString>("file");
    for (const char* file :
         {"oracles/models/llama/model.safetensors", "oracles/models/gpt2/model.safetensors",
          "oracles/models/bert/model.safetensors", "oracles/models/llama/golden.safetensors",
          "oracles/adapters/llama_lora_all/adapter_model.safetensors",
          "models/stories260K/model.safetensors"})
        QTest::newRow(file) << file;
}

void TestTensorFile::filesOfTheReferenceLibraryAreRewrittenByteForByte() {
    QFETCH(QString, file);
    LATHE_NEED_SHARED(file.toStdString());
    const fs::path source = test::sharedFile(file.toStdString());
    const auto read = TensorFile::open(source);
    QVERIFY2(read.has_value(), read.has_value() ? "" : read.error().text().c_str());
    std::vector<NamedTensor> tensors;
    for (const auto& [name, entry] : read->entries())
        tensors.emplace_back(name, *read->tensor(name));
    QVERIFY(writeTensorFile(m_folder / "again.safetensors", tensors, read->metadata()).has_value());
    const std::string original = *readFile(source);
    const std::string again = *readFile(m_folder / "again.safetensors");
    if (read->metadata().contains("format")) {
        QVERIFY(again == original);
    } else { // ours adds the metadata, so only the data can be equal
        const auto reread = TensorFile::open(m_folder / "again.safetensors");
        for (const auto& [name, tensor] : tensors)
            QVERIFY2(isSame(*reread->tensor(name), tensor), name.c_str());
    }
}

QTEST_GUILESS_MAIN(TestTensorFile)
#include "tst_tensor_file.moc"
