//! A tokenizer.json run by the official crate.

use crate::border::{Failure, free_raw, into_raw};
use crate::settings;
use tokenizers::{EncodeInput, Encoding};

pub struct Tokenizer(tokenizers::Tokenizer);

impl Tokenizer {
    pub fn from_json(json: &[u8], settings_json: &[u8]) -> Result<Self, Failure> {
        let mut tokenizer = tokenizers::Tokenizer::from_bytes(json)?;
        settings::apply(settings_json, &mut tokenizer)?;
        // The crate would apply what is stored, and silently shorten or lengthen every text.
        tokenizer.with_truncation(None)?;
        tokenizer.with_padding(None);
        Ok(Self(tokenizer))
    }

    pub fn encode(
        &self,
        firsts: &[&str],
        seconds: Option<&[&str]>,
        add_special_tokens: bool,
    ) -> Result<Encodings, Failure> {
        let input = |index: usize| -> EncodeInput {
            match seconds {
                Some(seconds) => (firsts[index], seconds[index]).into(),
                None => firsts[index].into(),
            }
        };
        let encodings = if firsts.len() == 1 {
            vec![self.0.encode(input(0), add_special_tokens)?]
        } else {
            let inputs = (0..firsts.len()).map(input).collect::<Vec<_>>();
            self.0.encode_batch(inputs, add_special_tokens)?
        };
        Encodings::new(&encodings)
    }

    pub fn decode(&self, ids: &[i32], skip_special_tokens: bool) -> Result<String, Failure> {
        let unsigned = |&id: &i32| {
            u32::try_from(id).map_err(|_| Failure(format!("token id {id} is negative, so it names no token")))
        };
        let ids = ids.iter().map(unsigned).collect::<Result<Vec<_>, _>>()?;
        Ok(self.0.decode(&ids, skip_special_tokens)?)
    }

    pub fn id_of(&self, token: &str) -> Option<i32> {
        self.0.token_to_id(token).and_then(|id| i32::try_from(id).ok())
    }

    pub fn token_of(&self, id: i32) -> Option<String> {
        self.0.id_to_token(u32::try_from(id).ok()?)
    }

    /// Whether decoding can leave the token out.
    pub fn is_special(&self, id: i32) -> bool {
        self.token_of(id).is_some_and(|token| self.0.get_added_vocabulary().is_special_token(&token))
    }

    pub fn vocabulary_size(&self) -> usize {
        self.0.get_vocab_size(true)
    }
}

/// `LatheTextEncodings`.
#[repr(C)]
pub struct Encodings {
    texts: usize,
    tokens: usize,
    ends: *mut usize,
    ids: *mut i32,
    offsets: *mut [usize; 2],
    special_mask: *mut u8,
    type_ids: *mut u8,
}

impl Encodings {
    fn new(encodings: &[Encoding]) -> Result<Self, Failure> {
        let total = encodings.iter().map(Encoding::len).sum();
        let mut ends = Vec::with_capacity(encodings.len());
        let mut ids = Vec::with_capacity(total);
        let mut offsets = Vec::with_capacity(total);
        let mut special_mask = Vec::with_capacity(total);
        let mut type_ids = Vec::with_capacity(total);
        for encoding in encodings {
            for &id in encoding.get_ids() {
                ids.push(i32::try_from(id).map_err(|_| too_large("token id", id))?);
            }
            for &type_id in encoding.get_type_ids() {
                type_ids.push(u8::try_from(type_id).map_err(|_| too_large("type id", type_id))?);
            }
            offsets.extend(encoding.get_offsets().iter().map(|&(from, to)| [from, to]));
            special_mask.extend(encoding.get_special_tokens_mask().iter().map(|&mask| u8::from(mask != 0)));
            ends.push(ids.len());
        }
        let (ends, texts) = into_raw(ends);
        let (ids, tokens) = into_raw(ids);
        let offsets = into_raw(offsets).0;
        let (special_mask, type_ids) = (into_raw(special_mask).0, into_raw(type_ids).0);
        Ok(Self { texts, tokens, ends, ids, offsets, special_mask, type_ids })
    }

    /// # Safety
    /// Made by `new`, freed once.
    pub unsafe fn free(self) {
        unsafe {
            free_raw(self.ends, self.texts);
            free_raw(self.ids, self.tokens);
            free_raw(self.offsets, self.tokens);
            free_raw(self.special_mask, self.tokens);
            free_raw(self.type_ids, self.tokens);
        }
    }
}

fn too_large(what: &str, value: u32) -> Failure {
    Failure(format!("the tokenizer gives {what} {value}, which is more than Lathe can hold"))
}
