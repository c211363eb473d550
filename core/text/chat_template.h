#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lathe {

/// A conversation as the model reads it.
struct RenderedChat {
    std::string text;
    /// Byte ranges [from, to) of `text` that the template's `{% generation %}` blocks wrote: what the model
    /// answered. Empty where the template has no such block.
    std::vector<std::pair<std::size_t, std::size_t>> generated;
};

/// Renders a Hugging Face chat template (Jinja) by `minijinja` as transformers does: blocks trimmed,
/// `raise_exception`, `strftime_now`, `tojson` and `{% generation %}` known, `tools` and `documents` None
/// unless given. `contextJson`: {"messages": […], "add_generation_prompt": bool, "bos_token": "…", …}. Input
/// error with the template's own words where it calls raise_exception, or with the line where it is malformed
/// or fails, or where it does not end. Any thread.
[[nodiscard]] Result<RenderedChat> renderChat(std::string_view source, std::string_view contextJson);

/// The text of renderChat alone.
[[nodiscard]] Result<std::string> renderChatTemplate(std::string_view source, std::string_view contextJson);

} // namespace lathe
