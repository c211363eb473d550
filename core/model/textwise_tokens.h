#pragma once

#include "core/model/site_adapter.h"

namespace lathe {

/// Virtual tokens that differ from text to text.
class TextwiseTokens : public VirtualTokens {
public:
    /// In place of content(), for so many texts that begin together: keys and values [texts, K, n, d] each,
    /// or [K, n, d] where they are the same for all of them. Asked once for each pass over such texts.
    [[nodiscard]] virtual Content contentOfTexts(std::int64_t texts) const = 0;
};

/// What stands in front of so many texts that begin together.
[[nodiscard]] inline VirtualTokens::Content contentFor(const VirtualTokens& tokens, std::int64_t texts) {
    const auto* textwise = dynamic_cast<const TextwiseTokens*>(&tokens);
    return textwise != nullptr ? textwise->contentOfTexts(texts) : tokens.content();
}

} // namespace lathe
