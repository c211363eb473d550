#include "core/adapter/adapter_options.h"
#include "core/adapter/prompt_adapter.h"

#include <nlohmann/json.hpp>

namespace lathe {

using nlohmann::json;

namespace {

/// P-tuning, Liu et al. 2021 (arXiv:2103.10385): the vectors of prompt tuning, made by a small network that
/// relates them to each other (an LSTM) or to nothing (an MLP) while training. Only its result is saved.
class PTuningMethod final : public AdapterMethod {
public:
    ParamSchema options() const override;
    std::string sizeKey() const override { return "encoder_hidden_size"; }
    std::string peftType() const override { return "P_TUNING"; }
    bool startsAsBase(const ParamValues&) const override { return false; }

    std::vector<Problem> check(const ModelSummary& model, const ParamValues& values) const override {
        return promptProblems(model, values, "P-tuning");
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
    static bool isLstm(const ParamValues& values) { return values.text("encoder_type") == "lstm"; }
    static std::unique_ptr<PromptEncoder> encoderFor(const ModelSummary& model, const ParamValues& values) {
        const std::int64_t tokens = values.integer("virtual_tokens");
        const std::int64_t width = promptWidth(model, PromptPlace::Input);
        const std::int64_t hidden = values.integer("encoder_hidden_size");
        if (!isLstm(values))
            return makeMlpEncoder(tokens, width, hidden);
        return makeLstmEncoder(tokens, width, hidden, values.integer("encoder_num_layers"),
                               values.real("encoder_dropout"));
    }
};

ParamSchema PTuningMethod::options() const {
    const Condition isLstm{{{"encoder_type", {"lstm"}}}};
    ParamSchema options{virtualTokensOption(), modulesToSaveOption()};
    options.push_back({"encoder_type",
                       "adapter",
                       "Encoder",
                       "",
                       "The network that makes the virtual tokens while training. The LSTM relates them to "
                       "each other and takes longer.",
                       ChoiceDomain{{"mlp", "lstm"}, {"MLP", "LSTM"}},
                       std::string("mlp"),
                       {},
                       true,
                       true});
    options.push_back({"encoder_hidden_size",
                       "adapter",
                       "Encoder's hidden size",
                       "",
                       "Width of the encoder's inner layers. It costs memory and time while training only.",
                       IntDomain{1, 16384, 1, true},
                       std::int64_t{128},
                       {},
                       true,
                       true});
    options.push_back({"encoder_num_layers", "adapter", "Layers of the LSTM", "layers", "Two are usual.",
                       IntDomain{1, 16}, std::int64_t{2}, isLstm, true, true});
    options.push_back({"encoder_dropout", "adapter", "Dropout in the LSTM", "",
                       "Share of the numbers set to zero between its layers while training.",
                       RealDomain{0, 0.9, false, false}, 0.0, isLstm, true, true});
    return options;
}

std::unique_ptr<Adapter> PTuningMethod::attach(LanguageModel& model, const ParamValues& values,
                                               std::uint64_t seed) const {
    const ModelSummary& summary = model.summary();
    json config = promptConfig(summary, values, peftType(), PromptPlace::Input);
    config["encoder_reparameterization_type"] = isLstm(values) ? "LSTM" : "MLP";
    config["encoder_hidden_size"] = values.integer("encoder_hidden_size");
    config["encoder_num_layers"] = isLstm(values) ? json(values.integer("encoder_num_layers")) : json(2);
    config["encoder_dropout"] = isLstm(values) ? json(values.real("encoder_dropout")) : json(0.0);
    return std::make_unique<PromptAdapter>(model, PromptPlace::Input, encoderFor(summary, values), config,
                                           promptModules(summary, values).value(), seed);
}

} // namespace

std::unique_ptr<AdapterMethod> makePTuningMethod() { return std::make_unique<PTuningMethod>(); }

} // namespace lathe
