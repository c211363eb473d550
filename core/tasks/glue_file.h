#pragma once

#include "core/data/table.h"

namespace lathe {

/// A file as GLUE distributes it (Wang et al. 2018, arXiv:1804.07461): tab-separated lines without quoting, a
/// quote is an ordinary character; UTF-8, with or without a byte order mark. `headerless`: the columns of a
/// file without a header (CoLA); a file whose first line begins with "index" or "sentence" has one even so.
/// A row with too few cells or that is not UTF-8 is dropped with the reason; cells beyond the header's are
/// dropped by themselves. Input error: unreadable, or no row.
[[nodiscard]] Result<Table> readGlueFile(const std::filesystem::path& file,
                                         const std::vector<std::string>& headerless);

} // namespace lathe
