#pragma once

#include "core/adapter/activation_names.h"
#include "core/adapter/adapter.h"
#include "core/base/random.h"
#include "core/params/param_schema.h"

#include <functional>
#include <optional>

namespace lathe {

/// Dimension letters: B batch, T tokens, D width, M bottleneck.

/// Which of the three bottleneck methods a recipe chooses.
enum class BottleneckMethod {
    AdapterH, ///< in series at both parts of a block, Houlsby et al. 2019 (arXiv:1902.00751)
    AdapterP, ///< in series at the feed-forward part alone, Pfeiffer et al. 2020 (arXiv:2005.00247)
    Parallel  ///< beside what it adapts, He et al. 2021 (arXiv:2110.04366)
};

/// The factor on a bottleneck's output.
struct BottleneckScale {
    enum class Kind { Fixed, Learned, Channel };
    Kind kind = Kind::Fixed;
    double value = 1; ///< where it is fixed; a learned one starts at 1
};

/// What all bottlenecks of one adapter share.
struct BottleneckSettings {
    std::int64_t size = 64; ///< M
    std::string nonLinearity = "tanh";
    BottleneckScale scale;
    double dropout = 0;
    /// "bert": all matrices N(0, 0.02). "mam_adapter": the first Kaiming uniform, the last 0. "houlsby": N(0,
    /// 0.01) cut at two deviations.
    std::string init = "bert";
};

/// F(z) = s (U f(D z + d) + u), a bottleneck's own path. Computed in the dtype of its tensors.
struct Bottleneck {
    at::Tensor down;     // [M, in]
    at::Tensor downBias; // [M] or undefined
    at::Tensor up;       // [out, M]
    at::Tensor upBias;   // [out] or undefined
    at::Tensor scale;    // [1] or [out], or undefined: fixedScale
    double fixedScale = 1;
    NamedActivation activation = nullptr;
    std::function<at::Tensor(const at::Tensor&)> onMiddle = {}; ///< of f's result [..., M], where given

    /// z: [..., in], in that dtype. Returns [..., out].
    [[nodiscard]] at::Tensor forward(const at::Tensor& z) const;
};

/// [rows, columns] as `init` says, fp32. `isLast`: of the two matrices the one whose zeros make it nothing.
[[nodiscard]] at::Tensor bottleneckStart(const std::string& init, std::int64_t rows, std::int64_t columns,
                                         bool isLast, Rng& rng);
/// The setting as a file has it: "learned", "channel" or a number.
[[nodiscard]] nlohmann::json toJson(const BottleneckScale& scale);
/// Input error naming the key where the value is none of these.
[[nodiscard]] Result<BottleneckScale> bottleneckScale(const nlohmann::json& value, const std::string& where);

/// The options of the three methods.
[[nodiscard]] ParamSchema bottleneckOptions();
[[nodiscard]] BottleneckSettings bottleneckSettings(const ParamValues& values);
/// How many numbers a bottleneck from `in` to `out` has.
[[nodiscard]] std::int64_t bottleneckCount(const BottleneckSettings& settings, std::int64_t in,
                                           std::int64_t out, bool hasBiases);

} // namespace lathe
