#pragma once

#include "core/params/black_box_space.h"
#include "core/search/ask_tell.h"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace lathe {

/// A search for any program: what the line protocol and `lathe search --command` have in common, and its
/// file.
class SearchStudy {
public:
    /// {"space": {…}} and, if they are not to be as usual, "sampler", "seed", "direction" ("minimize" or
    /// "maximize") or "directions" (a list, one for each objective), "budget" (100), "options" (the
    /// sampler's), "derived" ({"alpha": "2 * rank"}), "forbidden" (expressions that are not to hold) and
    /// "constraints" (limits on what trials tell). Input error naming what is wrong.
    [[nodiscard]] static Result<SearchStudy> create(const nlohmann::ordered_json& request,
                                                    const Registry<Sampler>& samplers);
    /// Goes on from what save() wrote; `budget` takes the place of the one it was created with. Io error if
    /// the file cannot be read, input error if it is not such a file.
    [[nodiscard]] static Result<SearchStudy> load(const std::filesystem::path& path,
                                                  const Registry<Sampler>& samplers,
                                                  std::optional<std::int64_t> budget = std::nullopt);
    /// The whole of it, the sampler's state included: a crash on the way leaves the file as it was.
    [[nodiscard]] Status save(const std::filesystem::path& path) const;

    [[nodiscard]] AskTell& search() { return m_search; }
    [[nodiscard]] const AskTell& search() const { return m_search; }
    [[nodiscard]] const BlackBoxSpace& space() const { return m_space; }
    /// With the derived values as further parameters: what a command is given.
    [[nodiscard]] BlackBoxSpace wholeSpace() const;
    /// The point of a trial with its derived values.
    [[nodiscard]] ParamValues wholePoint(std::int64_t number) const;
    [[nodiscard]] nlohmann::ordered_json paramsJson(std::int64_t number) const;
    /// What it was created from, with everything said that had been left out.
    [[nodiscard]] nlohmann::ordered_json request() const;
    /// {"id": 0, "state": "complete", "params": {…}, "value": 1.25, …}, of several objectives
    /// "values"; a state is pending, complete, pruned
    /// or failed.
    [[nodiscard]] nlohmann::ordered_json trialJson(std::int64_t number) const;

private:
    SearchStudy(AskTell search, BlackBoxSpace space, std::string request)
        : m_search(std::move(search)), m_space(std::move(space)), m_request(std::move(request)) {}

    AskTell m_search;
    BlackBoxSpace m_space;
    std::string m_request; // JSON
};

} // namespace lathe
