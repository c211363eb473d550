#include "app/cli/recipe_flags.h"

#include "app/recipe_file.h"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace lathe {

namespace {

std::string helpFor(const ParamSpec& spec) {
    std::string text = spec.help.empty() ? spec.label : spec.help;
    text += " (" + describe(spec.domain) + (spec.unit.empty() ? "" : " " + spec.unit);
    const std::string fallback = toText(spec.fallback);
    return text + (fallback.empty() ? "" : "; default " + fallback) + ")";
}

std::string groupFor(const ParamSpec& spec) {
    std::string group = spec.group.empty() ? "recipe" : spec.group;
    group.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(group.front())));
    return spec.isAdvanced ? group + ", advanced" : group;
}

} // namespace

std::string flagFor(const std::string& key) {
    std::string flag = "--" + key;
    std::replace(flag.begin(), flag.end(), '_', '-');
    return flag;
}

void RecipeFlags::addTo(CLI::App& command, std::span<const ParamSpec> schema, const std::string& fileNames) {
    m_schema = schema;
    m_fileOption = command.add_option(fileNames, m_file, "A recipe file (JSON); flags win over it");
    for (const ParamSpec& spec : schema) {
        std::string& text = m_texts[spec.key];
        const std::string flag = flagFor(spec.key);
        CLI::Option* option = std::holds_alternative<BoolDomain>(spec.domain)
                                  ? command.add_flag(flag + ",!--no-" + flag.substr(2), text, helpFor(spec))
                                  : command.add_option(flag, text, helpFor(spec));
        option->group(groupFor(spec));
        m_options.emplace_back(&spec, option);
    }
}

bool RecipeFlags::isAnyGiven() const {
    return m_fileOption->count() > 0 ||
           std::any_of(m_options.begin(), m_options.end(),
                       [](const auto& option) { return option.second->count() > 0; });
}

Result<ParamValues> RecipeFlags::given() const {
    ParamValues values;
    if (m_fileOption->count() > 0) {
        LATHE_ASSIGN(values, readRecipeFile(m_file, m_schema));
    }
    for (const auto& [spec, option] : m_options) {
        if (option->count() == 0)
            continue;
        auto value = parseValue(*spec, m_texts.at(spec->key));
        if (!value)
            return inputError(flagFor(spec->key), value.error().message);
        values.set(spec->key, std::move(*value));
    }
    makePathsAbsolute(values, m_schema, std::filesystem::current_path());
    return values;
}

} // namespace lathe
