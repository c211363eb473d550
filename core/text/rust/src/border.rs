//! What crosses the C interface: borrowed views, owned buffers, and failures instead of panics.

use std::any::Any;
use std::ffi::{OsStr, c_int};
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Once;

const OK: c_int = 0;
const INPUT: c_int = 1;
const INTERNAL: c_int = 2;

/// What the caller's input broke, as a sentence.
pub struct Failure(pub String);

impl Failure {
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// What the crates return: their own words.
impl From<Box<dyn std::error::Error + Send + Sync>> for Failure {
    fn from(error: Box<dyn std::error::Error + Send + Sync>) -> Self {
        Self(error.to_string())
    }
}

/// `LatheTextView`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct View {
    data: *const u8,
    size: usize,
}

impl View {
    /// # Safety
    /// `data` points to `size` bytes that outlive the call.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        unsafe { slice(self.data, self.size) }
    }

    /// # Safety
    /// As `bytes`.
    pub unsafe fn text<'a>(self) -> Result<&'a str, Failure> {
        let bytes = unsafe { self.bytes() };
        std::str::from_utf8(bytes).map_err(|error| {
            let at = error.valid_up_to();
            Failure(format!("the text is not valid UTF-8: byte 0x{:02X} at position {at}", bytes[at]))
        })
    }

    /// # Safety
    /// As `bytes`.
    pub unsafe fn path<'a>(self) -> &'a Path {
        Path::new(OsStr::from_bytes(unsafe { self.bytes() }))
    }
}

/// # Safety
/// `data` points to `size` values that outlive the call; it may be null where `size` is 0.
pub unsafe fn slice<'a, T>(data: *const T, size: usize) -> &'a [T] {
    if size == 0 { &[] } else { unsafe { std::slice::from_raw_parts(data, size) } }
}

/// # Safety
/// As `slice`, and as `View::bytes` for each view.
pub unsafe fn texts<'a>(views: *const View, count: usize) -> Result<Vec<&'a str>, Failure> {
    unsafe { slice(views, count) }.iter().map(|view| unsafe { view.text() }).collect()
}

/// `LatheTextString`.
#[repr(C)]
pub struct Owned {
    data: *mut u8,
    size: usize,
}

impl Owned {
    pub fn new(text: String) -> Self {
        let (data, size) = into_raw(text.into_bytes());
        Self { data, size }
    }

    /// # Safety
    /// Made by `new`, freed once.
    pub unsafe fn free(self) {
        unsafe { free_raw(self.data, self.size) };
    }
}

/// Gives a vector away as a pointer and a length, to be taken back by `free_raw`.
pub fn into_raw<T>(values: Vec<T>) -> (*mut T, usize) {
    let size = values.len();
    (Box::into_raw(values.into_boxed_slice()).cast(), size)
}

/// # Safety
/// Made by `into_raw`, freed once; null is allowed.
pub unsafe fn free_raw<T>(data: *mut T, size: usize) {
    if !data.is_null() {
        drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(data, size)) });
    }
}

static QUIET: Once = Once::new();

/// Runs `body`; a failure or a panic becomes a status and, where `error` is not null, a message. Nothing is
/// printed: a damaged file makes the crates panic, and the caller tells it.
pub fn guard(error: *mut Owned, body: impl FnOnce() -> Result<(), Failure>) -> c_int {
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    let (status, message) = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return OK,
        Ok(Err(Failure(message))) => (INPUT, message),
        Err(panic) => (INTERNAL, panic_message(panic.as_ref())),
    };
    if !error.is_null() {
        unsafe { *error = Owned::new(message) };
    }
    status
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().copied();
    let words = words.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("the text library panicked: {}", words.unwrap_or("no message"))
}
