#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What every function of the Rust crate in this folder keeps to.
///
/// Every fallible function returns LATHE_TEXT_OK or says why not in `*error`, which the caller then releases;
/// the other results are set only on LATHE_TEXT_OK. A Rust panic comes back as LATHE_TEXT_INTERNAL. Texts are
/// UTF-8 by pointer and length, may hold NUL, and a null pointer with length 0 is the empty text.

enum { LATHE_TEXT_OK = 0, LATHE_TEXT_INPUT = 1, LATHE_TEXT_INTERNAL = 2 };

/// Borrowed from the caller for the time of the call.
typedef struct {
    const char* data;
    size_t size;
} LatheTextView;

/// Owned by the library: release with lathe_text_free_string.
typedef struct {
    char* data;
    size_t size;
} LatheTextString;

void lathe_text_free_string(LatheTextString string);

#ifdef __cplusplus
}
#endif
