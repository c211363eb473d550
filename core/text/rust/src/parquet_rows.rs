//! Rows of a Parquet file as JSON Lines. What the format has and JSON lacks is written as text.

use crate::border::Failure;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use std::fmt::Write;
use std::fs::File;
use std::path::Path;

impl From<ParquetError> for Failure {
    fn from(error: ParquetError) -> Self {
        Self(error.to_string())
    }
}

/// `LatheParquet`.
pub struct ParquetRows {
    rows: RowIter<'static>,
    row_count: u64,
    given: u64,
}

impl ParquetRows {
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let file = File::open(path).map_err(|error| Failure::new(format!("cannot be read: {error}")))?;
        let reader = SerializedFileReader::new(file)?;
        let row_count = reader.metadata().file_metadata().num_rows().max(0) as u64;
        Ok(Self { rows: RowIter::from_file_into(Box::new(reader)), row_count, given: 0 })
    }

    pub fn row_count(&self) -> u64 {
        self.row_count
    }

    /// The next rows and how many they are.
    pub fn next(&mut self, enough_bytes: usize) -> Result<(String, usize), Failure> {
        let mut lines = String::new();
        let mut count = 0;
        while count == 0 || lines.len() < enough_bytes {
            let Some(row) = self.rows.next() else { break };
            let row = row.map_err(|error| Failure::new(format!("row {}: {error}", self.given + 1)))?;
            write_row(&mut lines, &row);
            lines.push('\n');
            count += 1;
            self.given += 1;
        }
        Ok((lines, count))
    }
}

fn write_row(out: &mut String, row: &Row) {
    write_members(out, row.get_column_iter().map(|(name, field)| (name.clone(), field)));
}

fn write_members<'a>(out: &mut String, members: impl Iterator<Item = (String, &'a Field)>) {
    out.push('{');
    for (index, (name, field)) in members.enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write_text(out, &name);
        out.push_str(": ");
        write_field(out, field);
    }
    out.push('}');
}

fn write_field(out: &mut String, field: &Field) {
    match field {
        Field::Null => out.push_str("null"),
        Field::Bool(_)
        | Field::Byte(_)
        | Field::Short(_)
        | Field::Int(_)
        | Field::Long(_)
        | Field::UByte(_)
        | Field::UShort(_)
        | Field::UInt(_)
        | Field::ULong(_) => push(out, format_args!("{field}")),
        Field::Float16(value) => write_real(out, f64::from(f32::from(*value)), value),
        Field::Float(value) => write_real(out, f64::from(*value), value),
        Field::Double(value) => write_real(out, *value, value),
        Field::Str(text) => write_text(out, text),
        Field::Bytes(bytes) => match std::str::from_utf8(bytes.data()) {
            Ok(text) => write_text(out, text),
            Err(_) => write_text(out, &base64(bytes.data())),
        },
        Field::Group(row) => write_row(out, row),
        Field::ListInternal(list) => {
            out.push('[');
            for (index, element) in list.elements().iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_field(out, element);
            }
            out.push(']');
        }
        Field::MapInternal(map) => {
            write_members(out, map.entries().iter().map(|(key, value)| (plain(key), value)));
        }
        _ => write_text(out, &field.to_string()), // decimals, dates and times
    }
}

/// The shortest text that reads back to the same value; what JSON has no number for is text.
fn write_real(out: &mut String, value: f64, written: &dyn std::fmt::Debug) {
    if value.is_finite() {
        push(out, format_args!("{written:?}"));
    } else {
        write_text(out, &value.to_string());
    }
}

fn plain(key: &Field) -> String {
    match key {
        Field::Str(text) => text.clone(),
        other => other.to_string(),
    }
}

fn write_text(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

fn push(out: &mut String, text: std::fmt::Arguments) {
    out.write_fmt(text).expect("a string takes all that is written");
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0u32, |bits, i| bits << 8 | u32::from(*group.get(i).unwrap_or(&0)));
        for i in 0..4 {
            let sign = SIGNS[(bits >> (18 - 6 * i) & 63) as usize] as char;
            text.push(if i <= group.len() { sign } else { '=' });
        }
    }
    text
}
