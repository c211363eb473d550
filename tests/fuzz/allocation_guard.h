#pragma once

#include <cstdint>

namespace lathe::fuzz {

/// Replaces the program's operator new and delete (by being linked in) to count the bytes that live. Memory
/// that does not come from operator new, such as the data of tensors, is not counted.
namespace guard {

/// From now on at most `bytes` more may live; one allocation beyond that calls `exceeded`, which must not
/// return.
void begin(std::int64_t bytes, void (*exceeded)(std::int64_t wanted));
/// Ends what begin() began; returns the most bytes that lived in between.
std::int64_t end();

} // namespace guard

} // namespace lathe::fuzz
