#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace lathe {

/// One thing met while reading JSON from front to back.
struct JsonEvent {
    enum class Kind { ObjectStart, ObjectEnd, ArrayStart, ArrayEnd, Key, Text, Count, Other };
    Kind kind = Kind::Other;
    int depth = 0;           ///< how many objects and lists are open around it; a key's is that of its object
    std::string_view text;   ///< of Key and Text; valid during the call
    std::uint64_t count = 0; ///< of Count: an integer that is not negative
};

/// Reads JSON without building a document of it, which takes a multiple of the text's memory; large headers
/// and indexes of checkpoints are read so. An error of `visit` ends the reading and is passed on. Input
/// error: not valid JSON (names the byte), nested more than `maxDepth` deep. `what` is the part of the file
/// in messages: "header".
[[nodiscard]] Status walkJson(std::string_view text, const std::string& where, const std::string& what,
                              int maxDepth, const std::function<Status(const JsonEvent&)>& visit);

} // namespace lathe
