#include "core/tasks/json_fields.h"

#include "core/base/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace lathe {

namespace {

using nlohmann::json;

const json& emptyObject() {
    static const json empty = json::object();
    return empty;
}

template <typename Number>
std::string outside(Number value, Number low, Number high) {
    const std::string written = json(value).dump();
    return value < low ? written + " is below " + json(low).dump()
                       : written + " is above " + json(high).dump();
}

} // namespace

JsonFields::JsonFields(const json& object, std::string place, std::vector<std::string>& problems)
    : m_object(object.is_object() ? object : emptyObject()), m_place(std::move(place)), m_problems(problems) {
    if (!object.is_object())
        m_problems.push_back((m_place.empty() ? "the file" : m_place) + " is not an object in braces");
}

bool JsonFields::has(const std::string& key) const { return m_object.contains(key); }

void JsonFields::read(const std::string& key, std::string& into) {
    const json* value = find(key);
    if (value != nullptr && !value->is_string())
        note(key, "is not a text in quotes");
    else if (value != nullptr)
        into = value->get<std::string>();
}

void JsonFields::read(const std::string& key, bool& into) {
    const json* value = find(key);
    if (value != nullptr && !value->is_boolean())
        note(key, "is neither true nor false");
    else if (value != nullptr)
        into = value->get<bool>();
}

void JsonFields::read(const std::string& key, std::vector<std::string>& into) {
    const json* value = find(key);
    if (value == nullptr)
        return;
    const bool isList = value->is_array() && !value->empty() &&
                        std::ranges::all_of(*value, [](const json& item) { return item.is_string(); });
    if (!isList)
        note(key, "is not a list of texts in quotes");
    else
        into = value->get<std::vector<std::string>>();
}

void JsonFields::read(const std::string& key, std::int64_t& into, std::int64_t low, std::int64_t high) {
    const json* value = find(key);
    if (value == nullptr)
        return;
    if (!value->is_number_integer())
        return note(key, "is not a whole number");
    const auto number = value->get<std::int64_t>();
    if (number < low || number > high)
        note(key, outside(number, low, high));
    else
        into = number;
}

void JsonFields::read(const std::string& key, double& into, double low, double high) {
    const json* value = find(key);
    if (value == nullptr)
        return;
    if (!value->is_number())
        return note(key, "is not a number");
    const auto number = value->get<double>();
    if (number < low || number > high)
        note(key, outside(number, low, high));
    else
        into = number;
}

void JsonFields::readChoice(const std::string& key, const std::vector<std::string>& words,
                            std::size_t& into) {
    std::string word;
    read(key, word);
    if (word.empty())
        return;
    const auto found = std::ranges::find(words, word);
    if (found == words.end())
        note(key, "\"" + word + "\" is not known; choose one of " + joined(words));
    else
        into = static_cast<std::size_t>(found - words.begin());
}

JsonFields JsonFields::inside(const std::string& key) {
    const json* value = find(key);
    return {value == nullptr ? emptyObject() : *value, placeOf(key), m_problems};
}

void JsonFields::note(const std::string& key, const std::string& problem) {
    m_problems.push_back(placeOf(key) + " " + problem);
}

void JsonFields::finish() {
    const std::vector<std::string> known(m_known.begin(), m_known.end());
    for (const auto& [key, value] : m_object.items())
        if (!m_known.contains(key))
            note(key, "is not known; known are " + joined(known));
}

const json* JsonFields::find(const std::string& key) {
    m_known.insert(key);
    const auto member = m_object.find(key);
    return member == m_object.end() ? nullptr : &*member;
}

std::string JsonFields::placeOf(const std::string& key) const {
    return m_place.empty() ? key : m_place + "." + key;
}

} // namespace lathe
