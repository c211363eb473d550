#include "core/adapter/adapter_method.h"
#include "core/adapter/adapter_options.h"
#include "core/adapter/targets.h"
#include "core/base/contract.h"
#include "core/base/text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

namespace lathe {

using nlohmann::json;

namespace {

constexpr const char* kPrefix = "base_model.model.";

std::string moduleOf(const std::string& weight) { return weight.substr(0, weight.rfind('.')); }
std::string lastPart(const std::string& path) { return path.substr(path.rfind('.') + 1); }

/// Some weights of the model, trained in copies of their own.
class TunedWeightsAdapter final : public Adapter {
public:
    /// `config`: what the file says besides the common keys.
    TunedWeightsAdapter(LanguageModel& model, const std::vector<TrainedWeight>& weights, json config,
                        json kept)
        : Adapter(model, 0), m_config(std::move(config)), m_kept(std::move(kept)) {
        trainWeights(weights);
    }
    Status save(const std::filesystem::path& folder, const AdapterOrigin& origin) const override {
        return writePeftFolder(folder, origin, m_config, parameters(), m_kept);
    }

private:
    json m_config, m_kept;
};

/// BitFit, Ben Zaken et al. 2021 (arXiv:2106.10199): every bias of the model, those of the norms among them.
/// A head that tells labels apart is trained whole beside it or not at all. PEFT has no file for it; this one
/// is like PEFT's, with the peft_type BITFIT.
class BitFitMethod final : public AdapterMethod {
public:
    ParamSchema options() const override { return {}; }
    std::string peftType() const override { return "BITFIT"; }
    bool readsPartsApart(const ParamValues&) const override { return true; }

    std::vector<Problem> check(const ModelSummary& model, const ParamValues&) const override {
        if (biasesOf(model).empty())
            return {
                {"method", "BitFit trains biases, and " + model.architecture +
                               " has none in its projections and norms; choose layer-norm tuning or LoRA"}};
        return {};
    }
    std::int64_t countParameters(const ModelSummary& model, const ParamValues&) const override {
        return countOf(biasesOf(model), model);
    }
    std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues&, std::uint64_t) const override {
        return std::make_unique<TunedWeightsAdapter>(model, biasesOf(model.summary()), config(),
                                                     json::object());
    }
    Result<std::unique_ptr<Adapter>> load(LanguageModel& model, const PeftFolder& folder) const override {
        LATHE_ASSIGN(const std::vector<TrainedWeight> also,
                     trainedWeights(folder.config(), model.summary(), {}, folder.configPath()));
        auto adapter = std::make_unique<TunedWeightsAdapter>(model, biasesOf(model.summary()), config(),
                                                             folder.config());
        adapter->trainAlso(also);
        LATHE_TRY(folder.fill(*adapter));
        return std::unique_ptr<Adapter>(std::move(adapter));
    }

private:
    static json config() { return {{"peft_type", "BITFIT"}}; }
    static std::vector<TrainedWeight> biasesOf(const ModelSummary& model) {
        std::vector<TrainedWeight> weights;
        const std::vector<TrainedWeight> head = headWeights(model);
        for (const TensorSpec& tensor : model.tensors)
            if (tensor.name.ends_with(".bias") &&
                std::ranges::find(head, tensor.name, &TrainedWeight::weight) == head.end())
                weights.push_back({tensor.name, kPrefix + tensor.name});
        return weights;
    }
};

/// Layer-norm tuning, Zhao et al. 2023 (arXiv:2312.11420): weights and biases of the norms, in PEFT's file
/// format LN_TUNING.
class LayerNormMethod final : public AdapterMethod {
public:
    ParamSchema options() const override {
        return {
            {"norms",
             "adapter",
             "Norms",
             "",
             "Which norms are trained: auto (those of the blocks and the last one), or names separated by "
             "commas such as input_layernorm,norm.",
             TextDomain{TextDomain::Kind::Plain, false},
             std::string("auto"),
             {},
             true,
             false},
            modulesToSaveOption()};
    }
    std::string peftType() const override { return "LN_TUNING"; }
    bool readsPartsApart(const ParamValues&) const override { return true; }

    std::vector<Problem> check(const ModelSummary& model, const ParamValues& values) const override {
        const auto modules = chosen(model, values.text("norms"));
        if (!modules.has_value())
            return {{modules.error().where, modules.error().message}};
        const auto also = trainedWeights(values, model, {});
        if (!also.has_value())
            return {{also.error().where, also.error().message}};
        return {};
    }
    std::int64_t countParameters(const ModelSummary& model, const ParamValues& values) const override {
        std::vector<TrainedWeight> weights = tuned(model, chosen(model, values.text("norms")).value());
        const auto also = trainedWeights(values, model, {});
        for (const TrainedWeight& each : also.value())
            if (std::ranges::find(weights, each.weight, &TrainedWeight::weight) == weights.end())
                weights.push_back(each);
        return countOf(weights, model);
    }
    std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues& values,
                                    std::uint64_t) const override {
        const std::set<std::string> modules = chosen(model.summary(), values.text("norms")).value();
        auto adapter = std::make_unique<TunedWeightsAdapter>(
            model, tuned(model.summary(), modules), config(model.summary(), modules),
            json{{"modules_to_save", trainedSettings(values, "").at("modules_to_save")}});
        adapter->trainAlso(trainedWeights(values, model.summary(), {}).value());
        return adapter;
    }
    Result<std::unique_ptr<Adapter>> load(LanguageModel& model, const PeftFolder& folder) const override;

private:
    static json config(const ModelSummary& model, const std::set<std::string>& modules);
    static std::vector<TrainedWeight> tuned(const ModelSummary& model, const std::set<std::string>& modules);
    static Result<std::set<std::string>> chosen(const ModelSummary& model, const std::string& text);
};

/// A module by one of its tensors, and whether that is a norm's.
bool isNamed(const std::string& module, const std::string& name) {
    return module == name || module.ends_with("." + name);
}

/// Norms that PEFT trains where nothing is said: not those of the embeddings, nor of queries and keys.
bool isUsual(const std::string& module) {
    const std::string last = lastPart(module);
    return last != "q_norm" && last != "k_norm" && !last.ends_with("embeddings_layernorm") &&
           module.find("embeddings.") == std::string::npos && !module.starts_with("cls.") &&
           !module.starts_with("lm_head.") && !module.starts_with("vocab_");
}

Result<std::set<std::string>> LayerNormMethod::chosen(const ModelSummary& model, const std::string& text) {
    std::set<std::string> norms;
    std::set<std::string> names;
    for (const TensorSpec& tensor : model.tensors)
        if (tensor.isNorm) {
            norms.insert(moduleOf(tensor.name));
            names.insert(lastPart(moduleOf(tensor.name)));
        }
    const std::vector<std::string> wanted = targetNames(text);
    if (wanted == std::vector<std::string>{"auto"}) {
        std::erase_if(norms, [](const std::string& module) { return !isUsual(module); });
        if (norms.empty())
            return inputError("method",
                              "layer-norm tuning trains the norms of the blocks, and the norms of " +
                                  model.architecture + " have no weights");
        return norms;
    }
    const std::vector<std::string> known(names.begin(), names.end());
    for (const std::string& name : wanted)
        if (std::ranges::none_of(norms, [&](const std::string& module) { return isNamed(module, name); }))
            return inputError("norms", "\"" + name + "\" fits no norm of the model; it has " + joined(known));
    std::erase_if(norms, [&wanted](const std::string& module) {
        return std::ranges::none_of(wanted, [&](const std::string& name) { return isNamed(module, name); });
    });
    if (norms.empty())
        return inputError("norms", "names no norm; choose auto or some of " + joined(known));
    return norms;
}

std::vector<TrainedWeight> LayerNormMethod::tuned(const ModelSummary& model,
                                                  const std::set<std::string>& modules) {
    std::vector<TrainedWeight> weights;
    for (const TensorSpec& tensor : model.tensors)
        if (const std::string module = moduleOf(tensor.name); modules.contains(module))
            weights.push_back({tensor.name, kPrefix + module + ".ln_tuning_layers." + lastPart(tensor.name)});
    return weights;
}

json LayerNormMethod::config(const ModelSummary& model, const std::set<std::string>& modules) {
    std::set<std::string> all;
    for (const TensorSpec& tensor : model.tensors)
        all.insert(moduleOf(tensor.name));
    std::set<std::string> names;
    for (const std::string& module : modules) {
        const std::string last = lastPart(module);
        const bool isWhole = std::ranges::all_of(
            all, [&](const std::string& other) { return !isNamed(other, last) || modules.contains(other); });
        names.insert(isWhole ? last : module);
    }
    return {{"peft_type", "LN_TUNING"}, {"target_modules", names}, {"exclude_modules", nullptr}};
}

Result<std::unique_ptr<Adapter>> LayerNormMethod::load(LanguageModel& model, const PeftFolder& folder) const {
    const json& config = folder.config();
    const auto fits = [](const json& choice, const std::string& module) {
        if (choice.is_string())
            return std::regex_match(module, std::regex(choice.get<std::string>()));
        return std::ranges::any_of(choice, [&module](const json& name) {
            return isNamed(module, name.template get<std::string>());
        });
    };
    const json targets = config.value("target_modules", json());
    const json left = config.value("exclude_modules", json());
    if (targets.empty())
        return inputError(folder.configPath(), "has no target_modules, so it does not say what was trained");
    std::set<std::string> modules;
    for (const TensorSpec& tensor : model.summary().tensors)
        if (const std::string module = moduleOf(tensor.name);
            fits(targets, module) && (left.empty() || !fits(left, module)))
            modules.insert(module);
    if (modules.empty())
        return inputError(folder.configPath(),
                          "target_modules " + targets.dump() + " fit no module of the model");
    LATHE_ASSIGN(const std::vector<TrainedWeight> also,
                 trainedWeights(config, model.summary(), {}, folder.configPath()));
    auto adapter = std::make_unique<TunedWeightsAdapter>(model, tuned(model.summary(), modules),
                                                         this->config(model.summary(), modules), config);
    adapter->trainAlso(also);
    LATHE_TRY(folder.fill(*adapter));
    return std::unique_ptr<Adapter>(std::move(adapter));
}

} // namespace

std::unique_ptr<AdapterMethod> makeBitFitMethod() { return std::make_unique<BitFitMethod>(); }
std::unique_ptr<AdapterMethod> makeLayerNormMethod() { return std::make_unique<LayerNormMethod>(); }

} // namespace lathe
