#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// A vocabulary as SentencePiece trains and stores it (sentencepiece_model.proto, Kudo and Richardson 2018,
/// arXiv:1808.06226): the position of a piece is its id.
struct SentencePieceModel {
    enum class Type { Unigram = 1, Bpe = 2, Word = 3, Char = 4 };
    enum class Kind { Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6 };
    struct Piece {
        std::string text;
        float score = 0;
        Kind kind = Kind::Normal;
    };

    std::vector<Piece> pieces;
    Type type = Type::Unigram;
    bool hasByteFallback = false;
    std::string charsMap;        ///< compiled normalization; empty: none
    bool addsDummyPrefix = true; ///< a space in front of every text
    bool removesExtraSpaces = true;
};

/// Reads a serialized ModelProto; unknown fields are passed over. Input error saying what is cut, malformed
/// or not UTF-8, with the byte where; never reads outside `bytes`.
[[nodiscard]] Result<SentencePieceModel> readSentencePieceModel(std::string_view bytes);

} // namespace lathe
