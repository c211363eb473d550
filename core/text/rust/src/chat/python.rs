//! Where templates show that they were written for Python.

use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Error, ErrorKind};
use serde_json::Value as Json;
use std::ffi::{CString, c_char};
use std::fmt::Write;

/// The number, if `value` is a float (an integer is none).
pub fn as_float(value: &Value) -> Option<f64> {
    let is_float = value.kind() == ValueKind::Number && !value.is_integer();
    is_float.then(|| f64::try_from(value.clone()).ok()).flatten()
}

/// `repr(float)`: the shortest digits, with an exponent below 1e-4 and from 1e16 on.
pub fn float(number: f64) -> String {
    if !number.is_finite() {
        return number.to_string().to_lowercase();
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    let plain = number.to_string();
    if plain.contains('.') { plain } else { plain + ".0" }
}

/// The filter of transformers: `json.dumps(x, ensure_ascii, indent, separators, sort_keys)`, no HTML escapes.
pub fn to_json(value: &Value, ensure_ascii: Option<bool>, options: Kwargs) -> Result<Value, Error> {
    if value.is_undefined() {
        return Err(Error::new(ErrorKind::InvalidOperation, "tojson of an undefined value"));
    }
    let indent: Option<Value> = options.get("indent")?;
    let separators: Option<Vec<String>> = options.get("separators")?;
    let ensure_ascii = ensure_ascii.or(options.get("ensure_ascii")?).unwrap_or(false);
    let sort_keys = options.get::<Option<bool>>("sort_keys")?.unwrap_or(false);
    options.assert_all_used()?;

    let indent = indent.filter(|indent| !indent.is_none()).map(indent_text).transpose()?;
    let (item, key) = match separators.as_deref() {
        None => (if indent.is_some() { "," } else { ", " }.to_owned(), ": ".to_owned()),
        Some([item, key]) => (item.clone(), key.clone()),
        Some(_) => {
            return Err(Error::new(ErrorKind::InvalidOperation, "separators of tojson are not two texts"));
        }
    };
    let json = serde_json::to_value(value)
        .map_err(|error| Error::new(ErrorKind::BadSerialization, format!("tojson: {error}")))?;
    let mut writer = JsonWriter { out: String::new(), ensure_ascii, sort_keys, indent, item, key };
    writer.write(&json, 0);
    Ok(Value::from(writer.out))
}

/// A text, or a number of spaces (below 0: none), within what a page can show.
fn indent_text(indent: Value) -> Result<String, Error> {
    const WIDEST: i64 = 100;
    let text = match indent.as_str() {
        Some(text) => text.to_owned(),
        None => " ".repeat(i64::try_from(indent).unwrap_or(i64::MAX).clamp(0, WIDEST + 1) as usize),
    };
    match text.len() as i64 <= WIDEST {
        true => Ok(text),
        false => Err(Error::new(ErrorKind::InvalidOperation, "tojson indents by more than 100 spaces")),
    }
}

struct JsonWriter {
    out: String,
    ensure_ascii: bool,
    sort_keys: bool,
    indent: Option<String>,
    item: String,
    key: String,
}

impl JsonWriter {
    fn write(&mut self, value: &Json, depth: usize) {
        match value {
            Json::String(text) => self.text(text),
            Json::Number(number) if number.is_f64() => self.out += &float(number.as_f64().unwrap_or(0.0)),
            Json::Array(items) if !items.is_empty() => {
                self.out.push('[');
                for (index, item) in items.iter().enumerate() {
                    self.next(index, depth + 1);
                    self.write(item, depth + 1);
                }
                self.line(depth);
                self.out.push(']');
            }
            Json::Object(entries) if !entries.is_empty() => {
                let mut entries = entries.iter().collect::<Vec<_>>();
                if self.sort_keys {
                    entries.sort_by_key(|entry| entry.0);
                }
                self.out.push('{');
                for (index, (name, entry)) in entries.into_iter().enumerate() {
                    self.next(index, depth + 1);
                    self.text(name);
                    self.out += &self.key;
                    self.write(entry, depth + 1);
                }
                self.line(depth);
                self.out.push('}');
            }
            // null, true, false, integers, [] and {} are written alike by both.
            _ => self.out += &value.to_string(),
        }
    }

    fn next(&mut self, index: usize, depth: usize) {
        if index > 0 {
            self.out += &self.item;
        }
        self.line(depth);
    }

    fn line(&mut self, depth: usize) {
        if let Some(indent) = &self.indent {
            self.out.push('\n');
            self.out += &indent.repeat(depth);
        }
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        for sign in text.chars() {
            match sign {
                '"' => self.out += "\\\"",
                '\\' => self.out += "\\\\",
                '\n' => self.out += "\\n",
                '\r' => self.out += "\\r",
                '\t' => self.out += "\\t",
                '\u{8}' => self.out += "\\b",
                '\u{C}' => self.out += "\\f",
                '\0'..' ' => self.escape(sign),
                '\u{7F}'.. if self.ensure_ascii => self.escape(sign),
                _ => self.out.push(sign),
            }
        }
        self.out.push('"');
    }

    fn escape(&mut self, sign: char) {
        for unit in sign.encode_utf16(&mut [0; 2]) {
            // Writing to a String does not fail.
            let _ = write!(self.out, "\\u{unit:04x}");
        }
    }
}

unsafe extern "C" {
    // The libc crate has no strftime_l.
    fn strftime_l(
        out: *mut c_char,
        size: usize,
        format: *const c_char,
        time: *const libc::tm,
        locale: libc::locale_t,
    ) -> usize;
}

/// Python's `datetime.now().strftime(format)`: local time, English names whatever the program's language.
pub fn strftime_now(format: String) -> Result<String, Error> {
    let failed = |what: &str| Error::new(ErrorKind::InvalidOperation, format!("strftime_now: {what}"));
    // strftime answers 0 both for "nothing to write" and for "too little room": the sign makes it always some.
    let format = CString::new(format + ".").map_err(|_| failed("the format holds a NUL"))?;
    let mut out = vec![0u8; 4096];
    let written = unsafe {
        let locale = libc::newlocale(libc::LC_ALL_MASK, c"C".as_ptr(), std::ptr::null_mut());
        let now = libc::time(std::ptr::null_mut());
        let mut time: libc::tm = std::mem::zeroed();
        if locale.is_null() || libc::localtime_r(&now, &mut time).is_null() {
            return Err(failed("the system tells no local time"));
        }
        let written = strftime_l(out.as_mut_ptr().cast(), out.len(), format.as_ptr(), &time, locale);
        libc::freelocale(locale);
        written
    };
    if written == 0 {
        return Err(failed("the result is longer than 4095 bytes"));
    }
    out.truncate(written - 1);
    String::from_utf8(out).map_err(|_| failed("the result is not valid UTF-8"))
}
