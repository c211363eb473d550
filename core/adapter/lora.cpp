#include "core/adapter/lora.h"

#include "core/adapter/adapter_options.h"
#include "core/adapter/targets.h"
#include "core/base/random.h"
#include "core/kernels/lora_linear.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>

namespace lathe {

using nlohmann::json;

namespace {

at::Tensor kaimingUniform(std::int64_t rank, std::int64_t in, Rng& rng) {
    at::Tensor a = at::empty({rank, in}, at::kFloat);
    const double bound = 1.0 / std::sqrt(static_cast<double>(in));
    std::generate_n(a.data_ptr<float>(), a.numel(),
                    [&] { return static_cast<float>(bound * (2.0 * rng.uniform() - 1.0)); });
    return a;
}

/// Settings that change what LoRA computes; with any other value than these the file would be misread.
const json kNeutral{{"use_dora", false},
                    {"lora_bias", false},
                    {"bias", "none"},
                    {"modules_to_save", nullptr},
                    {"use_qalora", false},
                    {"layer_replication", nullptr},
                    {"alora_invocation_tokens", nullptr},
                    {"target_parameters", nullptr},
                    {"trainable_token_indices", nullptr},
                    {"use_bdlora", nullptr},
                    {"kasa_config", nullptr},
                    {"velora_config", nullptr},
                    {"monteclora_config", nullptr},
                    {"arrow_config", nullptr}};

/// The first pattern that fits the module's path at a dot, or the fallback (PEFT's rank_pattern and
/// alpha_pattern).
double patternValue(const json& config, const char* key, const std::string& module, double fallback) {
    const auto patterns = config.find(key);
    if (patterns == config.end() || !patterns->is_object())
        return fallback;
    for (const auto& [pattern, value] : patterns->items())
        if (std::regex_match(module, std::regex("(.*\\.)?(" + pattern + ")")))
            return value.get<double>();
    return fallback;
}

class LoraMethod final : public AdapterMethod {
public:
    ParamSchema options() const override;
    std::string sizeKey() const override { return "rank"; }
    std::string peftType() const override { return "LORA"; }

    std::vector<Problem> check(const ModelSummary& model, const ParamValues& values) const override {
        const auto sites = matchTargets(model, targetChoice(values));
        if (!sites.has_value())
            return {{sites.error().where, sites.error().message}};
        const std::int64_t rank = values.integer("rank");
        for (const Site& site : sites.value())
            if (rank > std::min(site.in, site.out))
                return {{"rank", "rank " + std::to_string(rank) + " exceeds the width " +
                                     std::to_string(std::min(site.in, site.out)) + " of " + site.name +
                                     "; choose at most that"}};
        return {};
    }

    std::vector<Site> sites(const ModelSummary& model, const ParamValues& values) const override {
        const auto sites = matchTargets(model, targetChoice(values));
        LATHE_EXPECT(sites.has_value());
        return sites.value();
    }

    std::int64_t countParameters(const ModelSummary& model, const ParamValues& values) const override {
        std::int64_t count = 0;
        for (const LoraPlace& place : placesFor(model, values))
            count += place.rank * (place.site.in + place.site.out);
        return count;
    }

    std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues& values,
                                    std::uint64_t seed) const override {
        const LoraSettings settings{values.integer("rank"), values.real("alpha"), values.real("dropout"),
                                    values.flag("use_rslora")};
        return std::make_unique<LoraAdapter>(model, settings, placesFor(model.summary(), values), seed);
    }

    Result<std::unique_ptr<Adapter>> load(LanguageModel& model, const PeftFolder& folder) const override;

private:
    static std::vector<LoraPlace> placesFor(const ModelSummary& model, const ParamValues& values) {
        const auto sites = matchTargets(model, targetChoice(values));
        LATHE_EXPECT(sites.has_value());
        std::vector<LoraPlace> places;
        for (const Site& site : sites.value())
            places.push_back({site, values.integer("rank"), values.real("alpha")});
        return places;
    }
};

ParamSchema LoraMethod::options() const {
    ParamSchema options{rankOption(), alphaOption(), dropoutOption()};
    for (ParamSpec& target : targetOptions())
        options.push_back(std::move(target));
    options.push_back({"use_rslora",
                       "adapter",
                       "Rank-stabilized scale",
                       "",
                       "Scale by alpha / sqrt(rank) instead, so that large ranks keep learning.",
                       BoolDomain{},
                       false,
                       {},
                       true,
                       true});
    return options;
}

Result<std::unique_ptr<Adapter>> LoraMethod::load(LanguageModel& model, const PeftFolder& folder) const {
    LATHE_TRY(folder.require(kNeutral));
    const json& config = folder.config();
    LATHE_ASSIGN(const std::vector<Site> sites,
                 peftTargetSites(config, model.summary(), folder.configPath()));
    const LoraSettings settings{config.value("r", std::int64_t{8}), config.value("lora_alpha", 8.0),
                                config.value("lora_dropout", 0.0), config.value("use_rslora", false)};
    std::vector<LoraPlace> places;
    for (const Site& site : sites) {
        const double rank =
            patternValue(config, "rank_pattern", site.name, static_cast<double>(settings.rank));
        places.push_back({site, static_cast<std::int64_t>(rank),
                          patternValue(config, "alpha_pattern", site.name, settings.alpha)});
    }
    auto adapter = std::make_unique<LoraAdapter>(model, settings, std::move(places), 0);
    LATHE_TRY(folder.fill(*adapter));
    return std::unique_ptr<Adapter>(std::move(adapter));
}

} // namespace

LoraSite::LoraSite(at::Tensor a, at::Tensor b, double scale, double dropout, const AdapterContext& context,
                   std::uint32_t number)
    : m_a(std::move(a)),
      m_b(std::move(b)),
      m_scale(scale),
      m_dropout(dropout),
      m_context(context),
      m_number(number) {}

at::Tensor LoraSite::apply(const at::Tensor& x, const LinearBase& base) {
    const DropoutClock& clock = m_context.clock;
    const double scale = m_scale * m_context.strength;
    const bool isDropping = clock.isTraining && m_dropout > 0;
    const at::Tensor mask =
        isDropping ? dropoutMask(x.sizes(), m_dropout, clock, m_number, x.device()).to(m_a.scalar_type())
                   : at::Tensor();
    if (base.isPlain() && x.scalar_type() == m_a.scalar_type() &&
        base.weight().scalar_type() == m_a.scalar_type())
        return loraLinear(x, base.weight(), base.bias(), m_a, m_b, scale, mask);
    at::Tensor input = x.to(m_a.scalar_type());
    if (isDropping)
        input = input * mask;
    const at::Tensor change = at::linear(at::linear(input, m_a), m_b) * scale;
    return base.forward(x) + change.to(base.weight().scalar_type());
}

std::optional<MergedLinear> LoraSite::merged(const at::Tensor& weight, const at::Tensor& bias) const {
    return MergedLinear{weight + at::mm(m_b, m_a) * (m_scale * m_context.strength), bias};
}

LoraAdapter::LoraAdapter(LanguageModel& model, LoraSettings settings, std::vector<LoraPlace> places,
                         std::uint64_t seed)
    : Adapter(model, mixSeed(seed, 0x64726f70)), // "drop"
      m_settings(settings),
      m_places(std::move(places)) {
    std::uint32_t number = 0;
    for (const LoraPlace& each : m_places) {
        Rng rng(mixSeed(mixSeed(seed, 0x6c6f7261), number)); // "lora"; a stream of its own for each site
        const at::Tensor a =
            addParameter(peftName(each.site, "lora_A.weight"), kaimingUniform(each.rank, each.site.in, rng));
        const at::Tensor b = addParameter(peftName(each.site, "lora_B.weight"),
                                          at::zeros({each.site.out, each.rank}, tensorOptions()));
        const double rank = static_cast<double>(each.rank);
        const double scale = each.alpha / (m_settings.isRankStabilized ? std::sqrt(rank) : rank);
        place(each.site, std::make_shared<LoraSite>(a, b, scale, m_settings.dropout, context(), number++));
    }
}

Status LoraAdapter::save(const std::filesystem::path& folder, const AdapterOrigin& origin) const {
    json ranks = json::object();
    json alphas = json::object();
    std::vector<Site> sites;
    for (const LoraPlace& each : m_places) {
        sites.push_back(each.site);
        if (each.rank != m_settings.rank)
            ranks[each.site.name] = each.rank;
        if (each.alpha != m_settings.alpha)
            alphas[each.site.name] = plainNumber(each.alpha);
    }
    const json config{{"alpha_pattern", alphas},
                      {"bias", "none"},
                      {"fan_in_fan_out", false},
                      {"init_lora_weights", true},
                      {"layer_replication", nullptr},
                      {"layers_pattern", nullptr},
                      {"layers_to_transform", nullptr},
                      {"loftq_config", json::object()},
                      {"lora_alpha", plainNumber(m_settings.alpha)},
                      {"lora_dropout", m_settings.dropout},
                      {"megatron_config", nullptr},
                      {"megatron_core", "megatron.core"},
                      {"modules_to_save", nullptr},
                      {"peft_type", "LORA"},
                      {"r", m_settings.rank},
                      {"rank_pattern", ranks},
                      {"target_modules", peftTargetNames(model().summary(), sites)},
                      {"use_dora", false},
                      {"use_rslora", m_settings.isRankStabilized}};
    return writePeftFolder(folder, origin, config, parameters(), json());
}

std::unique_ptr<AdapterMethod> makeLoraMethod() { return std::make_unique<LoraMethod>(); }

} // namespace lathe
