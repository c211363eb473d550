#include "core/base/files.h"
#include "core/model/llama2c_file.h"
#include "core/model/pickle_reader.h"
#include "core/model/shard_index.h"
#include "core/model/torch_file.h"
#include "tests/fuzz/fuzz_driver.h"
#include "tests/support/checkpoint_bytes.h"
#include "tests/support/shared_files.h"

#include <ATen/ops/zeros.h>
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>

using namespace lathe;
namespace pickle = test::pickle;

namespace {

using Bytes = std::span<const std::byte>;

/// An error must be one that can be shown.
template <typename T>
bool isGood(const Result<T>& result) {
    if (!result.has_value() && (result.error().where.empty() || result.error().message.size() > 2000 ||
                                result.error().kind != Error::Kind::Input))
        std::abort();
    if (!result.has_value())
        fuzz::outcome(result.error().message);
    return result.has_value();
}

/// Outcomes tell how many there are, up to 25.
void found(const char* what, std::size_t count) {
    fuzz::outcome(std::string(what) + static_cast<char>('a' + std::min<std::size_t>(count, 25)));
}

/// Reads every number of every tensor, so that one outside of the file is noticed: the bytes are in memory of
/// exactly the file's size.
template <typename File>
void readAll(const File& file) {
    unsigned sum = 0;
    found("tensors", file.entries().size());
    for (const auto& [name, entry] : file.entries()) {
        const auto tensor = file.tensor(name);
        if (!isGood(tensor))
            continue;
        found("dimensions", entry.shape.size());
        if (tensor->sizes() != at::IntArrayRef(entry.shape) || tensor->scalar_type() != entry.dtype)
            std::abort();
        const at::Tensor whole = tensor->contiguous();
        const auto* bytes = static_cast<const unsigned char*>(whole.const_data_ptr());
        for (std::size_t i = 0; i < whole.nbytes(); ++i)
            sum += bytes[i];
    }
    static_cast<void>(*static_cast<const volatile unsigned*>(&sum)); // the reading is not optimised away
}

template <typename File>
void openAll(Bytes bytes) {
    if (const auto file = File::open(FileBytes::of(bytes, "fuzz")); isGood(file))
        readAll(*file);
}

void readLlama2c(Bytes bytes) {
    if (const auto model = openLlama2c(FileBytes::of(bytes, "fuzz")); isGood(model)) {
        readAll(*model);
        static_cast<void>(model->configJson());
    }
}

void readPickle(Bytes bytes) {
    const auto copy = FileBytes::of(bytes, "fuzz");
    if (const auto objects = unpickle(copy->all(), "fuzz", bytes.size()); isGood(objects)) {
        found("pool", objects->pool.size() / 8);
        static_cast<void>(isGood(pickledTensors(*objects, "fuzz")));
    }
    const std::string whole =
        test::torchZip(fuzz::textOf(bytes), {{"0", std::string(12, '\1')}, {"1", std::string(24, '\1')}});
    openAll<TorchFile>(fuzz::bytesOf(whole));
}

void readIndex(Bytes bytes) {
    const auto index = parseShardIndex(fuzz::textOf(bytes), "fuzz");
    if (!isGood(index))
        return;
    found("files", index->files.size());
    found("names", index->fileOf.size());
    for (const std::string& name : index->files)
        if (std::filesystem::path(name).filename() != name || name == "..")
            std::abort();
}

/// Makes the length in front of the header fit the braces of the JSON behind it.
void repairHeader(std::string& file) {
    if (file.size() < 9)
        return;
    std::uint64_t end = 8;
    int depth = 0;
    do
        depth += file[end] == '{' ? 1 : file[end] == '}' ? -1 : 0;
    while (++end < file.size() && depth > 0);
    end -= 8;
    std::memcpy(file.data(), &end, sizeof end);
}

std::vector<std::string> safetensorsSeeds() {
    return {test::safetensorsOf(
                R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                R"("b.c":{"dtype":"BF16","shape":[2,1],"data_offsets":[8,12]},)"
                R"("d":{"dtype":"BOOL","shape":[],"data_offsets":[12,13]}}   )",
                std::string(13, '\1')),
            test::safetensorsOf(R"({"e":{"dtype":"I64","shape":[0,3],"data_offsets":[0,0]}})", ""),
            test::safetensorsOf("{}", "")};
}

std::vector<std::string> files(const std::vector<const char*>& names) {
    std::vector<std::string> all;
    for (const char* name : names)
        all.push_back(readFile(test::sourceFile("tests/data/checkpoints") / name).value());
    return all;
}

std::vector<std::string> pickleSeeds() {
    std::vector<std::string> seeds = files({"legacy.bin", "legacy_state_dict.bin"});
    for (std::string& each : seeds) // behind magic number, version and machine
        each.erase(0, each.find("\x80\x02", each.find("little_endian")));
    seeds.push_back(pickle::dict(
        {{"a", pickle::tensor("0", 3, 0, {3}, {1})}, {"b", pickle::tensor("1", 6, 2, {2, 2}, {1, 2})}}));
    for (const std::string& file : files({"protocol4.bin", "protocol5.bin", "nested.bin"}))
        seeds.push_back(file.substr(file.find("\x80"), file.find("PK\x07\x08") - file.find("\x80")));
    return seeds;
}

const std::vector<std::string> kPickleWords{"ctorch._utils\n_rebuild_tensor_v2\n",
                                            "ccollections\nOrderedDict\n)R",
                                            "ctorch\nSize\n",
                                            "cos\nsystem\n",
                                            ")R",
                                            "\x86",
                                            "\x87",
                                            "(",
                                            "t",
                                            "u",
                                            "}",
                                            "]",
                                            "Q",
                                            "b",
                                            "h\1",
                                            "q\1",
                                            "\x94",
                                            "\x93",
                                            "K\1",
                                            "\x8a\x08",
                                            "."};

std::vector<std::string> llama2cSeeds() {
    const auto header = [](std::int32_t vocabulary) {
        std::string sizes;
        for (const std::int32_t size : {4, 4, 1, 2, 1, vocabulary, 2})
            sizes += test::raw(size);
        return sizes;
    };
    // Elements: embedding 12, norms 4 each, attention 16 + 8 + 8 + 16, MLP 48, tables 4; floats of 4 bytes.
    const std::string magic = test::raw(std::uint32_t{0x616b3432});
    std::string first = magic + test::raw(std::int32_t{1}) + header(3) + "\1";
    std::string second =
        magic + test::raw(std::int32_t{2}) + header(3) + std::string(1, '\0') + test::raw(std::int32_t{4});
    first.resize(256);
    second.resize(256);
    constexpr std::size_t kMatrices = 12 + 16 + 8 + 8 + 16 + 48;
    constexpr std::size_t kNorms = 12;
    return {header(3) + std::string(4 * (kMatrices + kNorms + 4), '\2'),
            header(-3) + std::string(4 * (kMatrices + kNorms + 4 + 12), '\2'),
            first + std::string(4 * (kMatrices + kNorms), '\3'),
            second + std::string(4 * kNorms + 2 * (kMatrices + 12), '\4')};
}

const char* const kIndex =
    R"({"metadata": {"total_size": 12}, "weight_map": {"a": "model-00001-of-00002.safetensors",
    "b": "model-00002-of-00002.safetensors", "c.d": "model-00001-of-00002.safetensors"}})";

} // namespace

int main(int argc, char** argv) {
    // LibTorch's own first allocations are not the readers'.
    static_cast<void>(at::zeros({2, 2}).to(at::kBFloat16).t().contiguous());
    return fuzz::runFuzzer(argc, argv,
                           {{"safetensors",
                             openAll<TensorFile>,
                             safetensorsSeeds(),
                             {"\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"F64\"", "\"U8\"",
                              "__metadata__", "[0,0]", "[4294967296,4294967296]"},
                             repairHeader,
                             true},
                            {"shard_index",
                             readIndex,
                             {kIndex},
                             {"\"weight_map\"", "../", "\\\\", "/", "\"x\": \"y\","},
                             {},
                             true},
                            {"torch_file",
                             openAll<TorchFile>,
                             files({"dict.bin", "shared.bin", "strided.bin", "nested.bin", "legacy.bin",
                                    "legacy_state_dict.bin"}),
                             {"PK\1\2", "PK\3\4", "PK\5\6", "PK\6\6", "PK\6\7", "data.pkl", "/data/0"}},
                            {"pickle", readPickle, pickleSeeds(), kPickleWords},
                            {"llama2c", readLlama2c, llama2cSeeds()}});
}
