#pragma once

#include "core/base/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lathe {

/// The elements of a JSON array as they are written, each with its place in `text`. Looks at brackets and
/// strings only, so that one broken element does not cost the others; each element is still to be checked.
/// Input error (its `where` is empty) if `text` is not one array.
struct JsonSlice {
    std::size_t position = 0;
    std::string_view text;
};
[[nodiscard]] Result<std::vector<JsonSlice>> sliceJsonArray(std::string_view text);

/// The members of a JSON object: strings decoded, null as empty text, everything else (numbers, booleans,
/// arrays, objects) exactly as it is written. A key that is there twice counts with its last value.
/// Input error (its `where` is empty) with the byte and what is wrong there.
[[nodiscard]] Result<std::vector<std::pair<std::string, std::string>>> readJsonObject(std::string_view text);

} // namespace lathe
