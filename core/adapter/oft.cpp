#include "core/adapter/adapter_method.h"
#include "core/adapter/adapter_options.h"
#include "core/adapter/peft_extras.h"
#include "core/adapter/rotation.h"
#include "core/adapter/rotation_options.h"
#include "core/adapter/targets.h"
#include "core/base/contract.h"
#include "core/base/random.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <cmath>
#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;

namespace {

/// The first whose series is this one; older ones take files without a version for their own.
constexpr const char* kPeftVersion = "0.18.0";

/// Of one adapter, as PEFT keeps them.
struct OftSettings {
    std::int64_t blockSize = 32; ///< 0: by the number of blocks
    std::int64_t blocks = 0;     ///< 0: by their size
    bool isShared = false;       ///< one block for all of a site
    bool isConstrained = false;  ///< COFT
    double eps = 6e-5;
    bool isNeumann = true;
    std::int64_t terms = 5;
    double dropout = 0; ///< share of blocks that stand still in a training step
};

/// Blocks of one site.
struct OftShape {
    std::int64_t blocks = 0;
    std::int64_t size = 0;

    [[nodiscard]] std::int64_t entries() const { return size * (size - 1) / 2; }
};

/// The divisor of `width` nearest to `wanted`; the smaller of two. As PEFT adjusts what does not fit.
std::int64_t nearestDivisor(std::int64_t width, std::int64_t wanted) {
    if (wanted >= width)
        return width;
    std::int64_t higher = wanted;
    while (width % higher != 0)
        ++higher;
    std::int64_t lower = wanted;
    while (width % lower != 0)
        --lower;
    return wanted - lower <= higher - wanted ? lower : higher;
}

OftShape shapeAt(const Site& site, const OftSettings& settings) {
    if (settings.blocks > 0) {
        const std::int64_t blocks = nearestDivisor(site.in, settings.blocks);
        return {blocks, site.in / blocks};
    }
    const std::int64_t size = nearestDivisor(site.in, settings.blockSize);
    return {site.in / size, size};
}

/// Each block's matrix scaled down to Frobenius norm eps / sqrt(K) where it exceeds that.
at::Tensor constrained(const at::Tensor& upper, double eps) {
    const double bound = eps / std::sqrt(static_cast<double>(upper.size(0)));
    const at::Tensor norm = upper.norm(2, {1}, true) * std::sqrt(2.0); // each entry is there twice
    return at::where(norm <= bound, upper, upper * (bound / norm));
}

/// Orthogonal fine-tuning, Qiu et al. 2023 (arXiv:2306.07280): y = W (x R) + b with x a row, R block-diagonal
/// and each block the Cayley transform of a trained skew-symmetric matrix. `strength` scales the matrices.
class OftSite final : public SiteAdapter {
public:
    /// upper: [K, S(S-1)/2], or [1, …] where shared.
    OftSite(at::Tensor upper, const OftShape& shape, const OftSettings& settings,
            const AdapterContext& context, std::uint32_t number)
        : m_upper(std::move(upper)),
          m_places(shape.size, m_upper.options()),
          m_settings(settings),
          m_context(context),
          m_number(number) {}

    at::Tensor apply(const at::Tensor& x, const LinearBase& base) override {
        const at::Tensor blocks = withStillBlocks(rotations(), m_settings.dropout, m_context.clock, m_number);
        return base.forward(rotate(x.to(m_upper.scalar_type()), blocks).to(x.scalar_type()));
    }

    std::optional<MergedLinear> merged(const at::Tensor& weight, const at::Tensor& bias) const override {
        return MergedLinear{rotate(weight, rotations().transpose(1, 2)), bias};
    }

private:
    [[nodiscard]] at::Tensor rotations() const {
        at::Tensor upper = m_upper;
        if (m_settings.isConstrained) // gradients pass as if it were not there, as in PEFT
            upper = upper + (constrained(upper.detach(), m_settings.eps) - upper.detach());
        if (m_context.strength != 1)
            upper = upper * m_context.strength;
        const at::Tensor skew = m_places.matrices(upper);
        return m_settings.isNeumann ? cayleyNeumann(skew, m_settings.terms) : cayley(skew);
    }

    at::Tensor m_upper;
    SkewPlaces m_places;
    OftSettings m_settings;
    const AdapterContext& m_context;
    std::uint32_t m_number;
};

class OftAdapter final : public Adapter {
public:
    OftAdapter(LanguageModel& model, OftSettings settings, std::vector<Site> sites,
               std::vector<TrainedWeight> trained, json kept, std::uint64_t seed)
        : Adapter(model, mixSeed(seed, 0x64726f70)), // "drop"
          m_settings(settings),
          m_sites(std::move(sites)),
          m_kept(std::move(kept)) {
        std::uint32_t number = 0;
        for (const Site& site : m_sites) {
            const OftShape shape = shapeAt(site, m_settings);
            const std::int64_t rows = m_settings.isShared ? 1 : shape.blocks;
            m_uppers.push_back(addParameter(peftName(site, "oft_R.weight"),
                                            at::zeros({rows, shape.entries()}, tensorOptions())));
            place(site, std::make_shared<OftSite>(m_uppers.back(), shape, m_settings, context(), number++));
        }
        trainWeights(trained);
    }

    void afterUpdate(std::int64_t) override { constrain(); }
    /// Brings what was trained or read into the bounds of COFT.
    void constrain() const {
        const at::NoGradGuard noGrad;
        if (m_settings.isConstrained)
            for (const at::Tensor& upper : m_uppers)
                at::Tensor(upper).copy_(constrained(upper, m_settings.eps));
    }

    Status save(const std::filesystem::path& folder, const AdapterOrigin& origin) const override {
        const json config{{"bias", m_kept.value("bias", json("none"))},
                          {"block_share", m_settings.isShared},
                          {"coft", m_settings.isConstrained},
                          {"eps", m_settings.eps},
                          {"fan_in_fan_out", m_kept.value("fan_in_fan_out", false)},
                          {"init_weights", true},
                          {"layers_pattern", nullptr},
                          {"layers_to_transform", nullptr},
                          {"module_dropout", m_settings.dropout},
                          {"modules_to_save", m_kept.value("modules_to_save", json())},
                          {"num_cayley_neumann_terms", m_settings.terms},
                          {"oft_block_size", m_settings.blocks > 0 ? 0 : m_settings.blockSize},
                          {"peft_type", "OFT"},
                          {"peft_version", m_kept.value("peft_version", kPeftVersion)},
                          {"r", m_settings.blocks},
                          {"target_modules", peftTargetNames(model().summary(), m_sites)},
                          {"use_cayley_neumann", m_settings.isNeumann}};
        json kept = m_kept;
        kept.erase("exclude_modules"); // the targets name what is adapted and nothing else
        return writePeftFolder(folder, origin, config, parameters(), kept);
    }

private:
    OftSettings m_settings;
    std::vector<Site> m_sites;
    std::vector<at::Tensor> m_uppers;
    json m_kept; // keys of the file it was read from
};

OftSettings settingsOf(const ParamValues& values) {
    return {values.integer("oft_block_size"), values.integer("oft_blocks"),
            values.flag("oft_block_share"),   values.flag("oft_constrained"),
            values.real("oft_eps"),           values.text("oft_cayley") == "neumann",
            values.integer("oft_terms"),      values.real("block_dropout")};
}

class OftMethod final : public AdapterMethod {
public:
    ParamSchema options() const override;
    std::string sizeKey() const override { return "oft_block_size"; }
    std::string peftType() const override { return "OFT"; }

    std::vector<Problem> check(const ModelSummary& model, const ParamValues& values) const override {
        const auto sites = matchTargets(model, targetChoice(values));
        if (!sites.has_value())
            return {{sites.error().where, sites.error().message}};
        const OftSettings settings = settingsOf(values);
        for (const Site& site : sites.value())
            if (shapeAt(site, settings).size == 1)
                return {{settings.blocks > 0 ? "oft_blocks" : "oft_block_size",
                         "leaves blocks of one channel at " + site.name + " of width " +
                             std::to_string(site.in) +
                             ", and one channel cannot turn; choose larger blocks"}};
        if (const auto trained = trainedWeights(values, model, sites.value()); !trained.has_value())
            return {{trained.error().where, trained.error().message}};
        return {};
    }

    std::vector<Site> sites(const ModelSummary& model, const ParamValues& values) const override {
        return sitesOf(model, values);
    }

    std::int64_t countParameters(const ModelSummary& model, const ParamValues& values) const override {
        const OftSettings settings = settingsOf(values);
        std::int64_t count = countOf(trainedOf(model, values), model);
        for (const Site& site : sitesOf(model, values)) {
            const OftShape shape = shapeAt(site, settings);
            count += (settings.isShared ? 1 : shape.blocks) * shape.entries();
        }
        return count;
    }

    std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues& values,
                                    std::uint64_t seed) const override {
        return std::make_unique<OftAdapter>(model, settingsOf(values), sitesOf(model.summary(), values),
                                            trainedOf(model.summary(), values),
                                            trainedSettings(values, "oft"), seed);
    }

    Result<std::unique_ptr<Adapter>> load(LanguageModel& model, const PeftFolder& folder) const override;

private:
    static std::vector<TrainedWeight> trainedOf(const ModelSummary& model, const ParamValues& values) {
        auto trained = trainedWeights(values, model, sitesOf(model, values));
        LATHE_EXPECT(trained.has_value());
        return std::move(trained).value();
    }
};

ParamSchema OftMethod::options() const {
    const auto option = [](std::string key, std::string label, std::string help, Domain domain,
                           ParamValue fallback, bool isAdvanced) {
        return ParamSpec{
            std::move(key),      "adapter", std::move(label), "",  std::move(help), std::move(domain),
            std::move(fallback), {},        isAdvanced,       true};
    };
    ParamSchema options{
        option("oft_block_size", "Block size",
               "Channels that turn together; the nearest divisor of a layer's width is taken. Larger blocks "
               "can learn more.",
               IntDomain{2, 4096, 1, true}, std::int64_t{32}, false),
        option("oft_blocks", "Blocks", "Number of blocks in each layer in place of their size; 0: by size.",
               IntDomain{0, 4096}, std::int64_t{0}, true),
        option("oft_block_share", "Share one block", "One rotation for all blocks of a layer.", BoolDomain{},
               false, true),
        option("oft_constrained", "Constrained", "Keep the rotations small (COFT).", BoolDomain{}, false,
               true),
        option("oft_eps", "Bound", "How far constrained rotations may go.", RealDomain{0, 10, false, true},
               6e-5, true),
        option("oft_cayley", "Cayley transform",
               "The series is faster; the exact one keeps angles for large rotations too.",
               ChoiceDomain{{"neumann", "exact"}, {"Neumann series", "Exact"}, false}, std::string("neumann"),
               true),
        option("oft_terms", "Terms of the series", "More are more exact and slower.", IntDomain{2, 20},
               std::int64_t{5}, true),
        blockDropoutOption()};
    const auto activeWhere = [&options](std::size_t index, std::string key, std::string value) {
        options[index].activeIf = {{{std::move(key), {std::move(value)}}}};
    };
    activeWhere(4, "oft_constrained", "true");
    activeWhere(6, "oft_cayley", "neumann");
    for (ParamSpec& target : targetOptions())
        options.push_back(std::move(target));
    options.push_back(biasOption());
    options.push_back(modulesToSaveOption());
    return options;
}

Result<std::unique_ptr<Adapter>> OftMethod::load(LanguageModel& model, const PeftFolder& folder) const {
    const json& config = folder.config();
    LATHE_ASSIGN(const std::vector<Site> sites, rotationSites(folder, model.summary()));
    if (!config.contains("oft_block_size"))
        return inputError(folder.configPath(), "has no oft_block_size: it was written by a PEFT older than "
                                               "0.14, whose OFT was another method");
    const OftSettings settings{config.value("oft_block_size", std::int64_t{32}),
                               config.value("r", std::int64_t{0}),
                               config.value("block_share", false),
                               config.value("coft", false),
                               config.value("eps", 6e-5),
                               config.value("use_cayley_neumann", true),
                               config.value("num_cayley_neumann_terms", std::int64_t{5}),
                               config.value("module_dropout", 0.0)};
    if (settings.blocks < 0 || settings.blockSize < 0 || (settings.blocks > 0) == (settings.blockSize > 0))
        return inputError(folder.configPath(), "has r " + std::to_string(settings.blocks) +
                                                   " and oft_block_size " +
                                                   std::to_string(settings.blockSize) +
                                                   "; one of them has to be positive and the other 0");
    LATHE_ASSIGN(std::vector<TrainedWeight> trained,
                 trainedWeights(config, model.summary(), sites, folder.configPath()));
    auto adapter =
        std::make_unique<OftAdapter>(model, settings, sites, std::move(trained), config, std::uint64_t{0});
    LATHE_TRY(folder.fill(*adapter));
    adapter->constrain();
    return std::unique_ptr<Adapter>(std::move(adapter));
}

} // namespace

std::unique_ptr<AdapterMethod> makeOftMethod() { return std::make_unique<OftMethod>(); }

} // namespace lathe
