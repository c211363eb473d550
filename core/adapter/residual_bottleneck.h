#pragma once

#include "core/adapter/bottleneck_places.h"

#include <map>
#include <nlohmann/json_fwd.hpp>

namespace lathe {

/// How a bottleneck sits in the residual stream, as the configurations of AdapterHub say it (Poth et al.
/// 2023, arXiv:2311.11077). h: result of the part, x: residual stream it is added to, LN: the norm of the sum
/// where the block has one behind it (else nothing). In series: z = LN(h + x) with the original norm before,
/// else h; out = F(z) + r. Parallel: out = h + F(x). Added to the stream is out.
struct ResidualLayout {
    enum class Skip { BeforeNorm, AfterAdd, AfterNorm }; ///< r: h, h + x, or z
    bool isParallel = false;
    bool isOriginalNormBefore = false;
    bool isOriginalNormAfter = true; ///< false: out itself is the stream from there on
    Skip skip = Skip::BeforeNorm;
    bool hasNormBefore = false;    ///< a LayerNorm of its own on z
    bool hasNormAfter = false;     ///< another on its output
    bool isSkipBeforeNorm = false; ///< r is added before that one
    double stochasticDepth = 0;    ///< probability that a text goes without F while training

    /// seq_bn, double_seq_bn and par_bn.
    [[nodiscard]] static ResidualLayout of(BottleneckMethod method);
};

struct ResidualBottleneckSettings {
    BottleneckSettings common;
    ResidualLayout layout;
    std::map<std::int64_t, std::int64_t> sizes; ///< M of single layers, where it is another
    std::string name = "lathe";                 ///< of the adapter, a part of its tensors' names
    /// The whole adapter_config.json it was read from.
    std::shared_ptr<const nlohmann::json> kept;

    /// M in a layer.
    [[nodiscard]] std::int64_t sizeAt(std::int64_t layer) const {
        const auto it = sizes.find(layer);
        return it == sizes.end() ? common.size : it->second;
    }
};

/// Numbers of one adapter at this place.
[[nodiscard]] std::int64_t countOf(const ResidualBottleneckSettings& settings, const Site& site);

/// Bottleneck adapters with biases in the residual stream. Dropout acts on the output of F. `strength` s
/// moves what is added from h (0) to out (1): h + s (out - h).
class ResidualBottleneckAdapter final : public Adapter {
public:
    ResidualBottleneckAdapter(LanguageModel& model, ResidualBottleneckSettings settings,
                              std::vector<Site> sites, std::uint64_t seed);

    /// The folder of AdapterHub: adapter_config.json, pytorch_adapter.bin and the same tensors as
    /// adapter.safetensors; where a head was trained along, head_config.json and pytorch_model_head.bin too.
    [[nodiscard]] Status save(const std::filesystem::path& folder,
                              const AdapterOrigin& origin) const override;

private:
    void addSite(const Site& site, std::uint32_t number, Rng& rng);

    ResidualBottleneckSettings m_settings;
    std::vector<Site> m_sites;
};

/// Reads a folder of AdapterHub and attaches what it holds. Input error: a file missing or malformed, a
/// setting that changes the mathematics and is not supported (named), a tensor missing, unexpected or of
/// another shape. May throw what nlohmann::json throws.
[[nodiscard]] Result<std::unique_ptr<Adapter>> loadAdapterHub(LanguageModel& model,
                                                              const std::filesystem::path& folder);

} // namespace lathe
