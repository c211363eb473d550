#pragma once

#include "core/params/param_schema.h"
#include "core/tasks/text_generator.h"

namespace lathe {

/// How the voices of a chat answer, as a form shows it: the keys are those of GenerationOptions in snake
/// case, and "system" (text), "prompt_form" (how a question becomes a prompt, see chatPrompt()) and
/// "stop_texts" (one a line). Labels and help are translated in the context "ParamSchema".
[[nodiscard]] ParamSchema chatOptionsSchema();

/// Contract: the values passed validate() with chatOptionsSchema().
[[nodiscard]] GenerationOptions generationOptions(const ParamValues& values);

/// What the model's own files say, over the values; what no model says (seed, system, prompt form) stays.
[[nodiscard]] ParamValues withModelDefaults(ParamValues values, const GenerationOptions& defaults);

/// The prompt for the last message, by the form: "auto", the model's chat template, or the question as it
/// stands where it has none; "text", the question as it stands; or a prompt template of the training data,
/// with the question's first line as the instruction and the rest as its input. All but a chat template leave
/// the messages before the last out.
[[nodiscard]] Result<std::string> chatPrompt(const TextGenerator& generator, const std::string& form,
                                             const std::vector<ChatMessage>& messages);

} // namespace lathe
