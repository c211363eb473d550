//! Tests, filters and methods that Jinja and Python have and minijinja lacks or reads otherwise.

use minijinja::value::{Value, ValueKind, from_args};
use minijinja::{Environment, Error, ErrorKind, State};
use minijinja_contrib::pycompat;

pub fn add_to(environment: &mut Environment) {
    environment.add_test("iterable", |value: &Value| !value.is_none() && value.try_iter().is_ok());
    environment.add_test("sequence", is_sequence);
    environment.add_test("callable", |value: &Value| {
        value.is_undefined()
            || (value.as_object().is_some() && value.kind() == ValueKind::Plain && value.try_iter().is_err())
    });
    environment.add_filter("int", to_int);
    environment.add_filter("float", to_float);
    environment.set_unknown_method_callback(call_method);
}

/// Python's strings and dictionaries have a length and items, which is what Jinja asks for.
fn is_sequence(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Seq | ValueKind::Map | ValueKind::String | ValueKind::Undefined)
}

fn defined(value: &Value) -> Result<(), Error> {
    match value.is_undefined() {
        true => Err(Error::new(ErrorKind::UndefinedError, "an undefined value is no number")),
        false => Ok(()),
    }
}

fn number_of(value: &Value) -> Option<f64> {
    match value.kind() {
        ValueKind::Bool => Some(f64::from(u8::from(value.is_true()))),
        ValueKind::Number => f64::try_from(value.clone()).ok(),
        ValueKind::String => value.as_str()?.trim().replace('_', "").parse().ok(),
        _ => None,
    }
}

/// What is no number becomes `default`.
fn to_int(value: &Value, default: Option<Value>) -> Result<Value, Error> {
    defined(value)?;
    if value.is_integer() {
        return Ok(value.clone());
    }
    let whole = value.as_str().and_then(|text| text.trim().parse::<i64>().ok());
    let number =
        whole.or_else(|| number_of(value).filter(|number| number.is_finite()).map(|n| n.trunc() as i64));
    Ok(number.map(Value::from).or(default).unwrap_or_else(|| Value::from(0)))
}

fn to_float(value: &Value, default: Option<Value>) -> Result<Value, Error> {
    defined(value)?;
    Ok(number_of(value).map(Value::from).or(default).unwrap_or_else(|| Value::from(0.0)))
}

fn call_method(state: &mut State, value: &Value, method: &str, args: &[Value]) -> Result<Value, Error> {
    let Some(text) = value.as_str() else {
        return pycompat::unknown_method_callback(state, value, method, args);
    };
    match method {
        "removeprefix" => {
            let (prefix,): (&str,) = from_args(args)?;
            Ok(Value::from(text.strip_prefix(prefix).unwrap_or(text)))
        }
        "removesuffix" => {
            let (suffix,): (&str,) = from_args(args)?;
            Ok(Value::from(text.strip_suffix(suffix).unwrap_or(text)))
        }
        _ => pycompat::unknown_method_callback(state, value, method, args),
    }
}
