#include "core/adapter/adapter_options.h"
#include "core/adapter/prompt_adapter.h"

#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;

namespace {

/// Prompt tuning, Lester et al. 2021 (arXiv:2104.08691): trained vectors in front of those of the text's
/// tokens, before the first layer.
class PromptMethod final : public AdapterMethod {
public:
    ParamSchema options() const override {
        ParamSchema options{virtualTokensOption(), modulesToSaveOption()};
        for (ParamSpec& start : promptStartOptions())
            options.push_back(std::move(start));
        return options;
    }
    std::string sizeKey() const override { return "virtual_tokens"; }
    std::string peftType() const override { return "PROMPT_TUNING"; }
    bool startsAsBase(const ParamValues&) const override { return false; }
    std::string textToEncode(const ParamValues& values) const override {
        return values.text("tokens_init") == "text" ? values.text("init_text") : std::string();
    }

    std::vector<Problem> check(const ModelSummary& model, const ParamValues& values) const override {
        return promptProblems(model, values, "Prompt tuning");
    }
    std::int64_t countParameters(const ModelSummary& model, const ParamValues& values) const override {
        return countPromptParameters(*encoderFor(model, values), model, values);
    }
    std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues& values,
                                    std::uint64_t seed) const override;
    Result<std::unique_ptr<Adapter>> load(LanguageModel& model, const PeftFolder& folder) const override {
        return loadPrompt(model, folder, PromptPlace::Input);
    }

private:
    static std::unique_ptr<PromptEncoder> encoderFor(const ModelSummary& model, const ParamValues& values) {
        return makePlainEncoder(values.integer("virtual_tokens"), promptWidth(model, PromptPlace::Input));
    }
};

/// How the table started. What matters in use is the table.
void addStart(json& config, const ParamValues& values) {
    const std::string& init = values.text("tokens_init");
    config["prompt_tuning_init"] = init == "text" ? "TEXT" : init == "vocabulary" ? "SAMPLE_VOCAB" : "RANDOM";
    config["prompt_tuning_init_text"] = init == "text" ? json(values.text("init_text")) : json();
    config["tokenizer_kwargs"] = json();
    config["tokenizer_name_or_path"] = json();
}

std::unique_ptr<Adapter> PromptMethod::attach(LanguageModel& model, const ParamValues& values,
                                              std::uint64_t seed) const {
    const ModelSummary& summary = model.summary();
    json config = promptConfig(summary, values, peftType(), PromptPlace::Input);
    addStart(config, values);
    const at::Tensor start = promptStart(model, PromptPlace::Input, values, seed);
    auto adapter = std::make_unique<PromptAdapter>(model, PromptPlace::Input, encoderFor(summary, values),
                                                   config, promptModules(summary, values).value(), seed);
    if (start.defined())
        adapter->startFrom(start);
    return adapter;
}

} // namespace

std::unique_ptr<AdapterMethod> makePromptMethod() { return std::make_unique<PromptMethod>(); }

} // namespace lathe
