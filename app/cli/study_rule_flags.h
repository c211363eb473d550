#pragma once

#include "app/builtin_parts.h"
#include "core/params/study_spec.h"

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace lathe {

/// --derive, --forbid and --constraint: what a study's expressions say on the command line.
class StudyRuleFlags {
public:
    /// The command must not outlive this.
    void addTo(CLI::App& command);
    [[nodiscard]] bool isAnyGiven() const;

    /// Puts them into the spec, whose space and recipe are known. Input error that names what is wrong:
    /// everything that StudyRules refuses, and a metric that no trial of the study reports.
    [[nodiscard]] Status fill(StudySpec& spec, const BuiltinParts& parts) const;

    /// Another version of the space of a study that is there: `searched` and the derived values take the
    /// place of those of the same key, or are new; the rest is added. Input error as fill(). trials: the
    /// number of the study's next trial.
    [[nodiscard]] Result<StudySpec> changed(const StudySpec& spec, const SearchSpace& searched,
                                            std::int64_t trials, const BuiltinParts& parts) const;

private:
    [[nodiscard]] Result<std::vector<DerivedValue>> derived(const BuiltinParts& parts) const;

    std::vector<std::string> m_derived;
    std::vector<std::string> m_forbidden;
    std::vector<std::string> m_constraints;
};

} // namespace lathe
