#include "core/data/quality_checks.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

namespace lathe {

namespace {

using nlohmann::json;

/// The names that datasets give to who speaks; what is none of them is not known.
constexpr std::array kUserNames{"user", "human", "prompter"};
constexpr std::array kAssistantNames{"assistant", "gpt", "chatgpt", "bing", "bard", "model", "bot"};
constexpr std::array kOtherNames{"system",      "developer",     "tool",    "function", "function_response",
                                 "observation", "function_call", "ipython", "tool_call"};

std::string textAt(const json& turn, const char* first, const char* second) {
    for (const char* key : {first, second})
        if (const auto value = turn.find(key); value != turn.end() && !value->is_null())
            return value->is_string() ? value->get<std::string>() : value->dump();
    return {};
}

bool isOneOf(std::span<const char* const> names, const std::string& name) {
    return std::ranges::any_of(names, [&name](const char* known) { return name == known; });
}

/// Why a conversation cannot be learnt from as it is; empty: it can.
std::string problemOf(const std::string& conversation) {
    const json turns = json::parse(conversation, nullptr, false);
    if (!turns.is_array() || turns.empty())
        return "not a list of turns";
    std::string last;
    for (const json& turn : turns) {
        if (!turn.is_object())
            return "a turn is no object";
        const std::string role = textAt(turn, "role", "from");
        const std::string text = textAt(turn, "content", "value");
        const bool isUser = isOneOf(kUserNames, role);
        const bool isAssistant = isOneOf(kAssistantNames, role);
        if (!isUser && !isAssistant && !isOneOf(kOtherNames, role))
            return role.empty() ? "a turn without a role" : "unknown role \"" + role.substr(0, 40) + "\"";
        if (text.find_first_not_of(" \t\r\n") == std::string::npos && !turn.contains("tool_calls"))
            return "an empty turn of the " + role;
        if (isAssistant && last.empty())
            return "the assistant speaks first";
        if (isUser && last == "user")
            return "two turns of the user in a row";
        if (isAssistant && last == "assistant")
            return "two turns of the assistant in a row";
        if (isUser || isAssistant)
            last = isUser ? "user" : "assistant";
        else if (!last.empty())
            last = "other"; // after a tool's answer anyone may speak
    }
    return last.empty() ? "nobody speaks" : "";
}

class TurnOrderCheck final : public QualityCheck {
public:
    void see(const CheckedRow& row) override {
        if (row.conversation.empty())
            return;
        ++m_seen;
        const std::string problem = problemOf(row.conversation);
        if (problem.empty())
            return;
        m_rows.add(row, problem);
        ++m_problems[problem];
    }

    Result<std::vector<QualityFinding>> finish(const QualityInput&, const std::stop_token&) override {
        if (m_rows.empty())
            return std::vector<QualityFinding>();
        QualityFinding finding = m_rows.finding("turn_order", m_seen);
        finding.severity = QualitySeverity::Problem;
        finding.message = rowsInWords(m_rows.size(), m_seen) + " have turns out of order: ";
        std::size_t named = 0;
        for (const auto& [problem, count] : m_problems)
            if (named < kQualityExamples)
                finding.message += (named++ == 0 ? "" : ", ") + problem + " (" + grouped(count) + ")";
        finding.parts.assign(m_problems.begin(), m_problems.end());
        finding.fix = "drop_bad_turns";
        finding.leaveOut = finding.rows;
        return std::vector{std::move(finding)};
    }

private:
    std::size_t m_seen = 0;
    std::map<std::string, std::size_t> m_problems;
    ConcernedRows m_rows;
};

} // namespace

std::unique_ptr<QualityCheck> makeTurnOrderCheck() { return std::make_unique<TurnOrderCheck>(); }

} // namespace lathe
