#include "app/recipe_file.h"

#include "core/base/files.h"

namespace lathe {

namespace fs = std::filesystem;

namespace {

bool isPath(const ParamSpec& spec) {
    const auto* text = std::get_if<TextDomain>(&spec.domain);
    return text != nullptr &&
           (text->kind == TextDomain::Kind::File || text->kind == TextDomain::Kind::Folder);
}

} // namespace

Result<ParamValues> readRecipeFile(const fs::path& file, std::span<const ParamSpec> schema) {
    std::error_code unreadable;
    if (!fs::is_regular_file(file, unreadable))
        return inputError(file.string(), "does not exist; give a recipe (a JSON file)");
    LATHE_ASSIGN(const std::string content, readFile(file));
    auto values = paramValuesFromJson(content);
    if (!values)
        return inputError(file.string(), "is no recipe: " + values.error().text());
    makePathsAbsolute(*values, schema, fs::absolute(file).parent_path());
    return values;
}

void makePathsAbsolute(ParamValues& values, std::span<const ParamSpec> schema, const fs::path& base) {
    for (const ParamSpec& spec : schema) {
        const ParamValue* value = values.find(spec.key);
        const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
        if (isPath(spec) && text != nullptr && !text->empty() && fs::path(*text).is_relative())
            values.set(spec.key, (base / *text).lexically_normal().string());
    }
}

} // namespace lathe
