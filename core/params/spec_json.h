#pragma once

#include "core/params/study_spec.h"

#include <nlohmann/json_fwd.hpp>

/// How the parts of a StudySpec are written and read; for study_spec.cpp alone.
namespace lathe::spec_json {

using Json = nlohmann::json;

[[nodiscard]] Json toJsonValue(const Domain& domain);
[[nodiscard]] Json toJsonValue(const Condition& condition);
[[nodiscard]] Result<Domain> domainFromJson(const Json& json);

// The error says what is needed instead; read() says where.
[[nodiscard]] Status convert(const Json& json, bool& target);
[[nodiscard]] Status convert(const Json& json, std::int64_t& target);
[[nodiscard]] Status convert(const Json& json, std::uint64_t& target);
[[nodiscard]] Status convert(const Json& json, double& target);
[[nodiscard]] Status convert(const Json& json, std::string& target);
[[nodiscard]] Status convert(const Json& json, std::vector<std::string>& target);
[[nodiscard]] Status convert(const Json& json, ParamValues& target);
[[nodiscard]] Status convert(const Json& json, Condition& target);
[[nodiscard]] Status convert(const Json& json, SearchSpace& target);
[[nodiscard]] Status convert(const Json& json, std::vector<DerivedValue>& target);
[[nodiscard]] Status convert(const Json& json, std::vector<EarlierSpace>& target);

/// Null if there is no such key.
[[nodiscard]] const Json* memberOf(const Json& object, const std::string& key);
[[nodiscard]] Error notReadable(const std::string& key, const Json& found, const Error& needed);

/// `object[key]` into `target`; a missing key leaves it as it is, so that older files stay readable.
template <typename T>
[[nodiscard]] Status read(const Json& object, const std::string& key, T& target) {
    const Json* found = memberOf(object, key);
    if (found == nullptr)
        return ok();
    const Status status = convert(*found, target);
    return status.has_value() ? status : notReadable(key, *found, status.error());
}

} // namespace lathe::spec_json
