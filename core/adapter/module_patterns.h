#pragma once

#include "core/model/model_summary.h"

#include <regex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lathe {

/// Numbers for the modules whose paths a pattern fits (PEFT's rank_pattern and alpha_pattern): each pattern
/// is a regular expression for the end of the dotted path, beginning at a dot; the first that fits decides.
class ModulePatterns {
public:
    /// "q_proj=4, layers.1.mlp.down_proj=6". Input error naming `key`: an entry without a number, one that is
    /// no regular expression.
    [[nodiscard]] static Result<ModulePatterns> parse(std::string_view text, const std::string& key);
    /// Input error as above, naming `where`.
    [[nodiscard]] static Result<ModulePatterns>
    make(const std::vector<std::pair<std::string, double>>& entries, const std::string& where);

    [[nodiscard]] double valueFor(const std::string& module, double fallback) const;
    /// Input error naming a pattern that fits none of the sites.
    [[nodiscard]] Status requireFits(std::span<const Site> sites) const;
    [[nodiscard]] bool isEmpty() const { return m_entries.empty(); }

private:
    struct Entry {
        std::string pattern;
        std::regex regex;
        double value = 0;
    };

    std::string m_where;
    std::vector<Entry> m_entries;
};

} // namespace lathe
