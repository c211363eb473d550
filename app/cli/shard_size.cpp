#include "app/cli/shard_size.h"

#include <charconv>

namespace lathe {

Result<std::uint64_t> shardBytes(const std::string& text) {
    if (text.empty())
        return std::uint64_t{0};
    double size = 0;
    const char* end = text.data() + text.size();
    const auto [rest, problem] = std::from_chars(text.data(), end, size);
    const std::string unit(rest, end);
    const double factor = unit == "GB"                  ? 1e9
                          : unit == "MB"                ? 1e6
                          : unit == "KB"                ? 1e3
                          : unit == "B" || unit.empty() ? 1
                                                        : 0;
    if (problem != std::errc() || factor == 0 || !(size * factor >= 1 && size * factor < 1e18))
        return inputError("--max-shard", "\"" + text + "\" is no size; write it as 5GB or 500MB");
    return static_cast<std::uint64_t>(size * factor);
}

} // namespace lathe
