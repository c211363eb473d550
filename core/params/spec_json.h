#pragma once

#include "core/params/study_spec.h"

#include <nlohmann/json.hpp>

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

/// `object[key]` into `target`; a missing key leaves it as it is, so that older files stay readable.
template <typename T>
[[nodiscard]] Status read(const Json& object, const std::string& key, T& target) {
    const auto found = object.find(key);
    if (found == object.end())
        return ok();
    if (const Status status = convert(*found, target); !status.has_value())
        return inputError(key, "is a JSON " + std::string(found->type_name()) + "; " +
                                   status.error().message + " is needed");
    return ok();
}

} // namespace lathe::spec_json
