#include "app/cli/generation_flags.h"

#include "app/cli/adapter_flags.h"
#include "app/cli/open_project.h"
#include "core/data/prompt_template.h"
#include "core/train/text_generator.h"

#include <CLI/CLI.hpp>

namespace lathe {

namespace {

/// Takes over what was said.
template <typename T>
void set(T& value, const std::optional<T>& said) {
    if (said)
        value = *said;
}

} // namespace

void GenerationFlags::addTo(CLI::App& command) {
    command.add_option("--model", model, "Model folder")->type_name("DIR");
    addAdapterOption(command, adapters);
    command.add_flag("--merge", isMerged,
                     "Fold the adapters into the base's weights first, and tell what that changes");
    command
        .add_option("--trial", trial,
                    "Model, adapter and prompt template of this trial; --adapter adds to its adapter")
        ->check(CLI::PositiveNumber)
        ->type_name("TRIAL");
    command.add_option("--device", device, "auto (a GPU where there is one), cpu or cuda");
    command.add_option("--precision", precision, "auto (float32 on the CPU), float32, bfloat16 or float16");
    command
        .add_option("--max-new-tokens", maxNewTokens,
                    "Stop after so many tokens (default: the model's own setting, or 256)")
        ->check(CLI::Range(1, 1000000));
    command
        .add_option("--temperature", temperature,
                    "0: always the likeliest token (default: the model's own setting, or 0)")
        ->check(CLI::Range(0.0, 100.0));
    command.add_option("--top-k", topK, "Draw from so many likeliest tokens; 0: from all")
        ->check(CLI::Range(0, 1000000));
    command.add_option("--top-p", topP, "Draw from the likeliest tokens of this total probability")
        ->check(CLI::Range(0.0, 1.0));
    command.add_option("--min-p", minP, "Draw from tokens at least so likely, as a share of the likeliest's")
        ->check(CLI::Range(0.0, 1.0));
    command
        .add_option("--repetition-penalty", repetitionPenalty,
                    "Above 1: tokens that occurred become less likely")
        ->check(CLI::Range(0.01, 100.0));
    command
        .add_option("--no-repeat-ngram", noRepeatNgram, "No sequence of so many tokens occurs twice; 0: off")
        ->check(CLI::Range(0, 1000));
    command.add_option("--beams", beams, "Above 1: beam search, without drawing")->check(CLI::Range(1, 1000));
    command
        .add_option("--length-penalty", lengthPenalty,
                    "Of beam search: above 0 favours long answers, below 0 short ones")
        ->check(CLI::Range(-100.0, 100.0));
    command.add_option("--seed", seed, "Of the drawing (default 0)");
    command.add_option("--stop", stopTexts, "End before this text; may be given several times")
        ->type_name("TEXT")
        ->allow_extra_args(false);
}

Result<ModelChoice> GenerationFlags::choice(const SharedOptions& shared) const {
    ModelChoice chosen{model, {}, "plain"};
    if (trial > 0) {
        LATHE_ASSIGN(const StudyReader reader, openForReading(shared));
        LATHE_ASSIGN(const TrialRecord record, findTrialWithAdapter(reader, trial));
        chosen.model = record.values.text("model");
        chosen.mix = AdapterMix::only(record.adapterFolder);
        if (const ParamValue* used = record.values.find("prompt_template"); used != nullptr)
            chosen.promptTemplate = toText(*used);
    }
    LATHE_ASSIGN(const std::vector<AdapterChoice> given, parseAdapters(adapters));
    chosen.mix.adapters.insert(chosen.mix.adapters.end(), given.begin(), given.end());
    chosen.mix.isMerged = isMerged;
    if (!promptTemplate.empty())
        chosen.promptTemplate = promptTemplate;
    if (chosen.model.empty())
        return inputError("--model", "is missing; give a model folder, or --trial with a trial's number");
    return chosen;
}

Result<std::unique_ptr<TextGenerator>> GenerationFlags::open(const std::string& folder, const AdapterMix& mix,
                                                             const Terminal& terminal) const {
    LATHE_ASSIGN(auto generator, openTextGenerator(folder, mix, {precision, device}));
    if (mix.isMerged && !mix.adapters.empty()) {
        LATHE_ASSIGN(const MergeCheck check, generator->checkMerge());
        terminal.warn(describe(check));
    }
    return generator;
}

GenerationOptions GenerationFlags::over(GenerationOptions options) const {
    set(options.maxNewTokens, maxNewTokens);
    set(options.temperature, temperature);
    set(options.topK, topK);
    set(options.topP, topP);
    set(options.minP, minP);
    set(options.repetitionPenalty, repetitionPenalty);
    set(options.noRepeatNgram, noRepeatNgram);
    set(options.beams, beams);
    set(options.lengthPenalty, lengthPenalty);
    set(options.seed, seed);
    options.stopTexts.insert(options.stopTexts.end(), stopTexts.begin(), stopTexts.end());
    return options;
}

Result<std::string> templatedPrompt(const std::string& promptTemplate, const std::string& instruction,
                                    const std::string& input) {
    LATHE_ASSIGN(const PromptTemplate prompt, findPromptTemplate(promptTemplate));
    return renderPrompt(prompt, {{"instruction", instruction}, {"input", input}});
}

const char* endName(GeneratedText::End end) {
    switch (end) {
    case GeneratedText::End::EndToken:
        return "end-token";
    case GeneratedText::End::StopText:
        return "stop-text";
    case GeneratedText::End::Length:
        return "length";
    case GeneratedText::End::Stopped:
        break;
    }
    return "stopped";
}

ExitCode exitCodeOf(const Error& error) {
    if (error.kind == Error::Kind::Cancelled)
        return ExitCode::Interrupted;
    return error.kind == Error::Kind::Input ? ExitCode::BadInput : ExitCode::Failed;
}

} // namespace lathe
