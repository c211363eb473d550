#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace lathe {

/// Reads single keys of a config.json with a default; the first wrong one is kept as the error, so that a
/// caller reads all keys and looks at problem() once.
class ConfigReader {
public:
    explicit ConfigReader(const nlohmann::json& config) : m_config(config) {}

    /// The first of the keys that is there and not null, else the first: for keys with aliases.
    [[nodiscard]] const char* present(std::initializer_list<const char*> keys) const;
    /// Above the size of anything in any model, and so small that products of two and their sums do not
    /// overflow.
    static constexpr std::int64_t kLargestSize = std::int64_t{1} << 24;
    /// `null` and absence give the fallback, as does (noted as the problem) what is not in [low, high].
    [[nodiscard]] std::int64_t size(const char* key, std::int64_t fallback, std::int64_t low = 1,
                                    std::int64_t high = kLargestSize);
    [[nodiscard]] double real(const char* key, double fallback);
    [[nodiscard]] bool flag(const char* key, bool fallback);
    [[nodiscard]] std::string text(const char* key, const std::string& fallback);
    /// An integer or a list of them.
    [[nodiscard]] std::vector<std::int64_t> integers(const char* key);
    /// Notes that `key` has a value we cannot honour.
    void refuse(const std::string& key, const std::string& message);

    [[nodiscard]] Status problem() const { return m_problem; }

private:
    [[nodiscard]] const nlohmann::json* find(const char* key) const;

    const nlohmann::json& m_config;
    Status m_problem = ok();
};

} // namespace lathe
