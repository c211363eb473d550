#include "core/adapter/simplex_files.h"

#include "core/base/files.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/allclose.h>
#include <algorithm>
#include <nlohmann/json.hpp>

namespace lathe {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kTensorsFile = "simplex.safetensors";
constexpr const char* kSettingsFile = "simplex_config.json";
const std::string kHeadVertices = "head_vertices.";
/// What rounding to float32 leaves between a mean and the mean of rounded numbers.
constexpr double kRounding = 1e-4;

fs::path folderOf(const PeftFolder& folder) { return fs::path(folder.configPath()).parent_path(); }

json settingsOf(const SimplexSettings& settings) {
    return {{"S", settings.passes},
            {"alpha_scope", nameOf(settings.coefficients.scope)},
            {"dirichlet_a", plainNumber(settings.coefficients.concentration)},
            {"m", settings.coefficients.vertices},
            {"seed", settings.seed},
            {"val_mode", settings.validation}};
}

/// May throw what nlohmann::json throws.
Result<SimplexSettings> settingsFrom(const fs::path& path) {
    LATHE_ASSIGN(const std::string text, readFile(path));
    const json config = json::parse(text);
    SimplexSettings settings;
    config.at("m").get_to(settings.coefficients.vertices);
    config.at("dirichlet_a").get_to(settings.coefficients.concentration);
    config.at("S").get_to(settings.passes);
    config.at("seed").get_to(settings.seed);
    config.at("val_mode").get_to(settings.validation);
    const auto scope = config.at("alpha_scope").get<std::string>();
    if (std::ranges::find(alphaScopeNames(), scope) == alphaScopeNames().end())
        return inputError(path.string(), "alpha_scope is \"" + scope + "\", which is not known");
    settings.coefficients.scope = alphaScopeFrom(scope);
    return settings;
}

Result<std::map<std::string, at::Tensor>> tensorsOf(const fs::path& path) {
    LATHE_ASSIGN(const TensorFile file, TensorFile::open(path));
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, entry] : file.entries()) {
        LATHE_ASSIGN(tensors[name], file.tensor(name));
    }
    return tensors;
}

} // namespace

bool holdsSimplex(const PeftFolder& folder) {
    std::error_code unreadable;
    return fs::exists(folderOf(folder) / kTensorsFile, unreadable);
}

Status writeSimplexFiles(const fs::path& folder, const SimplexSettings& settings,
                         const std::vector<NamedTensor>& vertices) {
    LATHE_TRY(writeTensorFile(folder / kTensorsFile, vertices));
    return writeFileAtomically(folder / kSettingsFile, settingsOf(settings).dump(2) + "\n");
}

Result<SimplexFiles> readSimplexFiles(const PeftFolder& folder) {
    SimplexFiles files;
    files.path = folderOf(folder) / kTensorsFile;
    LATHE_ASSIGN(files.settings, settingsFrom(folderOf(folder) / kSettingsFile));
    LATHE_ASSIGN(files.tensors, tensorsOf(files.path));
    files.settings.mixesHead = std::ranges::any_of(
        files.tensors, [](const auto& each) { return each.first.starts_with(kHeadVertices); });
    return files;
}

Status requireMidpoint(const PeftFolder& folder, const std::vector<NamedTensor>& midpoint,
                       const fs::path& file) {
    for (const auto& [name, value] : midpoint) {
        const auto found = folder.tensors().find(name);
        if (found == folder.tensors().end() || found->second.sizes() != value.sizes() ||
            !at::allclose(found->second.to(value.options()), value, kRounding, kRounding))
            return inputError(file.string(), "does not belong to " + folder.tensorsPath() + ": " + name +
                                                 " there is not the midpoint of these vertices");
    }
    return ok();
}

} // namespace lathe
