#include "core/adapter/module_patterns.h"

#include <algorithm>

namespace lathe {

namespace {

std::string trimmed(const std::string& text) {
    const std::size_t begin = text.find_first_not_of(" \t\n");
    return begin == std::string::npos ? std::string()
                                      : text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1);
}

} // namespace

Result<ModulePatterns> ModulePatterns::parse(std::string_view text, const std::string& key) {
    // A pattern may hold commas and equal signs itself: an entry ends behind the number.
    static const std::regex kNumber(R"(=\s*([0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?)\s*(,|$))");
    std::vector<std::pair<std::string, double>> entries;
    std::string rest = trimmed(std::string(text));
    while (!rest.empty()) {
        std::smatch found;
        if (!std::regex_search(rest, found, kNumber))
            return inputError(key, "\"" + rest + "\" has no number; write entries such as q_proj=4");
        const std::string pattern = trimmed(found.prefix());
        if (pattern.empty())
            return inputError(key, "\"" + rest + "\" has no pattern; write entries such as q_proj=4");
        entries.emplace_back(pattern, std::stod(found[1]));
        rest = trimmed(found.suffix());
    }
    return make(entries, key);
}

Result<ModulePatterns> ModulePatterns::make(const std::vector<std::pair<std::string, double>>& entries,
                                            const std::string& where) {
    ModulePatterns patterns;
    patterns.m_where = where;
    for (const auto& [pattern, value] : entries) {
        try {
            patterns.m_entries.push_back({pattern, std::regex("(.*\\.)?(" + pattern + ")"), value});
        } catch (const std::regex_error& problem) {
            return inputError(where, "\"" + pattern + "\" is no regular expression: " + problem.what());
        }
    }
    return patterns;
}

double ModulePatterns::valueFor(const std::string& module, double fallback) const {
    for (const Entry& entry : m_entries)
        if (std::regex_match(module, entry.regex))
            return entry.value;
    return fallback;
}

Status ModulePatterns::requireFits(std::span<const Site> sites) const {
    for (const Entry& entry : m_entries)
        if (std::ranges::none_of(
                sites, [&entry](const Site& site) { return std::regex_match(site.name, entry.regex); }))
            return inputError(m_where, "\"" + entry.pattern +
                                           "\" fits no module that gets an adapter, such as " +
                                           sites.front().name);
    return ok();
}

} // namespace lathe
