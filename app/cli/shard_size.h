#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>

namespace lathe {

/// "5GB", "500MB", "64KB" or bytes, in powers of ten, as transformers' max_shard_size. 0: nothing was said.
/// Input error for anything else.
[[nodiscard]] Result<std::uint64_t> shardBytes(const std::string& text);

} // namespace lathe
