#include "core/adapter/lycoris.h"

#include "core/adapter/adapter_options.h"
#include "core/adapter/initial_values.h"
#include "core/adapter/peft_patterns.h"
#include "core/adapter/targets.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros.h>
#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;

namespace {

/// LoHa or LoKr attached to a model at some sites.
class LycorisAdapter final : public Adapter {
public:
    LycorisAdapter(LanguageModel& model, std::unique_ptr<LycorisFamily> family,
                   const LycorisSettings& settings, std::vector<LycorisPlace> places, PeftExtras extras,
                   std::uint64_t seed);

    Status save(const std::filesystem::path& folder, const AdapterOrigin& origin) const override;

private:
    std::unique_ptr<LycorisFamily> m_family;
    LycorisSettings m_settings;
    std::vector<LycorisPlace> m_places;
    PeftExtras m_extras;
};

LycorisAdapter::LycorisAdapter(LanguageModel& model, std::unique_ptr<LycorisFamily> family,
                               const LycorisSettings& settings, std::vector<LycorisPlace> places,
                               PeftExtras extras, std::uint64_t seed)
    : Adapter(model, mixSeed(seed, 0x64726f70)), // "drop"
      m_family(std::move(family)),
      m_settings(settings),
      m_places(std::move(places)),
      m_extras(std::move(extras)) {
    std::uint32_t number = 0;
    for (const LycorisPlace& each : m_places) {
        Rng rng(mixSeed(mixSeed(seed, 0x6c79636f), number)); // "lyco"; a stream of its own for each site
        std::vector<at::Tensor> tensors;
        for (const LycorisTensor& tensor : m_family->tensors(each.site, each.rank))
            tensors.push_back(addParameter(peftName(each.site, tensor.suffix),
                                           tensor.startsAtZero
                                               ? at::zeros({tensor.rows, tensor.columns}, tensorOptions())
                                               : kaimingUniform(tensor.rows, tensor.columns, rng)));
        LycorisSite::Setup setup;
        setup.scale = each.alpha / static_cast<double>(each.rank);
        setup.settings = m_settings;
        setup.context = &context();
        setup.number = number++;
        place(each.site, m_family->site(each.site, each.rank, tensors, setup));
    }
    trainWeights(m_extras.weights);
}

Status LycorisAdapter::save(const std::filesystem::path& folder, const AdapterOrigin& origin) const {
    json ranks = json::object();
    json alphas = json::object();
    std::vector<Site> sites;
    for (const LycorisPlace& each : m_places) {
        sites.push_back(each.site);
        if (each.rank != m_settings.rank)
            ranks[each.site.name] = each.rank;
        if (each.alpha != m_settings.alpha)
            alphas[each.site.name] = plainNumber(each.alpha);
    }
    json config = m_extras.settings(model().summary(), sites);
    config.update({{"alpha", plainNumber(m_settings.alpha)},
                   {"alpha_pattern", alphas},
                   {"module_dropout", m_settings.moduleDropout},
                   {"r", m_settings.rank},
                   {"rank_dropout", m_settings.rankDropout},
                   {"rank_pattern", ranks},
                   {"use_effective_conv2d", false}});
    config.update(m_family->settings());
    return writePeftFolder(folder, origin, config, parameters(), m_extras.keptSettings());
}

ParamSpec shareOption(std::string key, std::string label, std::string help) {
    return {std::move(key),
            "adapter",
            std::move(label),
            "",
            std::move(help),
            RealDomain{0, 0.9, false, false},
            0.0,
            {},
            true,
            true};
}

} // namespace

at::Tensor LycorisSite::apply(const at::Tensor& x, const LinearBase& base) {
    // A site that is out gets gradients of 0, as a loss that reaches no parameter could not be derived.
    const double scale = isOut() ? 0 : m_setup.scale * m_setup.context->strength;
    return sum(x, base, scale, keptRows(base.weight().size(0), x.device()));
}

std::optional<MergedLinear> LycorisSite::merged(const at::Tensor& weight, const at::Tensor& bias) const {
    return MergedLinear{weight + delta() * (m_setup.scale * m_setup.context->strength), bias};
}

bool LycorisSite::isOut() const {
    const DropoutClock& clock = m_setup.context->clock;
    const double share = m_setup.settings.moduleDropout;
    return clock.isTraining && share > 0 &&
           dropoutMask({1}, share, clock, 2 * m_setup.number + 1, at::kCPU).item<float>() == 0;
}

at::Tensor LycorisSite::keptRows(std::int64_t out, at::Device device) const {
    const DropoutClock& clock = m_setup.context->clock;
    const double share = m_setup.settings.rankDropout;
    if (!clock.isTraining || share <= 0)
        return {};
    at::Tensor rows = dropoutMask({out}, share, clock, 2 * m_setup.number, at::kCPU).gt(0).to(dtype());
    const double mean = rows.mean().item<double>();
    if (m_setup.isRankDropoutScaled && mean > 0)
        rows.div_(mean);
    return rows.to(device);
}

ParamSchema LycorisMethod::options() const {
    ParamSchema options{rankOption(), alphaOption()};
    for (ParamSpec& target : targetOptions())
        options.push_back(std::move(target));
    for (ParamSpec& own : ownOptions())
        options.push_back(std::move(own));
    options.push_back(shareOption("rank_dropout", "Dropout of rows",
                                  "Share of the rows of each adapted matrix that a training step leaves as "
                                  "they were in the base model."));
    options.push_back(shareOption("module_dropout", "Dropout of modules",
                                  "Share of the training steps in which an adapted module works without its "
                                  "adapter."));
    options.push_back(modulesToSaveOption());
    return options;
}

std::vector<Problem> LycorisMethod::check(const ModelSummary& model, const ParamValues& values) const {
    return problemsOf(model, values);
}

std::int64_t LycorisMethod::countParameters(const ModelSummary& model, const ParamValues& values) const {
    const std::vector<Site> sites = sitesOf(model, values);
    const auto family = familyOf(values);
    std::int64_t count = countOf(extrasOf(values, model, sites, {}).weights, model);
    for (const Site& site : sites)
        for (const LycorisTensor& tensor : family->tensors(site, values.integer("rank")))
            count += tensor.rows * tensor.columns;
    return count;
}

std::unique_ptr<Adapter> LycorisMethod::attach(LanguageModel& model, const ParamValues& values,
                                               std::uint64_t seed) const {
    const LycorisSettings settings{values.integer("rank"), values.real("alpha"), values.real("rank_dropout"),
                                   values.real("module_dropout")};
    const std::vector<Site> sites = sitesOf(model.summary(), values);
    std::vector<LycorisPlace> places;
    for (const Site& site : sites)
        places.push_back({site, settings.rank, settings.alpha});
    return std::make_unique<LycorisAdapter>(model, familyOf(values), settings, std::move(places),
                                            extrasOf(values, model.summary(), sites, {}), seed);
}

Result<std::unique_ptr<Adapter>> LycorisMethod::load(LanguageModel& model, const PeftFolder& folder) const {
    const json& config = folder.config();
    LycorisSettings settings;
    settings.rank = config.value("r", settings.rank);
    settings.alpha = config.value("alpha", settings.alpha);
    settings.rankDropout = config.value("rank_dropout", settings.rankDropout);
    settings.moduleDropout = config.value("module_dropout", settings.moduleDropout);
    LATHE_ASSIGN(const std::vector<Site> sites,
                 peftTargetSites(config, model.summary(), folder.configPath()));
    LATHE_ASSIGN(PeftExtras extras, extrasOf(folder, model.summary(), sites));
    std::vector<LycorisPlace> places;
    for (const Site& site : sites) {
        const double rank =
            patternValue(config, "rank_pattern", site.name, static_cast<double>(settings.rank));
        if (rank < 1)
            return inputError(folder.configPath(), "the rank of " + site.name + " is " +
                                                       toText(ParamValue(rank)) +
                                                       ", but has to be at least 1");
        places.push_back({site, static_cast<std::int64_t>(rank),
                          patternValue(config, "alpha_pattern", site.name, settings.alpha)});
    }
    auto adapter = std::make_unique<LycorisAdapter>(model, familyOf(config), settings, std::move(places),
                                                    std::move(extras), 0);
    LATHE_TRY(folder.fill(*adapter));
    return std::unique_ptr<Adapter>(std::move(adapter));
}

} // namespace lathe
