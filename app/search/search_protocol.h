#pragma once

#include "app/search/file_lock.h"
#include "app/search/search_study.h"

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace lathe {

/// A search by lines: one JSON object in, one out. {"create": {…}}, {"ask": 2}, {"tell": {"id": 0,
/// "value": 1.25}},
/// {"best": true}, {"trials": true}, {"save": FILE} and {"load": FILE}; the manual describes them. Whatever
/// goes wrong answers {"error": "…"} and changes nothing.
class SearchProtocol {
public:
    /// `samplers` must outlive the protocol.
    explicit SearchProtocol(const Registry<Sampler>& samplers) : m_samplers(samplers) {}

    /// One line of JSON, without the end of the line.
    [[nodiscard]] std::string answer(std::string_view line);
    /// Answers each line at once until the input ends; empty lines are passed over.
    void serve(std::istream& input, std::ostream& output);

private:
    using Json = nlohmann::ordered_json;
    using Handler = Result<Json> (SearchProtocol::*)(const Json&);

    [[nodiscard]] static Handler handlerOf(std::string_view command);
    [[nodiscard]] Result<Json> handle(std::string_view line);
    [[nodiscard]] Status needStudy() const;
    [[nodiscard]] Result<Json> create(const Json& request);
    [[nodiscard]] Result<Json> ask(const Json& count);
    [[nodiscard]] Result<Json> tell(const Json& report);
    [[nodiscard]] Result<Json> best(const Json& yes);
    [[nodiscard]] Result<Json> trials(const Json& yes);
    [[nodiscard]] Result<Json> save(const Json& file);
    [[nodiscard]] Result<Json> load(const Json& file);

    const Registry<Sampler>& m_samplers;
    std::optional<SearchStudy> m_study;
    std::optional<FileLock> m_lock; // of the file that was saved to last
};

} // namespace lathe
