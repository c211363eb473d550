#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <vector>

namespace lathe {

/// The members of a JSON object that a user wrote, read one after the other. What is wrong is noted with its
/// place and reading goes on, so that all mistakes are told at once; a member that is not there leaves the
/// value as it was.
class JsonFields {
public:
    /// Keeps references. `place`: "generation", or empty at the top.
    JsonFields(const nlohmann::json& object, std::string place, std::vector<std::string>& problems);

    /// Whether a member of this name is there.
    [[nodiscard]] bool has(const std::string& key) const;
    void read(const std::string& key, std::string& into);
    void read(const std::string& key, bool& into);
    void read(const std::string& key, std::vector<std::string>& into);
    void read(const std::string& key, std::int64_t& into, std::int64_t low,
              std::int64_t high = std::numeric_limits<std::int64_t>::max());
    void read(const std::string& key, double& into, double low, double high);
    /// One of a few words; its place among them.
    void readChoice(const std::string& key, const std::vector<std::string>& words, std::size_t& into);
    /// An object inside this one; an empty one where it is not there.
    [[nodiscard]] JsonFields inside(const std::string& key);

    /// Notes a problem at a member.
    void note(const std::string& key, const std::string& problem);
    /// Notes every member that was not asked for.
    void finish();

private:
    [[nodiscard]] const nlohmann::json* find(const std::string& key);
    [[nodiscard]] std::string placeOf(const std::string& key) const;

    const nlohmann::json& m_object;
    std::string m_place;
    std::vector<std::string>& m_problems;
    std::set<std::string> m_known;
};

} // namespace lathe
