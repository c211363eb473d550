#include "core/model/llama2c_file.h"

#include "tests/support/checkpoint_bytes.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/ops/allclose.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/zeros.h>
#include <nlohmann/json.hpp>

using namespace lathe;
using test::raw;

namespace {

/// dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size, seq_len
using Sizes = std::array<std::int32_t, 7>;
constexpr Sizes kSmall{8, 12, 2, 2, 1, 5, 6};

std::string header(const Sizes& sizes) {
    std::string all;
    for (const std::int32_t size : sizes)
        all += raw(size);
    return all;
}

/// Numbers that differ from place to place.
at::Tensor numbers(std::int64_t rows, std::int64_t columns, double start) {
    return (at::arange(rows * columns, at::kFloat) / 16 + start).view({rows, columns});
}

struct Stored {
    std::string name;
    at::Tensor value; // [rows, columns], as llama2.c has it
    bool isNorm = false;
};

/// All tensors in the order of a version; `isTied` leaves out the last.
std::vector<Stored> tensors(int version, bool isTied) {
    const std::int64_t dim = kSmall[0], hidden = kSmall[1], layers = kSmall[2], vocabulary = kSmall[5];
    std::vector<Stored> embedding{{"model.embed_tokens.weight", numbers(vocabulary, dim, 0)}};
    std::vector<Stored> first, second, last{{"model.norm.weight", numbers(1, dim, 3), true}}, attention, mlp;
    const auto add = [&](std::vector<Stored>& to, const char* name, std::int64_t rows, std::int64_t columns,
                         double start, bool isNorm = false) {
        for (std::int64_t layer = 0; layer < layers; ++layer)
            to.push_back({"model.layers." + std::to_string(layer) + "." + name,
                          numbers(rows, columns, start + static_cast<double>(layer) / 2), isNorm});
    };
    add(first, "input_layernorm.weight", 1, dim, 1, true);
    add(attention, "self_attn.q_proj.weight", dim, dim, 4);
    add(attention, "self_attn.k_proj.weight", dim / 2, dim, 5);
    add(attention, "self_attn.v_proj.weight", dim / 2, dim, 6);
    add(attention, "self_attn.o_proj.weight", dim, dim, 7);
    add(second, "post_attention_layernorm.weight", 1, dim, 2, true);
    add(mlp, "mlp.gate_proj.weight", hidden, dim, 8);
    add(mlp, "mlp.down_proj.weight", dim, hidden, 9);
    add(mlp, "mlp.up_proj.weight", hidden, dim, 10);
    const std::vector<Stored> tables{{"", numbers(kSmall[6], 4, 0)}};
    const std::vector<Stored> head{{"lm_head.weight", numbers(vocabulary, dim, 11)}};
    std::vector<Stored> all;
    using Parts = std::vector<const std::vector<Stored>*>;
    for (const auto* part : version == 0
                                ? Parts{&embedding, &first, &attention, &second, &mlp, &last, &tables}
                                : Parts{&first, &second, &last, &embedding, &attention, &mlp})
        all.insert(all.end(), part->begin(), part->end());
    if (!isTied)
        all.insert(all.end(), head.begin(), head.end());
    return all;
}

std::string bytesOf(const at::Tensor& tensor) {
    return {static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()};
}

/// Groups of 4 elements: 127 stands for the largest of a group.
std::string quantized(const at::Tensor& tensor) {
    const at::Tensor groups = tensor.view({-1, 4});
    const at::Tensor scales = groups.abs().amax(1, true) / 127;
    return bytesOf((groups / scales).round().to(at::kChar)) + bytesOf(scales.contiguous());
}

std::string fileOf(int version, bool isTied = true) {
    Sizes sizes = kSmall;
    std::string file;
    if (version == 0) {
        sizes[5] = isTied ? sizes[5] : -sizes[5];
        file = header(sizes);
    } else {
        file = raw(std::uint32_t{0x616b3432}) + raw(std::int32_t{version}) + header(sizes) +
               raw(static_cast<std::uint8_t>(isTied)) + (version == 2 ? raw(std::int32_t{4}) : std::string());
        file.resize(256);
    }
    for (const Stored& each : tensors(version, isTied))
        file += version == 2 && !each.isNorm ? quantized(each.value) : bytesOf(each.value);
    return file;
}

Result<Llama2cModel> open(const std::string& content) {
    return openLlama2c(FileBytes::of(std::as_bytes(std::span(content.data(), content.size())), "some.bin"));
}

/// The rows of a query or key projection in the order of rotating halves, one by one.
at::Tensor inHalves(const at::Tensor& rows, std::int64_t heads) {
    const std::int64_t size = rows.size(0) / heads;
    at::Tensor halves = at::zeros(rows.sizes(), rows.options());
    for (std::int64_t head = 0; head < heads; ++head)
        for (std::int64_t i = 0; i < size; ++i)
            halves[head * size + i % 2 * (size / 2) + i / 2] = rows[head * size + i];
    return halves;
}

at::Tensor expected(const Stored& stored) {
    if (stored.isNorm)
        return stored.value.view({-1});
    if (stored.name.ends_with("q_proj.weight"))
        return inHalves(stored.value, kSmall[3]);
    return stored.name.ends_with("k_proj.weight") ? inHalves(stored.value, kSmall[4]) : stored.value;
}

} // namespace

class TestLlama2cFile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyVersionGivesItsTensors_data();
    void everyVersionGivesItsTensors();
    void configSaysWhatTheHeaderSays();
    void storiesEqualTheirSafetensors();
    void brokenFilesAreRefused_data();
    void brokenFilesAreRefused();
    void everyOtherLengthIsRefused();
    void missingFilesAreNamed();
};

void TestLlama2cFile::everyVersionGivesItsTensors_data() {
    QTest::addColumn<int>("version");
    QTest::addColumn<bool>("isTied");
    for (const int version : {0, 1, 2})
        for (const bool isTied : {true, false})
            QTest::addRow("version %d, %s", version, isTied ? "tied" : "untied") << version << isTied;
}

void TestLlama2cFile::everyVersionGivesItsTensors() {
    QFETCH(int, version);
    QFETCH(bool, isTied);
    const auto model = open(fileOf(version, isTied));
    QVERIFY2(model.has_value(), model.has_value() ? "" : model.error().text().c_str());
    QCOMPARE(model->version(), static_cast<std::uint32_t>(version));
    QCOMPARE(model->entries().size(), std::size_t{isTied ? 20U : 21U});
    for (const Stored& each : tensors(version, isTied)) {
        if (each.name.empty())
            continue;
        const auto tensor = model->tensor(each.name);
        QVERIFY2(tensor.has_value(), each.name.c_str());
        QCOMPARE(tensor->sizes(), at::IntArrayRef(model->entries().at(each.name).shape));
        // A step of the 8-bit grid is 1/127 of a group's largest, which is below 24 here.
        const double tolerance = version == 2 && !each.isNorm ? 24.0 / 254 : 0;
        QVERIFY2(at::allclose(*tensor, expected(each), 0, tolerance), each.name.c_str());
    }
    QVERIFY(!model->tensor("model.rotary").has_value());
}

void TestLlama2cFile::configSaysWhatTheHeaderSays() {
    const auto config = nlohmann::json::parse(open(fileOf(1, false))->configJson());
    QCOMPARE(config.at("model_type").get<std::string>(), std::string("llama"));
    const std::vector<std::pair<const char*, int>> sizes{{"hidden_size", 8},
                                                         {"intermediate_size", 12},
                                                         {"num_hidden_layers", 2},
                                                         {"num_attention_heads", 2},
                                                         {"num_key_value_heads", 1},
                                                         {"vocab_size", 5},
                                                         {"head_dim", 4},
                                                         {"max_position_embeddings", 6}};
    for (const auto& [key, size] : sizes)
        QCOMPARE(config.at(key).get<int>(), size);
    QCOMPARE(config.at("tie_word_embeddings").get<bool>(), false);
    QCOMPARE(config.at("rms_norm_eps").get<double>(), 1e-5);
}

void TestLlama2cFile::storiesEqualTheirSafetensors() {
    LATHE_NEED_SHARED("models/stories260K/stories260K.bin");
    const auto model = openLlama2c(test::sharedFile("models/stories260K/stories260K.bin"));
    QVERIFY2(model.has_value(), model.has_value() ? "" : model.error().text().c_str());
    const auto file = TensorFile::open(test::sharedFile("models/stories260K/model.safetensors"));
    QCOMPARE(model->entries().size(), file->entries().size());
    for (const auto& [name, entry] : file->entries())
        QVERIFY2(at::equal(model->tensor(name).value(), file->tensor(name).value()), name.c_str());
}

void TestLlama2cFile::brokenFilesAreRefused_data() {
    QTest::addColumn<std::string>("content");
    QTest::addColumn<std::string>("says");
    const auto row = [](const char* name, const std::string& content, const char* says) {
        QTest::newRow(name) << content << std::string(says);
    };
    const auto sizes = [](std::size_t at, std::int32_t value) {
        Sizes changed = kSmall;
        changed[at] = value;
        return header(changed) + std::string(1000, '\0');
    };
    row("empty", "", "has 0 bytes");
    row("half a header", std::string(27, 'x'), "has 27 bytes");
    row("text", std::string(100, 'x'), "2021161080 layers");
    row("zero width", sizes(0, 0), "not above 0 (dim 0,");
    row("negative hidden size", sizes(1, -12), "hidden_dim -12");
    row("no layers", sizes(2, 0), "n_layers 0");
    row("layers", sizes(2, 1'000'000'000), "1000000000 layers");
    row("no heads", sizes(3, 0), "n_heads 0");
    row("heads that do not divide", sizes(3, 3), "do not fit each other");
    row("odd head size", sizes(3, 8), "do not fit each other");
    row("no key heads", sizes(4, 0), "n_kv_heads 0");
    row("key heads that do not divide", sizes(4, 3), "do not fit each other");
    row("no vocabulary", sizes(5, 0), "vocab_size 0");
    row("least vocabulary", sizes(5, std::numeric_limits<std::int32_t>::min()), "its header asks for");
    row("no positions", sizes(6, 0), "seq_len 0");
    row("wrong size", sizes(6, 6), "has 1028 bytes, its header asks for 4284");
    constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max() - 1;
    row("products that overflow", header({kMost, kMost, 10'000, 1, 1, kMost, kMost}) + std::string(100, '\0'),
        "more than a file can have");
    std::string other = fileOf(1);
    row("version 3", other.replace(4, 4, raw(std::int32_t{3})), "is of version 3");
    row("version 0 with a magic", other.replace(4, 4, raw(std::int32_t{0})), "is of version 0");
    other = fileOf(1);
    row("neither tied nor untied", other.replace(36, 1, "\2"), "has 2 where it says");
    other = fileOf(1);
    row("negative vocabulary", other.replace(28, 4, raw(std::int32_t{-5})), "vocab_size -5");
    row("header of version 1", fileOf(1).substr(0, 255), "its header alone 256");
    other = fileOf(2);
    row("no group", other.replace(37, 4, raw(std::int32_t{0})), "group size of 0");
    row("group that does not divide", other.replace(37, 4, raw(std::int32_t{7})), "groups of 7 elements");
}

void TestLlama2cFile::brokenFilesAreRefused() {
    QFETCH(std::string, content);
    QFETCH(std::string, says);
    const auto model = open(content);
    QVERIFY(!model.has_value());
    QCOMPARE(model.error().kind, Error::Kind::Input);
    QVERIFY2(model.error().text().find(says) != std::string::npos, model.error().text().c_str());
}

void TestLlama2cFile::everyOtherLengthIsRefused() {
    for (const int version : {0, 1, 2}) {
        const std::string whole = fileOf(version);
        QVERIFY(open(whole).has_value());
        QVERIFY(!open(whole + '\0').has_value());
        for (std::size_t length = 0; length < whole.size(); length += 13)
            QVERIFY2(!open(whole.substr(0, length)).has_value(), qPrintable(QString::number(length)));
    }
}

void TestLlama2cFile::missingFilesAreNamed() {
    const test::TempFolder folder;
    const auto model = openLlama2c(folder / "none.bin");
    QVERIFY(!model.has_value());
    QVERIFY(model.error().text().find("none.bin: there is no such file") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestLlama2cFile)
#include "tst_llama2c_file.moc"
