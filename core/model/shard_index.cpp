#include "core/model/shard_index.h"

#include "core/model/json_walk.h"
#include "core/model/quoted.h"

#include <algorithm>

namespace lathe {

namespace fs = std::filesystem;

namespace {

using Kind = JsonEvent::Kind;

constexpr const char* kMapKey = "weight_map";
constexpr std::size_t kMaxFiles = 10'000;      // the largest models have some hundred
constexpr std::size_t kMaxTensors = 1'000'000; // an entry takes about twice its text in memory
constexpr int kMaxDepth = 8;
constexpr const char* kAgain = "; get the model again";

bool isPlainName(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && std::ranges::none_of(name, [](unsigned char c) {
        return c == '/' || c == '\\' || c == ':' || c < 0x20;
    });
}

class IndexReader {
public:
    explicit IndexReader(const std::string& where) : m_where(where) {}

    Status visit(const JsonEvent& event) {
        if (event.depth == 0 && event.kind != Kind::ObjectStart && event.kind != Kind::ObjectEnd)
            return error("is not a JSON object");
        if (event.depth == 1 && event.kind == Kind::Key) {
            m_isInMap = event.text == kMapKey;
            if (m_isInMap && m_hasMap)
                return error("has two weight_map");
            m_hasMap = m_hasMap || m_isInMap;
            return ok();
        }
        return m_isInMap && event.depth >= 1 ? visitMap(event) : ok();
    }

    Result<ShardIndex> finish() {
        if (!m_hasMap)
            return error("has no weight_map, which says where each tensor is");
        return std::move(m_index);
    }

private:
    [[nodiscard]] Error error(const std::string& message) const {
        return inputError(m_where, message + kAgain);
    }

    Status visitMap(const JsonEvent& event) {
        if (event.depth == 1)
            return event.kind == Kind::ObjectStart || event.kind == Kind::ObjectEnd
                       ? ok()
                       : Status(error("has a weight_map that is not an object"));
        if (event.kind == Kind::Key) {
            m_tensor = event.text;
            return ok();
        }
        if (event.kind != Kind::Text)
            return error("gives tensor " + inQuotes(m_tensor) + " something other than a file name");
        return add(event.text);
    }

    Status add(std::string_view file) {
        if (!isPlainName(file))
            return inputError(m_where,
                              "puts tensor " + inQuotes(m_tensor) + " into " + inQuotes(file) +
                                  ", which is not a plain name inside the model's folder; do not trust it");
        auto known = m_files.find(file);
        if (known == m_files.end()) {
            if (m_files.size() == kMaxFiles)
                return error("names more than " + std::to_string(kMaxFiles) + " files");
            known = m_files.emplace(file, static_cast<std::uint32_t>(m_files.size())).first;
            m_index.files.emplace_back(file);
        }
        if (m_index.fileOf.size() == kMaxTensors)
            return error("names more than " + std::to_string(kMaxTensors) + " tensors");
        if (!m_index.fileOf.emplace(m_tensor, known->second).second)
            return error("names tensor " + inQuotes(m_tensor) + " twice");
        return ok();
    }

    const std::string& m_where;
    ShardIndex m_index;
    std::map<std::string, std::uint32_t, std::less<>> m_files;
    std::string m_tensor;
    bool m_isInMap = false;
    bool m_hasMap = false;
};

/// The blobs of the hub cache that `folder` is a snapshot of: …/models--org--name/snapshots/<commit> has them
/// in …/models--org--name/blobs. Empty if it is none.
fs::path blobsBeside(const fs::path& folder) {
    for (fs::path each = folder; each.has_relative_path(); each = each.parent_path())
        if (each.filename() == "snapshots")
            return each.parent_path() / "blobs";
    return {};
}

} // namespace

Result<ShardIndex> parseShardIndex(std::string_view text, const std::string& where) {
    IndexReader reader(where);
    LATHE_TRY(walkJson(text, where, "an index", kMaxDepth,
                       [&](const JsonEvent& event) { return reader.visit(event); }));
    return reader.finish();
}

Result<fs::path> shardPath(const fs::path& folder, const std::string& name) {
    const fs::path path = folder / name;
    std::error_code problem;
    if (!fs::exists(fs::symlink_status(path, problem)))
        return inputError(path.string(),
                          "is not there, but the index of the model names it; download it again");
    const fs::path home = fs::canonical(folder, problem);
    const fs::path target = problem ? fs::path() : fs::canonical(path, problem);
    if (problem)
        return inputError(path.string(), "is a link to a file that is not there; download it again");
    const fs::path parent = target.parent_path();
    if (parent != home && parent != blobsBeside(home))
        return inputError(path.string(), "is a link that leads out of the model's folder, to " +
                                             target.string() + "; put the file itself there");
    return path;
}

} // namespace lathe
