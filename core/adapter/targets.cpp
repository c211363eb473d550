#include "core/adapter/targets.h"

#include "core/base/text.h"

#include <algorithm>

namespace lathe {

namespace {

bool fits(const Site& site, const std::string& name) {
    return site.name == name || site.name.ends_with("." + name);
}

} // namespace

std::vector<std::string> targetNames(std::string_view targets) {
    std::vector<std::string> names;
    std::string name;
    const auto close = [&] {
        if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
            names.push_back(name);
        name.clear();
    };
    for (const char c : targets) {
        if (c == ',' || c == ' ')
            close();
        else
            name += c;
    }
    close();
    return names;
}

std::vector<std::string> moduleNames(const ModelSummary& model) {
    std::vector<std::string> names;
    for (const Site& site : model.sites)
        if (std::find(names.begin(), names.end(), site.module) == names.end())
            names.push_back(site.module);
    return names;
}

Result<std::vector<Site>> matchTargets(const ModelSummary& model, std::string_view targets) {
    const std::vector<std::string> names = targetNames(targets);
    if (names.empty())
        return inputError("target_modules",
                          "names no module; choose all-linear or some of " + joined(moduleNames(model)));
    if (names.size() == 1 && names.front() == "all-linear")
        return model.sites;
    for (const std::string& name : names)
        if (std::none_of(model.sites.begin(), model.sites.end(),
                         [&](const Site& site) { return fits(site, name); }))
            return inputError("target_modules", "\"" + name + "\" fits no module of the model; it has " +
                                                    joined(moduleNames(model)));
    std::vector<Site> matched;
    std::copy_if(model.sites.begin(), model.sites.end(), std::back_inserter(matched),
                 [&names](const Site& site) {
                     return std::any_of(names.begin(), names.end(),
                                        [&](const std::string& name) { return fits(site, name); });
                 });
    return matched;
}

} // namespace lathe
