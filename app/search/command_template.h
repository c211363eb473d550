#pragma once

#include "core/params/black_box_space.h"

#include <string>
#include <vector>

namespace lathe {

/// A shell command with a place for each value: "prog --lr {lr} --k {k}". A value is put there so that the
/// shell takes it for one word, whatever it holds. Places may stand in quotes of the command's own, as long
/// as the values need none. A blank, a backslash or a dollar sign keep a brace from being a place: { x },
/// \{x}, ${x}.
class CommandTemplate {
public:
    /// Input error for a place that names no parameter, for one in quotes whose choices would need some, and
    /// for two parameters of the same variableName().
    [[nodiscard]] static Result<CommandTemplate> make(std::string text, const BlackBoxSpace& space);

    /// The command of one point; a parameter that has no value in it, because its condition does not hold,
    /// leaves an empty word.
    [[nodiscard]] std::string filled(const ParamValues& point) const;

private:
    struct Part {
        std::string text; ///< in front of the place
        std::string key;  ///< none at the end of the command
        bool isQuoted = false;
    };
    std::vector<Part> m_parts;
};

/// "LATHE_PARAM_LR": capitals, digits and underscores.
[[nodiscard]] std::string variableName(const std::string& key);

/// The program's environment with one variable for each parameter of the point, and LATHE_TRIAL, its number;
/// those of another search are left out.
[[nodiscard]] std::vector<std::string> trialEnvironment(std::int64_t number, const ParamValues& point);

} // namespace lathe
