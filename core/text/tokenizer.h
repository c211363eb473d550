#pragma once

#include "core/base/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
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
    std::vector<std::pair<std::size_t, std::size_t>>
        offsets; ///< byte range [from, to) in the UTF-8 input; (0, 0) for added ones
    std::vector<std::uint8_t> specialMask; ///< 1 for tokens that stand for no text
    std::vector<std::uint8_t> typeIds;     ///< 0 first sequence, 1 second
};

/// A tokenizer.json, run by the official `tokenizers` crate. Truncation and padding stored in the file are
/// cleared. Encoding and decoding may be called from several threads at once.
class Tokenizer {
public:
    /// `path`: a tokenizer.json or a model folder with one (tokenizer_config.json beside it names the special
    /// tokens and the chat template). Input error naming the file and what is missing or broken.
    [[nodiscard]] static Result<Tokenizer> load(const std::filesystem::path& path);
    [[nodiscard]] static Result<Tokenizer> fromJson(std::string_view tokenizerJson);

    Tokenizer(Tokenizer&&) noexcept;
    Tokenizer& operator=(Tokenizer&&) noexcept;
    ~Tokenizer();

    [[nodiscard]] Result<Encoding> encode(std::string_view text, bool addSpecialTokens) const;
    [[nodiscard]] Result<Encoding> encodePair(std::string_view first, std::string_view second,
                                              bool addSpecialTokens) const;
    [[nodiscard]] Result<std::vector<Encoding>> encodeBatch(std::span<const std::string> texts,
                                                            bool addSpecialTokens) const;
    [[nodiscard]] Result<std::string> decode(std::span<const std::int32_t> ids, bool skipSpecialTokens) const;

    [[nodiscard]] std::optional<std::int32_t> idOf(std::string_view token) const;
    [[nodiscard]] std::optional<std::string> tokenOf(std::int32_t id) const;
    /// Added tokens included.
    [[nodiscard]] std::size_t vocabularySize() const;

    /// From tokenizer_config.json (names resolved to ids), else from well-known names (<s>, </s>,
    /// <|endoftext|>, <pad> …).
    [[nodiscard]] std::optional<std::int32_t> bosId() const;
    [[nodiscard]] std::optional<std::int32_t> eosId() const;
    [[nodiscard]] std::optional<std::int32_t> padId() const;

    /// The model's own chat template (chat_template.jinja or tokenizer_config.json), if it has one.
    [[nodiscard]] const std::optional<std::string>& chatTemplate() const;
    /// The files tokenizer.json, tokenizer_config.json … this tokenizer was read from, to be copied beside an
    /// export.
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

/// Trains on the lines of the files and returns the tokenizer.json text. Deterministic. Input error if a file
/// is missing or empty.
[[nodiscard]] Result<std::string> trainByteLevelBpe(std::span<const std::filesystem::path> files,
                                                    const BpeTraining& options);

} // namespace lathe
