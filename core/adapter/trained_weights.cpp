#include "core/adapter/trained_weights.h"

#include "core/adapter/targets.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

namespace lathe {

using nlohmann::json;

namespace {

/// Layers of heads that no published base model brings trained.
constexpr std::array kHeadModules{"classifier", "score", "pre_classifier"};
constexpr const char* kPrefix = "base_model.model.";

/// Whether the weight lies in a module whose path ends so, at a dot or not: to PEFT "pre_classifier" is a
/// "classifier", too.
bool isOf(const std::string& weight, const std::string& module) {
    for (std::size_t dot = weight.find('.'); dot != std::string::npos; dot = weight.find('.', dot + 1))
        if (std::string_view(weight).substr(0, dot).ends_with(module))
            return true;
    return false;
}

bool contains(const std::vector<TrainedWeight>& all, const std::string& weight) {
    return std::ranges::any_of(all, [&weight](const TrainedWeight& each) { return each.weight == weight; });
}

void addBiases(const std::string& bias, const ModelSummary& model, std::span<const Site> sites,
               std::vector<TrainedWeight>& into) {
    for (const TensorSpec& tensor : model.tensors) {
        if (!tensor.name.ends_with(".bias") || contains(into, tensor.name))
            continue;
        const std::string module = tensor.name.substr(0, tensor.name.size() - 5);
        const bool isAdapted =
            std::ranges::any_of(sites, [&module](const Site& site) { return site.name == module; });
        if (isAdapted) // there the layer itself is inside of PEFT's
            into.push_back({tensor.name, kPrefix + module + ".base_layer.bias"});
        else if (bias == "all")
            into.push_back({tensor.name, kPrefix + tensor.name});
    }
}

} // namespace

Result<std::vector<TrainedWeight>> trainedWeights(const std::string& bias,
                                                  const std::vector<std::string>& modules,
                                                  const ModelSummary& model, std::span<const Site> sites,
                                                  const std::string& where) {
    std::vector<TrainedWeight> weights;
    for (const std::string& module : modules) {
        bool isThere = false; // a layer that another name stands for too is there as well
        for (const TensorSpec& tensor : model.tensors) {
            if (!isOf(tensor.name, module))
                continue;
            isThere = true;
            if (!contains(weights, tensor.name))
                weights.push_back({tensor.name, kPrefix + tensor.name});
        }
        // PEFT names both for every classifier, whichever the model has.
        const bool isUsual = module == "classifier" || module == "score";
        if (!isThere && !isUsual)
            return inputError(where, "modules_to_save names \"" + module + "\", which the model has not");
    }
    if (bias != "none")
        addBiases(bias, model, sites, weights);
    return weights;
}

Result<std::vector<TrainedWeight>> trainedWeights(const json& config, const ModelSummary& model,
                                                  std::span<const Site> sites, const std::string& where) {
    const json bias = config.value("bias", json("none"));
    if (!bias.is_string() || (bias != "none" && bias != "all" && !bias.get<std::string>().ends_with("_only")))
        return inputError(where, "bias is " + bias.dump() + ", which is not supported");
    const json modules = config.value("modules_to_save", json());
    std::vector<std::string> names;
    if (modules.is_array())
        modules.get_to(names);
    else if (!modules.is_null())
        return inputError(where, "modules_to_save is " + modules.dump() + " and no list of names");
    const std::string choice = bias == "none" || bias == "all" ? bias.get<std::string>() : "adapted";
    return trainedWeights(choice, names, model, sites, where);
}

std::vector<TrainedWeight> headWeights(const ModelSummary& model) {
    std::vector<TrainedWeight> weights;
    for (const TensorSpec& tensor : model.tensors)
        if (std::ranges::any_of(kHeadModules,
                                [&tensor](const char* name) { return isOf(tensor.name, name); }))
            weights.push_back({tensor.name, kPrefix + tensor.name});
    return weights;
}

Result<std::vector<TrainedWeight>> trainedWeights(const ParamValues& values, const ModelSummary& model,
                                                  std::span<const Site> sites) {
    const std::string bias = values.contains("bias") ? values.text("bias") : "none";
    return trainedWeights(bias, targetNames(values.text("modules_to_save")), model, sites, "modules_to_save");
}

json trainedSettings(const ParamValues& values, const std::string& method) {
    const std::string bias = values.contains("bias") ? values.text("bias") : "none";
    const std::vector<std::string> modules = targetNames(values.text("modules_to_save"));
    return {{"bias", bias == "adapted" ? method + "_only" : bias},
            {"modules_to_save", modules.empty() ? json() : json(modules)}};
}

std::int64_t countOf(std::span<const TrainedWeight> weights, const ModelSummary& model) {
    std::int64_t count = 0;
    for (const TrainedWeight& each : weights) {
        const auto tensor = std::ranges::find(model.tensors, each.weight, &TensorSpec::name);
        std::int64_t numbers = 1;
        for (const std::int64_t size : tensor->shape)
            numbers *= size;
        count += numbers;
    }
    return count;
}

} // namespace lathe
