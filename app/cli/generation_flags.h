#pragma once

#include "app/cli/command_set.h"
#include "core/base/adapter_mix.h"
#include "core/tasks/text_generator.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lathe {

/// Which model and adapters to run, from what was said and, with --trial, from the trial's row.
struct ModelChoice {
    std::string model;
    AdapterMix mix; ///< the trial's adapter first
    std::string promptTemplate = "plain";
};

/// The flags of `generate` and `chat` that choose a model and how it answers.
struct GenerationFlags {
    std::string model;
    std::vector<std::string> adapters; ///< as parseAdapter() reads them
    bool isMerged = false;
    std::int64_t trial = 0;
    std::string promptTemplate;
    std::string device = "auto";
    std::string precision = "auto";
    std::optional<std::int64_t> maxNewTokens, topK, noRepeatNgram, beams;
    std::optional<double> temperature, topP, minP, repetitionPenalty, lengthPenalty;
    std::optional<std::uint64_t> seed;
    std::vector<std::string> stopTexts;

    void addTo(CLI::App& command);
    [[nodiscard]] Result<ModelChoice> choice(const SharedOptions& shared) const;
    /// Loads the model with these adapters. Where they are merged, tells what that changes.
    [[nodiscard]] Result<std::unique_ptr<TextGenerator>> open(const std::string& model, const AdapterMix& mix,
                                                              const Terminal& terminal) const;
    /// What was said over the model's own defaults.
    [[nodiscard]] GenerationOptions over(GenerationOptions defaults) const;
};

/// A question through a prompt template of the data pages.
[[nodiscard]] Result<std::string> templatedPrompt(const std::string& promptTemplate,
                                                  const std::string& instruction, const std::string& input);

/// "end-token", "stop-text", "length", "stopped".
[[nodiscard]] const char* endName(GeneratedText::End end);

/// BadInput for an input error, Interrupted for what was cancelled, else Failed.
[[nodiscard]] ExitCode exitCodeOf(const Error& error);

} // namespace lathe
