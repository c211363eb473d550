#pragma once

#include "core/data/json_text.h"
#include "core/data/text_window.h"

#include <optional>
#include <string>
#include <string_view>

namespace lathe {

/// Walks through a JSON text of any length, value by value. The values are not checked.
class JsonCursor {
public:
    explicit JsonCursor(TextWindow& window) : m_window(window) {}

    struct Value {
        std::uint64_t offset = 0;
        std::size_t line = 0;
        std::string_view text;  ///< valid until the cursor moves on
        bool isTooLong = false; ///< beyond kLargestRow; `text` is empty then
    };

    /// The next sign that is no white space, which stays to be taken; '\0' at the end of the text.
    [[nodiscard]] Result<char> peek();
    /// Contract: peek() found a sign.
    void take() { advance(1); }
    /// The string at the cursor, decoded. Nothing if there is none or the text ends in it.
    [[nodiscard]] Result<std::optional<std::string>> key();
    /// The value at the cursor, up to the comma or bracket behind it. Nothing if the text ends in it.
    [[nodiscard]] Result<std::optional<Value>> value();
    [[nodiscard]] std::uint64_t position() const { return m_window.position() + m_used; }
    /// From 1.
    [[nodiscard]] std::size_t line();

private:
    void advance(std::size_t size);

    TextWindow& m_window;
    std::size_t m_line = 1;
    std::size_t m_used = 0; // bytes of the value given last, which are still in view
};

/// What a JSON file holds, as far as its beginning tells.
struct JsonShape {
    enum class Kind { Array, ArrayInObject, Columns, Other };
    Kind kind = Kind::Other;
    std::string arrayKey;         ///< of ArrayInObject
    bool isListOfObjects = false; ///< of Array: its first element is an object
};
[[nodiscard]] JsonShape jsonShapeOf(std::string_view beginning);

} // namespace lathe
