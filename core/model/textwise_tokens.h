#pragma once

#include "core/model/site_adapter.h"

#include <span>

namespace lathe {

/// Virtual tokens that differ from text to text; or none at all, for adapters that have to know which texts
/// a pass reads.
class TextwiseTokens : public VirtualTokens {
public:
    /// In place of content(), for so many texts that begin together: keys and values [texts, K, n, d] each,
    /// or [K, n, d] where they are the same for all of them. Asked once for each pass over such texts.
    [[nodiscard]] virtual Content contentOfTexts(std::int64_t texts) const = 0;
    /// The same, told the tokens of each text where they stand side by side in one row; else `lengths` is
    /// empty.
    [[nodiscard]] virtual Content contentBeside(std::int64_t texts,
                                                std::span<const std::int64_t> /*lengths*/) const {
        return contentOfTexts(texts);
    }
};

/// What stands in front of so many texts that begin together.
[[nodiscard]] inline VirtualTokens::Content contentFor(const VirtualTokens& tokens, std::int64_t texts,
                                                       std::span<const std::int64_t> lengths = {}) {
    const auto* textwise = dynamic_cast<const TextwiseTokens*>(&tokens);
    return textwise != nullptr ? textwise->contentBeside(texts, lengths) : tokens.content();
}

} // namespace lathe
