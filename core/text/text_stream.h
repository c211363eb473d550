#pragma once

#include "core/base/result.h"
#include "core/text/tokenizer.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// Decodes tokens as they come: gives whole characters only, and only text that no later token can change.
/// All pieces together are `decode` of all ids without special tokens. Amortised constant cost a token. Where
/// the vocabulary spells single bytes as tokens (<0xE2>), a run of them is given when it ends, because its
/// last byte decides how the whole run is read.
class TextStream {
public:
    /// `tokenizer` must outlive the stream.
    explicit TextStream(const Tokenizer& tokenizer) : m_tokenizer(tokenizer) {}

    /// The text that became sure by this token, often empty. Ids outside the vocabulary give none. Input
    /// error if `id` is negative.
    [[nodiscard]] Result<std::string> push(std::int32_t id);
    /// What was held back, an unfinished character as U+FFFD. The next push begins a new text.
    [[nodiscard]] Result<std::string> finish();

private:
    [[nodiscard]] Result<bool> isByte(std::int32_t id) const;
    [[nodiscard]] Result<std::string> windowText() const;
    Status keepLastToken();
    Status shorten(std::string_view text);

    const Tokenizer& m_tokenizer;
    /// The last token whose text was given, as context, and those whose text was not, or not wholly.
    std::vector<std::int32_t> m_window;
    std::size_t m_given = 0; ///< bytes of the window's text that were given
    std::size_t m_nextShortening = 16;
};

/// Finds stop texts in a stream: the text ends before the one that is complete first; of several that end at
/// the same place, before the longest. The result does not depend on how the text is cut into pieces.
class StopTexts {
public:
    /// Empty texts stop nothing.
    explicit StopTexts(std::vector<std::string> texts);

    /// What may be shown: all but an end that may be the beginning of a stop text. Nothing after a stop.
    [[nodiscard]] std::string push(std::string_view piece);
    [[nodiscard]] bool hasStopped() const { return m_hasStopped; }
    /// What was held back, if no stop text was found.
    [[nodiscard]] std::string finish();

private:
    std::vector<std::string> m_texts;
    std::string m_held;
    bool m_hasStopped = false;
};

} // namespace lathe
