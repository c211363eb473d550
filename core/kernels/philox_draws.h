#pragma once

#include <cstdint>

namespace lathe {

inline constexpr std::int64_t kPhiloxCalls = 16; ///< that are made at a time
inline constexpr std::int64_t kPhiloxWords = 4;  ///< of a call, 32 bits each

/// philox() of core/base/random.h for kPhiloxCalls counters from `first` on, whose upper half is `high`.
/// words: the kPhiloxWords of each call in a row.
void drawPhilox(std::uint64_t key, std::int64_t first, std::uint64_t high, std::uint32_t* words);

/// Of the same calls a byte each: of the eight halves of its words, the lower one first, a bit is set where
/// the half is `threshold` or more, the lowest bit for the first. threshold: 0 to 65536. bits:
/// [kPhiloxCalls].
void drawKept(std::uint64_t key, std::int64_t first, std::uint64_t high, std::uint32_t threshold,
              std::uint8_t* bits);

} // namespace lathe
