#pragma once

#include "core/data/data_record.h"
#include "core/data/quality.h"
#include "core/train/recipe.h"

namespace lathe {

/// What the quality checks read of a table that a task reads.
[[nodiscard]] RowFields rowFields(const Table& table, const Task& task, const RowReading& given);

/// Whether rows are plain text, of which several may share an example.
[[nodiscard]] bool readsPlainText(const Task& task);

/// The rows that are known to be of no use before anything is tokenized: those the import dropped, and those
/// without an answer, a text or a label.
[[nodiscard]] FileRecord quickRecord(const Table& table, const Task& task, const RowReading& given,
                                     const std::string& role);

} // namespace lathe
