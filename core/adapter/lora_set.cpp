#include "core/adapter/lora_set.h"

#include "core/adapter/module_patterns.h"
#include "core/adapter/peft_folder.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;

namespace {

constexpr std::string_view kPrefix = "base_model.model.";

/// What a sum of products cannot stand for.
const json kPlain{{"use_dora", false},
                  {"lora_bias", false},
                  {"bias", "none"},
                  {"use_qalora", false},
                  {"enable_lora", nullptr},
                  {"layer_replication", nullptr},
                  {"use_bdlora", nullptr},
                  {"target_parameters", nullptr},
                  {"kasa_config", nullptr},
                  {"velora_config", nullptr},
                  {"alora_invocation_tokens", nullptr}};

/// The scale of a module's product.
class Scales {
public:
    static Result<Scales> of(const PeftFolder& folder) {
        const json& config = folder.config();
        Scales scales;
        scales.m_alpha = config.value("lora_alpha", 8.0);
        scales.m_isRankStabilized = config.value("use_rslora", false);
        LATHE_ASSIGN(const auto entries, patternEntries(folder, "alpha_pattern"));
        LATHE_ASSIGN(scales.m_alphas, ModulePatterns::make(entries, folder.configPath()));
        return scales;
    }
    [[nodiscard]] double operator()(const std::string& module, std::int64_t rank) const {
        const auto real = static_cast<double>(rank);
        return m_alphas.valueFor(module, m_alpha) / (m_isRankStabilized ? std::sqrt(real) : real);
    }

private:
    double m_alpha = 8;
    bool m_isRankStabilized = false;
    ModulePatterns m_alphas;
};

Status requirePlain(const PeftFolder& folder) {
    if (folder.peftType() != "LORA")
        return inputError(folder.configPath(), "is a folder of " + folder.peftType() + " and not of LORA");
    LATHE_TRY(folder.require(kPlain));
    const json init = folder.config().value("init_lora_weights", json(true));
    for (const char* reduced : {"pissa", "olora", "corda", "lora_ga", "loftq"})
        if (init.is_string() && init.get<std::string>().starts_with(reduced))
            return inputError(folder.configPath(),
                              "init_lora_weights is " + init.dump() +
                                  ", so its products belong on a changed base model; load and save it first, "
                                  "which converts it");
    return ok();
}

/// Puts a tensor where its name says.
void sortIn(const std::string& name, const at::Tensor& tensor, LoraSet& set) {
    struct Half {
        std::string_view suffix;
        bool isFirst;
        bool isTable;
    };
    for (const Half& half : {Half{".lora_A.weight", true, false}, Half{".lora_B.weight", false, false},
                             Half{".lora_embedding_A", true, true}, Half{".lora_embedding_B", false, true}}) {
        if (!name.starts_with(kPrefix) || !name.ends_with(half.suffix))
            continue;
        const std::string module =
            name.substr(kPrefix.size(), name.size() - kPrefix.size() - half.suffix.size());
        LoraProduct& product = set.products[module];
        (half.isFirst ? product.a : product.b) = tensor.to(at::kFloat);
        product.isTable = half.isTable;
        return;
    }
    set.whole[name] = tensor;
}

bool isAlike(double a, double b) { return std::abs(a - b) <= 1e-12 * std::max(std::abs(a), std::abs(b)); }

} // namespace

Result<LoraSet> readLoraSet(const std::filesystem::path& folder) {
    LATHE_ASSIGN(const PeftFolder files, PeftFolder::read(folder));
    try {
        LATHE_TRY(requirePlain(files));
        LATHE_ASSIGN(const Scales scales, Scales::of(files));
        LoraSet set;
        for (const auto& [name, tensor] : files.tensors())
            sortIn(name, tensor, set);
        for (auto& [module, product] : set.products) {
            if (!product.a.defined() || !product.b.defined() || product.a.dim() != 2 ||
                product.b.dim() != 2 || product.a.size(0) != product.b.size(1))
                return inputError(files.tensorsPath(), "has no A and B that fit together for " + module);
            product.scale = scales(module, product.a.size(0));
        }
        set.isConv1d = files.config().value("fan_in_fan_out", false);
        set.taskType = files.config().value("task_type", std::string("CAUSAL_LM"));
        set.modulesToSave = files.config().value("modules_to_save", json()).dump();
        return set;
    } catch (const json::exception& problem) { // a value of another type
        return inputError(files.configPath(), std::string("cannot be used: ") + problem.what());
    }
}

Status writeLoraSet(const std::filesystem::path& folder, const LoraSet& set,
                    const std::filesystem::path& baseModel) {
    if (set.products.empty())
        return inputError(folder.string(), "would hold no product");
    std::int64_t rank = 0;
    for (const auto& [module, product] : set.products)
        rank = std::max(rank, product.a.size(0));
    const double alpha = set.products.begin()->second.scale * static_cast<double>(rank);
    json ranks = json::object();
    json alphas = json::object();
    json modules = json::array();
    std::vector<NamedTensor> tensors(set.whole.begin(), set.whole.end());
    for (const auto& [module, product] : set.products) {
        const std::int64_t ownRank = product.a.size(0);
        const double ownAlpha = product.scale * static_cast<double>(ownRank);
        modules.push_back(module);
        if (ownRank != rank)
            ranks[module] = ownRank;
        if (!isAlike(ownAlpha, alpha))
            alphas[module] = plainNumber(ownAlpha);
        const std::string start = std::string(kPrefix) + module;
        tensors.emplace_back(start + (product.isTable ? ".lora_embedding_A" : ".lora_A.weight"), product.a);
        tensors.emplace_back(start + (product.isTable ? ".lora_embedding_B" : ".lora_B.weight"), product.b);
    }
    const json config{
        {"alpha_pattern", alphas},
        {"bias", "none"},
        {"fan_in_fan_out", set.isConv1d},
        {"init_lora_weights", true},
        {"layer_replication", nullptr},
        {"layers_pattern", nullptr},
        {"layers_to_transform", nullptr},
        {"loftq_config", json::object()},
        {"lora_alpha", plainNumber(alpha)},
        {"lora_dropout", 0.0},
        {"megatron_config", nullptr},
        {"megatron_core", "megatron.core"},
        {"modules_to_save", set.modulesToSave.empty() ? json() : json::parse(set.modulesToSave)},
        {"peft_type", "LORA"},
        {"r", rank},
        {"rank_pattern", ranks},
        {"target_modules", modules},
        {"use_dora", false},
        {"use_rslora", false}};
    return writePeftFolder(folder, {baseModel, set.taskType}, config, tensors, json());
}

} // namespace lathe
