#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace lathe {

/// 128 bits that stand for a text: among 10^9 texts two share them with a chance of 10^-21.
struct TextKey {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    bool operator==(const TextKey&) const = default;
    auto operator<=>(const TextKey&) const = default;
};
struct TextKeyHash {
    std::size_t operator()(const TextKey& key) const { return static_cast<std::size_t>(key.low); }
};

/// MurmurHash3_x64_128 (Appleby, public domain algorithm). Equal on every machine of this byte order.
[[nodiscard]] TextKey keyOf(std::string_view text);

/// How alike two texts must be to count as one.
enum class Likeness {
    Exact,
    CaseAndSpace, ///< lower case; runs of white space are one space, none at the ends
    Punctuation   ///< also signs of punctuation count as white space
};

/// The text that stands for all that are as alike. Lower case is known of the Latin, Greek and Cyrillic
/// letters with a simple mapping. `text` is UTF-8; bytes that are not are kept.
[[nodiscard]] std::string normalised(std::string_view text, Likeness likeness);

} // namespace lathe
