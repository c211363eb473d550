#include "core/adapter/bottleneck.h"

#include "core/adapter/adapter_options.h"
#include "core/adapter/targets.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/zeros.h>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace lathe {

namespace {

constexpr double kBertDeviation = 0.02;
constexpr double kHoulsbyDeviation = 0.01;
constexpr double kHoulsbyCut = 2; // deviations

double drawn(const std::string& init, double bound, Rng& rng) {
    if (init == "bert")
        return kBertDeviation * rng.normal();
    if (init == "mam_adapter")
        return bound * (2 * rng.uniform() - 1);
    double value = rng.normal();
    while (std::abs(value) > kHoulsbyCut)
        value = rng.normal();
    return kHoulsbyDeviation * value;
}

ParamSpec choice(std::string key, std::string label, std::string help, ChoiceDomain domain,
                 std::string fallback, bool isAdvanced) {
    return {std::move(key),      "adapter", std::move(label), "",  std::move(help), std::move(domain),
            std::move(fallback), {},        isAdvanced,       true};
}

} // namespace

at::Tensor Bottleneck::forward(const at::Tensor& z) const {
    const at::Tensor middle = activation(at::linear(z, down, downBias));
    const at::Tensor result = at::linear(onMiddle ? onMiddle(middle) : middle, up, upBias);
    if (scale.defined())
        return result * scale;
    return fixedScale == 1 ? result : result * fixedScale;
}

at::Tensor bottleneckStart(const std::string& init, std::int64_t rows, std::int64_t columns, bool isLast,
                           Rng& rng) {
    if (isLast && init == "mam_adapter")
        return at::zeros({rows, columns}, at::kFloat);
    at::Tensor matrix = at::empty({rows, columns}, at::kFloat);
    // Kaiming uniform with a = sqrt(5): U(-1/sqrt(in), 1/sqrt(in)).
    const double bound = 1 / std::sqrt(static_cast<double>(columns));
    std::generate_n(matrix.data_ptr<float>(), matrix.numel(),
                    [&] { return static_cast<float>(drawn(init, bound, rng)); });
    return matrix;
}

nlohmann::json toJson(const BottleneckScale& scale) {
    switch (scale.kind) {
    case BottleneckScale::Kind::Fixed:
        break;
    case BottleneckScale::Kind::Learned:
        return "learned";
    case BottleneckScale::Kind::Channel:
        return "channel";
    }
    return scale.value;
}

Result<BottleneckScale> bottleneckScale(const nlohmann::json& value, const std::string& where) {
    using Kind = BottleneckScale::Kind;
    if (value.is_number())
        return BottleneckScale{Kind::Fixed, value.get<double>()};
    if (value == "learned")
        return BottleneckScale{Kind::Learned, 1};
    if (value == "channel")
        return BottleneckScale{Kind::Channel, 1};
    return inputError(where, "scaling is " + value.dump() + "; it has to be a number, learned or channel");
}

ParamSchema bottleneckOptions() {
    const std::span<const std::string> names = activationNames();
    ParamSchema options{bottleneckOption(), dropoutOption()};
    options.push_back(choice("placement", "Placement",
                             "At single projections, as LLM-Adapters does (without biases), or where the "
                             "parts of a block join the residual stream, as AdapterHub does (with biases).",
                             {{"linear", "residual"}, {"Projections", "Residual stream"}, false}, "linear",
                             false));
    options.push_back(choice("non_linearity", "Non-linearity",
                             "What the middle of the bottleneck passes through. LLM-Adapters: tanh; "
                             "AdapterHub: relu or swish.",
                             {{names.begin(), names.end()}, {}, false}, "tanh", false));
    options.push_back(choice("scaling_kind", "Scaling",
                             "The factor on the adapter's output: fixed, one that is trained for each "
                             "adapted place, or one for each channel (residual placement only).",
                             {{"fixed", "learned", "channel"}, {"Fixed", "Learned", "Learned per channel"}},
                             "fixed", true));
    options.push_back({"scaling",
                       "adapter",
                       "Scaling factor",
                       "",
                       "Multiplies the adapter's output. A parallel adapter with another factor than 1 is a "
                       "scaled parallel one; 4 is usual for it.",
                       RealDomain{0, 1000, false, true},
                       1.0,
                       {{{"scaling_kind", {"fixed"}}}},
                       true,
                       true});
    options.push_back(choice("bottleneck_init", "Start",
                             "bert: everything normal with deviation 0.02, as published. mam_adapter: the "
                             "last matrix 0, so that training starts from the base model. houlsby: normal "
                             "with deviation 0.01.",
                             {{"bert", "mam_adapter", "houlsby"}, {}, false}, "bert", true));
    for (ParamSpec& target : targetOptions())
        options.push_back(std::move(target));
    options.push_back(biasOption());
    options.push_back(modulesToSaveOption());
    return options;
}

BottleneckSettings bottleneckSettings(const ParamValues& values) {
    using Kind = BottleneckScale::Kind;
    const std::string& kind = values.text("scaling_kind");
    const BottleneckScale scale{kind == "learned"   ? Kind::Learned
                                : kind == "channel" ? Kind::Channel
                                                    : Kind::Fixed,
                                kind == "fixed" ? values.real("scaling") : 1.0};
    return {values.integer("bottleneck_size"), values.text("non_linearity"), scale, values.real("dropout"),
            values.text("bottleneck_init")};
}

std::int64_t bottleneckCount(const BottleneckSettings& settings, std::int64_t in, std::int64_t out,
                             bool hasBiases) {
    using Kind = BottleneckScale::Kind;
    const std::int64_t scale = settings.scale.kind == Kind::Fixed     ? 0
                               : settings.scale.kind == Kind::Learned ? 1
                                                                      : out;
    return settings.size * (in + out) + (hasBiases ? settings.size + out : 0) + scale;
}

} // namespace lathe
