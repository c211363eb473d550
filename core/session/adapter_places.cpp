#include "core/session/adapter_places.h"

#include <algorithm>
#include <map>
#include <set>

namespace lathe {

namespace {

bool isNamedBy(const AdapterPlace& place, const std::string& suffix) {
    return place.name == suffix || place.name.ends_with("." + suffix);
}

std::string joinedBy(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "" : ",") + name;
    return text;
}

/// {0, 1, 2, 5} as "0-2,5".
std::string rangesOf(const std::set<int>& layers) {
    std::vector<std::string> parts;
    for (auto it = layers.begin(); it != layers.end();) {
        const int first = *it;
        int last = first;
        while (++it != layers.end() && *it == last + 1)
            last = *it;
        parts.push_back(first == last ? std::to_string(first)
                                      : std::to_string(first) + "-" + std::to_string(last));
    }
    return joinedBy(parts);
}

class Choice {
public:
    explicit Choice(std::span<const AdapterPlace> places) : m_places(places) {
        for (const AdapterPlace& place : places) {
            m_all[place.column].insert(place.layer);
            if (!place.isOn)
                continue;
            m_on[place.column].insert(place.layer);
            if (std::ranges::find(m_columns, place.column) == m_columns.end())
                m_columns.push_back(place.column);
        }
    }

    [[nodiscard]] bool isNothing() const { return m_columns.empty(); }
    [[nodiscard]] bool isAll() const {
        return std::ranges::all_of(m_places, [](const AdapterPlace& place) { return place.isOn; });
    }
    /// The layers that every column on is in, and no others; empty: they differ, or they are all there are.
    [[nodiscard]] std::set<int> commonLayers() const {
        const std::set<int>& layers = m_on.at(m_columns.front());
        const bool isSame = std::ranges::all_of(
            m_columns, [&](const std::string& column) { return m_on.at(column) == layers; });
        return isSame && !layers.contains(-1) && layers != m_all.at(m_columns.front()) ? layers
                                                                                       : std::set<int>();
    }
    [[nodiscard]] const std::vector<std::string>& columns() const { return m_columns; }
    /// What the columns' names fit besides what is on: whole columns where they can be told, else single
    /// places.
    [[nodiscard]] std::vector<std::string> unwanted(const std::set<int>& layers) const {
        std::vector<std::string> names;
        for (const AdapterPlace& place : m_places) {
            const bool isMeant = std::ranges::any_of(
                m_columns, [&place](const std::string& column) { return isNamedBy(place, column); });
            if (place.isOn || !isMeant || (!layers.empty() && !layers.contains(place.layer)))
                continue;
            const std::string& name = isColumnUnwanted(place.column) ? place.column : place.name;
            if (std::ranges::find(names, name) == names.end())
                names.push_back(name);
        }
        return names;
    }

private:
    /// Whether leaving out by the column's name hits nothing that is on.
    [[nodiscard]] bool isColumnUnwanted(const std::string& column) const {
        return std::ranges::none_of(m_places, [&column](const AdapterPlace& place) {
            return place.isOn && isNamedBy(place, column);
        });
    }

    std::span<const AdapterPlace> m_places;
    std::map<std::string, std::set<int>> m_all, m_on; // layers by column
    std::vector<std::string> m_columns;               // with something on
};

} // namespace

TargetTexts targetTexts(std::span<const AdapterPlace> places) {
    const Choice choice(places);
    if (choice.isNothing())
        return {};
    if (choice.isAll())
        return {"all-linear", "", ""};
    const std::set<int> layers = choice.commonLayers();
    // The last part of a path says enough where it is nobody else's.
    std::vector<std::string> names;
    for (const std::string& column : choice.columns()) {
        const std::string last = column.substr(column.rfind('.') + 1);
        const bool isOwn = std::ranges::all_of(places, [&](const AdapterPlace& place) {
            return !isNamedBy(place, last) || place.column == column;
        });
        names.push_back(isOwn ? last : column);
    }
    return {joinedBy(names), rangesOf(layers), joinedBy(choice.unwanted(layers))};
}

} // namespace lathe
