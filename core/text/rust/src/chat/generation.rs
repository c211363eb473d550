//! `{% generation %}…{% endgeneration %}`, which transformers adds to Jinja to mark what the model answered.
//! minijinja takes no new tags, so they become `if true` around marks that are cut out again afterwards.

use super::Rendering;

/// Noncharacters: no text may use them in interchange.
pub const BEGIN: char = '\u{FDD0}';
pub const END: char = '\u{FDD1}';

/// The template with the tags replaced, or None where it has none. Lines keep their numbers. The first and the
/// last tag of a replacement keep the white-space signs (`-`, `+`) of the original.
pub fn rewrite(source: &str) -> Option<String> {
    let mut result = String::with_capacity(source.len());
    let mut rest = source;
    let mut found = false;
    while let Some(at) = rest.find('{') {
        result.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = element_length(rest);
        let (element, after) = rest.split_at(length);
        match tag(element) {
            Some((left, "generation", right)) => {
                result.push_str(&format!("{{%{left} if true %}}{BEGIN}{{% if true {right}%}}"));
                found = true;
            }
            Some((left, "endgeneration", right)) => {
                result.push_str(&format!("{{%{left} endif %}}{END}{{% endif {right}%}}"));
                found = true;
            }
            _ => result.push_str(element),
        }
        rest = after;
    }
    result.push_str(rest);
    found.then_some(result)
}

/// Bytes of the comment, expression or tag at the start of `text`; 1 where none starts or it does not end.
fn element_length(text: &str) -> usize {
    let end = match text.as_bytes().get(1) {
        Some(b'#') => return text.find("#}").map_or(1, |at| at + 2),
        Some(b'{') => "}}",
        Some(b'%') => "%}",
        _ => return 1,
    };
    let mut quote = None;
    let mut escaped = false;
    for (at, sign) in text.char_indices().skip(2) {
        match quote {
            _ if escaped => escaped = false,
            Some(_) if sign == '\\' => escaped = true,
            Some(open) if sign == open => quote = None,
            Some(_) => {}
            None if text[at..].starts_with(end) => return at + 2,
            None if sign == '"' || sign == '\'' => quote = Some(sign),
            None => {}
        }
    }
    1
}

/// White-space sign, words, white-space sign of a `{% … %}`.
fn tag(element: &str) -> Option<(&str, &str, &str)> {
    let inner = element.strip_prefix("{%")?.strip_suffix("%}")?;
    let left = &inner[..inner.starts_with(['-', '+']).into()];
    let inner = &inner[left.len()..];
    let right = &inner[inner.len() - usize::from(inner.ends_with(['-', '+']))..];
    Some((left, inner[..inner.len() - right.len()].trim(), right))
}

/// Cuts the marks out of what the rewritten template wrote.
pub fn collect(marked: &str) -> Rendering {
    let mut text = String::with_capacity(marked.len());
    let mut generated = Vec::new();
    let mut from = 0;
    for sign in marked.chars() {
        match sign {
            BEGIN => from = text.len(),
            END => generated.push([from, text.len()]),
            _ => text.push(sign),
        }
    }
    Rendering { text, generated }
}
