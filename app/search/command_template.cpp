#include "app/search/command_template.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace lathe {

namespace {

constexpr std::string_view kVariablePrefix = "LATHE_PARAM_";
constexpr std::string_view kTrialVariable = "LATHE_TRIAL";

bool isLetterOrDigit(char sign) { return std::isalnum(static_cast<unsigned char>(sign)) != 0; }

/// A word to every POSIX shell, inside quotes and outside.
bool isPlainWord(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char sign) {
        return isLetterOrDigit(sign) || std::string_view("_-+.,:/@%=").find(sign) != std::string_view::npos;
    });
}

/// In single quotes nothing is special but the quote itself.
std::string shellWord(std::string_view text) {
    if (isPlainWord(text))
        return std::string(text);
    std::string word = "'";
    for (const char sign : text)
        word += sign == '\'' ? std::string("'\\''") : std::string(1, sign);
    return word + "'";
}

/// Whether a brace around it was meant as a place.
bool looksLikeAName(std::string_view text) {
    return !text.empty() && !std::isdigit(static_cast<unsigned char>(text.front())) &&
           std::ranges::all_of(text, [](char sign) { return isLetterOrDigit(sign) || sign == '_'; });
}

/// Follows the shell's quotes from sign to sign.
class Quotes {
public:
    /// Whether the sign at hand is taken as it stands, because of the backslash in front of it.
    bool pass(char sign) {
        const bool wasEscaped = m_isEscaped;
        m_isEscaped = false;
        if (wasEscaped)
            return true;
        if (sign == '\\' && m_open != '\'')
            m_isEscaped = true;
        else if (m_open == 0 && (sign == '\'' || sign == '"' || sign == '`'))
            m_open = sign;
        else if (sign == m_open)
            m_open = 0;
        return false;
    }
    [[nodiscard]] bool isOpen() const { return m_open != 0; }

private:
    char m_open = 0; // the quote we are in
    bool m_isEscaped = false;
};

Status checkPlace(std::string_view command, const std::string& key, bool isQuoted,
                  const BlackBoxSpace& space) {
    const auto dimension = std::ranges::find(space.dimensions, key, &SearchDimension::key);
    if (dimension == space.dimensions.end()) {
        std::string known;
        for (const SearchDimension& one : space.dimensions)
            known += (known.empty() ? "{" : ", {") + one.key + "}";
        return inputError(std::string(command), "{" + key + "} is no parameter of the space, which has " +
                                                    known +
                                                    "; where a brace of the shell's is meant, put a blank "
                                                    "behind it");
    }
    if (isQuoted && std::holds_alternative<TextDomain>(dimension->domain))
        return inputError(std::string(command), "{" + key +
                                                    "} stands in quotes and may be any text; take it "
                                                    "out of them, or write $" +
                                                    variableName(key) + " in its place");
    const auto* choice = std::get_if<ChoiceDomain>(&dimension->domain);
    for (const std::string& value : choice != nullptr ? choice->values : std::vector<std::string>())
        if (isQuoted && !isPlainWord(value))
            return inputError(std::string(command), "{" + key + "} stands in quotes, but its choice \"" +
                                                        value +
                                                        "\" needs some of its own; take it out of them, or "
                                                        "write $" +
                                                        variableName(key) + " in its place");
    return ok();
}

/// What no environment and no command line can hold.
Status checkNames(const BlackBoxSpace& space) {
    std::map<std::string, std::string> keys;
    for (const SearchDimension& dimension : space.dimensions) {
        const auto [other, isNew] = keys.emplace(variableName(dimension.key), dimension.key);
        if (!isNew)
            return inputError(dimension.key, "and " + other->second + " would both be " + other->first +
                                                 " to the command; rename one of them");
        if (const auto* choice = std::get_if<ChoiceDomain>(&dimension.domain))
            for (const std::string& value : choice->values)
                if (value.find('\0') != std::string::npos)
                    return inputError(dimension.key, "has a choice with a zero byte, which no command can be "
                                                     "given; take it out");
    }
    return ok();
}

} // namespace

Result<CommandTemplate> CommandTemplate::make(std::string text, const BlackBoxSpace& space) {
    LATHE_TRY(checkNames(space));
    CommandTemplate command;
    Quotes quotes;
    std::string before;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool isEscaped = quotes.pass(text[i]);
        const std::size_t end = text[i] == '{' ? text.find('}', i) : std::string::npos;
        const bool isShells = isEscaped || (i > 0 && text[i - 1] == '$');
        const std::string key = end == std::string::npos ? std::string() : text.substr(i + 1, end - i - 1);
        const bool isKnown = std::ranges::any_of(
            space.dimensions, [&key](const SearchDimension& dimension) { return dimension.key == key; });
        if (isShells || (!isKnown && !looksLikeAName(key))) {
            before += text[i];
            continue;
        }
        LATHE_TRY(checkPlace(text, key, quotes.isOpen(), space));
        command.m_parts.push_back({std::exchange(before, {}), key, quotes.isOpen()});
        i = end;
    }
    command.m_parts.push_back({std::move(before), {}, false});
    return command;
}

std::string CommandTemplate::filled(const ParamValues& point) const {
    std::string command;
    for (const Part& part : m_parts) {
        command += part.text;
        if (part.key.empty())
            continue;
        const ParamValue* value = point.find(part.key);
        const std::string text = value == nullptr ? std::string() : toText(*value);
        command += part.isQuoted ? text : shellWord(text);
    }
    return command;
}

std::string variableName(const std::string& key) {
    std::string name(kVariablePrefix);
    for (const char sign : key)
        name +=
            isLetterOrDigit(sign) ? static_cast<char>(std::toupper(static_cast<unsigned char>(sign))) : '_';
    return name;
}

std::vector<std::string> trialEnvironment(std::int64_t number, const ParamValues& point) {
    std::vector<std::string> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view variable(*entry);
        if (!variable.starts_with(kVariablePrefix) &&
            !variable.starts_with(std::string(kTrialVariable) + "="))
            environment.emplace_back(variable);
    }
    environment.push_back(std::string(kTrialVariable) + "=" + std::to_string(number));
    for (const auto& [key, value] : point.map())
        environment.push_back(variableName(key) + "=" + toText(value));
    return environment;
}

} // namespace lathe
