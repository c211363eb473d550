#include "core/model/weight_files.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/model/file_bytes.h"
#include "core/model/quoted.h"
#include "core/model/shard_index.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace lathe {

namespace fs = std::filesystem;

namespace {

/// A place where weights may be, in the order of precedence. A variant's name stands between the two parts.
struct Kind {
    std::string_view front;
    std::string_view back;
    bool isIndex;
};
constexpr std::array kKinds{
    Kind{"model", ".safetensors", false}, Kind{"model.safetensors.index", ".json", true},
    Kind{"pytorch_model", ".bin", false}, Kind{"pytorch_model.bin.index", ".json", true}};

/// Weights of other programs, which explain why a folder seems to have none.
constexpr std::array<std::string_view, 5> kForeign{".gguf", ".h5", ".msgpack", ".onnx", ".pth"};

struct Found {
    fs::path path;
    bool isIndex = false;
};

bool isThere(const fs::path& path) {
    std::error_code problem;
    return fs::exists(
        fs::symlink_status(path, problem)); // a link to nothing is there, and has a message of its own
}

/// The names in a folder, sorted.
std::vector<std::string> namesIn(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code problem;
    for (auto it = fs::directory_iterator(folder, problem); !problem && it != fs::directory_iterator();
         it.increment(problem))
        names.push_back(it->path().filename().string());
    std::ranges::sort(names);
    return names;
}

/// "model.fp16.safetensors", but neither "model.safetensors" nor a shard
/// "model.fp16-00001-of-00002.safetensors".
bool isVariant(std::string_view name, const Kind& kind) {
    if (name.size() < kind.front.size() + kind.back.size() + 2 || !name.starts_with(kind.front) ||
        !name.ends_with(kind.back) || name[kind.front.size()] != '.')
        return false;
    const auto infix =
        name.substr(kind.front.size() + 1, name.size() - kind.front.size() - kind.back.size() - 1);
    return std::ranges::all_of(infix, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

std::optional<Found> findWeights(const fs::path& folder) {
    for (const Kind& kind : kKinds) {
        const fs::path path = folder / (std::string(kind.front) + std::string(kind.back));
        if (isThere(path))
            return Found{path, kind.isIndex};
    }
    const auto names = namesIn(folder);
    for (const Kind& kind : kKinds)
        for (const std::string& name : names)
            if (isVariant(name, kind))
                return Found{folder / name, kind.isIndex};
    return std::nullopt;
}

Error nothingFound(const fs::path& folder) {
    std::vector<std::string> looked;
    for (const Kind& kind : kKinds)
        looked.push_back(std::string(kind.front) + std::string(kind.back));
    std::vector<std::string> foreign;
    for (const std::string& name : namesIn(folder))
        if (std::ranges::any_of(kForeign, [&](std::string_view end) { return name.ends_with(end); }))
            foreign.push_back(name);
    return inputError(folder.string(),
                      "has no weights: none of " + joined(looked) + " is there" +
                          (foreign.empty() ? std::string() : " (" + joined(foreign) + " cannot be read)") +
                          "; choose the folder of a Hugging Face model");
}

} // namespace

Result<WeightFiles> WeightFiles::open(const fs::path& folder) {
    std::error_code problem;
    if (!fs::is_directory(folder, problem))
        return inputError(folder.string(), "is not a folder; choose the folder of a Hugging Face model");
    const auto found = findWeights(folder);
    if (!found)
        return nothingFound(folder);
    WeightFiles weights;
    weights.m_folder = folder;
    LATHE_TRY(found->isIndex ? weights.openShards(folder, found->path) : weights.openSingle(found->path));
    return weights;
}

namespace {

Result<std::variant<TensorFile, TorchFile>> openSource(const fs::path& path) {
    using Source = std::variant<TensorFile, TorchFile>;
    if (path.extension() == ".safetensors") {
        LATHE_ASSIGN(TensorFile file, TensorFile::open(path));
        return Source(std::move(file));
    }
    LATHE_ASSIGN(TorchFile file, TorchFile::open(path));
    return Source(std::move(file));
}

} // namespace

Status WeightFiles::openSingle(const fs::path& path) {
    LATHE_ASSIGN(Source source, openSource(path));
    m_entries = std::visit([](const auto& file) { return file.entries(); }, source);
    m_sources.push_back(std::move(source));
    m_files.push_back(path);
    return ok();
}

Status WeightFiles::openShards(const fs::path& folder, const fs::path& indexPath) {
    LATHE_ASSIGN(const auto bytes, FileBytes::map(indexPath, "an index of weight files", 2));
    const std::string_view text(reinterpret_cast<const char*>(bytes->all().data()), bytes->all().size());
    LATHE_ASSIGN(ShardIndex index, parseShardIndex(text, indexPath.string()));
    for (const std::string& name : index.files) {
        LATHE_ASSIGN(const fs::path path, shardPath(folder, name));
        LATHE_ASSIGN(Source source, openSource(path));
        m_sources.push_back(std::move(source));
        m_files.push_back(path);
    }
    for (const auto& [name, file] : index.fileOf) {
        const auto& entries = std::visit(
            [](const auto& each) -> const auto& { return each.entries(); }, m_sources[file]);
        const auto entry = entries.find(name);
        if (entry == entries.end())
            return inputError(m_files[file].string(), "has no tensor " + inQuotes(name) + ", but " +
                                                          indexPath.filename().string() +
                                                          " says that it is there; download the model again");
        m_entries.emplace(name, entry->second);
    }
    m_sourceOf = std::move(index.fileOf);
    return ok();
}

Result<at::Tensor> WeightFiles::tensor(const std::string& name) const {
    if (!m_entries.contains(name))
        return inputError(m_folder.string(), "has no tensor " + inQuotes(name) + " in its weights");
    const auto source = m_sourceOf.find(name);
    return std::visit([&](const auto& file) { return file.tensor(name); },
                      m_sources[source == m_sourceOf.end() ? 0 : source->second]);
}

std::uint64_t WeightFiles::bytes() const {
    std::uint64_t sum = 0;
    for (const auto& [name, entry] : m_entries)
        sum += tensorBytes(entry.shape, entry.dtype).value_or(0);
    return sum;
}

} // namespace lathe
