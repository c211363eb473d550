#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The cache of the Hugging Face hub on this disk, shared with the Python tools. Nothing here asks a network.
/// Source: huggingface_hub's documentation, "Understand caching" and "Environment variables".
namespace lathe {

/// A variable of the environment; nothing: it is not set.
using EnvironmentLookup = std::function<std::optional<std::string>(const std::string& name)>;
/// That of this process.
[[nodiscard]] EnvironmentLookup processEnvironment();

/// $HF_HUB_CACHE, else $HUGGINGFACE_HUB_CACHE, else $HF_HOME/hub; ~ and $VARS in them are expanded. The
/// folder may not exist.
[[nodiscard]] std::filesystem::path hubCacheRoot(const EnvironmentLookup& environment);
/// HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is 1, ON, YES or TRUE: no network, whatever the user's settings.
[[nodiscard]] bool isHubOffline(const EnvironmentLookup& environment);
/// $HF_ENDPOINT without a slash at its end, else "https://huggingface.co".
[[nodiscard]] std::string hubEndpoint(const EnvironmentLookup& environment);
/// $HF_TOKEN, else $HUGGING_FACE_HUB_TOKEN, else the file $HF_TOKEN_PATH or $HF_HOME/token. Nothing where
/// there is none or HF_HUB_DISABLE_IMPLICIT_TOKEN forbids to send one unasked.
[[nodiscard]] std::optional<std::string> hubToken(const EnvironmentLookup& environment);

/// A model on the Hub: "gpt2" or "ORG/NAME", and a branch, a tag or a commit of it.
struct HubName {
    std::string name;
    std::string revision = "main";

    bool operator==(const HubName&) const = default;
};
/// From "NAME" or "NAME@REVISION", with an address of its page taken as its name. Input error where it can be
/// neither, also where it would lead out of the cache.
[[nodiscard]] Result<HubName> parseHubName(std::string_view text);

/// Whether `path` stays below the folder it is joined to: relative, without "..", empty parts, backslashes
/// and control characters.
[[nodiscard]] bool isSafeHubPath(std::string_view path);
/// 40 hexadecimal digits.
[[nodiscard]] bool isHubCommit(std::string_view text);

/// "models--ORG--NAME".
[[nodiscard]] std::string hubFolderName(std::string_view model);

/// A commit of a cached model that has files.
struct HubRevision {
    std::string commit;
    std::filesystem::path folder;  ///< snapshots/<commit>: what a model is opened from
    std::vector<std::string> refs; ///< the branches and tags that point to it, sorted
};
struct HubModel {
    std::string name; ///< "ORG/NAME"
    std::filesystem::path folder;
    std::vector<HubRevision> revisions; ///< by commit
    std::uintmax_t bytes = 0;           ///< of the files of all revisions; what they share counts once
};

/// The models below a cache root, by name. A root that is not there, and folders that cannot be read, give
/// none: the cache belongs to other programs too, and a half-made model is no error of ours. Blocks on the
/// disk.
[[nodiscard]] std::vector<HubModel> listHubModels(const std::filesystem::path& root);

/// The snapshot folder of a cached model. Input error naming what is not there: the model, the revision, or
/// its files; or a ref that does not hold a commit.
[[nodiscard]] Result<std::filesystem::path> findHubSnapshot(const std::filesystem::path& root,
                                                            const HubName& model);

} // namespace lathe
