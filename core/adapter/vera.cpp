#include "core/adapter/adapter_method.h"
#include "core/adapter/adapter_options.h"
#include "core/adapter/low_rank_path.h"
#include "core/adapter/peft_extras.h"
#include "core/adapter/targets.h"
#include "core/base/random.h"
#include "core/kernels/vera_change.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;

namespace {

constexpr const char* kFileA = "base_model.vera_A";
constexpr const char* kFileB = "base_model.vera_B";

/// VeRA, Kopiczko et al. 2024 (arXiv:2310.11454): y = Wx + b ⊙ (B (d ⊙ (A dropout(x)))); A and B are random,
/// frozen and shared by all sites, cut to each site's size; b and d are trained.
class VeraSite final : public SiteAdapter {
public:
    /// a: [R, in], b: [out, R], lambdaD: [R], lambdaB: [out].
    VeraSite(at::Tensor a, at::Tensor b, at::Tensor lambdaD, at::Tensor lambdaB, double dropout,
             const AdapterContext& context, std::uint32_t number)
        : m_a(std::move(a)),
          m_b(std::move(b)),
          m_lambdaD(std::move(lambdaD)),
          m_lambdaB(std::move(lambdaB)),
          m_dropout(dropout),
          m_context(context),
          m_number(number) {}

    at::Tensor apply(const at::Tensor& x, const LinearBase& base) override {
        const at::ScalarType dtype = m_a.scalar_type();
        const at::Tensor change = veraChange(x.to(dtype), m_a, m_b, m_lambdaD, m_lambdaB, m_context.strength,
                                             inputMask(m_context, m_dropout, m_number, x, dtype));
        return base.forward(x) + change.to(base.weight().scalar_type());
    }
    std::optional<MergedLinear> merged(const at::Tensor& weight, const at::Tensor& bias) const override {
        const at::Tensor change =
            at::mm(m_b * m_lambdaB.unsqueeze(1), m_a * (m_lambdaD * m_context.strength).unsqueeze(1));
        return MergedLinear{weight + change, bias};
    }

private:
    at::Tensor m_a, m_b, m_lambdaD, m_lambdaB;
    double m_dropout;
    const AdapterContext& m_context;
    std::uint32_t m_number;
};

/// The defaults are PEFT's.
struct Settings {
    std::int64_t rank = 256;
    double dropout = 0;
    double initialD = 0.1;
    std::int64_t projectionSeed = 0;
    bool shouldSaveProjections = true;
};

/// The frozen matrices, in fp32 on the CPU.
struct Projections {
    at::Tensor a; ///< [R, widest input]
    at::Tensor b; ///< [widest output, R]
};

/// U(-sqrt(6 / columns), sqrt(6 / columns)), drawn as PEFT draws it, bit for bit.
at::Tensor drawn(std::int64_t rows, std::int64_t columns, const at::Generator& generator) {
    const double bound = std::sqrt(3.0) * (std::sqrt(2.0) / std::sqrt(static_cast<double>(columns)));
    return at::empty({rows, columns}, at::kFloat).uniform_(-bound, bound, generator);
}

Projections drawnProjections(std::span<const Site> sites, const Settings& settings) {
    const at::Generator generator =
        at::detail::createCPUGenerator(static_cast<std::uint64_t>(settings.projectionSeed));
    const std::int64_t in = std::ranges::max_element(sites, {}, &Site::in)->in;
    const std::int64_t out = std::ranges::max_element(sites, {}, &Site::out)->out;
    const at::Tensor a = drawn(settings.rank, in, generator); // first, as the order decides
    return {a, drawn(out, settings.rank, generator)};
}

class VeraAdapter final : public Adapter {
public:
    VeraAdapter(LanguageModel& model, const Settings& settings, std::vector<Site> sites,
                Projections projections, PeftExtras extras, std::uint64_t seed)
        : Adapter(model, mixSeed(seed, 0x64726f70)), // "drop"
          m_settings(settings),
          m_sites(std::move(sites)),
          m_projections(std::move(projections)),
          m_extras(std::move(extras)) {
        const at::Tensor a = m_projections.a.to(tensorOptions()), b = m_projections.b.to(tensorOptions());
        std::uint32_t number = 0;
        for (const Site& site : m_sites) {
            const at::Tensor lambdaB =
                addParameter(peftName(site, "vera_lambda_b"), at::zeros({site.out}, tensorOptions()));
            const at::Tensor lambdaD =
                addParameter(peftName(site, "vera_lambda_d"),
                             at::full({settings.rank}, settings.initialD, tensorOptions()));
            place(site, std::make_shared<VeraSite>(a.narrow(1, 0, site.in), b.narrow(0, 0, site.out), lambdaD,
                                                   lambdaB, settings.dropout, context(), number++));
        }
        trainWeights(m_extras.weights);
    }

    Status save(const std::filesystem::path& folder, const AdapterOrigin& origin) const override {
        std::vector<NamedTensor> tensors = parameters();
        if (m_settings.shouldSaveProjections) {
            tensors.emplace_back(kFileA, m_projections.a);
            tensors.emplace_back(kFileB, m_projections.b);
        }
        json config = m_extras.settings(model().summary(), m_sites);
        config.update({{"bias", m_extras.bias},
                       {"d_initial", m_settings.initialD},
                       {"fan_in_fan_out", std::ranges::any_of(m_sites, &Site::isTransposed)},
                       {"init_weights", true},
                       {"peft_type", "VERA"},
                       {"projection_prng_key", m_settings.projectionSeed},
                       {"r", m_settings.rank},
                       {"save_projection", m_settings.shouldSaveProjections},
                       {"vera_dropout", m_settings.dropout}});
        return writePeftFolder(folder, origin, config, tensors, m_extras.keptSettings());
    }

private:
    Settings m_settings;
    std::vector<Site> m_sites;
    Projections m_projections;
    PeftExtras m_extras;
};

class VeraMethod final : public AdapterMethod {
public:
    ParamSchema options() const override;
    std::string sizeKey() const override { return "vera_rank"; }
    std::string peftType() const override { return "VERA"; }
    std::vector<Problem> check(const ModelSummary& model, const ParamValues& values) const override {
        return problemsOf(model, values);
    }
    std::vector<Site> sites(const ModelSummary& model, const ParamValues& values) const override {
        return sitesOf(model, values);
    }

    std::int64_t countParameters(const ModelSummary& model, const ParamValues& values) const override {
        const std::vector<Site> sites = sitesOf(model, values);
        std::int64_t count = countOf(extrasOf(values, model, sites, "vera_only").weights, model);
        for (const Site& site : sites)
            count += values.integer("vera_rank") + site.out;
        return count;
    }

    std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues& values,
                                    std::uint64_t seed) const override {
        const Settings settings{values.integer("vera_rank"), values.real("dropout"),
                                values.real("vera_d_initial"), values.integer("projection_seed"),
                                values.flag("save_projections")};
        const std::vector<Site> sites = sitesOf(model.summary(), values);
        return std::make_unique<VeraAdapter>(model, settings, sites, drawnProjections(sites, settings),
                                             extrasOf(values, model.summary(), sites, "vera_only"), seed);
    }

    Result<std::unique_ptr<Adapter>> load(LanguageModel& model, const PeftFolder& folder) const override;
};

ParamSchema VeraMethod::options() const {
    ParamSchema options{
        {"vera_rank",
         "adapter",
         "Shared rank",
         "",
         "Width of the random matrices that all modules share. A step of it costs one trained "
         "number a module, so that it is chosen far higher than a LoRA rank.",
         IntDomain{1, 4096, 1, true},
         std::int64_t{256},
         {},
         false,
         true},
        dropoutOption()};
    for (ParamSpec& target : targetOptions())
        options.push_back(std::move(target));
    options.push_back({"vera_d_initial",
                       "adapter",
                       "Start of d",
                       "",
                       "What the trained scales of the shared directions start with; 0.1 and less is usual.",
                       RealDomain{0, 10, false, true},
                       0.1,
                       {},
                       true,
                       true});
    options.push_back({"projection_seed",
                       "adapter",
                       "Seed of the shared matrices",
                       "",
                       "The same seed gives the same random matrices here and in PEFT.",
                       IntDomain{0, 2147483647, 1, false},
                       std::int64_t{0},
                       {},
                       true,
                       false});
    options.push_back({"save_projections",
                       "adapter",
                       "Save the shared matrices",
                       "",
                       "Keeps the random matrices in the file. Without them it is far smaller, and they are "
                       "drawn again from their seed.",
                       BoolDomain{},
                       true,
                       {},
                       true,
                       false});
    options.push_back(biasOption());
    options.push_back(modulesToSaveOption());
    return options;
}

/// Out of the file where it holds them. Input error: they are missing or too small.
Result<Projections> storedProjections(const PeftFolder& folder, std::span<const Site> sites,
                                      std::int64_t rank) {
    Projections found;
    for (const auto& [name, tensor] : {std::pair(kFileA, &found.a), std::pair(kFileB, &found.b)}) {
        const auto it = folder.tensors().find(name);
        if (it == folder.tensors().end())
            return inputError(folder.tensorsPath(),
                              std::string("lacks the tensor ") + name + ", which save_projection promises");
        *tensor = it->second.to(at::kFloat).contiguous();
        if (tensor->dim() != 2)
            return inputError(folder.tensorsPath(), std::string("tensor ") + name + " is no matrix");
    }
    const bool fits = found.a.size(0) == rank && found.b.size(1) == rank &&
                      std::ranges::all_of(sites, [&found](const Site& site) {
                          return site.in <= found.a.size(1) && site.out <= found.b.size(0);
                      });
    if (!fits)
        return inputError(folder.tensorsPath(), "base_model.vera_A and vera_B are not of rank " +
                                                    std::to_string(rank) +
                                                    " or smaller than an adapted module of the model");
    return found;
}

Result<std::unique_ptr<Adapter>> VeraMethod::load(LanguageModel& model, const PeftFolder& folder) const {
    const json& config = folder.config();
    Settings settings;
    settings.rank = config.value("r", settings.rank);
    settings.dropout = config.value("vera_dropout", settings.dropout);
    settings.initialD = config.value("d_initial", settings.initialD);
    settings.projectionSeed = config.value("projection_prng_key", settings.projectionSeed);
    settings.shouldSaveProjections = config.value("save_projection", settings.shouldSaveProjections);
    if (settings.rank < 1)
        return inputError(folder.configPath(),
                          "r is " + std::to_string(settings.rank) + ", but has to be at least 1");
    LATHE_ASSIGN(const std::vector<Site> sites,
                 peftTargetSites(config, model.summary(), folder.configPath()));
    LATHE_ASSIGN(PeftExtras extras, extrasOf(folder, model.summary(), sites));
    Projections projections;
    if (settings.shouldSaveProjections) {
        LATHE_ASSIGN(projections, storedProjections(folder, sites, settings.rank));
    } else {
        projections = drawnProjections(sites, settings); // PEFT does not read them either then
    }
    auto adapter =
        std::make_unique<VeraAdapter>(model, settings, sites, std::move(projections), std::move(extras), 0);
    const std::vector<std::string> others{kFileA, kFileB};
    LATHE_TRY(folder.fill(*adapter, others));
    return std::unique_ptr<Adapter>(std::move(adapter));
}

} // namespace

std::unique_ptr<AdapterMethod> makeVeraMethod() { return std::make_unique<VeraMethod>(); }

} // namespace lathe
