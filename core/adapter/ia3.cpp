#include "core/adapter/adapter_method.h"
#include "core/adapter/adapter_options.h"
#include "core/adapter/peft_extras.h"
#include "core/adapter/targets.h"
#include "core/base/text.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones.h>
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>

namespace lathe {

using nlohmann::json;

namespace {

/// (IA)³, Liu et al. 2022 (arXiv:2205.05638): y = l ⊙ (Wx + b), or y = W (l ⊙ x) + b at the projection that
/// ends a feed-forward part. Strength s stands for 1 + s (l − 1).
class Ia3Site final : public SiteAdapter {
public:
    /// factors: [in] of a site that scales its input, else [out], in the shape of the file.
    Ia3Site(at::Tensor factors, bool scalesInput, const AdapterContext& context)
        : m_factors(std::move(factors)), m_scalesInput(scalesInput), m_context(context) {}

    at::Tensor apply(const at::Tensor& x, const LinearBase& base) override {
        const at::Tensor factors = scaled().flatten();
        const auto times = [&factors](const at::Tensor& values) {
            return (values.to(factors.scalar_type()) * factors).to(values.scalar_type());
        };
        return m_scalesInput ? base.forward(times(x)) : times(base.forward(x));
    }
    std::optional<MergedLinear> merged(const at::Tensor& weight, const at::Tensor& bias) const override {
        const at::Tensor factors = scaled(); // [1, in] or [out, 1]
        const bool hasScaledBias = bias.defined() && !m_scalesInput;
        return MergedLinear{weight * factors, hasScaledBias ? bias * factors.flatten() : bias};
    }

private:
    [[nodiscard]] at::Tensor scaled() const {
        return m_context.strength == 1 ? m_factors : 1 + (m_factors - 1) * m_context.strength;
    }

    at::Tensor m_factors;
    bool m_scalesInput;
    const AdapterContext& m_context;
};

/// Where IA3 usually goes in an architecture: those of PEFT's table, and for what it lacks keys, values and
/// the last projection of the feed-forward part, as in the paper.
struct UsualPlaces {
    std::string targets;
    std::string feedForward; ///< of these, what scales its input
};

UsualPlaces usualPlaces(const std::string& architecture) {
    const UsualPlaces keyValue{"k_proj,v_proj,down_proj", "down_proj"};
    const UsualPlaces queryValue{"q_proj,v_proj,down_proj", "down_proj"};
    const UsualPlaces fused{"query_key_value,dense_4h_to_h", "dense_4h_to_h"};
    const UsualPlaces encoder{"key,value,output.dense", "output.dense"};
    static const std::map<std::string, UsualPlaces> all{
        {"bert", encoder},
        {"bloom", {"query_key_value,mlp.dense_4h_to_h", "mlp.dense_4h_to_h"}},
        {"chatglm", fused},
        {"distilbert", {"k_lin,v_lin,lin2", "lin2"}},
        {"falcon", fused},
        {"gemma", queryValue},
        {"gemma2", queryValue},
        {"glm", keyValue},
        {"gpt2", {"c_attn,mlp.c_proj", "mlp.c_proj"}},
        {"gpt_neo", {"q_proj,v_proj,c_proj", "c_proj"}},
        {"gpt_neox", fused},
        {"gptj", {"q_proj,v_proj,fc_out", "fc_out"}},
        {"llama", keyValue},
        {"mistral", keyValue},
        {"opt", {"q_proj,k_proj,fc2", "fc2"}},
        {"phi", {"q_proj,v_proj,fc2", "fc2"}},
        {"phi3", {"qkv_proj,down_proj", "down_proj"}},
        {"qwen2", queryValue},
        {"qwen3", queryValue},
        {"roberta", encoder},
        {"t5", {"k,v,wo", "wo"}},
        {"xlm-roberta", encoder}};
    const auto it = all.find(architecture);
    return it == all.end() ? UsualPlaces{"all-linear", {}} : it->second;
}

/// One adapted site.
struct Ia3Place {
    Site site;
    bool scalesInput = false;
};

/// feedforward_modules as PEFT reads it: a regular expression for the whole path, or endings of it, at a dot
/// or not.
bool isFeedForward(const json& choice, const std::string& name) {
    if (choice.is_string())
        return std::regex_match(name, std::regex(choice.get<std::string>()));
    return std::ranges::any_of(
        choice, [&name](const json& end) { return name.ends_with(end.template get<std::string>()); });
}

std::vector<Ia3Place> placesOf(std::span<const Site> sites, const json& feedForward) {
    std::vector<Ia3Place> places;
    for (const Site& site : sites)
        places.push_back({site, isFeedForward(feedForward, site.name)});
    return places;
}

class Ia3Adapter final : public Adapter {
public:
    Ia3Adapter(LanguageModel& model, std::vector<Ia3Place> places, PeftExtras extras)
        : Adapter(model, 0), m_places(std::move(places)), m_extras(std::move(extras)) {
        for (const Ia3Place& each : m_places) {
            const std::vector<std::int64_t> shape = each.scalesInput
                                                        ? std::vector<std::int64_t>{1, each.site.in}
                                                        : std::vector<std::int64_t>{each.site.out, 1};
            const at::Tensor factors =
                addParameter(peftName(each.site, "ia3_l"), at::ones(shape, tensorOptions()));
            place(each.site, std::make_shared<Ia3Site>(factors, each.scalesInput, context()));
        }
        trainWeights(m_extras.weights);
    }

    Status save(const std::filesystem::path& folder, const AdapterOrigin& origin) const override {
        std::vector<Site> sites;
        for (const Ia3Place& each : m_places)
            sites.push_back(each.site);
        json config = m_extras.settings(model().summary(), sites);
        config.erase("layers_pattern"); // PEFT's IA3 does not know them
        config.erase("layers_to_transform");
        addTargets(config);
        config.update({{"fan_in_fan_out", std::ranges::any_of(sites, &Site::isTransposed)},
                       {"init_ia3_weights", true},
                       {"peft_type", "IA3"}});
        return writePeftFolder(folder, origin, config, parameters(), m_extras.keptSettings());
    }

private:
    /// feedforward_modules, which have to be among target_modules and to end no other target's path: where
    /// the short names do not tell the two kinds apart, whole paths do.
    void addTargets(json& config) const {
        const json& names = config.at("target_modules");
        json feedForward = json::array();
        for (const json& name : names)
            if (std::ranges::any_of(m_places, [&name](const Ia3Place& each) {
                    return each.scalesInput && (name == each.site.module || name == each.site.name);
                }))
                feedForward.push_back(name);
        const bool isClear = std::ranges::all_of(m_places, [&feedForward](const Ia3Place& each) {
            return isFeedForward(feedForward, each.site.name) == each.scalesInput;
        });
        if (!isClear) {
            feedForward = json::array();
            json whole = json::array();
            for (const Ia3Place& each : m_places) {
                whole.push_back(each.site.name);
                if (each.scalesInput)
                    feedForward.push_back(each.site.name);
            }
            config["target_modules"] = whole;
        }
        config["feedforward_modules"] = feedForward;
    }

    std::vector<Ia3Place> m_places;
    PeftExtras m_extras;
};

class Ia3Method final : public AdapterMethod {
public:
    ParamSchema options() const override {
        ParamSchema options = targetOptions();
        options.push_back(modulesToSaveOption());
        return options;
    }
    std::string peftType() const override { return "IA3"; }
    bool readsPartsApart(const ParamValues&) const override { return true; }

    std::vector<Problem> check(const ModelSummary& model, const ParamValues& values) const override {
        return problemsOf(model, values, usualPlaces(model.architecture).targets);
    }

    std::vector<Site> sites(const ModelSummary& model, const ParamValues& values) const override {
        return sitesOf(model, values, usualPlaces(model.architecture).targets);
    }

    std::int64_t countParameters(const ModelSummary& model, const ParamValues& values) const override {
        std::int64_t count = countOf(extrasOf(values, model, sites(model, values), {}).weights, model);
        for (const Ia3Place& each : placesFor(model, values))
            count += each.scalesInput ? each.site.in : each.site.out;
        return count;
    }

    std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues& values,
                                    std::uint64_t) const override {
        return std::make_unique<Ia3Adapter>(
            model, placesFor(model.summary(), values),
            extrasOf(values, model.summary(), sites(model.summary(), values), {}));
    }

    Result<std::unique_ptr<Adapter>> load(LanguageModel& model, const PeftFolder& folder) const override;

private:
    std::vector<Ia3Place> placesFor(const ModelSummary& model, const ParamValues& values) const {
        return placesOf(sites(model, values), targetNames(usualPlaces(model.architecture).feedForward));
    }
};

Result<std::unique_ptr<Adapter>> Ia3Method::load(LanguageModel& model, const PeftFolder& folder) const {
    json config = folder.config();
    const UsualPlaces usual = usualPlaces(model.summary().architecture);
    // PEFT fills in what is usual where a file says nothing.
    if (config.value("target_modules", json()).is_null())
        config["target_modules"] = targetNames(usual.targets);
    if (config.value("feedforward_modules", json()).is_null())
        config["feedforward_modules"] = targetNames(usual.feedForward);
    LATHE_ASSIGN(const std::vector<Site> sites,
                 peftTargetSites(config, model.summary(), folder.configPath()));
    LATHE_ASSIGN(PeftExtras extras, extrasOf(folder, model.summary(), sites));
    auto adapter = std::make_unique<Ia3Adapter>(model, placesOf(sites, config.at("feedforward_modules")),
                                                std::move(extras));
    LATHE_TRY(folder.fill(*adapter));
    return std::unique_ptr<Adapter>(std::move(adapter));
}

} // namespace

std::unique_ptr<AdapterMethod> makeIa3Method() { return std::make_unique<Ia3Method>(); }

} // namespace lathe
