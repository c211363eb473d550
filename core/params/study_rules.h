#pragma once

#include "core/params/expression.h"
#include "core/params/study_spec.h"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lathe {

/// What a trial has reported: its metrics, and "steps" and "seconds".
using TrialMetrics = std::map<std::string, double>;

/// Why a point is not to be tried.
struct Objection {
    std::string rule;    ///< without the point's values: the same for every point it says no to
    std::string message; ///< with them
};

/// How a trial stands to one constraint.
struct ConstraintResult {
    double excess = 0;   ///< above 0: violated
    std::string reason;  ///< why it is; empty: it is met
    bool isKnown = true; ///< all that it speaks of is
};

/// The expressions of a study, read once: values that follow from others, points that are left out,
/// constraints. A searched parameter that is not in force has no value in them; a rule that depends on one
/// says nothing then.
class StudyRules {
public:
    /// Input error that names the rule, what is wrong with it and where: its form, an unknown name, a type
    /// that does not fit, a key that is searched and derived.
    [[nodiscard]] static Result<StudyRules> make(const StudySpec& spec);

    /// Whether any point may be left out.
    [[nodiscard]] bool canObject() const {
        return !m_bounds.empty() || !m_forbidden.empty() || !m_derived.empty();
    }
    /// Nothing: the point may be tried.
    [[nodiscard]] std::optional<Objection> objection(const ParamValues& searched) const;

    /// By key, without those that have no value. Contract: objection() has none.
    [[nodiscard]] ParamValues derived(const ParamValues& searched) const;

    /// One for each constraint, in their order. One that cannot be told, because a metric is missing, is
    /// violated by 1.
    [[nodiscard]] std::vector<ConstraintResult> constraints(const ParamValues& searched,
                                                            const TrialMetrics& metrics) const;
    /// Those that constraints speak of; whoever knows what is reported checks them before the first trial.
    [[nodiscard]] std::vector<std::string> metrics() const;

private:
    struct Bound {
        std::string key;
        bool isUpper = false;
        Expression limit;
    };
    struct Derived {
        DerivedValue value;
        Expression formula;
    };

    StudyRules() = default;
    [[nodiscard]] Status addDerived(const DerivedValue& value, const StudySpec& spec, ExpressionNames& names);
    [[nodiscard]] Status addBounds(const SearchDimension& dimension, const ExpressionNames& names);
    [[nodiscard]] Status addForbidden(const std::string& text, const ExpressionNames& names);
    [[nodiscard]] Status addConstraint(const std::string& text, ExpressionNames names);

    /// The point, and all that follows from it. `problem`: why a derived value cannot be.
    [[nodiscard]] ParamValues whole(const ParamValues& searched, std::optional<Objection>& problem) const;
    [[nodiscard]] const ParamValue* find(const ParamValues& point, std::string_view name) const;
    [[nodiscard]] std::optional<Objection> boundObjection(const Bound& bound, const ParamValues& point) const;
    [[nodiscard]] std::optional<Objection> forbiddenObjection(const Expression& forbidden,
                                                              const ParamValues& point) const;

    std::map<std::string, bool, std::less<>>
        m_varying;       // searched and derived keys: fixed values do not count
    ParamValues m_fixed; // only what the expressions name
    std::vector<Derived> m_derived;
    std::vector<Bound> m_bounds;
    std::vector<Expression> m_forbidden;
    std::vector<Expression> m_constraints;
};

/// Reads "alpha=2 * rank"; the key is one of the schema's, which also says what it may be. Input error naming
/// what is wrong.
[[nodiscard]] Result<DerivedValue> parseDerivedValue(std::span<const ParamSpec> schema,
                                                     std::string_view text);

/// Derives one more value of whatever type the expression has, for a program's own parameters. Input error as
/// StudyRules::make().
[[nodiscard]] Status addDerivedValue(StudySpec& spec, std::string key, std::string expression);

/// The type of what is in the domain. A choice is of numbers, or true and false, where all its values are.
[[nodiscard]] ExpressionType typeOf(const Domain& domain);

/// Whatever a value of the type can be.
[[nodiscard]] Domain widestDomain(ExpressionType type);

} // namespace lathe
