#include "core/adapter/adalora.h"

#include "core/adapter/initial_values.h"
#include "core/adapter/low_rank_path.h"
#include "core/kernels/orthogonality.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;

namespace {

constexpr double kInitialDeviation = 0.02; // of A and B, as in PEFT
constexpr double kRankGuard = 1e-5;        // PEFT divides by R + 1e-5

/// AdaLoRA, Zhang et al. 2023 (arXiv:2303.10512): y = Wx + alpha / (R + 1e-5) B (E ⊙ A) dropout(x), R the
/// rank it started with.
class AdaLoraSite final : public SiteAdapter {
public:
    AdaLoraSite(Triplets tensors, double scale, double dropout, const AdapterContext& context,
                std::uint32_t number)
        : m_tensors(std::move(tensors)),
          m_scale(scale),
          m_dropout(dropout),
          m_context(context),
          m_number(number) {}

    at::Tensor apply(const at::Tensor& x, const LinearBase& base) override {
        const at::Tensor mask = inputMask(m_context, m_dropout, m_number, x, m_tensors.a.scalar_type());
        return withLowRank(x, base, m_tensors.a * m_tensors.e, m_tensors.b, m_scale * m_context.strength,
                           mask);
    }
    std::optional<MergedLinear> merged(const at::Tensor& weight, const at::Tensor& bias) const override {
        const at::Tensor change = at::mm(m_tensors.b, m_tensors.a * m_tensors.e);
        return MergedLinear{weight + change * (m_scale * m_context.strength), bias};
    }

private:
    Triplets m_tensors;
    double m_scale;
    double m_dropout;
    const AdapterContext& m_context;
    std::uint32_t m_number;
};

/// The entries of `kept` that are true, thinned out by `living` (by the true entries alone).
std::vector<bool> thinned(const std::vector<bool>& kept, const std::vector<bool>& living) {
    std::vector<bool> result;
    std::size_t next = 0;
    for (const bool each : kept)
        result.push_back(each && living[next++]);
    return result;
}

} // namespace

std::int64_t AdaLoraPlace::rank() const { return std::ranges::count(kept, true); }

AdaLoraAdapter::AdaLoraAdapter(LanguageModel& model, const AdaLoraSettings& settings,
                               std::vector<AdaLoraPlace> places, PeftExtras extras, std::uint64_t seed)
    : Adapter(model, mixSeed(seed, 0x64726f70)), // "drop"
      m_settings(settings),
      m_places(std::move(places)),
      m_extras(std::move(extras)),
      m_hasPattern(m_extras.kept != nullptr && m_extras.kept->value("rank_pattern", json()).is_object()) {
    std::uint32_t number = 0;
    for (const AdaLoraPlace& each : m_places) {
        Rng rng(mixSeed(mixSeed(seed, 0x61646130), number)); // "ada0"; a stream of its own for each site
        const std::int64_t rank = each.rank();
        const at::Tensor a = addParameter(peftName(each.site, "lora_A"),
                                          normalValues(rank, each.site.in, kInitialDeviation, rng));
        const at::Tensor b = addParameter(peftName(each.site, "lora_B"),
                                          normalValues(each.site.out, rank, kInitialDeviation, rng));
        const at::Tensor e =
            addParameter(peftName(each.site, "lora_E"), at::zeros({rank, 1}, tensorOptions()));
        m_triplets.push_back({each.site.name, a, e, b});
        place(each.site, std::make_shared<AdaLoraSite>(m_triplets.back(), scale(), m_settings.dropout,
                                                       context(), number++));
    }
    trainWeights(m_extras.weights);
    m_allocator = std::make_unique<RankAllocator>(m_triplets, m_settings.beta1, m_settings.beta2);
}

double AdaLoraAdapter::scale() const {
    return m_settings.alpha / (static_cast<double>(m_settings.rank) + kRankGuard);
}

void AdaLoraAdapter::beginTraining(std::int64_t totalSteps) {
    AdaLoraSettings& settings = m_settings;
    const auto stepsOf = [totalSteps](double share) {
        return static_cast<std::int64_t>(share * static_cast<double>(totalSteps));
    };
    if (settings.total == 0) { // shares of a run
        settings.warmup = stepsOf(settings.warmupShare);
        settings.settling = stepsOf(settings.settlingShare);
    } else if (settings.warmup + settings.settling >= totalSteps) { // steps of a longer run
        const double whole =
            static_cast<double>(std::max(settings.total, settings.warmup + settings.settling + 1));
        settings.warmup = stepsOf(static_cast<double>(settings.warmup) / whole);
        settings.settling = stepsOf(static_cast<double>(settings.settling) / whole);
    }
    settings.total = totalSteps;
    std::int64_t triplets = 0;
    for (const AdaLoraPlace& each : m_places)
        triplets += each.rank();
    const auto places = static_cast<std::int64_t>(m_places.size());
    m_allocator->begin({triplets, std::min(triplets, settings.targetRank * places), settings.warmup,
                        settings.settling, totalSteps, settings.interval});
}

at::Tensor AdaLoraAdapter::penalty() const {
    if (m_settings.orthogonality == 0)
        return {};
    std::vector<at::Tensor> matrices;
    for (const Triplets& each : m_triplets) {
        matrices.push_back(each.a);
        matrices.push_back(each.b.t());
    }
    return orthogonalityPenalty(matrices) * m_settings.orthogonality;
}

std::vector<bool> AdaLoraAdapter::living(std::size_t number) const {
    const at::Tensor alive = m_allocator->masks()[number].ne(0).logical_or_(
        m_triplets[number].e.detach().view(-1).ne(0)); // the optimiser may have moved it since
    const at::Tensor onCpu = alive.cpu();
    const bool* data = onCpu.const_data_ptr<bool>();
    return std::vector<bool>(data, data + onCpu.numel()); // braces would make two entries
}

Triplets AdaLoraAdapter::cut(std::size_t number) const {
    const Triplets& whole = m_triplets[number];
    const std::vector<bool> alive = living(number);
    std::vector<std::int64_t> rows;
    for (std::size_t i = 0; i < alive.size(); ++i)
        if (alive[i])
            rows.push_back(static_cast<std::int64_t>(i));
    const at::Tensor index =
        at::from_blob(rows.data(), {static_cast<std::int64_t>(rows.size())}, at::kLong).to(whole.a.device());
    return {whole.name, whole.a.detach().index_select(0, index), whole.e.detach().index_select(0, index),
            whole.b.detach().index_select(1, index)};
}

json AdaLoraAdapter::loraSettings(std::span<const Site> sites) const {
    json settings = m_extras.settings(model().summary(), sites);
    settings.update({{"alpha_pattern", json::object()},
                     {"bias", m_extras.bias},
                     {"fan_in_fan_out", std::ranges::any_of(sites, &Site::isTransposed)},
                     {"init_lora_weights", true},
                     {"layer_replication", nullptr},
                     {"loftq_config", json::object()},
                     {"lora_alpha", plainNumber(m_settings.alpha)},
                     {"lora_dropout", m_settings.dropout},
                     {"megatron_config", nullptr},
                     {"megatron_core", "megatron.core"},
                     {"r", 8}, // PEFT does not use it here, and warns of another value
                     {"use_dora", false},
                     {"use_rslora", false}});
    return settings;
}

void AdaLoraAdapter::appendWeights(std::vector<NamedTensor>& tensors) const {
    tensors.insert(tensors.end(), parameters().begin() + static_cast<std::ptrdiff_t>(3 * m_places.size()),
                   parameters().end());
}

Status AdaLoraAdapter::save(const std::filesystem::path& folder, const AdapterOrigin& origin) const {
    std::vector<Site> sites;
    std::vector<NamedTensor> tensors;
    json pattern = json::object();
    bool isPruned = m_hasPattern;
    for (std::size_t i = 0; i < m_places.size(); ++i) {
        const Site& site = m_places[i].site;
        sites.push_back(site);
        const Triplets left = cut(i);
        tensors.insert(tensors.end(), {{peftName(site, "lora_A"), left.a},
                                       {peftName(site, "lora_B"), left.b},
                                       {peftName(site, "lora_E"), left.e}});
        const std::vector<bool> kept = thinned(m_places[i].kept, living(i));
        pattern[site.name + ".lora_E"] = kept;
        isPruned = isPruned || std::ranges::count(kept, false) > 0;
    }
    appendWeights(tensors);
    json config = loraSettings(sites);
    const std::int64_t shortest = m_settings.warmup + m_settings.settling + 1; // less is refused by PEFT
    config.update({{"beta1", m_settings.beta1},
                   {"beta2", m_settings.beta2},
                   {"deltaT", m_settings.interval},
                   {"init_r", m_settings.rank},
                   {"orth_reg_weight", m_settings.orthogonality},
                   {"peft_type", "ADALORA"},
                   {"rank_pattern", isPruned ? pattern : json()},
                   {"target_r", m_settings.targetRank},
                   {"tfinal", m_settings.settling},
                   {"tinit", m_settings.warmup},
                   {"total_step", std::max(m_settings.total, shortest)}});
    return writePeftFolder(folder, origin, config, tensors, m_extras.keptSettings());
}

Status AdaLoraAdapter::saveAsLora(const std::filesystem::path& folder, const AdapterOrigin& origin) const {
    std::vector<Site> sites;
    std::vector<NamedTensor> tensors;
    json ranks = json::object();
    json alphas = json::object();
    for (std::size_t i = 0; i < m_places.size(); ++i) {
        const Site& site = m_places[i].site;
        const Triplets left = cut(i);
        if (left.a.size(0) == 0)
            continue;
        sites.push_back(site);
        tensors.emplace_back(peftName(site, "lora_A.weight"), left.a * left.e);
        tensors.emplace_back(peftName(site, "lora_B.weight"), left.b);
        ranks[site.name] = left.a.size(0);
        alphas[site.name] = scale() * static_cast<double>(left.a.size(0));
    }
    if (sites.empty())
        return inputError(folder.string(), "gets no file: the adapter lost all its triplets");
    appendWeights(tensors);
    json config = loraSettings(sites);
    config.update({{"alpha_pattern", alphas},
                   {"lora_alpha", scale() * static_cast<double>(m_settings.rank)},
                   {"peft_type", "LORA"},
                   {"r", m_settings.rank},
                   {"rank_pattern", ranks}});
    return writePeftFolder(folder, origin, config, tensors, json());
}

} // namespace lathe
