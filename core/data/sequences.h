#pragma once

#include "core/data/examples.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lathe {

/// How rows become token sequences; what makeInstructionExamples() and previewRow() share.

/// The end token to append, or the begin token to prepend; nothing where there is none or none is wanted.
[[nodiscard]] std::optional<std::int32_t> endToken(const Tokenizer& tokenizer, const ExampleOptions& options);
[[nodiscard]] std::optional<std::int32_t> beginToken(const Tokenizer& tokenizer,
                                                     const ExampleOptions& options);

/// Tokens of one text without any that stand behind it, and how many that stand before it (the begin token).
struct Tokens {
    std::vector<std::int32_t> ids;
    std::vector<ByteRange> offsets;
    std::size_t leading = 0;
};

/// Tokenizers differ in what they add by themselves (nothing, a begin token, an end token, both); after this
/// all sequences have the same form: [begin] text.
[[nodiscard]] Tokens unifiedTokens(Encoding encoding, const Tokenizer& tokenizer,
                                   const ExampleOptions& options);

/// One row's sequence, with what the tokens stand for.
struct Sequence {
    Example example;
    std::vector<ByteRange> offsets;    ///< in the row's text; (0, 0) for a begin token that was put before it
    std::vector<std::uint8_t> isAdded; ///< stands for no text
    std::size_t cutPrompt = 0;         ///< tokens that were cut off the beginning
    std::size_t cutAnswer = 0;         ///< tokens that were cut off the end
};

/// Labels and cuts one row. `encoding` is of row.text, with the tokenizer's own special tokens unless
/// row.isWhole. Input error (without `where`) if the row must be left out.
[[nodiscard]] Result<Sequence> makeSequence(RenderedRow row, Encoding encoding, const Tokenizer& tokenizer,
                                            const ExampleOptions& options);

/// One labelled text's sequence.
struct LabelSequence {
    Example example;
    Encoding encoding; ///< of what is left of it
    std::size_t cutTokens = 0;
    std::string text;
    std::string pair;
};
/// Input error (without `where`) if the row must be left out.
[[nodiscard]] Result<LabelSequence> makeLabelSequence(const Row& row, const LabelColumns& columns,
                                                      std::span<const std::string> names,
                                                      const Tokenizer& tokenizer,
                                                      const ExampleOptions& options);

/// What a cut row is listed with: "12 tokens of the answer were cut; …".
[[nodiscard]] std::string cutReason(const Sequence& sequence, std::size_t maxLength);

/// "; the maximum length is 256": how each reason ends that has to do with it.
[[nodiscard]] std::string lengthLimit(std::size_t maxLength);
[[nodiscard]] bool isForLength(std::string_view reason);

/// "12 tokens", "1 token".
[[nodiscard]] std::string tokenCount(std::size_t count);

} // namespace lathe
