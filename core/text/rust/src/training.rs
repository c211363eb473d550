//! Byte-level BPE (the GPT-2 way) learnt from text files by the official trainer.

use crate::border::Failure;
use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Mutex;
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::{
    AddedToken, AddedVocabulary, NormalizerWrapper, OffsetReferential, OffsetType, PreTokenizer, Tokenizer,
    Trainer,
};

/// The bytes, each a token of its own.
const ALPHABET: usize = 256;
/// A pair seen once is more likely a typo than a word.
const LEAST_COUNT: u64 = 2;

pub struct Plan<'a> {
    pub files: Vec<&'a Path>,
    pub special_tokens: Vec<&'a str>,
    pub vocabulary_size: usize,
    pub threads: usize,
    pub split_digits: bool,
}

impl Plan<'_> {
    fn check(&self) -> Result<(), Failure> {
        if self.files.is_empty() {
            return Err(Failure::new("no file is given to learn from"));
        }
        let mut seen = HashSet::new();
        for token in &self.special_tokens {
            if token.is_empty() {
                return Err(Failure::new("a special token is empty: give it a name such as <pad>"));
            }
            if !seen.insert(token) {
                return Err(Failure(format!("special token {token} is listed twice: name it once")));
            }
        }
        let least = ALPHABET + self.special_tokens.len();
        if self.vocabulary_size < least {
            return Err(Failure(format!(
                "vocabulary size {} is below the {ALPHABET} bytes and {} special tokens it must hold: \
                 give at least {least}",
                self.vocabulary_size,
                self.special_tokens.len()
            )));
        }
        Ok(())
    }

    fn special_tokens(&self) -> Vec<AddedToken> {
        self.special_tokens.iter().map(|&token| AddedToken::from(token, true)).collect()
    }

    fn pre_tokenizer(&self) -> PreTokenizerWrapper {
        let bytes = ByteLevel::new(false, true, true).into();
        match self.split_digits {
            true => Sequence::new(vec![Digits::new(true).into(), bytes]).into(),
            false => bytes,
        }
    }
}

/// Returns the tokenizer.json. The same files and options give the same bytes, whatever the threads.
pub fn train(plan: &Plan) -> Result<String, Failure> {
    plan.check()?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(plan.threads).build();
    let pool = pool.map_err(|error| Failure(format!("no threads to train the tokenizer: {error}")))?;
    pool.install(|| Ok(assemble(plan, learn(plan)?)?.to_string(true)?))
}

fn learn(plan: &Plan) -> Result<BPE, Failure> {
    let mut model = BPE::default();
    let mut special = AddedVocabulary::new();
    special.add_special_tokens(plan.special_tokens(), &model, None::<&NormalizerWrapper>)?;
    let splitter = plan.pre_tokenizer();
    let mut trainer = BpeTrainer::builder()
        .vocab_size(plan.vocabulary_size)
        .min_frequency(LEAST_COUNT)
        .special_tokens(plan.special_tokens())
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .show_progress(false)
        .build();

    // The trainer's iterator cannot fail, so the first failure ends it and waits here.
    let failure = Mutex::new(None);
    let lines = plan.files.iter().flat_map(|path| Lines::open(path)).map_while(|line| match line {
        Ok(line) => Some(line),
        Err(error) => {
            *failure.lock().unwrap() = Some(error);
            None
        }
    });
    trainer.feed(lines, |line| {
        let mut pieces = special.extract_and_normalize(None::<&NormalizerWrapper>, line);
        splitter.pre_tokenize(&mut pieces)?;
        // A special token in the text is found before the model sees it, so nothing is learnt from it.
        let splits = pieces.get_splits(OffsetReferential::Normalized, OffsetType::None);
        Ok(splits.iter().filter(|split| split.2.is_none()).map(|split| split.0.to_owned()).collect())
    })?;
    if let Some(failure) = failure.into_inner().unwrap() {
        return Err(failure);
    }
    trainer.train(&mut model)?;
    Ok(model)
}

fn assemble(plan: &Plan, model: BPE) -> Result<Tokenizer, Failure> {
    let mut tokenizer = Tokenizer::new(model);
    tokenizer.with_pre_tokenizer(Some(plan.pre_tokenizer()));
    tokenizer.with_decoder(Some(ByteLevel::new(false, true, true)));
    tokenizer.add_special_tokens(plan.special_tokens())?;
    Ok(tokenizer)
}

/// The lines of one file with their ends, or one failure in the place where reading stopped.
struct Lines<'a> {
    path: &'a Path,
    number: usize,
    reader: Option<BufReader<File>>,
    failure: Option<Failure>,
}

impl<'a> Lines<'a> {
    fn open(path: &'a Path) -> Self {
        let (reader, failure) = match File::open(path) {
            Ok(file) => (Some(BufReader::with_capacity(1 << 20, file)), None),
            Err(error) => (None, Some(Failure(format!("{}: {error}", path.display())))),
        };
        Self { path, number: 0, reader, failure }
    }

    fn read(&mut self) -> Result<Option<String>, Failure> {
        let Some(reader) = &mut self.reader else { return Ok(None) };
        let place = |what: &dyn std::fmt::Display| Failure(format!("{}: {what}", self.path.display()));
        let mut line = Vec::new();
        let size = reader.read_until(b'\n', &mut line).map_err(|error| place(&error))?;
        match (size, self.number) {
            (0, 0) => return Err(place(&"the file is empty, so there is nothing to learn from")),
            (0, _) => return Ok(None),
            _ => self.number += 1,
        }
        let number = self.number;
        let text =
            String::from_utf8(line).map_err(|_| place(&format!("line {number} is not valid UTF-8")))?;
        Ok(Some(text))
    }
}

impl Iterator for Lines<'_> {
    type Item = Result<String, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(failure) = self.failure.take() {
            return Some(Err(failure));
        }
        let line = self.read();
        if line.is_err() {
            self.reader = None;
        }
        line.transpose()
    }
}
