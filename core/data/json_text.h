#pragma once

#include "core/base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lathe {

/// A member of an object as it is written: the key without its quotes, the value with them.
struct JsonMember {
    std::string_view key;
    std::string_view value;

    friend bool operator==(const JsonMember&, const JsonMember&) = default;
};

/// The members of the JSON object that is all of `text`, in their order, a key that is there twice included.
/// False where the text is not, beyond doubt, one well-formed object in valid UTF-8: then readJsonObject() is
/// the judge. Some ten times as fast as that.
[[nodiscard]] bool scanJsonObject(std::string_view text, std::vector<JsonMember>& members);

/// The members of a JSON object: strings decoded, null as empty text, everything else (numbers, booleans,
/// arrays, objects) exactly as it is written. A key that is there twice counts with its last value.
/// Input error (its `where` is empty) with the byte and what is wrong there.
using JsonTexts = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] Result<JsonTexts> readJsonObject(std::string_view text);

/// A value as a row holds it: a string decoded, null as empty text, everything else as it is written.
/// `written` is well-formed JSON.
[[nodiscard]] std::string jsonValueText(std::string_view written);
/// The text of a string without its quotes: escapes decoded; what is no escape becomes a replacement
/// character.
[[nodiscard]] std::string unescapedJson(std::string_view inner);
/// A text as a JSON string, in quotes.
[[nodiscard]] std::string quotedJson(std::string_view text);

/// Finds the end of a value in a text that comes in pieces. Looks at brackets and strings only, so that one
/// broken element does not cost the others.
class JsonValueEnd {
public:
    /// Goes on through `piece`. The position in it that ends the value: a comma or a closing bracket of what
    /// holds the value. Nothing if the piece ends first.
    [[nodiscard]] std::optional<std::size_t> find(std::string_view piece);

private:
    std::size_t m_depth = 0;
    bool m_isInString = false;
    bool m_isEscaped = false;
};

} // namespace lathe
