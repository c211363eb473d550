#include "core/hub/hub_cache.h"

#include "core/base/files.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <sys/stat.h>

namespace lathe {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLongestName = 96; ///< the Hub's own limit of "ORG/NAME"
constexpr std::string_view kModelPrefix = "models--";

bool isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const std::size_t from = text.find_first_not_of(kSpace);
    if (from == std::string_view::npos)
        return {};
    return std::string(text.substr(from, text.find_last_not_of(kSpace) - from + 1));
}

/// The variable's value, nothing where it is empty: Python's tools take an empty one as not set.
std::optional<std::string> filled(const EnvironmentLookup& environment, const std::string& name) {
    auto value = environment(name);
    return value && !value->empty() ? value : std::nullopt;
}

bool isTrue(const EnvironmentLookup& environment, const std::string& name) {
    std::string value = environment(name).value_or("");
    for (char& c : value)
        c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return value == "1" || value == "ON" || value == "YES" || value == "TRUE";
}

std::string home(const EnvironmentLookup& environment) { return filled(environment, "HOME").value_or("/"); }

/// "~", "~/…", "$NAME" and "${NAME}"; what is not set stays as it is written, as os.path.expandvars does.
std::string expanded(std::string text, const EnvironmentLookup& environment) {
    if (text == "~" || text.starts_with("~/"))
        text.replace(0, 1, home(environment));
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const bool hasBrace = text.compare(i, 2, "${") == 0;
        std::size_t end = i + (hasBrace ? 2 : 1);
        const std::size_t from = end;
        while (text[i] == '$' && end < text.size() && (isLetterOrDigit(text[end]) || text[end] == '_'))
            ++end;
        const std::string name = text.substr(from, end - from);
        const bool isClosed = !hasBrace || (end < text.size() && text[end] == '}');
        const auto value =
            text[i] == '$' && !name.empty() && isClosed ? environment(name) : std::optional<std::string>();
        const std::size_t next = value && hasBrace ? end + 1 : end;
        out += value ? *value : text.substr(i, next - i);
        i = next;
    }
    return out;
}

fs::path hubHome(const EnvironmentLookup& environment) {
    if (const auto chosen = filled(environment, "HF_HOME"))
        return expanded(*chosen, environment);
    const std::string caches = filled(environment, "XDG_CACHE_HOME").value_or("~/.cache");
    return fs::path(expanded(caches, environment)) / "huggingface";
}

/// One part of a model's name, as the Hub allows it.
bool isNamePart(std::string_view part) {
    const auto isAllowed = [](char c) { return isLetterOrDigit(c) || c == '-' || c == '_' || c == '.'; };
    return !part.empty() && std::ranges::all_of(part, isAllowed) && part.front() != '-' &&
           part.front() != '.' && part.back() != '-' && part.back() != '.' &&
           part.find("--") == std::string_view::npos && part.find("..") == std::string_view::npos;
}

bool isModelName(std::string_view name) {
    const std::size_t slash = name.find('/');
    return name.size() <= kLongestName && isNamePart(name.substr(0, slash)) &&
           (slash == std::string_view::npos || isNamePart(name.substr(slash + 1)));
}

std::string nameFromFolder(std::string_view folder) {
    std::string name(folder.substr(kModelPrefix.size()));
    if (const std::size_t dashes = name.find("--"); dashes != std::string::npos)
        name.replace(dashes, 2, "/");
    return name;
}

/// Commit by ref: every file below refs/, with its folders as part of the name.
std::map<std::string, std::string> readRefs(const fs::path& model) {
    std::map<std::string, std::string> refs;
    std::error_code problem;
    const fs::path folder = model / "refs";
    for (fs::recursive_directory_iterator it(folder, problem), end; !problem && it != end;
         it.increment(problem)) {
        std::error_code unreadable;
        if (!it->is_regular_file(unreadable) || it->file_size(unreadable) > 100)
            continue;
        if (const auto text = readFile(it->path()); text.has_value() && isHubCommit(trimmed(*text)))
            refs[it->path().lexically_relative(folder).generic_string()] = trimmed(*text);
    }
    return refs;
}

/// Adds the sizes of the files below `snapshot` that are not in `seen` yet; a link counts as what it leads
/// to.
std::uintmax_t newBytes(const fs::path& snapshot, std::set<std::pair<dev_t, ino_t>>& seen) {
    std::uintmax_t bytes = 0;
    std::error_code problem;
    for (fs::recursive_directory_iterator it(snapshot, problem), end; !problem && it != end;
         it.increment(problem)) {
        struct stat info {};
        if (::stat(it->path().c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
            seen.emplace(info.st_dev, info.st_ino).second)
            bytes += static_cast<std::uintmax_t>(info.st_size);
    }
    return bytes;
}

HubModel readModel(const fs::path& folder) {
    HubModel model{nameFromFolder(folder.filename().native()), folder, {}, 0};
    const auto refs = readRefs(folder);
    std::set<std::pair<dev_t, ino_t>> seen;
    std::error_code problem;
    for (fs::directory_iterator it(folder / "snapshots", problem), end; !problem && it != end;
         it.increment(problem)) {
        const std::string commit = it->path().filename();
        std::error_code unreadable;
        if (!isHubCommit(commit) || !it->is_directory(unreadable) || fs::is_empty(it->path(), unreadable))
            continue;
        HubRevision revision{commit, it->path(), {}};
        for (const auto& [ref, target] : refs)
            if (target == commit)
                revision.refs.push_back(ref);
        model.bytes += newBytes(revision.folder, seen);
        model.revisions.push_back(std::move(revision));
    }
    std::ranges::sort(model.revisions, {}, &HubRevision::commit);
    return model;
}

} // namespace

EnvironmentLookup processEnvironment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    };
}

fs::path hubCacheRoot(const EnvironmentLookup& environment) {
    for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"})
        if (const auto chosen = filled(environment, name))
            return expanded(*chosen, environment);
    return hubHome(environment) / "hub";
}

bool isHubOffline(const EnvironmentLookup& environment) {
    return isTrue(environment, "HF_HUB_OFFLINE") || isTrue(environment, "TRANSFORMERS_OFFLINE");
}

std::string hubEndpoint(const EnvironmentLookup& environment) {
    std::string endpoint = filled(environment, "HF_ENDPOINT").value_or("https://huggingface.co");
    while (endpoint.ends_with('/'))
        endpoint.pop_back();
    return endpoint;
}

std::optional<std::string> hubToken(const EnvironmentLookup& environment) {
    if (isTrue(environment, "HF_HUB_DISABLE_IMPLICIT_TOKEN"))
        return std::nullopt;
    for (const char* name : {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"})
        if (const std::string token = trimmed(environment(name).value_or("")); !token.empty())
            return token;
    const auto chosen = filled(environment, "HF_TOKEN_PATH");
    const auto text =
        readFile(chosen ? fs::path(expanded(*chosen, environment)) : hubHome(environment) / "token");
    const std::string token = text.has_value() ? trimmed(*text) : std::string();
    return token.empty() ? std::nullopt : std::optional(token);
}

Result<HubName> parseHubName(std::string_view text) {
    std::string name = trimmed(text);
    for (const std::string_view prefix : {"https://", "http://", "huggingface.co/", "hf.co/"})
        if (name.starts_with(prefix))
            name.erase(0, prefix.size());
    HubName model;
    if (const std::size_t at = name.find('@'); at != std::string::npos) {
        model.revision = name.substr(at + 1);
        name.resize(at);
    }
    model.name = name;
    if (!isModelName(model.name))
        return inputError({}, "\"" + trimmed(text) +
                                  "\" is no name of a model on the Hub; write it as ORGANISATION/NAME, with "
                                  "@REVISION behind it for another revision than main");
    if (!isSafeHubPath(model.revision))
        return inputError(model.name,
                          "\"" + model.revision + "\" is no revision; name a branch, a tag or a commit");
    return model;
}

bool isSafeHubPath(std::string_view path) {
    if (path.empty() || path.size() > 1024)
        return false;
    for (std::size_t from = 0; from <= path.size();) {
        const std::size_t slash = std::min(path.find('/', from), path.size());
        const std::string_view part = path.substr(from, slash - from);
        if (part.empty() || part == "." || part == ".." || part.size() > 255)
            return false;
        from = slash + 1;
    }
    return std::ranges::none_of(path, [](char c) { return c == '\\' || (c >= 0 && c < 32) || c == 127; });
}

bool isHubCommit(std::string_view text) {
    return text.size() == 40 &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string hubFolderName(std::string_view model) {
    std::string name(model);
    if (const std::size_t slash = name.find('/'); slash != std::string::npos)
        name.replace(slash, 1, "--");
    return std::string(kModelPrefix) + name;
}

std::vector<HubModel> listHubModels(const fs::path& root) {
    std::vector<HubModel> models;
    std::error_code problem;
    for (fs::directory_iterator it(root, problem), end; !problem && it != end; it.increment(problem)) {
        if (!it->path().filename().native().starts_with(kModelPrefix))
            continue;
        HubModel model = readModel(it->path());
        if (isModelName(model.name) && !model.revisions.empty())
            models.push_back(std::move(model));
    }
    std::ranges::sort(models, {}, &HubModel::name);
    return models;
}

Result<fs::path> findHubSnapshot(const fs::path& root, const HubName& model) {
    const fs::path folder = root / hubFolderName(model.name);
    std::error_code problem;
    if (!isModelName(model.name) || !fs::is_directory(folder, problem))
        return inputError(model.name, "is not in the Hub cache " + root.string() +
                                          "; download it, or choose a folder with the model");
    std::string commit = model.revision;
    if (!isHubCommit(commit)) {
        if (!isSafeHubPath(model.revision))
            return inputError(model.name, "\"" + model.revision + "\" is no revision");
        const auto text = readFile(folder / "refs" / model.revision);
        if (!text.has_value())
            return inputError(model.name, "has no revision \"" + model.revision + "\" in the Hub cache " +
                                              root.string() + "; download that revision");
        commit = trimmed(text->substr(0, 100));
        if (!isHubCommit(commit))
            return inputError((folder / "refs" / model.revision).string(),
                              "holds \"" + commit.substr(0, 40) +
                                  "\", which is no commit of 40 hexadecimal digits; download it again");
    }
    const fs::path snapshot = folder / "snapshots" / commit;
    if (!fs::is_directory(snapshot, problem))
        return inputError(model.name, "has no files of the revision " + commit + " in the Hub cache " +
                                          root.string() + "; download that revision");
    return snapshot;
}

} // namespace lathe
