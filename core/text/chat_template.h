#pragma once

#include "core/base/result.h"

#include <string>
#include <string_view>

namespace lathe {

/// Renders a Hugging Face chat template (Jinja) by `minijinja`. `contextJson`: {"messages": […],
/// "add_generation_prompt": bool, "bos_token": "…", …}. Input error with the template's own words where it
/// calls raise_exception, or with the line where it is malformed.
[[nodiscard]] Result<std::string> renderChatTemplate(std::string_view source, std::string_view contextJson);

} // namespace lathe
