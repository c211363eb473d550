#pragma once

#include "core/search/ask_tell.h"

#include <optional>
#include <string>
#include <string_view>

namespace lathe {

/// Finds the result in what a command prints: the last line that is a number, or a JSON object with "value",
/// "values" or "failed" (and perhaps "constraints"). Takes the text in pieces and holds no more than a line
/// of it.
class CommandOutput {
public:
    void add(std::string_view text);
    /// What `errors` the command printed; the last line of it is the reason where it fails.
    void addErrors(std::string_view text);

    /// `failure`: why the command did not end well, or nothing. Contract: called once, after the last piece.
    [[nodiscard]] TrialReport report(const std::string& failure);

private:
    void readLine(std::string_view line);

    std::string m_line; // not ended yet
    bool m_isTooLong = false;
    std::optional<Result<TrialReport>> m_result;
    std::string m_errors; // the end of it
};

} // namespace lathe
