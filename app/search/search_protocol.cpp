#include "app/search/search_protocol.h"

#include "app/search/search_json.h"

#include <algorithm>
#include <array>
#include <istream>
#include <nlohmann/json.hpp>
#include <ostream>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kCommands = "create, ask, tell, best, trials, save and load";

std::string printed(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json done() { return {{"ok", true}}; }

Result<std::string> fileName(const char* command, const Json& file) {
    if (!file.is_string() || file.get<std::string>().empty())
        return inputError(command, "is " + shownJson(file) + "; the name of a file is needed");
    return file.get<std::string>();
}

Status needTrue(const char* command, const Json& yes) {
    if (yes != true)
        return inputError(command, "is " + shownJson(yes) + "; write true");
    return ok();
}

/// A misspelt field must not pass for one that was left out.
Status checkReportFields(const Json& report) {
    constexpr std::array<std::string_view, 9> kFields{
        "id", "value", "values", "failed", "pruned", "reason", "intermediate", "constraints", "metrics"};
    if (!report.is_object())
        return inputError("tell", "is " + shownJson(report) + R"(; write it as in {"id": 0, "value": 1.25})");
    for (const auto& [field, value] : report.items())
        if (std::ranges::find(kFields, field) == kFields.end())
            return inputError("tell", "\"" + field +
                                          "\" is not known; there are id, value, values, failed, pruned, "
                                          "reason, intermediate, constraints, metrics");
    return ok();
}

} // namespace

SearchProtocol::Handler SearchProtocol::handlerOf(std::string_view command) {
    constexpr std::array<std::pair<std::string_view, Handler>, 7> kHandlers{{
        {"create", &SearchProtocol::create},
        {"ask", &SearchProtocol::ask},
        {"tell", &SearchProtocol::tell},
        {"best", &SearchProtocol::best},
        {"trials", &SearchProtocol::trials},
        {"save", &SearchProtocol::save},
        {"load", &SearchProtocol::load},
    }};
    for (const auto& [name, handler] : kHandlers)
        if (name == command)
            return handler;
    return nullptr;
}

Result<Json> SearchProtocol::handle(std::string_view line) {
    LATHE_ASSIGN(const Json request, parseJson(line));
    if (!request.is_object() || request.size() != 1)
        return inputError({}, "one object with one command is needed, one of " + std::string(kCommands) +
                                  R"(, as in {"ask": 1}; this is )" + shownJson(request));
    const auto command = request.begin();
    const Handler handler = handlerOf(command.key());
    if (handler == nullptr)
        return inputError({}, "\"" + command.key() + "\" is not known; there are " + std::string(kCommands));
    return (this->*handler)(command.value());
}

std::string SearchProtocol::answer(std::string_view line) {
    const Result<Json> answer = handle(line);
    return printed(answer.has_value() ? answer.value() : Json{{"error", answer.error().text()}});
}

void SearchProtocol::serve(std::istream& input, std::ostream& output) {
    for (std::string line; std::getline(input, line);)
        if (line.find_first_not_of(" \t\r") != std::string::npos)
            output << answer(line) << '\n' << std::flush; // who asked waits for it
}

Status SearchProtocol::needStudy() const {
    if (m_study)
        return ok();
    return inputError({}, R"(there is no search yet; send {"create": {…}} or {"load": FILE} first)");
}

Result<Json> SearchProtocol::create(const Json& request) {
    LATHE_ASSIGN(m_study, SearchStudy::create(request, m_samplers));
    return done();
}

Result<Json> SearchProtocol::ask(const Json& count) {
    LATHE_TRY(needStudy());
    LATHE_ASSIGN(const std::int64_t wanted, wholeNumber(Json::object({{"ask", count}}), "ask"));
    LATHE_ASSIGN(const auto trials, m_study->search().ask(wanted));
    Json answer{{"trials", Json::array()}};
    for (const ObservedTrial& trial : trials)
        answer["trials"].push_back({{"id", trial.number}, {"params", m_study->paramsJson(trial.number)}});
    return answer;
}

Result<Json> SearchProtocol::tell(const Json& report) {
    LATHE_TRY(needStudy());
    LATHE_TRY(checkReportFields(report));
    LATHE_ASSIGN(const std::int64_t id, wholeNumber(report, "id"));
    LATHE_ASSIGN(const TrialReport told, reportFromJson(report));
    LATHE_TRY(m_study->search().tell(id, told));
    return done();
}

Result<Json> SearchProtocol::best(const Json& yes) {
    LATHE_TRY(needStudy());
    LATHE_TRY(needTrue("best", yes));
    const std::vector<std::int64_t> front = m_study->search().front();
    if (front.empty())
        return inputError(
            {}, "no trial is the best yet: none is complete with a value that meets its constraints");
    const auto shown = [this](std::int64_t number) {
        const Json trial = m_study->trialJson(number);
        const char* values = trial.contains("values") ? "values" : "value";
        return Json{{"id", number}, {values, trial[values]}, {"params", trial["params"]}};
    };
    if (m_study->search().spec().furtherObjectives.empty())
        return shown(front.front());
    Json answer{{"front", Json::array()}};
    for (const std::int64_t number : front)
        answer["front"].push_back(shown(number));
    return answer;
}

Result<Json> SearchProtocol::trials(const Json& yes) {
    LATHE_TRY(needStudy());
    LATHE_TRY(needTrue("trials", yes));
    Json answer{{"trials", Json::array()}};
    for (const ObservedTrial& trial : m_study->search().trials())
        answer["trials"].push_back(m_study->trialJson(trial.number));
    return answer;
}

Result<Json> SearchProtocol::save(const Json& file) {
    LATHE_TRY(needStudy());
    LATHE_ASSIGN(const std::string name, fileName("save", file));
    if (!m_lock || !m_lock->isOf(name)) {
        LATHE_ASSIGN(FileLock lock, FileLock::take(name));
        m_lock.emplace(std::move(lock));
    }
    LATHE_TRY(m_study->save(name));
    return done();
}

Result<Json> SearchProtocol::load(const Json& file) {
    LATHE_ASSIGN(const std::string name, fileName("load", file));
    LATHE_ASSIGN(m_study, SearchStudy::load(name, m_samplers));
    return done();
}

} // namespace lathe
