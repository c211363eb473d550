#include "core/session/chat_options.h"

#include "core/data/prompt_template.h"

#include <algorithm>
#include <limits>

namespace lathe {

namespace {

constexpr std::int64_t kMostTokens = 1'000'000;
constexpr std::int64_t kMostTopK = 1'000'000;
constexpr std::int64_t kMostBeams = 64;

ParamSpec makeSpec(std::string key, std::string group, std::string label, std::string unit, std::string help,
                   Domain domain, ParamValue fallback) {
    ParamSpec spec{std::move(key),  std::move(group),  std::move(label),    std::move(unit),
                   std::move(help), std::move(domain), std::move(fallback), {}};
    spec.isSearchable = false;
    return spec;
}

ChoiceDomain promptForms() {
    ChoiceDomain forms{{"auto", "text"}, {"As the model has it", "Text as it stands"}, false};
    for (const PartInfo& info : promptTemplates()) {
        forms.values.push_back(info.id);
        forms.labels.push_back(info.label);
    }
    return forms;
}

std::vector<std::string> linesOf(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t end = std::min(text.find('\n', from), text.size());
        if (end > from)
            lines.push_back(text.substr(from, end - from));
        from = end + 1;
    }
    return lines;
}

std::string joinedLines(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines)
        text += (text.empty() ? "" : "\n") + line;
    return text;
}

} // namespace

ParamSchema chatOptionsSchema() {
    const GenerationOptions usual;
    const TextDomain lines{TextDomain::Kind::Multiline, true};
    return {
        makeSpec("max_new_tokens", "answer", "Longest answer", "tokens",
                 "The answer ends after so many tokens if it has not ended before.",
                 IntDomain{1, kMostTokens, 1, true}, usual.maxNewTokens),
        makeSpec("temperature", "answer", "Temperature", "",
                 "0 always takes the likeliest token. Higher draws: 0.7 is usual, above 1 is wild.",
                 RealDomain{0, 10}, usual.temperature),
        makeSpec("seed", "answer", "Seed", "",
                 "The same seed, question and settings give the same answer; all voices use the same.",
                 IntDomain{0, std::numeric_limits<std::int32_t>::max()},
                 static_cast<std::int64_t>(usual.seed)),
        makeSpec("top_k", "drawing", "Top k", "", "Draws from so many of the likeliest tokens; 0: from all.",
                 IntDomain{0, kMostTopK}, usual.topK),
        makeSpec("top_p", "drawing", "Top p", "",
                 "Draws from the likeliest tokens that have this probability together; 1: from all.",
                 RealDomain{0, 1, false, true}, usual.topP),
        makeSpec("min_p", "drawing", "Min p", "",
                 "Draws from tokens at least so likely, as a share of the likeliest one's; 0: from all.",
                 RealDomain{0, 1}, usual.minP),
        makeSpec("repetition_penalty", "drawing", "Repetition penalty", "",
                 "Above 1, tokens that have occurred become less likely; 1: off.",
                 RealDomain{0, 100, false, true}, usual.repetitionPenalty),
        makeSpec("beams", "drawing", "Beams", "",
                 "Above 1, follows so many likely answers at once and takes the best, without drawing.",
                 IntDomain{1, kMostBeams}, usual.beams),
        makeSpec("stop_texts", "prompt", "Stop before", "",
                 "The answer ends before any of these texts; one a line.", lines, std::string()),
        makeSpec(
            "prompt_form", "prompt", "Prompt", "",
            "How a question becomes what the model reads. An adapter wants the form it was trained with.",
            promptForms(), std::string("auto")),
        makeSpec("system", "prompt", "System text", "",
                 "Tells the model who it is. Only chat templates have a place for it.", lines, std::string()),
    };
}

GenerationOptions generationOptions(const ParamValues& values) {
    GenerationOptions options;
    options.maxNewTokens = values.integer("max_new_tokens");
    options.temperature = values.real("temperature");
    options.topK = values.integer("top_k");
    options.topP = values.real("top_p");
    options.minP = values.real("min_p");
    options.repetitionPenalty = values.real("repetition_penalty");
    options.beams = values.integer("beams");
    options.stopTexts = linesOf(values.text("stop_texts"));
    options.seed = static_cast<std::uint64_t>(values.integer("seed"));
    return options;
}

ParamValues withModelDefaults(ParamValues values, const GenerationOptions& defaults) {
    values.set("max_new_tokens", defaults.maxNewTokens);
    values.set("temperature", defaults.temperature);
    values.set("top_k", defaults.topK);
    values.set("top_p", defaults.topP);
    values.set("min_p", defaults.minP);
    values.set("repetition_penalty", defaults.repetitionPenalty);
    values.set("beams", defaults.beams);
    values.set("stop_texts", joinedLines(defaults.stopTexts));
    return values;
}

Result<std::string> chatPrompt(const TextGenerator& generator, const std::string& form,
                               const std::vector<ChatMessage>& messages) {
    if (form == kChatTemplate || (form == "auto" && generator.hasChatTemplate()))
        return generator.prompt(messages);
    const std::string& question = messages.back().content;
    if (form == "auto" || form == "text")
        return question;
    LATHE_ASSIGN(const PromptTemplate found, findPromptTemplate(form));
    const std::size_t end = std::min(question.find('\n'), question.size());
    const std::size_t rest = std::min(question.find_first_not_of('\n', end), question.size());
    return renderPrompt(found, {{"instruction", question.substr(0, end)}, {"input", question.substr(rest)}});
}

} // namespace lathe
