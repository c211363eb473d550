#pragma once

#include "core/params/param_value.h"

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace lathe {

struct BoolDomain {
    bool operator==(const BoolDomain&) const = default;
};
/// Closed interval of whole numbers, in multiples of `step` from `low`.
struct IntDomain {
    std::int64_t low = 0;
    std::int64_t high = 0;
    std::int64_t step = 1;
    bool logScale = false;
    bool operator==(const IntDomain&) const = default;
};
/// Closed interval; `lowOpen` leaves `low` itself out. `step`: only low, low + step, … up to high; 0: any number
/// between. Steps and a logarithmic scale exclude each other. core/params/real_grid.h calculates with steps.
struct RealDomain {
    double low = 0;
    double high = 1;
    bool logScale = false;
    bool lowOpen = false;
    double step = 0;
    bool operator==(const RealDomain&) const = default;
};
/// One of a few named values. `labels`, if given, runs parallel to `values`. `ordered`: neighbours are alike.
struct ChoiceDomain {
    std::vector<std::string> values;
    std::vector<std::string> labels;
    bool ordered = false;
    bool operator==(const ChoiceDomain&) const = default;
};
/// Free text; `kind` tells the form which editor to offer. A file or folder is checked by whoever opens it.
struct TextDomain {
    enum class Kind { Plain, Folder, File, Multiline };
    Kind kind = Kind::Plain;
    bool mayBeEmpty = true;
    bool operator==(const TextDomain&) const = default;
};

using Domain = std::variant<BoolDomain, IntDomain, RealDomain, ChoiceDomain, TextDomain>;

/// True when every (key, values) pair holds: the key's value, as text, is one of the values.
struct Condition {
    struct Term {
        std::string key;
        std::vector<std::string> anyOf;
        bool operator==(const Term&) const = default;
    };
    std::vector<Term> terms;
    bool operator==(const Condition&) const = default;
};

/// One tunable quantity: the form, the search space, the command line and the manual are drawn from it.
struct ParamSpec {
    std::string key; ///< "learning_rate"; on the command line --learning-rate
    std::string
        group; ///< section of the form: "model", "adapter", "data", "optimizer", "schedule", "evaluation", …
    std::string label; ///< "Learning rate"
    std::string unit;  ///< "steps", "tokens"; empty if it has none
    std::string help;  ///< one or two sentences: what it does, what to try
    Domain domain;
    ParamValue fallback;
    Condition activeIf;
    bool isAdvanced = false;  ///< hidden in the simple form
    bool isSearchable = true; ///< a file name, for example, is not
};

using ParamSchema = std::vector<ParamSpec>;

/// What is wrong with one field.
struct Problem {
    std::string key;
    std::string message;
    bool operator==(const Problem&) const = default;
};

[[nodiscard]] const ParamSpec* findSpec(std::span<const ParamSpec> schema, std::string_view key);

/// The key of the schema with the smallest edit distance to `key`: "did you mean …?". Empty if the schema is.
[[nodiscard]] std::string nearestKey(std::span<const ParamSpec> schema, std::string_view key);

/// Whether the condition holds. A key of the condition that has no value counts with the schema's fallback.
[[nodiscard]] bool isActive(const Condition& condition, std::span<const ParamSpec> schema,
                            const ParamValues& values);

/// Every fallback.
[[nodiscard]] ParamValues defaults(std::span<const ParamSpec> schema);
/// `values` over the fallbacks.
[[nodiscard]] ParamValues withDefaults(std::span<const ParamSpec> schema, const ParamValues& values);

/// Everything wrong, in the order of the schema; unknown keys last, with the nearest known key. A key without
/// a value counts with its fallback; inactive fields are not checked. Each message is a sentence that begins
/// with the key: "rank 0 is below 1; choose 1 to 256". Empty: all is well.
[[nodiscard]] std::vector<Problem> validate(std::span<const ParamSpec> schema, const ParamValues& values);
/// The first problem as an input error.
[[nodiscard]] Status check(std::span<const ParamSpec> schema, const ParamValues& values);

/// What is wrong with this value in this domain, or nothing: "0 is below 1; choose 1 to 256". A real domain
/// takes whole numbers too; no domain takes NaN or infinity.
[[nodiscard]] std::optional<std::string> problemWith(const Domain& domain, const ParamValue& value);

/// Reads what a person or a file wrote ("3e-4", "0.0003", "true"), independent of the locale. Input error
/// naming the key and the type wanted; the range is validate()'s business.
[[nodiscard]] Result<ParamValue> parseValue(const ParamSpec& spec, std::string_view text);

/// "1 to 256", "0 < x ≤ 1", "one of linear, cosine": for messages, tooltips and the manual.
[[nodiscard]] std::string describe(const Domain& domain);

} // namespace lathe
