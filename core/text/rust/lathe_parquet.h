#pragma once

#include "core/text/rust/lathe_border.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Reads Parquet files with the official `parquet` crate, a batch of rows at a time, as JSON Lines. One reader
/// belongs to one thread at a time.

typedef struct LatheParquet LatheParquet;

/// `path`: as the file system spells it.
int lathe_parquet_open(LatheTextView path, LatheParquet** reader, LatheTextString* error);
void lathe_parquet_free(LatheParquet* reader);

/// All rows of the file, by its own word.
uint64_t lathe_parquet_row_count(const LatheParquet* reader);

/// The next rows, each one JSON object and a line feed: until `enough_bytes` are there, at least one unless the
/// file ends. `*rows` is 0 at the end. Numbers are written so that they read back to the same value, decimals,
/// dates and times as text, bytes that are not UTF-8 as base64.
int lathe_parquet_next(LatheParquet* reader, size_t enough_bytes, LatheTextString* lines, size_t* rows,
                       LatheTextString* error);

#ifdef __cplusplus
}
#endif
