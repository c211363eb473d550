#pragma once

#include "core/text/rust/lathe_border.h"

#ifdef __cplusplus
extern "C" {
#endif

/// The C interface of the Rust crate in this folder: the official `tokenizers` and `minijinja`.
///
/// lathe_border.h says what all its functions keep to. A tokenizer may be used by several threads at once, except
/// while it is freed.

typedef struct LatheTextTokenizer LatheTextTokenizer;

/// Tokens of one or more texts, one after the other; release with lathe_text_free_encodings.
typedef struct {
    size_t texts;
    size_t tokens;
    size_t* ends;          ///< [texts] tokens of text i end before ends[i]
    int32_t* ids;          ///< [tokens]
    size_t* offsets;       ///< [tokens][2] byte range [from, to) in the text; (0, 0) for added tokens
    uint8_t* special_mask; ///< [tokens] 1 for tokens that the post-processor added
    uint8_t* type_ids;     ///< [tokens]
} LatheTextEncodings;

/// Reads a tokenizer.json; truncation and padding stored in it are cleared. `settings_json`: empty, or an object
/// with what tokenizer_config.json changes: add_prefix_space, do_lower_case, strip_accents,
/// tokenize_chinese_chars, split_special_tokens, and the lists added_tokens and special_tokens.
int lathe_text_load(LatheTextView json, LatheTextView settings_json, LatheTextTokenizer** tokenizer,
                    LatheTextString* error);
void lathe_text_free(LatheTextTokenizer* tokenizer);

/// `pairs`: null, or `count` second texts. With count > 1 the texts are spread over the cores.
int lathe_text_encode(const LatheTextTokenizer* tokenizer, const LatheTextView* texts,
                      const LatheTextView* pairs, size_t count, int add_special_tokens,
                      LatheTextEncodings* encodings, LatheTextString* error);
/// Ids that the vocabulary lacks stand for no text; a negative id is an error.
int lathe_text_decode(const LatheTextTokenizer* tokenizer, const int32_t* ids, size_t count,
                      int skip_special_tokens, LatheTextString* text, LatheTextString* error);

/// The id of a token, -1 where the vocabulary lacks it.
int32_t lathe_text_id_of(const LatheTextTokenizer* tokenizer, LatheTextView token);
/// 1 and the token, or 0 where the vocabulary lacks the id.
int lathe_text_token_of(const LatheTextTokenizer* tokenizer, int32_t id, LatheTextString* token);
/// 1 for a token that decoding without special tokens leaves out, else 0.
int lathe_text_is_special(const LatheTextTokenizer* tokenizer, int32_t id);
/// Entries, added tokens included.
size_t lathe_text_vocabulary_size(const LatheTextTokenizer* tokenizer);

typedef struct {
    const LatheTextView* files; ///< paths as the file system spells them
    size_t file_count;
    const LatheTextView* special_tokens;
    size_t special_count;
    size_t vocabulary_size;
    size_t threads; ///< 0: one a core
    int split_digits;
} LatheTextTraining;

/// Trains a byte-level BPE tokenizer on the lines of UTF-8 files; `json` is the tokenizer.json.
int lathe_text_train_bpe(const LatheTextTraining* options, LatheTextString* json, LatheTextString* error);

/// A rendered chat; release with lathe_text_free_rendering.
typedef struct {
    LatheTextString text;
    size_t* generated; ///< [generated_count][2] byte ranges [from, to) of the {% generation %} blocks
    size_t generated_count;
} LatheTextRendering;

/// Renders a Jinja chat template as transformers does. `context_json`: an object with the variables.
int lathe_text_render(LatheTextView source, LatheTextView context_json, LatheTextRendering* rendering,
                      LatheTextString* error);
void lathe_text_free_rendering(LatheTextRendering rendering);

void lathe_text_free_encodings(LatheTextEncodings encodings);

#ifdef __cplusplus
}
#endif
