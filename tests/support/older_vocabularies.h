#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

/// Writes the binary vocabularies that the readers under test read.
namespace lathe::test {

inline std::string varint(std::uint64_t value) {
    std::string bytes;
    for (; value >= 0x80; value >>= 7)
        bytes += static_cast<char>(value | 0x80);
    return bytes + static_cast<char>(value);
}

/// A number field of a Protocol Buffers message.
inline std::string numberField(unsigned number, std::uint64_t value) {
    return varint(number << 3) + varint(value);
}

/// A field with bytes: a text or a message.
inline std::string bytesField(unsigned number, std::string_view bytes) {
    return varint(number << 3 | 2) + varint(bytes.size()) + std::string(bytes);
}

inline std::string floatBytes(float value) {
    std::string bytes(4, '\0');
    std::memcpy(bytes.data(), &value, 4);
    return bytes;
}

/// A piece of a SentencePiece model. kind: 1 normal, 2 unknown, 3 control, 4 user-defined, 6 byte.
inline std::string piece(std::string_view text, float score, unsigned kind = 1) {
    return bytesField(1, bytesField(1, text) + varint(2 << 3 | 5) + floatBytes(score) + numberField(3, kind));
}

/// type: 1 Unigram, 2 BPE.
inline std::string trainer(unsigned type, bool byteFallback) {
    return bytesField(2, numberField(3, type) + numberField(35, byteFallback ? 1 : 0));
}

inline std::string spaces(bool addsDummyPrefix, bool removesExtra) {
    return bytesField(3, numberField(3, addsDummyPrefix ? 1 : 0) + numberField(4, removesExtra ? 1 : 0));
}

/// A token of llama2.c's tokenizer.bin.
inline std::string llama2cToken(std::string_view text, float score) {
    const auto length = static_cast<std::uint32_t>(text.size());
    std::string bytes(4, '\0');
    std::memcpy(bytes.data(), &length, 4);
    return floatBytes(score) + bytes + std::string(text);
}

/// The head, the special tokens and the bytes, ids 0 to 258, of a tokenizer.bin.
inline std::string llama2cHead() {
    std::string bytes = std::string("\x08\0\0\0", 4) + llama2cToken("<unk>", 0) + llama2cToken("\n<s>\n", 0) +
                        llama2cToken("\n</s>\n", 0);
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    for (std::size_t byte = 0; byte < 256; ++byte)
        bytes += llama2cToken(std::string("<0x") + kDigits[byte >> 4] + kDigits[byte & 15] + '>', 0);
    return bytes;
}

} // namespace lathe::test
