#include "core/adapter/prompt_adapter.h"

#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;

ParamSchema prefixProjectionOptions() {
    ParamSchema options;
    options.push_back({"prefix_projection",
                       "adapter",
                       "Reparametrize",
                       "",
                       "Let a small network make the keys and values while training: steadier with little "
                       "data, and more to train. Only its result is saved.",
                       BoolDomain{},
                       false,
                       {},
                       true,
                       true});
    options.push_back({"prefix_hidden_size",
                       "adapter",
                       "Hidden size",
                       "",
                       "Width of that network's middle layer.",
                       IntDomain{1, 16384, 1, true},
                       std::int64_t{512},
                       {{{"prefix_projection", {"true"}}}},
                       true,
                       true});
    return options;
}

std::unique_ptr<PromptEncoder> prefixEncoder(const ModelSummary& model, const ParamValues& values) {
    const std::int64_t tokens = values.integer("virtual_tokens");
    const std::int64_t width = promptWidth(model, PromptPlace::Layers);
    if (!values.flag("prefix_projection"))
        return makePlainEncoder(tokens, width);
    return makeProjectionEncoder(tokens, model.keyValueHeads * model.headSize,
                                 values.integer("prefix_hidden_size"), width);
}

json prefixConfig(const ModelSummary& model, const ParamValues& values) {
    const bool isProjected = values.flag("prefix_projection");
    json config = promptConfig(model, values, "PREFIX_TUNING", PromptPlace::Layers);
    config["prefix_projection"] = isProjected;
    config["encoder_hidden_size"] =
        isProjected ? json(values.integer("prefix_hidden_size")) : config.at("token_dim");
    config["init_weights"] = nullptr;
    config["peft_version"] = "0.21.2"; // whose form this is
    return config;
}

} // namespace lathe
