#pragma once

#include "core/base/result.h"
#include "core/data/byte_source.h"
#include "core/data/row_reader.h"

#include <filesystem>

namespace lathe {

/// What the beginning of a file tells, together with what the user gave.
struct FileGuess {
    DetectedFormat format; ///< but for its schema, which needs the rows
    const RowReader* reader = nullptr;
    std::size_t markSize = 0; ///< bytes of the byte order mark
    SampleExtent extent = SampleExtent::Whole;
};

/// Input error: unknown ending or reader, an empty file, broken compression.
[[nodiscard]] Result<FileGuess> guessFile(const std::filesystem::path& file, const OpenFile& opened,
                                          const ImportOptions& options);

/// Of the name, in lower case, with its dot and without ".gz".
[[nodiscard]] std::string dataEnding(const std::filesystem::path& file);

} // namespace lathe
