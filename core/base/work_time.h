#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// What the time of a training step goes to.
enum class WorkKind {
    BaseProducts,    ///< products of matrices with the weights of the base model
    AdapterProducts, ///< what the adapter adds
    Attention,       ///< scores, softmax, mixed values and positions; its projections are products
    Elementwise,     ///< norms, activations, residual sums
    LossAndHead,
    Optimizer, ///< clipping and the update
    Data,      ///< batches made and brought to the device
    Other,     ///< copies, bookkeeping, and what no operator accounts for
};
inline constexpr std::size_t kWorkKinds = 8;
/// "base_products", …
[[nodiscard]] std::string_view toString(WorkKind kind);

/// One operator in one role.
struct OperatorTime {
    std::string name; ///< "aten::mm", "RmsNorm backward"
    WorkKind kind = WorkKind::Other;
    double calls = 0;   ///< per step
    double seconds = 0; ///< per step, without what it calls
};

/// Where the time of training steps went. Where several threads compute at the same time, each moment is
/// shared out among them, so that everything adds up to the time on the clock.
struct StepProfile {
    std::int64_t steps = 0; ///< measured, those that warm up left out
    std::int64_t threads = 1;
    double seconds = 0; ///< per step
    double tokens = 0;  ///< per step, padding left out
    double flops = 0;   ///< per step, of the model's mathematics
    /// Per step, by WorkKind; their sum is `seconds`.
    std::array<double, kWorkKinds> kinds{};
    std::vector<OperatorTime> operators; ///< the costliest first
    std::string device;                  ///< "cpu", "cuda:0"

    [[nodiscard]] double secondsOf(WorkKind kind) const { return kinds[static_cast<std::size_t>(kind)]; }
    /// Of the step's time; 0 where nothing was measured.
    [[nodiscard]] double shareOf(double part) const { return seconds > 0 ? part / seconds : 0; }
};

/// Kinds and operators as rows: "kind,operator,calls,ms,share", a row of a kind without operator and calls.
/// Per step; RFC 4180.
[[nodiscard]] std::string toCsv(const StepProfile& profile);

} // namespace lathe
