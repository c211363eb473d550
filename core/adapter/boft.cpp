#include "core/adapter/adapter_method.h"
#include "core/adapter/adapter_options.h"
#include "core/adapter/peft_extras.h"
#include "core/adapter/rotation.h"
#include "core/adapter/rotation_options.h"
#include "core/adapter/targets.h"
#include "core/base/contract.h"
#include "core/base/random.h"
#include "core/kernels/packed_weight.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;

namespace {

/// Dimension letters: N butterfly factors, K blocks, S their size.
struct BoftSettings {
    std::int64_t blockSize = 4; ///< 0: by the number of blocks
    std::int64_t blocks = 0;    ///< 0: by their size
    std::int64_t factors = 1;   ///< N
    double dropout = 0;         ///< share of one factor's blocks that stand still in a training step
};

struct BoftShape {
    std::int64_t blocks = 0;
    std::int64_t size = 0;
};

Result<BoftShape> shapeAt(const Site& site, const BoftSettings& settings) {
    const bool isBySize = settings.blocks == 0;
    const std::int64_t given = isBySize ? settings.blockSize : settings.blocks;
    const std::string key = isBySize ? "boft_block_size" : "boft_blocks";
    const std::string width = " the width " + std::to_string(site.in) + " of " + site.name;
    if (given < 1 || site.in % given != 0)
        return inputError(key, "is " + std::to_string(given) + ", which does not divide" + width);
    BoftShape shape{isBySize ? site.in / given : given, isBySize ? given : site.in / given};
    if (shape.size == 1)
        return inputError(key, "leaves blocks of one channel in" + width + ", and one channel cannot turn");
    if (settings.factors > 1 && shape.size % 2 != 0)
        return inputError(key, "leaves blocks of the odd size " + std::to_string(shape.size) + " in" + width +
                                   "; several factors need even ones");
    if (settings.factors > 30 || shape.blocks % (std::int64_t{1} << (settings.factors - 1)) != 0)
        return inputError("boft_factors", std::to_string(settings.factors) + " factors need a number of " +
                                              "blocks that 2 to the power of " +
                                              std::to_string(settings.factors - 1) + " divides; there are " +
                                              std::to_string(shape.blocks) + " in" + width);
    return shape;
}

/// The order of channels that factor `i` turns block by block: within each stretch of 2ⁱ blocks the even half
/// blocks first, then the odd ones. [in] int64.
at::Tensor butterfly(std::int64_t width, std::int64_t size, std::int64_t factor) {
    const std::int64_t half = size / 2;
    const std::int64_t pairs = std::int64_t{1} << factor; // even half blocks in a stretch
    return at::arange(width, at::kLong).view({-1, pairs, 2, half}).transpose(1, 2).reshape({-1});
}

/// BOFT, Liu et al. 2023 (arXiv:2311.06243): y = s ∘ (W (x R)) + b with x a row and R = F[N-1] … F[0], each
/// F block-diagonal in its own order of channels, its blocks the exact Cayley transforms of skew-symmetric
/// matrices; s: a trained factor of each output. `strength` t scales the matrices and takes 1 + t (s - 1).
class BoftSite final : public SiteAdapter {
public:
    /// matrices: [N, K, S, S], made skew here; scale: [out, 1].
    BoftSite(at::Tensor matrices, at::Tensor scale, double dropout, const AdapterContext& context,
             std::uint32_t number)
        : m_matrices(std::move(matrices)),
          m_scale(std::move(scale)),
          m_dropout(dropout),
          m_context(context),
          m_number(number) {
        const std::int64_t width = m_matrices.size(1) * m_matrices.size(2);
        for (std::int64_t factor = 0; factor < m_matrices.size(0); ++factor) {
            m_orders.push_back(butterfly(width, m_matrices.size(2), factor).to(m_matrices.device()));
            m_inverses.push_back(m_orders.back().argsort());
        }
    }

    at::Tensor apply(const at::Tensor& x, const LinearBase& base) override {
        const at::Tensor turned = turn(x.to(m_scale.scalar_type()), factors(), Direction::There);
        const at::Tensor scale = scaleNow().view({-1});
        at::Tensor y = (base.isPlain() ? frozenLinear(turned.to(x.scalar_type()), base.weight(), {})
                                       : base.forward(turned.to(x.scalar_type())))
                           .to(scale.scalar_type());
        const at::Tensor& bias = base.bias();
        if (!base.isPlain() && bias.defined()) // the bias is not scaled
            y = y - bias;
        y = y * scale;
        return (bias.defined() ? y + bias : y).to(base.weight().scalar_type());
    }

    std::optional<MergedLinear> merged(const at::Tensor& weight, const at::Tensor& bias) const override {
        return MergedLinear{turn(weight, factors(), Direction::Back) * scaleNow(), bias};
    }

private:
    enum class Direction { There, Back }; ///< x R and x Rᵀ

    /// The blocks of each factor, [K, S, S].
    [[nodiscard]] std::vector<at::Tensor> factors() const {
        const at::Tensor skew = (m_matrices - m_matrices.transpose(2, 3)) * (0.5 * m_context.strength);
        const at::Tensor blocks = cayley(skew);
        std::vector<at::Tensor> all = blocks.unbind(0);
        const DropoutClock& clock = m_context.clock;
        if (clock.isTraining && m_dropout > 0) { // of one factor, which the step chooses
            const auto chosen = static_cast<std::size_t>(clock.step) % all.size();
            all[chosen] = withStillBlocks(all[chosen], m_dropout, clock, m_number);
        }
        return all;
    }

    [[nodiscard]] at::Tensor turn(at::Tensor x, const std::vector<at::Tensor>& blocks,
                                  Direction direction) const {
        const std::size_t count = blocks.size();
        for (std::size_t step = 0; step < count; ++step) {
            const bool isBack = direction == Direction::Back;
            const std::size_t i = isBack ? step : count - 1 - step;
            const at::Tensor block = isBack ? blocks[i].transpose(1, 2) : blocks[i];
            // F = P D Pᵀ with P[j, order[j]] = 1.
            x = i == 0 ? rotate(x, block)
                       : rotate(x.index_select(-1, m_inverses[i]), block).index_select(-1, m_orders[i]);
        }
        return x;
    }

    [[nodiscard]] at::Tensor scaleNow() const {
        return m_context.strength == 1 ? m_scale : 1 + (m_scale - 1) * m_context.strength;
    }

    at::Tensor m_matrices; // [N, K, S, S]
    at::Tensor m_scale;    // [out, 1]
    double m_dropout;
    const AdapterContext& m_context;
    std::uint32_t m_number;
    std::vector<at::Tensor> m_orders, m_inverses; // [in] each
};

class BoftAdapter final : public Adapter {
public:
    /// Contract: shapeAt() of every site has a value.
    BoftAdapter(LanguageModel& model, BoftSettings settings, std::vector<Site> sites,
                std::vector<TrainedWeight> trained, json kept, std::uint64_t seed)
        : Adapter(model, mixSeed(seed, 0x64726f70)), // "drop"
          m_settings(settings),
          m_sites(std::move(sites)),
          m_kept(std::move(kept)) {
        std::uint32_t number = 0;
        for (const Site& site : m_sites) {
            const BoftShape shape = shapeAt(site, m_settings).value();
            const at::Tensor matrices = addParameter(
                peftName(site, "boft_R"),
                at::zeros({m_settings.factors, shape.blocks, shape.size, shape.size}, tensorOptions()));
            const at::Tensor scale =
                addParameter(peftName(site, "boft_s"), at::ones({site.out, 1}, tensorOptions()));
            place(site, std::make_shared<BoftSite>(matrices, scale, m_settings.dropout, context(), number++));
        }
        trainWeights(trained);
    }

    Status save(const std::filesystem::path& folder, const AdapterOrigin& origin) const override {
        const json config{{"bias", m_kept.value("bias", json("none"))},
                          {"boft_block_num", m_settings.blocks},
                          {"boft_block_size", m_settings.blocks > 0 ? 0 : m_settings.blockSize},
                          {"boft_dropout", m_settings.dropout},
                          {"boft_n_butterfly_factor", m_settings.factors},
                          {"fan_in_fan_out", m_kept.value("fan_in_fan_out", false)},
                          {"init_weights", true},
                          {"layers_pattern", nullptr},
                          {"layers_to_transform", nullptr},
                          {"modules_to_save", m_kept.value("modules_to_save", json())},
                          {"peft_type", "BOFT"},
                          {"target_modules", peftTargetNames(model().summary(), m_sites)}};
        json kept = m_kept;
        kept.erase("exclude_modules"); // the targets name what is adapted and nothing else
        return writePeftFolder(folder, origin, config, parameters(), kept);
    }

private:
    BoftSettings m_settings;
    std::vector<Site> m_sites;
    json m_kept; // keys of the file it was read from
};

class BoftMethod final : public AdapterMethod {
public:
    ParamSchema options() const override;
    std::string sizeKey() const override { return "boft_block_size"; }
    std::string peftType() const override { return "BOFT"; }

    std::vector<Problem> check(const ModelSummary& model, const ParamValues& values) const override {
        const auto sites = matchTargets(model, targetChoice(values));
        if (!sites.has_value())
            return {{sites.error().where, sites.error().message}};
        for (const Site& site : sites.value())
            if (const auto shape = shapeAt(site, settingsOf(values)); !shape.has_value())
                return {{shape.error().where, shape.error().message}};
        if (const auto trained = trainedWeights(values, model, sites.value()); !trained.has_value())
            return {{trained.error().where, trained.error().message}};
        return {};
    }

    std::vector<Site> sites(const ModelSummary& model, const ParamValues& values) const override {
        return sitesOf(model, values);
    }

    std::int64_t countParameters(const ModelSummary& model, const ParamValues& values) const override {
        const BoftSettings settings = settingsOf(values);
        std::int64_t count = countOf(trainedOf(model, values), model);
        for (const Site& site : sitesOf(model, values)) {
            const BoftShape shape = shapeAt(site, settings).value();
            count += settings.factors * shape.blocks * shape.size * shape.size + site.out;
        }
        return count;
    }

    std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues& values,
                                    std::uint64_t seed) const override {
        return std::make_unique<BoftAdapter>(model, settingsOf(values), sitesOf(model.summary(), values),
                                             trainedOf(model.summary(), values),
                                             trainedSettings(values, "boft"), seed);
    }

    Result<std::unique_ptr<Adapter>> load(LanguageModel& model, const PeftFolder& folder) const override;

private:
    static BoftSettings settingsOf(const ParamValues& values) {
        return {values.integer("boft_block_size"), values.integer("boft_blocks"),
                values.integer("boft_factors"), values.real("block_dropout")};
    }
    static std::vector<TrainedWeight> trainedOf(const ModelSummary& model, const ParamValues& values) {
        auto trained = trainedWeights(values, model, sitesOf(model, values));
        LATHE_EXPECT(trained.has_value());
        return std::move(trained).value();
    }
};

ParamSchema BoftMethod::options() const {
    const auto option = [](std::string key, std::string label, std::string help, Domain domain,
                           std::int64_t fallback, bool isAdvanced) {
        return ParamSpec{std::move(key), "adapter", std::move(label), "",  std::move(help), std::move(domain),
                         fallback,       {},        isAdvanced,       true};
    };
    ParamSchema options{
        option("boft_block_size", "Block size",
               "Channels that turn together in each factor; has to divide the layers' widths.",
               IntDomain{2, 1024, 1, true}, 4, false),
        option("boft_blocks", "Blocks", "Number of blocks in each layer in place of their size; 0: by size.",
               IntDomain{0, 4096}, 0, true),
        option("boft_factors", "Butterfly factors",
               "Rotations one after another, each in another order of channels; with one it is OFT with "
               "scaled outputs.",
               IntDomain{1, 12}, 1, false),
        blockDropoutOption()};
    for (ParamSpec& target : targetOptions())
        options.push_back(std::move(target));
    options.push_back(biasOption());
    options.push_back(modulesToSaveOption());
    return options;
}

Result<std::unique_ptr<Adapter>> BoftMethod::load(LanguageModel& model, const PeftFolder& folder) const {
    const json& config = folder.config();
    LATHE_ASSIGN(const std::vector<Site> sites, rotationSites(folder, model.summary()));
    BoftSettings settings{
        config.value("boft_block_size", std::int64_t{4}), config.value("boft_block_num", std::int64_t{0}),
        config.value("boft_n_butterfly_factor", std::int64_t{1}), config.value("boft_dropout", 0.0)};
    // Without its CUDA extension PEFT trains one factor whatever the configuration says.
    const auto first = folder.tensors().find(peftName(sites.front(), "boft_R"));
    if (first != folder.tensors().end() && first->second.dim() == 4 && first->second.size(0) == 1)
        settings.factors = 1;
    for (const Site& site : sites)
        if (const auto shape = shapeAt(site, settings); !shape.has_value())
            return inputError(folder.configPath(), shape.error().where + " " + shape.error().message);
    LATHE_ASSIGN(std::vector<TrainedWeight> trained,
                 trainedWeights(config, model.summary(), sites, folder.configPath()));
    auto adapter =
        std::make_unique<BoftAdapter>(model, settings, sites, std::move(trained), config, std::uint64_t{0});
    LATHE_TRY(folder.fill(*adapter));
    return std::unique_ptr<Adapter>(std::move(adapter));
}

} // namespace

std::unique_ptr<AdapterMethod> makeBoftMethod() { return std::make_unique<BoftMethod>(); }

} // namespace lathe
