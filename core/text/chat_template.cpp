#include "core/text/chat_template.h"

#include "core/text/rust_border.h"

namespace lathe {

Result<RenderedChat> renderChat(std::string_view source, std::string_view contextJson) {
    LatheTextRendering rendering{};
    RustText error;
    const int status = lathe_text_render(viewOf(source), viewOf(contextJson), &rendering, error.out());
    if (status != LATHE_TEXT_OK)
        return rustError(status, "", error.text());
    RenderedChat chat;
    chat.text.assign(rendering.text.data, rendering.text.size);
    for (std::size_t range = 0; range < rendering.generated_count; ++range)
        chat.generated.emplace_back(rendering.generated[2 * range], rendering.generated[2 * range + 1]);
    lathe_text_free_rendering(rendering);
    return chat;
}

Result<std::string> renderChatTemplate(std::string_view source, std::string_view contextJson) {
    LATHE_ASSIGN(RenderedChat chat, renderChat(source, contextJson));
    return std::move(chat.text);
}

} // namespace lathe
