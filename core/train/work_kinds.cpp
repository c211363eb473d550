#include "core/train/work_kinds.h"

#include <algorithm>
#include <array>
#include <utility>

namespace lathe {

namespace {

struct Part {
    std::string_view text;
    WorkKind kind;
};

/// By a part of the name, the first that fits: operators, nodes of LibTorch's backward pass, and our own
/// nodes and scopes.
constexpr std::array kParts = {
    Part{kDataScope, WorkKind::Data},
    Part{kOptimizerScope, WorkKind::Optimizer},
    Part{"adamw", WorkKind::Optimizer},
    Part{kLossScope, WorkKind::LossAndHead},
    Part{"LossInPieces", WorkKind::LossAndHead},
    Part{"HeadLoss", WorkKind::LossAndHead},
    Part{"cross_entropy", WorkKind::LossAndHead},
    Part{"CrossEntropy", WorkKind::LossAndHead},
    Part{"nll_loss", WorkKind::LossAndHead},
    Part{"NllLoss", WorkKind::LossAndHead},
    Part{"log_softmax", WorkKind::LossAndHead},
    Part{"LogSoftmax", WorkKind::LossAndHead},
    Part{"mse_loss", WorkKind::LossAndHead},
    Part{"MseLoss", WorkKind::LossAndHead},
    Part{"lathe::attention", WorkKind::Attention},
    Part{"TextAttention", WorkKind::Attention},
    Part{"RotateHalves", WorkKind::Attention},
    Part{"lathe::rotate", WorkKind::Attention},
    Part{"dot_product", WorkKind::Attention},
    Part{"DotProduct", WorkKind::Attention},
    Part{"softmax", WorkKind::Attention},
    Part{"Softmax", WorkKind::Attention},
    Part{"lathe::base_product", WorkKind::BaseProducts},
    Part{"lathe::adapter", WorkKind::AdapterProducts},
    Part{"Lora", WorkKind::AdapterProducts},
    Part{"HadamardChange", WorkKind::AdapterProducts},
    Part{"VeraChange", WorkKind::AdapterProducts},
    Part{"Orthogonality", WorkKind::AdapterProducts},
    Part{"FrozenLinear", WorkKind::BaseProducts},
    Part{"lathe::norm", WorkKind::Elementwise},
    Part{"lathe::activation", WorkKind::Elementwise},
    Part{"RmsNorm", WorkKind::Elementwise},
    Part{"rms_norm", WorkKind::Elementwise},
    Part{"layer_norm", WorkKind::Elementwise},
    Part{"LayerNorm", WorkKind::Elementwise},
    Part{"Swiglu", WorkKind::Elementwise},
};

constexpr std::array<std::string_view, 9> kProducts = {
    "aten::mm", "aten::addmm", "aten::addmm_",      "aten::linear",       "aten::matmul",
    "aten::mv", "aten::addmv", "aten::_grouped_mm", "aten::mkldnn_linear"};
constexpr std::array<std::string_view, 3> kBatchedProducts = {"aten::bmm", "aten::baddbmm", "aten::baddbmm_"};

/// Operators ("aten::add_") and their nodes ("AddBackward0"); in-place spellings too.
constexpr std::array<std::string_view, 34> kElementwise = {"add",         "sub",
                                                           "rsub",        "mul",
                                                           "div",         "neg",
                                                           "pow",         "exp",
                                                           "log",         "sqrt",
                                                           "rsqrt",       "sin",
                                                           "cos",         "tanh",
                                                           "sum",         "mean",
                                                           "var",         "sigmoid",
                                                           "silu",        "gelu",
                                                           "relu",        "native_dropout",
                                                           "erf",         "abs",
                                                           "clamp",       "where",
                                                           "masked_fill", "bernoulli",
                                                           "threshold",   "maximum",
                                                           "minimum",     "mish",
                                                           "softplus",    "sigmoid_backward"};

std::string_view bare(std::string_view name) {
    constexpr std::string_view kPrefix = "aten::";
    if (!name.starts_with(kPrefix))
        return {};
    name.remove_prefix(kPrefix.size());
    for (const std::string_view ending : {"_", "_backward"})
        if (name.ends_with(ending))
            name.remove_suffix(ending.size());
    return name;
}

constexpr std::string_view kEngine = "autograd::engine::evaluate_function";

} // namespace

std::optional<WorkKind> kindOf(std::string_view name) {
    if (name.starts_with(kEngine))
        return std::nullopt; // its node comes next and has the same name
    const auto found =
        std::ranges::find_if(kParts, [name](const Part& part) { return name.find(part.text) != name.npos; });
    return found == kParts.end() ? std::nullopt : std::optional(found->kind);
}

bool isProduct(std::string_view name) {
    return std::ranges::find(kProducts, name) != kProducts.end() || isBatchedProduct(name);
}

bool isBatchedProduct(std::string_view name) {
    return std::ranges::find(kBatchedProducts, name) != kBatchedProducts.end();
}

bool isElementwise(std::string_view name) {
    return std::ranges::find(kElementwise, bare(name)) != kElementwise.end();
}

std::string operatorName(std::string_view name) {
    if (name.starts_with(kEngine))
        return "autograd engine";
    constexpr std::string_view kNode = "CppNode<";
    if (const auto at = name.find(kNode); at != name.npos) {
        name.remove_prefix(at + kNode.size());
        name = name.substr(0, name.rfind('>'));
        if (const auto colons = name.rfind("::"); colons != name.npos)
            name.remove_prefix(colons + 2);
        return std::string(name) + " backward";
    }
    if (const auto colons = name.rfind("::"); name.starts_with("torch::autograd::"))
        name.remove_prefix(colons + 2);
    return std::string(name);
}

} // namespace lathe
