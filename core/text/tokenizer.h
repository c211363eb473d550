#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lathe {

/// A tokenized text: four columns of equal length.
struct Encoding {
    std::vector<std::int32_t> ids;
    /// Byte range [from, to) in the UTF-8 input (of a pair: in the token's own text); (0, 0) for tokens the
    /// tokenizer added. Tokens that are parts of one character share its range.
    std::vector<std::pair<std::size_t, std::size_t>> offsets;
    std::vector<std::uint8_t> specialMask; ///< 1 for tokens the tokenizer added: they stand for no text
    std::vector<std::uint8_t> typeIds; ///< 0 first sequence, 1 second, where the tokenizer tells them apart
};

/// A tokenizer.json, run by the official `tokenizers` crate; older vocabularies are converted to one.
/// Truncation and padding stored in the file are cleared. Encoding and decoding may be called from several
/// threads at once.
class Tokenizer {
public:
    /// `path`: a tokenizer.json or a model folder with one (tokenizer_config.json beside it names the special
    /// tokens and the chat template), or without: vocab.json with merges.txt, a SentencePiece model
    /// (tokenizer.model), vocab.txt, a tiktoken file, llama2.c's tokenizer.bin. As in transformers 5, the
    /// begin and end tokens that a tokenizer.json adds are its own, whatever add_bos_token in the
    /// configuration says. Input error naming the file and what is missing or broken.
    [[nodiscard]] static Result<Tokenizer> load(const std::filesystem::path& path);
    [[nodiscard]] static Result<Tokenizer> fromJson(std::string_view tokenizerJson);

    Tokenizer(Tokenizer&&) noexcept;
    Tokenizer& operator=(Tokenizer&&) noexcept;
    ~Tokenizer();

    /// Special tokens that `text` spells out become those tokens, `addSpecialTokens` or not. Input error if
    /// it is not UTF-8.
    [[nodiscard]] Result<Encoding> encode(std::string_view text, bool addSpecialTokens) const;
    [[nodiscard]] Result<Encoding> encodePair(std::string_view first, std::string_view second,
                                              bool addSpecialTokens) const;
    /// As encode of each; spread over the cores.
    [[nodiscard]] Result<std::vector<Encoding>> encodeBatch(std::span<const std::string> texts,
                                                            bool addSpecialTokens) const;
    /// Ids that the vocabulary lacks (a model's table is often larger) give no text, as in the official
    /// library. Input error if an id is negative.
    [[nodiscard]] Result<std::string> decode(std::span<const std::int32_t> ids, bool skipSpecialTokens) const;

    [[nodiscard]] std::optional<std::int32_t> idOf(std::string_view token) const;
    [[nodiscard]] std::optional<std::string> tokenOf(std::int32_t id) const;
    /// Whether decode leaves the token out where it skips special tokens.
    [[nodiscard]] bool isSpecial(std::int32_t id) const;
    /// Added tokens included.
    [[nodiscard]] std::size_t vocabularySize() const;

    /// From tokenizer_config.json or special_tokens_map.json (names resolved to ids; null means none), else
    /// from well-known names (<s>, </s>, <|endoftext|>, <pad> …). None where the vocabulary lacks the name.
    [[nodiscard]] std::optional<std::int32_t> bosId() const;
    [[nodiscard]] std::optional<std::int32_t> eosId() const;
    [[nodiscard]] std::optional<std::int32_t> padId() const;

    /// The names of bos_token, eos_token, pad_token, unk_token … that the vocabulary has, as the ids above;
    /// the usual names count for the first three only.
    [[nodiscard]] const std::map<std::string, std::string>& specialTokens() const;

    /// The model's own chat template, if it has one: the one called "default".
    [[nodiscard]] const std::optional<std::string>& chatTemplate() const;
    /// All of them by name ("default", "tool_use" …): chat_template.jinja and
    /// additional_chat_templates/*.jinja, else those of tokenizer_config.json, else of chat_template.json.
    [[nodiscard]] const std::map<std::string, std::string>& chatTemplates() const;
    /// The vocabulary, tokenizer_config.json … this tokenizer was read from, to be copied beside an export.
    [[nodiscard]] const std::vector<std::filesystem::path>& files() const;

private:
    struct Content;
    explicit Tokenizer(std::unique_ptr<Content> content);
    std::unique_ptr<Content> m_content;
};

/// How to train a byte-level BPE tokenizer.
struct BpeTraining {
    std::size_t vocabularySize = 2000;      ///< special tokens and the 256 bytes included
    std::vector<std::string> specialTokens; ///< get the first ids, in this order
    bool splitDigits = true;                ///< each digit its own token, so that numbers are spelt alike
    std::size_t threads = 0;                ///< 0: one a core; the result does not depend on it
};

/// Trains on the lines of the files and returns the tokenizer.json text: the same files and options give the
/// same bytes. The vocabulary stays smaller than asked where no pair of tokens is left that occurs twice.
/// Special tokens in the text are not learnt from. Blocks; any thread. Input error if a file is missing,
/// empty or not UTF-8, or the vocabulary size is too small for the bytes and special tokens.
[[nodiscard]] Result<std::string> trainByteLevelBpe(std::span<const std::filesystem::path> files,
                                                    const BpeTraining& options);

} // namespace lathe
