#pragma once

#include "core/base/result.h"
#include "core/text/rust/lathe_text.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// A text that the Rust library gave, released with its owner.
class RustText {
public:
    RustText() = default;
    RustText(const RustText&) = delete;
    RustText& operator=(const RustText&) = delete;
    ~RustText() { lathe_text_free_string(m_content); }

    /// Where the library puts the text; once an object.
    [[nodiscard]] LatheTextString* out() { return &m_content; }
    [[nodiscard]] std::string text() const {
        return m_content.size == 0 ? std::string() : std::string(m_content.data, m_content.size);
    }

private:
    LatheTextString m_content{nullptr, 0};
};

[[nodiscard]] inline LatheTextView viewOf(std::string_view text) { return {text.data(), text.size()}; }

[[nodiscard]] inline std::vector<LatheTextView> viewsOf(std::span<const std::string> texts) {
    std::vector<LatheTextView> views;
    views.reserve(texts.size());
    for (const std::string& text : texts)
        views.push_back(viewOf(text));
    return views;
}

/// What a status other than LATHE_TEXT_OK means.
[[nodiscard]] inline Error rustError(int status, std::string where, std::string message) {
    const auto kind = status == LATHE_TEXT_INPUT ? Error::Kind::Input : Error::Kind::Internal;
    return {kind, std::move(where), std::move(message)};
}

} // namespace lathe
