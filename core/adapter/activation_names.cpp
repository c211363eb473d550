#include "core/adapter/activation_names.h"

#include <ATen/ops/clamp.h>
#include <ATen/ops/erf.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/hardtanh.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/mish.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>
#include <cmath>
#include <map>
#include <vector>

namespace lathe {

namespace {

using at::Tensor;

Tensor linear(const Tensor& x) { return x; }
Tensor gelu(const Tensor& x) { return at::gelu(x); }
/// The forms by tanh differ in how they are written down, not in what they compute.
Tensor geluByTanh(const Tensor& x) { return at::gelu(x, "tanh"); }
Tensor quickGelu(const Tensor& x) { return x * at::sigmoid(1.702 * x); }
Tensor clippedGelu(const Tensor& x) { return at::clamp(at::gelu(x), -10, 10); }
Tensor relu(const Tensor& x) { return at::relu(x); }
Tensor relu6(const Tensor& x) { return at::hardtanh(x, 0, 6); }
Tensor squaredRelu(const Tensor& x) { return at::relu(x).square(); }
Tensor leakyRelu(const Tensor& x) { return at::leaky_relu(x, 0.01); }
Tensor silu(const Tensor& x) { return at::silu(x); }
Tensor sigmoid(const Tensor& x) { return at::sigmoid(x); }
Tensor tanhOf(const Tensor& x) { return at::tanh(x); }
Tensor mish(const Tensor& x) { return at::mish(x); }
/// Ma et al. 2022 (arXiv:2209.10655), with the constants given there.
Tensor laplace(const Tensor& x) { return 0.5 * (1 + at::erf((x - 0.707107) / (0.282095 * std::sqrt(2.0)))); }

const std::map<std::string, NamedActivation>& all() {
    static const std::map<std::string, NamedActivation> map{{"gelu", gelu},
                                                            {"gelu_10", clippedGelu},
                                                            {"gelu_accurate", geluByTanh},
                                                            {"gelu_fast", geluByTanh},
                                                            {"gelu_new", geluByTanh},
                                                            {"gelu_python", gelu},
                                                            {"gelu_python_tanh", geluByTanh},
                                                            {"gelu_pytorch_tanh", geluByTanh},
                                                            {"laplace", laplace},
                                                            {"leaky_relu", leakyRelu},
                                                            {"leakyrelu", leakyRelu},
                                                            {"linear", linear},
                                                            {"mish", mish},
                                                            {"quick_gelu", quickGelu},
                                                            {"relu", relu},
                                                            {"relu2", squaredRelu},
                                                            {"relu6", relu6},
                                                            {"sigmoid", sigmoid},
                                                            {"silu", silu},
                                                            {"swish", silu},
                                                            {"tanh", tanhOf}};
    return map;
}

} // namespace

std::span<const std::string> activationNames() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> list;
        for (const auto& [name, function] : all())
            list.push_back(name);
        return list;
    }();
    return names;
}

NamedActivation activationNamed(const std::string& name) {
    const auto it = all().find(name);
    return it == all().end() ? nullptr : it->second;
}

} // namespace lathe
