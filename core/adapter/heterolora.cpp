#include "core/adapter/heterolora.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>
#include <algorithm>
#include <array>
#include <cmath>

namespace lathe {

namespace {

constexpr std::uint64_t kTieStream = 0x74696573;   // "ties"
constexpr std::uint64_t kProbeStream = 0x70726f62; // "prob"
constexpr double kTiedTooMany = 0.5;

ProxySettings withSeed(ProxySettings proxy, std::uint64_t seed) {
    proxy.seed = mixSeed(seed, kProbeStream);
    return proxy;
}

std::string percent(double share) { return std::to_string(std::lround(share * 100)) + " %"; }

/// Whether modules are on or off, instead of large or small.
bool switches(AllocationMode mode) {
    return mode == AllocationMode::Dynamic || mode == AllocationMode::Static;
}

/// Batches for the scores where nobody says how many: as many as the authors', but while it trains only so
/// many that scoring adds about a tenth to the training.
std::int64_t automaticBatches(const HeteroSettings& settings, const TrainingProbe& probe) {
    constexpr std::int64_t kPublished = 32;
    constexpr std::int64_t kShare = 12; // of the steps: with all modules on, a batch takes up to 1.2 of them
    if (settings.mode != AllocationMode::Dynamic)
        return kPublished;
    const std::int64_t passes =
        needsProbe(settings.proxy.proxy) ? std::max<std::int64_t>(1, settings.proxy.probes) : 1;
    const std::int64_t steps = settings.schedule.interval(probe.stepsPerEpoch());
    return std::clamp<std::int64_t>(steps / (kShare * passes), 1, kPublished);
}

double divisor(ScoreNorm norm, std::int64_t parameters) {
    const auto count = static_cast<double>(parameters);
    return norm == ScoreNorm::None ? 1 : norm == ScoreNorm::Root ? std::sqrt(count) : count;
}

} // namespace

std::int64_t allowedParameters(std::span<const HeteroPlace> places, const AllocationBudget& budget) {
    std::vector<AllocationCandidate> candidates;
    std::array<std::int64_t, 2> count{}, size{}; // LoRA modules, shortcuts
    for (const HeteroPlace& place : places) {
        const std::int64_t parameters = place.rank * (place.site.in + place.site.out);
        candidates.push_back({0, parameters, place.isShortcut, true});
        ++count[place.isShortcut ? 1 : 0];
        size[place.isShortcut ? 1 : 0] += parameters;
    }
    const AllocationLimits limits = limitsOf(candidates, budget);
    if (budget.unit == AllocationBudget::Unit::Parameters)
        return limits.total();
    const auto share = [&](std::size_t kind, std::int64_t limit) {
        return count[kind] == 0 ? 0 : size[kind] * limit / count[kind];
    };
    return share(0, limits.lora) + share(1, limits.shortcuts);
}

HeteroLoraAdapter::HeteroLoraAdapter(LanguageModel& model, HeteroSettings settings,
                                     std::vector<HeteroPlace> places, PeftExtras extras, std::uint64_t seed)
    : Adapter(model, mixSeed(seed, 0x64726f70)), // "drop"
      m_settings(std::move(settings)),
      m_places(std::move(places)),
      m_extras(std::move(extras)),
      m_seed(seed),
      m_ties(mixSeed(mixSeed(seed, kTieStream), m_settings.tieSeed)) {
    m_settings.proxy = withSeed(m_settings.proxy, seed);
    build();
    trainWeights(m_extras.weights);
}

void HeteroLoraAdapter::build() {
    m_modules.clear();
    for (std::size_t i = 0; i < m_places.size(); ++i)
        buildModule(m_places[i], i);
    placeShortcuts();
}

void HeteroLoraAdapter::buildModule(const HeteroPlace& place, std::size_t number) {
    Rng rng(mixSeed(mixSeed(m_seed, 0x6c6f7261), number)); // "lora"; a stream of its own for each module
    const auto& [site, name, kind, isShortcut, rank, alpha] = place;
    const LoraStart start = startLora(LoraInit::Plain, at::zeros({1, 1}).expand({site.out, site.in}), rank,
                                      alpha / static_cast<double>(rank), 0, rng);
    const std::string prefix = isShortcut ? "shortcuts." + name + "." : peftName(site, "");
    auto module = std::make_shared<HeteroModule>();
    module->name = name;
    module->kind = kind;
    module->layer = site.layer;
    module->isShortcut = isShortcut;
    module->site = site;
    module->rank = rank;
    module->alpha = alpha;
    module->a = addParameter(prefix + "lora_A.weight", start.a);
    module->b = addParameter(prefix + "lora_B.weight", start.b);
    m_modules.push_back(module);
    if (!isShortcut)
        Adapter::place(
            site, makeHeteroSite(module, m_settings.dropout, context(), static_cast<std::uint32_t>(number)));
}

void HeteroLoraAdapter::placeShortcuts() {
    if (!hasShortcuts())
        return;
    std::vector<LayerShortcuts> layers(static_cast<std::size_t>(model().summary().layers));
    for (const auto& module : m_modules)
        if (module->isShortcut)
            layers[static_cast<std::size_t>(module->layer)]
                  [static_cast<std::size_t>(*shortcutNamed(module->kind))] = module;
    const std::vector<ShortcutParts> parts = makeShortcutParts(layers, m_settings.shortcuts, context());
    for (const Site& site : model().summary().sites)
        if (site.kind == SiteKind::AttentionResidual)
            Adapter::place(site, parts[static_cast<std::size_t>(site.layer)].attention);
        else if (site.kind == SiteKind::MlpResidual)
            Adapter::place(site, parts[static_cast<std::size_t>(site.layer)].mlp);
}

bool HeteroLoraAdapter::hasShortcuts() const {
    return std::ranges::any_of(m_places, &HeteroPlace::isShortcut);
}

std::int64_t HeteroLoraAdapter::enabledParameters() const {
    std::int64_t count = 0;
    for (const auto& module : m_modules)
        count += module->isOn ? module->parameters() : 0;
    return count;
}

std::vector<AllocationCandidate> HeteroLoraAdapter::candidates() const {
    std::vector<AllocationCandidate> all;
    for (const auto& module : m_modules)
        all.push_back({module->score / divisor(m_settings.norm, module->parameters()), module->parameters(),
                       module->isShortcut, m_hasChosen && module->isOn});
    return all;
}

void HeteroLoraAdapter::score(TrainingProbe& probe, Proxy proxy) {
    ProxySettings settings = m_settings.proxy;
    settings.proxy = proxy;
    settings.isRelative = m_settings.mode != AllocationMode::Dynamic;
    if (settings.batches == 0)
        settings.batches = automaticBatches(m_settings, probe);
    const std::vector<double> scores = scoreModules(model(), m_modules, probe, settings);
    for (std::size_t i = 0; i < scores.size(); ++i)
        m_modules[i]->score = scores[i];
}

void HeteroLoraAdapter::choose(std::int64_t step, bool isRandom, TrainingProbe& probe) {
    const std::vector<bool> isOn = allocate(candidates(), m_settings.budget, m_settings.hysteresis, m_ties);
    for (std::size_t i = 0; i < isOn.size(); ++i)
        m_modules[i]->setOn(isOn[i]);
    m_hasChosen = !isRandom;
    note(step, probe);
}

void HeteroLoraAdapter::note(std::int64_t step, TrainingProbe& probe) {
    m_step = step;
    m_history += allocationLine(m_modules, step, step / probe.stepsPerEpoch());
    const auto on = std::ranges::count_if(m_modules, [](const auto& module) { return module->isOn; });
    probe.report("enabled_parameters", static_cast<double>(enabledParameters()));
    probe.report("enabled_modules", static_cast<double>(on));
}

void HeteroLoraAdapter::warnOfTies(TrainingProbe& probe) const {
    std::vector<double> scores;
    for (const auto& module : m_modules)
        scores.push_back(module->score);
    if (const double tied = tiedShare(scores); tied > kTiedTooMany)
        probe.warn(percent(tied) + " of the modules have the score of another one, so that chance decides "
                                   "between them; choose another proxy, or random B for this one");
}

bool HeteroLoraAdapter::beforeStep(std::int64_t step, TrainingProbe& probe) {
    if (!switches(m_settings.mode)) {
        if (step == 0)
            note(step, probe);
        return step == 0;
    }
    const auto due = m_settings.schedule.dueAt(step, probe.stepsPerEpoch(), probe.totalSteps());
    if (due == AllocationSchedule::Due::Nothing)
        return false;
    const bool isRandom = due == AllocationSchedule::Due::RandomChoice;
    score(probe, isRandom ? Proxy::Constant : m_settings.proxy.proxy);
    if (!isRandom && m_settings.proxy.proxy != Proxy::Constant && !m_hasWarned) {
        m_hasWarned = true;
        warnOfTies(probe);
    }
    choose(step, isRandom, probe);
    return true;
}

void HeteroLoraAdapter::prepare(TrainingProbe& probe) {
    if (hasShortcuts())
        probe.warn(
            "the shortcut connections cannot be exported to PEFT, GGUF or vLLM, and cannot be merged into "
            "the model; those that are on in the end are kept in a file of their own, " +
            std::string(kShortcutTensorsFile) + ", which Lathe alone reads");
    if (m_settings.mode == AllocationMode::Ranks)
        distributeRanks(probe);
    if (switches(m_settings.mode) && m_settings.schedule.warmup >= probe.totalSteps())
        probe.warn("the warm-up of the allocation takes " + std::to_string(m_settings.schedule.warmup) +
                   " steps, but the run has only " + std::to_string(probe.totalSteps()) +
                   ", so that nothing is ever chosen; shorten the warm-up");
    const std::int64_t allowed = m_settings.allowedParameters;
    const std::int64_t all = enabledParameters();
    std::string line = "the budget is " + std::to_string(allowed) + " parameters in adapted modules";
    if (!switches(m_settings.mode))
        line += all == allowed
                    ? ", and they have exactly as many"
                    : "; they have " + std::to_string(all) + ", " +
                          std::to_string(std::llabs(all - allowed)) + (all < allowed ? " less" : " more");
    else
        line += " out of " + std::to_string(all);
    probe.say(line);
}

void HeteroLoraAdapter::distributeRanks(TrainingProbe& probe) {
    score(probe, m_settings.proxy.proxy);
    warnOfTies(probe);
    std::vector<double> scores;
    std::vector<std::int64_t> sizes, most;
    for (const auto& module : m_modules) {
        most.push_back(std::min({m_settings.mostRank, module->site.in, module->site.out}));
        scores.push_back(module->score / divisor(m_settings.norm, module->parameters()));
        sizes.push_back(module->site.in + module->site.out);
    }
    const std::vector<std::int64_t> ranks =
        proportionalRanks(scores, sizes, most, m_settings.allowedParameters, m_settings.leastRank);
    std::vector<HeteroPlace> places;
    std::vector<double> kept;
    for (std::size_t i = 0; i < ranks.size(); ++i) {
        if (ranks[i] == 0)
            continue;
        HeteroPlace place = m_places[i];
        if (m_settings.keepsScale)
            place.alpha *= static_cast<double>(ranks[i]) / static_cast<double>(place.rank);
        place.rank = ranks[i];
        places.push_back(std::move(place));
        kept.push_back(m_modules[i]->score);
    }
    if (places.empty())
        return;
    removeParts();
    m_places = std::move(places);
    build();
    for (std::size_t i = 0; i < kept.size(); ++i)
        m_modules[i]->score = kept[i];
}

} // namespace lathe
