#include "core/model/config_reader.h"

#include <nlohmann/json.hpp>

namespace lathe {

const nlohmann::json* ConfigReader::find(const char* key) const {
    const auto it = m_config.find(key);
    return it == m_config.end() || it->is_null() ? nullptr : &*it;
}

const char* ConfigReader::present(std::initializer_list<const char*> keys) const {
    for (const char* key : keys)
        if (find(key) != nullptr)
            return key;
    return *keys.begin();
}

void ConfigReader::refuse(const std::string& key, const std::string& message) {
    if (m_problem.has_value())
        m_problem = inputError("config.json, " + key, message);
}

std::int64_t ConfigReader::size(const char* key, std::int64_t fallback, std::int64_t low, std::int64_t high) {
    const nlohmann::json* value = find(key);
    if (value == nullptr)
        return fallback;
    // An unsigned integer beyond 63 bits is negative when it is read as a signed one.
    const std::int64_t size = value->is_number_integer() ? value->get<std::int64_t>() : low - 1;
    if (size < low || size > high) {
        refuse(key, "is " + value->dump() + "; a whole number from " + std::to_string(low) + " to " +
                        std::to_string(high) + " is needed");
        return fallback;
    }
    return size;
}

double ConfigReader::real(const char* key, double fallback) {
    const nlohmann::json* value = find(key);
    if (value == nullptr)
        return fallback;
    if (!value->is_number()) {
        refuse(key, "is " + value->dump() + "; a number is needed");
        return fallback;
    }
    return value->get<double>();
}

bool ConfigReader::flag(const char* key, bool fallback) {
    const nlohmann::json* value = find(key);
    if (value == nullptr)
        return fallback;
    if (!value->is_boolean()) {
        refuse(key, "is " + value->dump() + "; true or false is needed");
        return fallback;
    }
    return value->get<bool>();
}

std::string ConfigReader::text(const char* key, const std::string& fallback) {
    const nlohmann::json* value = find(key);
    if (value == nullptr)
        return fallback;
    if (!value->is_string()) {
        refuse(key, "is " + value->dump() + "; a text is needed");
        return fallback;
    }
    return value->get<std::string>();
}

std::vector<std::int64_t> ConfigReader::integers(const char* key) {
    const nlohmann::json* value = find(key);
    if (value == nullptr)
        return {};
    if (value->is_number_integer())
        return {value->get<std::int64_t>()};
    std::vector<std::int64_t> all;
    if (value->is_array())
        for (const auto& item : *value)
            if (item.is_number_integer())
                all.push_back(item.get<std::int64_t>());
    if (all.empty())
        refuse(key, "is " + value->dump() + "; a whole number or a list of them is needed");
    return all;
}

} // namespace lathe
