//! What a model's tokenizer_config.json changes in its tokenizer.json, as transformers applies it.

use crate::border::Failure;
use serde_json::{Map, Value};
use tokenizers::normalizers::NormalizerWrapper;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::{AddedToken, Tokenizer};

/// `json`: an object, or empty for none: add_prefix_space, do_lower_case, strip_accents, tokenize_chinese_chars,
/// split_special_tokens (each bool), added_tokens and special_tokens (lists of {content, id, …}).
pub fn apply(json: &[u8], tokenizer: &mut Tokenizer) -> Result<(), Failure> {
    if json.is_empty() {
        return Ok(());
    }
    let settings = serde_json::from_slice::<Map<String, Value>>(json)
        .map_err(|error| Failure(format!("the settings are not a JSON object: {error}")))?;
    let flag = |name: &str| settings.get(name).and_then(Value::as_bool);
    if let Some(add) = flag("add_prefix_space") {
        prefix_space(tokenizer, add);
    }
    if let Some(NormalizerWrapper::BertNormalizer(bert)) = tokenizer.get_normalizer() {
        let mut bert = *bert;
        bert.lowercase = flag("do_lower_case").unwrap_or(bert.lowercase);
        bert.strip_accents = flag("strip_accents").or(bert.strip_accents);
        bert.handle_chinese_chars = flag("tokenize_chinese_chars").unwrap_or(bert.handle_chinese_chars);
        tokenizer.with_normalizer(Some(bert))?;
    }
    for token in list(&settings, "added_tokens") {
        add(tokenizer, token)?;
    }
    let special = list(&settings, "special_tokens").iter();
    let special = special.filter_map(|token| as_special(tokenizer, token)).collect::<Vec<_>>();
    tokenizer.add_special_tokens(special)?;
    tokenizer.set_encode_special_tokens(flag("split_special_tokens").unwrap_or(false));
    Ok(())
}

fn list<'a>(settings: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    settings.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn prefix_space(tokenizer: &mut Tokenizer, add: bool) {
    let changed = match tokenizer.get_pre_tokenizer().cloned() {
        Some(PreTokenizerWrapper::ByteLevel(bytes)) => bytes.add_prefix_space(add).into(),
        Some(PreTokenizerWrapper::Sequence(mut steps)) => {
            for step in steps.as_mut() {
                if let PreTokenizerWrapper::ByteLevel(bytes) = step {
                    bytes.add_prefix_space = add;
                }
            }
            PreTokenizerWrapper::Sequence(steps)
        }
        _ => return,
    };
    tokenizer.with_pre_tokenizer(Some(changed));
}

fn token_of(json: &Value) -> Option<AddedToken> {
    let flag = |name: &str| json.get(name).and_then(Value::as_bool).unwrap_or(false);
    let token = AddedToken::from(json.get("content")?.as_str()?, flag("special"))
        .lstrip(flag("lstrip"))
        .rstrip(flag("rstrip"))
        .single_word(flag("single_word"));
    Some(token.normalized(flag("normalized")))
}

/// A token that the tokenizer lacks joins it where the id that it gets is the one that the model knows it by.
fn add(tokenizer: &mut Tokenizer, json: &Value) -> Result<(), Failure> {
    let Some(token) = token_of(json) else { return Ok(()) };
    let id = json.get("id").and_then(Value::as_u64);
    let known = tokenizer.token_to_id(&token.content).map(u64::from);
    let added = tokenizer.get_added_vocabulary().get_vocab().contains_key(&token.content);
    if !added && (known.is_some() || id == Some(tokenizer.get_vocab_size(true) as u64)) {
        tokenizer.add_tokens([token])?;
    }
    Ok(())
}

/// Special tokens have a role in the model: decoding can leave them out, and they are never split.
fn as_special(tokenizer: &Tokenizer, json: &Value) -> Option<AddedToken> {
    let mut token = token_of(json)?;
    let id = tokenizer.token_to_id(&token.content)?;
    if let Some(added) = tokenizer.get_added_vocabulary().get_added_tokens_decoder().get(&id) {
        token = added.clone();
    }
    token.special = true;
    Some(token)
}
