#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// Which file of a split model holds which tensor: model.safetensors.index.json and its like.
struct ShardIndex {
    std::vector<std::string> files;              ///< plain names, in the order in which they are met
    std::map<std::string, std::uint32_t> fileOf; ///< by the tensor's name, an index in `files`
};

/// Reads the text of an index. Input error: not valid JSON, `weight_map` missing or not an object of names, a
/// file name that is not plain (a path, "..", a backslash), a tensor named twice.
[[nodiscard]] Result<ShardIndex> parseShardIndex(std::string_view text, const std::string& where);

/// The path of a shard. Input error if it is not there, or if it is a link that leads out of `folder` to
/// anywhere but the blobs of the Hugging Face cache that the folder is a snapshot of.
[[nodiscard]] Result<std::filesystem::path> shardPath(const std::filesystem::path& folder,
                                                      const std::string& name);

} // namespace lathe
