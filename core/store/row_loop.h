#pragma once

#include "core/store/sqlite.h"

/// Private to core/store.
namespace lathe::sql {

/// Calls `take(row)`, which answers a Status, for each row, and makes the statement free again.
template <typename Take>
Status forEachRow(Statement& statement, Take take) {
    for (;;) {
        LATHE_ASSIGN(const bool hasRow, statement.step());
        if (!hasRow)
            break;
        if (Status taken = take(statement); !taken.has_value()) {
            statement.reset();
            return taken;
        }
    }
    statement.reset();
    return ok();
}

} // namespace lathe::sql
