#pragma once

#include "core/base/adapter_mix.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lathe {

struct ChatMessage {
    std::string role; ///< "system", "user" or "assistant"
    std::string content;
};

/// How to continue a text. The defaults are greedy.
struct GenerationOptions {
    std::int64_t maxNewTokens = 256;
    double temperature = 0;             ///< 0: greedy
    std::int64_t topK = 0;              ///< 0: off; Fan et al. 2018 (arXiv:1805.04833)
    double topP = 1;                    ///< 1: off; Holtzman et al. 2020 (arXiv:1904.09751)
    double minP = 0;                    ///< 0: off; Nguyen et al. 2024 (arXiv:2407.01082)
    double repetitionPenalty = 1;       ///< 1: off; Keskar et al. 2019 (arXiv:1909.05858)
    std::int64_t beams = 1;             ///< above 1: beam search, without sampling
    double lengthPenalty = 1;           ///< beam scores are divided by length to this power
    std::vector<std::string> stopTexts; ///< the text ends before the first of them
    std::uint64_t seed = 0;
    std::int64_t noRepeatNgram = 0; ///< 0: off; no sequence of so many tokens occurs twice
    /// Beam search ends as soon as there are as many finished texts as beams.
    bool shouldStopBeamsEarly = false;
};

struct GeneratedText {
    enum class End { EndToken, StopText, Length, Stopped };
    std::string text;
    End end = End::Length;
    std::int64_t promptTokens = 0;
    std::int64_t tokens = 0; ///< made
    double seconds = 0;      ///< from the first token read to the last made
};

/// A base model, with an adapter or without, that continues texts. Belongs to one thread at a time.
class TextGenerator {
public:
    TextGenerator() = default;
    TextGenerator(const TextGenerator&) = delete;
    TextGenerator& operator=(const TextGenerator&) = delete;
    virtual ~TextGenerator() = default;

    /// A conversation as the model reads it, ready for the assistant's next words: by the model's chat
    /// template. Input error where the model has none, or with the template's own words.
    [[nodiscard]] virtual Result<std::string> prompt(const std::vector<ChatMessage>& messages) const = 0;
    [[nodiscard]] virtual bool hasChatTemplate() const = 0;
    /// Continues `prompt`; `onPiece` gets each piece of text as soon as it is sure (whole characters, no part
    /// of a stop text). A stop request ends it within one token and keeps the text so far. Input error for
    /// options out of range or a prompt longer than the model's context (says both).
    [[nodiscard]] virtual Result<GeneratedText> generate(std::string_view prompt,
                                                         const GenerationOptions& options,
                                                         const std::function<void(std::string_view)>& onPiece,
                                                         std::stop_token stop) = 0;
    /// Continues several prompts, in their order. What one becomes does not depend on the others, but it may
    /// differ from what generate() makes of it alone: each has a seed of its own. Errors as generate().
    [[nodiscard]] virtual Result<std::vector<GeneratedText>>
    generateAll(const std::vector<std::string>& prompts, const GenerationOptions& options,
                std::stop_token stop) {
        std::vector<GeneratedText> texts;
        for (const std::string& prompt : prompts) {
            LATHE_ASSIGN(GeneratedText text, generate(prompt, options, {}, stop));
            texts.push_back(std::move(text));
        }
        return texts;
    }
    /// How the model's own files say it is to be used, where they do.
    [[nodiscard]] virtual GenerationOptions defaults() const { return {}; }

    /// Has exactly these adapters on from now on; the base stays loaded. Input error, and nothing changed,
    /// where one does not fit the base or the others, naming it.
    [[nodiscard]] virtual Status setAdapters(const AdapterMix& mix) {
        return mix.adapters.empty() ? ok() : Status(inputError("adapters", "cannot be changed here"));
    }
    /// Folds the adapters that are on into the base, compares, and takes them out again. Input error where
    /// the mathematics does not allow it, naming adapter and place.
    [[nodiscard]] virtual Result<MergeCheck> checkMerge() {
        return inputError("adapters", "cannot be merged here");
    }
};

/// Loads a model folder, and adapters onto it.
using OpenTextGenerator = std::function<Result<std::unique_ptr<TextGenerator>>(
    const std::filesystem::path& model, const AdapterMix& mix)>;

} // namespace lathe
