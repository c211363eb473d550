#include "core/adapter/lora.h"

#include "core/adapter/peft_files.h"
#include "core/adapter/targets.h"
#include "core/base/random.h"
#include "core/kernels/lora_linear.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/zeros.h>
#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

at::ScalarType computeType(const LanguageModel& model) {
    return model.dtype() == at::kDouble ? at::kDouble : at::kFloat;
}

at::Tensor kaimingUniform(std::int64_t rank, std::int64_t in, Rng& rng) {
    at::Tensor a = at::empty({rank, in}, at::kFloat);
    const double bound = 1.0 / std::sqrt(static_cast<double>(in));
    std::generate_n(a.data_ptr<float>(), a.numel(),
                    [&] { return static_cast<float>(bound * (2.0 * rng.uniform() - 1.0)); });
    return a;
}

LoraSettings settingsFrom(const ParamValues& values) {
    return {values.integer("rank"), values.real("alpha"), values.real("dropout"), values.flag("use_rslora"),
            targetNames(values.text("target_modules"))};
}

class LoraMethod final : public AdapterMethod {
public:
    ParamSchema options() const override;

    std::vector<Problem> check(const ModelSummary& model, const ParamValues& values) const override {
        const auto sites = matchTargets(model, values.text("target_modules"));
        if (!sites.has_value())
            return {{"target_modules", sites.error().message}};
        const std::int64_t rank = values.integer("rank");
        for (const Site& site : sites.value())
            if (rank > std::min(site.in, site.out))
                return {{"rank", "rank " + std::to_string(rank) + " exceeds the width " +
                                     std::to_string(std::min(site.in, site.out)) + " of " + site.name +
                                     "; choose at most that"}};
        return {};
    }

    std::int64_t countParameters(const ModelSummary& model, const ParamValues& values) const override {
        const auto sites = matchTargets(model, values.text("target_modules"));
        LATHE_EXPECT(sites.has_value());
        std::int64_t count = 0;
        for (const Site& site : sites.value())
            count += values.integer("rank") * (site.in + site.out);
        return count;
    }

    std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues& values,
                                    std::uint64_t seed) const override {
        const auto sites = matchTargets(model.summary(), values.text("target_modules"));
        LATHE_EXPECT(sites.has_value());
        const LoraSettings settings = settingsFrom(values);
        std::vector<LoraAdapter::SiteSettings> each;
        for (const Site& site : sites.value())
            each.push_back({site, settings.rank, settings.alpha});
        return std::make_unique<LoraAdapter>(model, settings, std::move(each), seed);
    }
};

ParamSchema LoraMethod::options() const {
    ParamSpec rank{"rank",
                   "adapter",
                   "Rank",
                   "",
                   "Width of the low-rank product. More can learn more and costs more memory and time; 4 to "
                   "32 is usual.",
                   IntDomain{1, 1024, 1, true},
                   std::int64_t{8},
                   {},
                   false,
                   true};
    ParamSpec alpha{
        "alpha",
        "adapter",
        "Alpha",
        "",
        "Scale of the adapter: its output is multiplied by alpha / rank. Twice the rank is a good start.",
        RealDomain{0, 4096, false, true},
        16.0,
        {},
        false,
        true};
    ParamSpec dropout{"dropout",
                      "adapter",
                      "Dropout",
                      "",
                      "Share of the adapter's inputs set to zero while training; helps when data is scarce.",
                      RealDomain{0, 0.9, false, false},
                      0.0,
                      {},
                      true,
                      true};
    ParamSpec targets{"target_modules",
                      "adapter",
                      "Target modules",
                      "",
                      "Which projections get an adapter: all-linear, or names separated by commas, for "
                      "example q_proj,v_proj.",
                      TextDomain{TextDomain::Kind::Plain, false},
                      std::string("all-linear"),
                      {},
                      false,
                      false};
    ParamSpec stabilized{"use_rslora",
                         "adapter",
                         "Rank-stabilized scale",
                         "",
                         "Scale by alpha / sqrt(rank) instead, so that large ranks keep learning.",
                         BoolDomain{},
                         false,
                         {},
                         true,
                         true};
    return {rank, alpha, dropout, targets, stabilized};
}

} // namespace

LoraSite::LoraSite(at::Tensor a, at::Tensor b, double scale, double dropout, const DropoutClock& clock,
                   std::uint32_t number)
    : m_a(std::move(a)),
      m_b(std::move(b)),
      m_scale(scale),
      m_dropout(dropout),
      m_clock(clock),
      m_number(number) {}

at::Tensor LoraSite::apply(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    const bool isDropping = m_clock.isTraining && m_dropout > 0;
    const at::Tensor mask =
        isDropping ? dropoutMask(x.sizes(), m_dropout, m_clock, m_number, x.device()).to(m_a.scalar_type())
                   : at::Tensor();
    if (x.scalar_type() == m_a.scalar_type() && weight.scalar_type() == m_a.scalar_type())
        return loraLinear(x, weight, bias, m_a, m_b, m_scale, mask);
    at::Tensor input = x.to(m_a.scalar_type());
    if (isDropping)
        input = input * mask;
    const at::Tensor change = at::linear(at::linear(input, m_a), m_b) * m_scale;
    return at::linear(x, weight, bias) + change.to(weight.scalar_type());
}

LoraAdapter::LoraAdapter(LanguageModel& model, LoraSettings settings, std::vector<SiteSettings> sites,
                         std::uint64_t seed)
    : m_model(model), m_settings(std::move(settings)), m_sites(std::move(sites)) {
    m_clock.seed = mixSeed(seed, 0x64726f70); // "drop"
    std::uint32_t number = 0;
    for (const SiteSettings& each : m_sites) {
        Rng rng(mixSeed(mixSeed(seed, 0x6c6f7261), number)); // "lora"; a stream of its own for each site
        const auto options = at::TensorOptions(computeType(model)).device(model.device());
        at::Tensor a = kaimingUniform(each.rank, each.site.in, rng).to(options).requires_grad_(true);
        at::Tensor b = at::zeros({each.site.out, each.rank}, options).requires_grad_(true);
        const double rank = static_cast<double>(each.rank);
        const double scale = each.alpha / (m_settings.isRankStabilized ? std::sqrt(rank) : rank);
        m_parameters.emplace_back(peftName(each.site, "lora_A.weight"), a);
        m_parameters.emplace_back(peftName(each.site, "lora_B.weight"), b);
        model.attach(each.site.name,
                     std::make_shared<LoraSite>(a, b, scale, m_settings.dropout, m_clock, number++));
    }
}

LoraAdapter::~LoraAdapter() {
    for (const SiteSettings& each : m_sites)
        m_model.attach(each.site.name, nullptr);
}

void LoraAdapter::beginStep(std::int64_t step) {
    m_clock.step = step;
    m_clock.isTraining = true;
}

std::unique_ptr<AdapterMethod> makeLoraMethod() { return std::make_unique<LoraMethod>(); }

} // namespace lathe
