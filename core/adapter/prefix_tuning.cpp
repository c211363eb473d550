#include "core/adapter/adapter_options.h"
#include "core/adapter/prefix_simplex.h"
#include "core/adapter/simplex_files.h"

#include <nlohmann/json.hpp>

namespace lathe {

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
        return countPromptParameters(*prefixEncoder(model, values), model, values);
    }
    std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues& values,
                                    std::uint64_t seed) const override;
    Result<std::unique_ptr<Adapter>> load(LanguageModel& model, const PeftFolder& folder) const override {
        return holdsSimplex(folder) ? loadPrefixSimplex(model, folder)
                                    : loadPrompt(model, folder, PromptPlace::Layers);
    }
};

ParamSchema PrefixMethod::options() const {
    ParamSchema options{virtualTokensOption(), modulesToSaveOption()};
    for (ParamSpec& start : promptStartOptions())
        options.push_back(std::move(start));
    for (ParamSpec& network : prefixProjectionOptions())
        options.push_back(std::move(network));
    return options;
}

std::unique_ptr<Adapter> PrefixMethod::attach(LanguageModel& model, const ParamValues& values,
                                              std::uint64_t seed) const {
    const ModelSummary& summary = model.summary();
    const at::Tensor start = promptStart(model, PromptPlace::Layers, values, seed);
    auto adapter = std::make_unique<PromptAdapter>(model, PromptPlace::Layers, prefixEncoder(summary, values),
                                                   prefixConfig(summary, values),
                                                   promptModules(summary, values).value(), seed);
    if (start.defined())
        adapter->startFrom(start);
    return adapter;
}

} // namespace

std::unique_ptr<AdapterMethod> makePrefixMethod() { return std::make_unique<PrefixMethod>(); }

} // namespace lathe
