//! Chat templates: the Jinja that transformers runs, on minijinja.

mod builtins;
mod generation;
mod python;

use crate::border::Failure;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Object, Rest, Serde, Value};
use minijinja::{Environment, Error, ErrorKind, Output, State};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Steps that a template may take, which also pay for the text it makes: 64 bytes a step, so 58 MB at most.
/// Longer templates and conversations get more.
fn fuel(source: &str, context_json: &str) -> u64 {
    900_000 + (source.len() / 8 + 8 * context_json.len()) as u64
}

pub struct Rendering {
    pub text: String,
    /// Byte ranges [from, to) that `{% generation %}` blocks wrote.
    pub generated: Vec<[usize; 2]>,
}

pub fn render(source: &str, context_json: &str) -> Result<Rendering, Failure> {
    let context = context(context_json)?;
    let rewritten = generation::rewrite(source);
    if rewritten.is_some() && context_json.contains([generation::BEGIN, generation::END]) {
        return Err(Failure::new(
            "the conversation holds the noncharacters U+FDD0 or U+FDD1, which mark the answers while the chat \
             template runs: remove them",
        ));
    }
    let template = rewritten.as_deref().unwrap_or(source);
    let environment = environment(fuel(source, context_json))?;
    let compiled =
        environment.template_from_named_str("chat", template).map_err(|error| told("is broken", &error))?;
    let marked = compiled.render(context).map_err(|error| told("fails", &error))?;
    Ok(if rewritten.is_some() {
        generation::collect(&marked)
    } else {
        Rendering { text: marked, generated: vec![] }
    })
}

/// As transformers gives it: `tools` and `documents` are None where the caller has none.
fn context(json: &str) -> Result<Value, Failure> {
    let parsed = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(json);
    let mut variables =
        parsed.map_err(|error| Failure(format!("the context is not a JSON object: {error}")))?;
    for name in ["tools", "documents"] {
        variables.entry(name).or_insert(serde_json::Value::Null);
    }
    Ok(Serde(variables).into())
}

fn environment(fuel: u64) -> Result<Environment<'static>, Failure> {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.map_err(|error| told("is broken", &error))?);
    environment.set_fuel(Some(fuel));
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_formatter(format_value);
    environment.add_filter("tojson", python::to_json);
    builtins::add_to(&mut environment);
    environment.add_function("raise_exception", raise_exception);
    environment.add_function("strftime_now", python::strftime_now);
    environment.add_function("cycler", cycler);
    environment.add_function("joiner", minijinja_contrib::globals::joiner);
    Ok(environment)
}

fn format_value(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    match python::as_float(value) {
        Some(number) => out.write_str(&python::float(number)).map_err(Error::from),
        None => minijinja::escape_formatter(out, state, value),
    }
}

/// The template's own refusal, to be told from a fault of the template.
#[derive(Debug)]
struct Refusal(String);

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

fn raise_exception(message: String) -> Result<Value, Error> {
    Err(Error::new(ErrorKind::InvalidOperation, message.clone()).with_source(Refusal(message)))
}

fn told(what: &str, error: &Error) -> Failure {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(current) = cause {
        if let Some(refusal) = current.downcast_ref::<Refusal>() {
            return Failure(format!("the chat template refuses the conversation: {refusal}"));
        }
        cause = current.source();
    }
    if error.kind() == ErrorKind::OutOfFuel {
        return Failure::new(
            "the chat template does not end: it was stopped after more steps than the conversation can need",
        );
    }
    let place = error.line().map(|line| format!(" at line {line}")).unwrap_or_default();
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    Failure(format!("the chat template {what}{place}: {}{detail}", error.kind()))
}

#[derive(Debug)]
struct Cycler {
    items: Vec<Value>,
    position: AtomicUsize,
}

impl Object for Cycler {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let at = self.position.load(Ordering::Relaxed);
        (key.as_str() == Some("current")).then(|| self.items[at].clone())
    }

    fn call_method(self: &Arc<Self>, _: &mut State, method: &str, _: &[Value]) -> Result<Value, Error> {
        let at = self.position.load(Ordering::Relaxed);
        match method {
            "next" => {
                self.position.store((at + 1) % self.items.len(), Ordering::Relaxed);
                Ok(self.items[at].clone())
            }
            "reset" => {
                self.position.store(0, Ordering::Relaxed);
                Ok(Value::from(()))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

/// Jinja's takes the items one by one, minijinja's own takes a list.
fn cycler(items: Rest<Value>) -> Result<Value, Error> {
    if items.is_empty() {
        return Err(Error::new(ErrorKind::MissingArgument, "cycler needs at least one item"));
    }
    Ok(Value::from_object(Cycler { items: items.to_vec(), position: AtomicUsize::new(0) }))
}
