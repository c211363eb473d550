#pragma once

#include "core/search/ask_tell.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string_view>

namespace lathe {

/// Reads a JSON text that some program wrote. Python's NaN and Infinity, which are no JSON, count as null.
/// Input error with the place of the mistake, or for a key that an object holds twice.
[[nodiscard]] Result<nlohmann::ordered_json> parseJson(std::string_view text);

/// Input error unless `object[field]` is a whole number; 3.0 is one.
[[nodiscard]] Result<std::int64_t> wholeNumber(const nlohmann::ordered_json& object, const char* field);

/// What {"value": 1.25}, {"values": [1.25, 3]} (of several objectives) or {"failed": true, "reason": "…"}
/// tells, with "constraints": […], "intermediate": {"10": 0.5}, "metrics": {"seconds": 12} and "pruned": true
/// if they are there; other fields are passed over. A value of null counts as failed. Input error naming the
/// field.
[[nodiscard]] Result<TrialReport> reportFromJson(const nlohmann::ordered_json& object);

/// As it stands in a message: not more than a line of it.
[[nodiscard]] std::string shownJson(const nlohmann::ordered_json& json);

} // namespace lathe
