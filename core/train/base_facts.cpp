#include "core/train/base_facts.h"

#include "core/base/files.h"

#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

namespace lathe {

namespace fs = std::filesystem;

namespace {

/// "models--org--name" of the hub's cache as "org/name"; a name without an organisation has one part.
std::string fromCacheFolder(const std::string& folder) {
    constexpr std::string_view kPrefix = "models--";
    if (!folder.starts_with(kPrefix))
        return {};
    std::string id = folder.substr(kPrefix.size());
    if (const auto gap = id.find("--"); gap != std::string::npos)
        id.replace(gap, 2, "/");
    return id;
}

std::string fromConfig(const fs::path& model) {
    const auto text = readFile(model / "config.json");
    const nlohmann::json config = nlohmann::json::parse(text.value_or(std::string()), nullptr, false);
    if (!config.is_object())
        return {};
    const auto name = config.find("_name_or_path");
    if (name == config.end() || !name->is_string())
        return {};
    // With its organisation: a bare word may as well be the name of a folder.
    static const std::regex kHubName("[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*");
    const std::string value = name->get<std::string>();
    std::error_code problem;
    return std::regex_match(value, kHubName) && !fs::exists(value, problem) ? value : std::string();
}

std::string trimmed(const std::string& text) {
    constexpr const char* kSpace = " \t\r\"'";
    const auto begin = text.find_first_not_of(kSpace);
    return begin == std::string::npos ? std::string()
                                      : text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

} // namespace

std::string hubIdOf(const fs::path& model) {
    std::error_code problem;
    for (const fs::path& path : {fs::absolute(model, problem), fs::weakly_canonical(model, problem)})
        for (const fs::path& part : path)
            if (std::string id = fromCacheFolder(part.string()); !id.empty())
                return id;
    return fromConfig(model);
}

std::map<std::string, std::string> licenseOf(const fs::path& model) {
    std::map<std::string, std::string> found;
    std::error_code problem;
    const fs::path folder = fs::is_directory(model, problem) ? model : model.parent_path();
    std::istringstream card(readFile(folder / "README.md").value_or(std::string()));
    std::string line;
    if (!std::getline(card, line) || trimmed(line) != "---")
        return found;
    while (std::getline(card, line) && trimmed(line) != "---")
        for (const char* key : {"license", "license_name", "license_link"})
            if (line.starts_with(std::string(key) + ":"))
                if (std::string value = trimmed(line.substr(std::string(key).size() + 1)); !value.empty())
                    found[key] = std::move(value);
    return found;
}

std::string baseName(const fs::path& model) {
    if (std::string id = hubIdOf(model); !id.empty())
        return id;
    const fs::path plain = fs::absolute(model).lexically_normal();
    return (plain.has_filename() ? plain : plain.parent_path()).filename().string();
}

} // namespace lathe
