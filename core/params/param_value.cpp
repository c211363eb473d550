#include "core/params/param_value.h"

#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace lathe {

namespace {

std::string realText(double value) {
    if (std::isnan(value))
        return "nan";
    if (std::isinf(value))
        return value > 0 ? "inf" : "-inf";
    std::array<char, 32> buffer{};
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
    const std::string scientific(buffer.data(), end);
    const std::size_t mark = scientific.find('e');
    const int exponent = std::stoi(scientific.substr(mark + 1));
    // Where people write digits rather than powers of ten; the limits are those of Python's repr().
    constexpr int kLowestFixed = -4;
    constexpr int kHighestFixed = 15;
    if (exponent < kLowestFixed || exponent > kHighestFixed)
        return scientific.substr(0, mark + 1) + std::to_string(exponent);
    const auto fixedEnd =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed).ptr;
    return {buffer.data(), fixedEnd};
}

template <typename T>
const T& typed(const ParamValues& values, std::string_view key) {
    const ParamValue* value = values.find(key);
    LATHE_EXPECT(value != nullptr);
    LATHE_EXPECT(std::holds_alternative<T>(*value));
    return *std::get_if<T>(value);
}

Result<ParamValue> valueFromJson(const std::string& key, const nlohmann::json& value) {
    if (value.is_boolean())
        return ParamValue(value.get<bool>());
    if (value.is_number_integer())
        return ParamValue(value.get<std::int64_t>());
    if (value.is_number_float())
        return ParamValue(value.get<double>());
    if (value.is_string())
        return ParamValue(value.get<std::string>());
    return inputError(key, "has a " + std::string(value.type_name()) +
                               " as value; a boolean, a number or a string is needed");
}

} // namespace

void ParamValues::remove(std::string_view key) {
    if (const auto it = m_values.find(key); it != m_values.end())
        m_values.erase(it);
}

const ParamValue* ParamValues::find(std::string_view key) const {
    const auto it = m_values.find(key);
    return it == m_values.end() ? nullptr : &it->second;
}

bool ParamValues::flag(std::string_view key) const { return typed<bool>(*this, key); }

std::int64_t ParamValues::integer(std::string_view key) const { return typed<std::int64_t>(*this, key); }

double ParamValues::real(std::string_view key) const {
    const ParamValue* value = find(key);
    if (value != nullptr && std::holds_alternative<std::int64_t>(*value))
        return static_cast<double>(*std::get_if<std::int64_t>(value));
    return typed<double>(*this, key);
}

const std::string& ParamValues::text(std::string_view key) const { return typed<std::string>(*this, key); }

std::string toText(const ParamValue& value) {
    if (const bool* flag = std::get_if<bool>(&value))
        return *flag ? "true" : "false";
    if (const std::int64_t* integer = std::get_if<std::int64_t>(&value))
        return std::to_string(*integer);
    if (const double* real = std::get_if<double>(&value))
        return realText(*real);
    return std::get<std::string>(value);
}

std::string toJson(const ParamValues& values) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& [key, value] : values.map())
        std::visit([&object, &name = key](const auto& v) { object[name] = v; }, value);
    return object.dump();
}

Result<ParamValues> paramValuesFromJson(std::string_view json) {
    const auto object = nlohmann::json::parse(json, nullptr, false);
    if (!object.is_object())
        return inputError("parameters", "are not a JSON object");
    ParamValues values;
    for (const auto& [key, value] : object.items()) {
        LATHE_ASSIGN(ParamValue typedValue, valueFromJson(key, value));
        values.set(key, std::move(typedValue));
    }
    return values;
}

} // namespace lathe
