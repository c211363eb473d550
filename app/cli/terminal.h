#pragma once

#include "app/cli/exit_code.h"
#include "core/base/result.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace lathe {

/// Where answers go: words for people, or JSON lines for machines, on standard output; problems as a sentence
/// on standard error (and, for machines, as {"error": …} on standard output too).
class Terminal {
public:
    enum class Format { Words, Json };

    explicit Terminal(Format format) : m_format(format) {}

    [[nodiscard]] bool isJson() const { return m_format == Format::Json; }
    /// A line for people; nothing where the answer is for machines.
    void say(std::string_view line) const;
    /// A line for machines; nothing where the answer is for people.
    void emit(const nlohmann::ordered_json& object) const;
    /// Words on standard error in either format.
    void warn(std::string_view line) const;
    /// Reports the error and passes the code on.
    [[nodiscard]] ExitCode fail(const Error& error, ExitCode code) const;
    /// An error before anything was written, whatever its kind: BadInput.
    [[nodiscard]] ExitCode refuse(const Error& error) const { return fail(error, ExitCode::BadInput); }

private:
    Format m_format;
};

/// "0.3127", "1.2e-05": four digits, as people read them.
[[nodiscard]] std::string shortNumber(double value);
/// "93.8 %"
[[nodiscard]] std::string percent(double share);
/// "0:42", "1:03:09"
[[nodiscard]] std::string duration(double seconds);

} // namespace lathe
