#include "core/adapter/adapter_options.h"
#include "core/adapter/prompt_adapter.h"

#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;

namespace {

/// Prefix tuning, Li and Liang 2021 (arXiv:2101.00190): trained keys and values, not rotated, in front of
/// those of the text in every layer; one of each for every key-value head. The text's positions begin behind
/// them. Optionally made by a small network out of an embedding of each virtual token, which trains steadier.
class PrefixMethod final : public AdapterMethod {
public:
    ParamSchema options() const override;
    std::string sizeKey() const override { return "virtual_tokens"; }
    std::string peftType() const override { return "PREFIX_TUNING"; }
    bool startsAsBase(const ParamValues&) const override { return false; }
    std::string textToEncode(const ParamValues& values) const override {
        return values.text("tokens_init") == "text" ? values.text("init_text") : std::string();
    }

    std::vector<Problem> check(const ModelSummary& model, const ParamValues& values) const override {
        auto problems = promptProblems(model, values, "Prefix tuning");
        if (problems.empty() && values.flag("prefix_projection") && values.text("tokens_init") != "random")
            problems.push_back({"tokens_init", "tokens_init " + values.text("tokens_init") +
                                                   " gives keys and values, which prefix_projection makes "
                                                   "itself; choose random or switch it off"});
        return problems;
    }
    std::int64_t countParameters(const ModelSummary& model, const ParamValues& values) const override {
        return countPromptParameters(*encoderFor(model, values), model, values);
    }
    std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues& values,
                                    std::uint64_t seed) const override;
    Result<std::unique_ptr<Adapter>> load(LanguageModel& model, const PeftFolder& folder) const override {
        return loadPrompt(model, folder, PromptPlace::Layers);
    }

private:
    static std::unique_ptr<PromptEncoder> encoderFor(const ModelSummary& model, const ParamValues& values) {
        const std::int64_t tokens = values.integer("virtual_tokens");
        const std::int64_t width = promptWidth(model, PromptPlace::Layers);
        if (!values.flag("prefix_projection"))
            return makePlainEncoder(tokens, width);
        return makeProjectionEncoder(tokens, model.keyValueHeads * model.headSize,
                                     values.integer("prefix_hidden_size"), width);
    }
};

ParamSchema PrefixMethod::options() const {
    ParamSchema options{virtualTokensOption(), modulesToSaveOption()};
    for (ParamSpec& start : promptStartOptions())
        options.push_back(std::move(start));
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

std::unique_ptr<Adapter> PrefixMethod::attach(LanguageModel& model, const ParamValues& values,
                                              std::uint64_t seed) const {
    const ModelSummary& summary = model.summary();
    const bool isProjected = values.flag("prefix_projection");
    json config = promptConfig(summary, values, peftType(), PromptPlace::Layers);
    config["prefix_projection"] = isProjected;
    config["encoder_hidden_size"] =
        isProjected ? json(values.integer("prefix_hidden_size")) : config.at("token_dim");
    const at::Tensor start = promptStart(model, PromptPlace::Layers, values, seed);
    auto adapter = std::make_unique<PromptAdapter>(model, PromptPlace::Layers, encoderFor(summary, values),
                                                   config, promptModules(summary, values).value(), seed);
    if (start.defined())
        adapter->startFrom(start);
    return adapter;
}

} // namespace

std::unique_ptr<AdapterMethod> makePrefixMethod() { return std::make_unique<PrefixMethod>(); }

} // namespace lathe
