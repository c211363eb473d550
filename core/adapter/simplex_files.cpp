#include "core/adapter/simplex.h"

#include "core/base/files.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/allclose.h>
#include <algorithm>
#include <nlohmann/json.hpp>

/// The files of a simplex: PEFT's of its midpoint, and beside them all vertices.

namespace lathe {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kTable = "prompt_embeddings";
constexpr const char* kVertices = "prefix_vertices";
constexpr const char* kTensorsFile = "simplex.safetensors";
constexpr const char* kSettingsFile = "simplex_config.json";
const std::string kHeadVertices = "head_vertices.";
const std::string kOuter = "base_model.";
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

std::vector<TrainedWeight> withoutHead(std::vector<TrainedWeight> weights, const ModelSummary& model) {
    const std::vector<TrainedWeight> head = headWeights(model);
    std::erase_if(weights, [&head](const TrainedWeight& each) {
        return std::ranges::find(head, each.weight, &TrainedWeight::weight) != head.end();
    });
    return weights;
}

bool holdsSimplex(const PeftFolder& folder) {
    std::error_code unreadable;
    return fs::exists(folderOf(folder) / kTensorsFile, unreadable);
}

/// Means of prefixes and heads taken apart are exact, because heads are mixed layer by layer.
std::vector<NamedTensor> SimplexAdapter::midpointTensors() const {
    const at::Tensor all = vertices();
    std::vector<NamedTensor> tensors{{kTable, all.size(0) == 1 ? all.squeeze(0) : all.mean(0)}};
    for (std::size_t i = m_values.size(); i < parameters().size(); ++i) {
        const auto& [name, value] = parameters()[i];
        if (name.starts_with(kHeadVertices))
            tensors.emplace_back(kOuter + name.substr(kHeadVertices.size()), value.mean(0));
        else
            tensors.emplace_back(name, value);
    }
    return tensors;
}

std::vector<NamedTensor> SimplexAdapter::vertexTensors() const {
    std::vector<NamedTensor> tensors{{kVertices, vertices().detach()}};
    for (const auto& [name, value] : parameters())
        if (name.starts_with(kHeadVertices))
            tensors.emplace_back(name, value.detach());
    return tensors;
}

Status SimplexAdapter::save(const fs::path& folder, const AdapterOrigin& origin) const {
    const at::NoGradGuard noGrad;
    LATHE_TRY(
        writePeftFolder(folder, origin, {{"peft_type", "PREFIX_TUNING"}}, midpointTensors(), *m_config));
    if (vertexCount() == 1) // the prefix is all there is
        return ok();
    LATHE_TRY(writeTensorFile(folder / kTensorsFile, vertexTensors()));
    return writeFileAtomically(folder / kSettingsFile, settingsOf(m_settings).dump(2) + "\n");
}

Result<std::unique_ptr<Adapter>> loadSimplex(LanguageModel& model, const PeftFolder& folder) {
    const ModelSummary& summary = model.summary();
    LATHE_TRY(checkPromptFolder(model, folder, PromptPlace::Layers));
    const fs::path file = folderOf(folder) / kTensorsFile;
    LATHE_ASSIGN(SimplexSettings settings, settingsFrom(folderOf(folder) / kSettingsFile));
    LATHE_ASSIGN(auto tensors, tensorsOf(file));
    const auto tokens = folder.config().at("num_virtual_tokens").get<std::int64_t>();
    const std::int64_t width = promptWidth(summary, PromptPlace::Layers);
    settings.mixesHead =
        std::ranges::any_of(tensors, [](const auto& each) { return each.first.starts_with(kHeadVertices); });
    if (!settings.mixesHead || settings.coefficients.vertices < 2)
        for (const auto& [name, tensor] : folder.tensors())
            if (name != kTable)
                tensors.emplace(name, tensor);
    LATHE_ASSIGN(std::vector<TrainedWeight> others,
                 trainedWeights(folder.config(), summary, {}, folder.configPath()));
    others = withoutHead(std::move(others), summary);
    for (TrainedWeight& each : others) {
        each.file = kOuter + each.weight;
        if (const auto found = folder.tensors().find(each.file); found != folder.tensors().end())
            tensors.emplace(each.file, found->second);
    }
    auto adapter = std::make_unique<SimplexAdapter>(model, settings, makePlainEncoder(tokens, width),
                                                    folder.config(), others);
    LATHE_TRY(setParameters(*adapter, tensors, file.string()));
    const at::NoGradGuard noGrad;
    for (const auto& [name, value] : adapter->midpointTensors()) {
        const auto found = folder.tensors().find(name);
        if (found == folder.tensors().end() || found->second.sizes() != value.sizes() ||
            !at::allclose(found->second.to(value.options()), value, kRounding, kRounding))
            return inputError(file.string(), "does not belong to " + folder.tensorsPath() + ": " + name +
                                                 " there is not the midpoint of these vertices");
    }
    return std::unique_ptr<Adapter>(std::move(adapter));
}

} // namespace lathe
