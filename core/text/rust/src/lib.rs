//! The C interface of `lathe_text.h` and `lathe_parquet.h`. Each function here only crosses the border: it turns pointers into
//! slices, calls the safe code of the other modules, and keeps panics inside. The headers say what callers
//! must keep to: pointers to live memory, results freed once.

#![allow(clippy::missing_safety_doc)] // the header is the one place for it

mod border;
mod chat;
mod parquet_rows;
mod settings;
mod tokenizer;
mod training;

use border::{Owned, View, guard};
use parquet_rows::ParquetRows;
use std::ffi::c_int;
use tokenizer::{Encodings, Tokenizer};

#[unsafe(no_mangle)]
pub unsafe extern "C" fn lathe_text_load(
    json: View,
    settings_json: View,
    out: *mut *mut Tokenizer,
    error: *mut Owned,
) -> c_int {
    guard(error, || {
        let tokenizer = Tokenizer::from_json(unsafe { json.bytes() }, unsafe { settings_json.bytes() })?;
        unsafe { *out = Box::into_raw(Box::new(tokenizer)) };
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn lathe_text_free(tokenizer: *mut Tokenizer) {
    if !tokenizer.is_null() {
        drop(unsafe { Box::from_raw(tokenizer) });
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn lathe_text_encode(
    tokenizer: *const Tokenizer,
    texts: *const View,
    pairs: *const View,
    count: usize,
    add_special_tokens: c_int,
    out: *mut Encodings,
    error: *mut Owned,
) -> c_int {
    guard(error, || {
        let firsts = unsafe { border::texts(texts, count) }?;
        let seconds = if pairs.is_null() { None } else { Some(unsafe { border::texts(pairs, count) }?) };
        let encodings =
            unsafe { &*tokenizer }.encode(&firsts, seconds.as_deref(), add_special_tokens != 0)?;
        unsafe { *out = encodings };
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn lathe_text_decode(
    tokenizer: *const Tokenizer,
    ids: *const i32,
    count: usize,
    skip_special_tokens: c_int,
    out: *mut Owned,
    error: *mut Owned,
) -> c_int {
    guard(error, || {
        let ids = unsafe { border::slice(ids, count) };
        let text = unsafe { &*tokenizer }.decode(ids, skip_special_tokens != 0)?;
        unsafe { *out = Owned::new(text) };
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn lathe_text_id_of(tokenizer: *const Tokenizer, token: View) -> i32 {
    let mut id = -1;
    guard(std::ptr::null_mut(), || {
        let token = unsafe { token.text() }?;
        id = unsafe { &*tokenizer }.id_of(token).unwrap_or(-1);
        Ok(())
    });
    id
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn lathe_text_token_of(tokenizer: *const Tokenizer, id: i32, out: *mut Owned) -> c_int {
    let mut found = 0;
    guard(std::ptr::null_mut(), || {
        if let Some(token) = unsafe { &*tokenizer }.token_of(id) {
            unsafe { *out = Owned::new(token) };
            found = 1;
        }
        Ok(())
    });
    found
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn lathe_text_is_special(tokenizer: *const Tokenizer, id: i32) -> c_int {
    let mut special = 0;
    guard(std::ptr::null_mut(), || {
        special = unsafe { &*tokenizer }.is_special(id).into();
        Ok(())
    });
    special
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn lathe_text_vocabulary_size(tokenizer: *const Tokenizer) -> usize {
    let mut size = 0;
    guard(std::ptr::null_mut(), || {
        size = unsafe { &*tokenizer }.vocabulary_size();
        Ok(())
    });
    size
}

#[repr(C)]
pub struct Training {
    files: *const View,
    file_count: usize,
    special_tokens: *const View,
    special_count: usize,
    vocabulary_size: usize,
    threads: usize,
    split_digits: c_int,
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn lathe_text_train_bpe(
    options: *const Training,
    out: *mut Owned,
    error: *mut Owned,
) -> c_int {
    guard(error, || {
        let options = unsafe { &*options };
        let files = unsafe { border::slice(options.files, options.file_count) };
        let plan = training::Plan {
            files: files.iter().map(|view| unsafe { view.path() }).collect(),
            special_tokens: unsafe { border::texts(options.special_tokens, options.special_count) }?,
            vocabulary_size: options.vocabulary_size,
            threads: options.threads,
            split_digits: options.split_digits != 0,
        };
        let json = training::train(&plan)?;
        unsafe { *out = Owned::new(json) };
        Ok(())
    })
}

#[repr(C)]
pub struct Rendering {
    text: Owned,
    generated: *mut [usize; 2],
    generated_count: usize,
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn lathe_text_render(
    template: View,
    context_json: View,
    out: *mut Rendering,
    error: *mut Owned,
) -> c_int {
    guard(error, || {
        let rendering = chat::render(unsafe { template.text() }?, unsafe { context_json.text() }?)?;
        let (generated, generated_count) = border::into_raw(rendering.generated);
        unsafe { *out = Rendering { text: Owned::new(rendering.text), generated, generated_count } };
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn lathe_text_free_rendering(rendering: Rendering) {
    unsafe {
        rendering.text.free();
        border::free_raw(rendering.generated, rendering.generated_count);
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn lathe_text_free_string(string: Owned) {
    unsafe { string.free() };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn lathe_text_free_encodings(encodings: Encodings) {
    unsafe { encodings.free() };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn lathe_parquet_open(
    path: View,
    out: *mut *mut ParquetRows,
    error: *mut Owned,
) -> c_int {
    guard(error, || {
        let rows = ParquetRows::open(unsafe { path.path() })?;
        unsafe { *out = Box::into_raw(Box::new(rows)) };
        Ok(())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn lathe_parquet_free(rows: *mut ParquetRows) {
    if !rows.is_null() {
        drop(unsafe { Box::from_raw(rows) });
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn lathe_parquet_row_count(rows: *const ParquetRows) -> u64 {
    unsafe { &*rows }.row_count()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn lathe_parquet_next(
    rows: *mut ParquetRows,
    enough_bytes: usize,
    lines: *mut Owned,
    count: *mut usize,
    error: *mut Owned,
) -> c_int {
    guard(error, || {
        let (text, found) = unsafe { &mut *rows }.next(enough_bytes)?;
        unsafe {
            *lines = Owned::new(text);
            *count = found;
        }
        Ok(())
    })
}
