#include "app/search/command_output.h"

#include "app/search/search_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace lathe {

namespace {

constexpr std::size_t kLongestLine = 1 << 20;
constexpr std::size_t kErrorsKept = 4096;
constexpr std::size_t kLongestReason = 300;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::optional<double> numberIn(std::string_view line) {
    if (line.size() > 1 && line[0] == '+' && line[1] != '-')
        line.remove_prefix(1);
    double number = 0;
    const auto read = std::from_chars(line.data(), line.data() + line.size(), number);
    // A number too small or too large for a double is one all the same: 0 or infinity.
    if (read.ec == std::errc::result_out_of_range && read.ptr == line.data() + line.size()) {
        const std::size_t exponent = line.find_first_of("eE");
        return line.substr(std::min(exponent, line.size())).find('-') != std::string_view::npos ? 0
                                                                                                : HUGE_VAL;
    }
    if (read.ec != std::errc() || read.ptr != line.data() + line.size())
        return std::nullopt;
    return number;
}

std::string_view lastLine(std::string_view text) {
    text = trimmed(text);
    const std::size_t end = text.rfind('\n');
    return end == std::string_view::npos ? text : trimmed(text.substr(end + 1));
}

} // namespace

void CommandOutput::add(std::string_view text) {
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        m_line += text.substr(0, end);
        if (!m_isTooLong)
            readLine(m_line);
        m_line.clear();
        m_isTooLong = false;
        text.remove_prefix(end + 1);
    }
    m_line += text;
    if (m_line.size() > kLongestLine) {
        m_line.clear();
        m_isTooLong = true; // a result is not so long
    }
}

void CommandOutput::addErrors(std::string_view text) {
    m_errors += text;
    if (m_errors.size() > kErrorsKept)
        m_errors.erase(0, m_errors.size() - kErrorsKept);
}

void CommandOutput::readLine(std::string_view line) {
    line = trimmed(line);
    if (line.empty())
        return;
    if (const auto number = numberIn(line)) {
        TrialReport report;
        report.value = *number;
        m_result = Result<TrialReport>(std::move(report));
        return;
    }
    if (line.front() != '{')
        return;
    const auto json = parseJson(line);
    const auto has = [&json](const char* field) { return json->contains(field); };
    if (json.has_value() && json->is_object() && (has("value") || has("values") || has("failed")))
        m_result = reportFromJson(json.value());
}

TrialReport CommandOutput::report(const std::string& failure) {
    if (!m_isTooLong)
        readLine(std::exchange(m_line, {}));
    TrialReport report;
    report.isFailed = true;
    if (!failure.empty()) {
        const std::string_view words = lastLine(m_errors).substr(0, kLongestReason);
        report.reason = failure + (words.empty() ? "" : ": " + std::string(words));
        return report;
    }
    if (m_result && m_result->has_value())
        return m_result->value();
    report.reason = m_result
                        ? "its result cannot be read: " + m_result->error().text()
                        : "it printed no number; the last line of its output must be one, or a JSON object "
                          "with \"value\"";
    return report;
}

} // namespace lathe
