#pragma once

#include "core/data/quality.h"

#include <algorithm>
#include <string>
#include <vector>

namespace lathe::test {

/// A table with the columns "instruction", "output" and "label"; each row gives them in this order, and what
/// it does not give is missing.
inline Table tableOf(const std::vector<std::vector<std::string>>& rows) {
    Table table;
    table.source = "rows.jsonl";
    table.sha256 = "0123";
    table.columns = {"instruction", "output", "label"};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        Row row;
        for (std::size_t column = 0; column < rows[i].size(); ++column)
            row.emplace(table.columns[column], rows[i][column]);
        table.add(std::move(row), i + 1);
    }
    return table;
}

inline const RowFields kFields{{"instruction"}, "output", "", ""};
inline const RowFields kLabelFields{{"instruction"}, "", "output", ""};

/// What one check finds.
inline std::vector<QualityFinding> found(const QualityInput& input, const std::string& check) {
    const std::vector<std::string> ids{check};
    return checkQuality(input, ids).value();
}

} // namespace lathe::test
