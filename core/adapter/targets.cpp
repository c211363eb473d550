#include "core/adapter/targets.h"

#include "core/base/text.h"

#include <algorithm>
#include <charconv>
#include <regex>
#include <set>

namespace lathe {

namespace {

bool isNamedBy(const Site& site, const std::string& name) {
    return site.name == name || site.name.ends_with("." + name);
}

bool isPattern(std::string_view text) {
    return text.find_first_of("*()[]{}|\\^$+?") != std::string_view::npos;
}

bool isAllowed(const Site& site, const TargetRules& rules) {
    switch (site.kind) {
    case SiteKind::Projection:
        return true;
    case SiteKind::Embedding:
        return rules.takesEmbedding;
    case SiteKind::Head:
        return rules.takesHead;
    case SiteKind::AttentionResidual:
    case SiteKind::MlpResidual:
        break;
    }
    return false;
}

std::vector<Site> allowedSites(const ModelSummary& model, const TargetRules& rules) {
    std::vector<Site> sites;
    std::ranges::copy_if(model.sites, std::back_inserter(sites),
                         [&rules](const Site& site) { return isAllowed(site, rules); });
    return sites;
}

Result<std::vector<Site>> matchPattern(const std::vector<Site>& sites, const std::string& text,
                                       const char* key) {
    try {
        const std::regex pattern(text);
        std::vector<Site> matched;
        std::ranges::copy_if(sites, std::back_inserter(matched),
                             [&pattern](const Site& site) { return std::regex_match(site.name, pattern); });
        return matched;
    } catch (const std::regex_error& problem) {
        return inputError(key, "\"" + text + "\" is no regular expression: " + problem.what());
    }
}

/// By names, or by a pattern, out of `sites`.
Result<std::vector<Site>> select(const std::vector<Site>& sites, const std::string& text, const char* key,
                                 const ModelSummary& model) {
    if (isPattern(text)) {
        LATHE_ASSIGN(std::vector<Site> matched, matchPattern(sites, text, key));
        if (matched.empty())
            return inputError(key, "\"" + text +
                                       "\" fits no module of the model; a pattern has to fit the "
                                       "whole path, for example .*layers\\.0\\..*q_proj");
        return matched;
    }
    const std::vector<std::string> names = targetNames(text);
    for (const std::string& name : names)
        if (std::ranges::none_of(sites, [&](const Site& site) { return isNamedBy(site, name); }))
            return inputError(key, "\"" + name + "\" fits no module of the model; it has " +
                                       joined(moduleNames(model)));
    std::vector<Site> matched;
    std::ranges::copy_if(sites, std::back_inserter(matched), [&names](const Site& site) {
        return std::ranges::any_of(names, [&site](const auto& name) { return isNamedBy(site, name); });
    });
    return matched;
}

/// "0-5,8" as numbers. Input error naming what cannot be read or exceeds the model.
Result<std::set<std::int64_t>> readLayers(const std::string& text, std::int64_t count) {
    std::set<std::int64_t> layers;
    for (const std::string& part : targetNames(text)) {
        std::int64_t first = 0;
        std::int64_t last = 0;
        const char* end = part.data() + part.size();
        auto read = std::from_chars(part.data(), end, first);
        last = first;
        if (read.ec == std::errc() && read.ptr != end && *read.ptr == '-')
            read = std::from_chars(read.ptr + 1, end, last);
        if (read.ec != std::errc() || read.ptr != end || first > last)
            return inputError("target_layers",
                              "\"" + part + "\" is neither a layer nor a range of layers such as 0-5");
        if (last >= count)
            return inputError("target_layers", "names layer " + std::to_string(last) +
                                                   ", but the model has " + std::to_string(count) +
                                                   " layers, counted from 0");
        for (std::int64_t layer = first; layer <= last; ++layer)
            layers.insert(layer);
    }
    return layers;
}

} // namespace

std::vector<std::string> targetNames(std::string_view targets) {
    std::vector<std::string> names;
    std::string name;
    const auto close = [&] {
        if (!name.empty() && std::ranges::find(names, name) == names.end())
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
        if (site.kind == SiteKind::Projection && std::ranges::find(names, site.module) == names.end())
            names.push_back(site.module);
    return names;
}

Result<std::vector<Site>> matchTargets(const ModelSummary& model, const TargetChoice& choice,
                                       const TargetRules& rules) {
    const std::vector<std::string> named = targetNames(choice.modules);
    if (named.empty())
        return inputError("target_modules", "names no module; choose auto, all-linear or some of " +
                                                joined(moduleNames(model)));
    const std::string text = named == std::vector<std::string>{"auto"} ? rules.automatic : choice.modules;
    std::vector<Site> sites;
    if (targetNames(text) == std::vector<std::string>{"all-linear"}) {
        sites = allowedSites(model, {});
    } else {
        LATHE_ASSIGN(sites, select(allowedSites(model, rules), text, "target_modules", model));
    }
    if (!choice.exclude.empty()) {
        LATHE_ASSIGN(const std::vector<Site> excluded,
                     select(sites, choice.exclude, "exclude_modules", model));
        std::erase_if(sites, [&excluded](const Site& site) {
            return std::ranges::any_of(excluded, [&site](const Site& out) { return out.name == site.name; });
        });
    }
    if (!choice.layers.empty()) {
        LATHE_ASSIGN(const std::set<std::int64_t> layers, readLayers(choice.layers, model.layers));
        std::erase_if(sites, [&layers](const Site& site) { return !layers.contains(site.layer); });
    }
    if (sites.empty())
        return inputError("target_modules", "leaves no module once exclude_modules and target_layers are "
                                            "applied; choose fewer of those");
    return sites;
}

ParamSchema targetOptions() {
    const auto text = [](std::string key, std::string label, std::string help, std::string fallback,
                         bool mayBeEmpty) {
        return ParamSpec{std::move(key),      "adapter",
                         std::move(label),    "",
                         std::move(help),     TextDomain{TextDomain::Kind::Plain, mayBeEmpty},
                         std::move(fallback), {},
                         mayBeEmpty,          false};
    };
    return {text("target_modules", "Target modules",
                 "Which projections get an adapter: auto (what is usual for the method and the model), "
                 "all-linear, names separated by commas such as q_proj,v_proj, or a regular expression.",
                 "auto", false),
            text("target_layers", "Layers", "Layers that get one, for example 0-5,8. Empty: all.", "", true),
            text("exclude_modules", "Leave out",
                 "Modules that get none although named above: names or a regular expression.", "", true)};
}

TargetChoice targetChoice(const ParamValues& values) {
    return {values.text("target_modules"), values.text("target_layers"), values.text("exclude_modules")};
}

} // namespace lathe
