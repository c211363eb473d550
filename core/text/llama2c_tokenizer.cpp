#include "core/text/llama2c_tokenizer.h"

#include "core/text/sentencepiece_file.h"
#include "core/text/tokenizer_json.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdio>

namespace lathe {

namespace {

using Kind = SentencePieceModel::Kind;

constexpr std::size_t kFirstByte = 3; // id of <0x00>
constexpr std::size_t kFirstNormal = kFirstByte + 256;

std::uint32_t littleEndian(std::string_view bytes) {
    std::uint32_t value = 0;
    for (std::size_t byte = 0; byte < 4; ++byte)
        value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[byte])) << (8 * byte);
    return value;
}

std::string withSpaceMarks(std::string_view token) {
    std::string text;
    for (const char sign : token)
        sign == ' ' ? text.append("\u2581") : text.append(1, sign);
    return text;
}

std::string byteToken(std::size_t byte) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "<0x%02X>", static_cast<unsigned>(byte));
    return text.data();
}

Error broken(const std::string& file, std::size_t id, const std::string& what) {
    return inputError(file, "is no tokenizer of llama2.c: token " + std::to_string(id) + ' ' + what);
}

Result<SentencePieceModel::Piece> pieceOf(std::size_t id, std::string_view token, float score,
                                          const std::string& file) {
    if (!std::isfinite(score))
        return broken(file, id, "has a score that is no number");
    if (token.empty() || !isUtf8(token))
        return broken(file, id, token.empty() ? "is empty" : "is not valid UTF-8");
    if (id == 0)
        return SentencePieceModel::Piece{std::string(token), score, Kind::Unknown};
    if (id < kFirstByte) // stored with line breaks around, "\n<s>\n"
        return SentencePieceModel::Piece{id == 1 ? "<s>" : "</s>", score, Kind::Control};
    if (id >= kFirstNormal)
        return SentencePieceModel::Piece{withSpaceMarks(token), score, Kind::Normal};
    if (token != byteToken(id - kFirstByte))
        return broken(file, id, "is " + quotedToken(token) + " and must be " + byteToken(id - kFirstByte));
    return SentencePieceModel::Piece{std::string(token), score, Kind::Byte};
}

} // namespace

Result<std::string> tokenizerOfLlama2c(std::string_view bytes, const TokenizerSettings& settings,
                                       const std::string& file) {
    if (bytes.size() < 4)
        return inputError(file, "is no tokenizer of llama2.c: it has " + std::to_string(bytes.size()) +
                                    " bytes, less than its head of 4");
    SentencePieceModel model;
    model.type = SentencePieceModel::Type::Bpe;
    model.hasByteFallback = true;
    model.removesExtraSpaces = false;
    for (std::string_view rest = bytes.substr(4); !rest.empty();) {
        const std::size_t id = model.pieces.size();
        if (rest.size() < 8)
            return broken(file, id,
                          "is cut: " + std::to_string(rest.size()) + " bytes of its head of 8 are left");
        const std::uint32_t length = littleEndian(rest.substr(4));
        if (length > rest.size() - 8)
            return broken(file, id,
                          "is cut: it wants " + std::to_string(length) + " bytes and " +
                              std::to_string(rest.size() - 8) + " are left");
        const float score = std::bit_cast<float>(littleEndian(rest));
        LATHE_ASSIGN(SentencePieceModel::Piece piece, pieceOf(id, rest.substr(8, length), score, file));
        model.pieces.push_back(std::move(piece));
        rest.remove_prefix(8 + length);
    }
    if (model.pieces.size() < kFirstNormal)
        return inputError(file, "is no tokenizer of llama2.c: it holds " +
                                    std::to_string(model.pieces.size()) + " tokens, less than its " +
                                    std::to_string(kFirstNormal) + " special tokens and bytes");
    return tokenizerOfPieces(model, settings, file);
}

} // namespace lathe
