#include "core/text/sentencepiece_model.h"

#include "core/text/tokenizer_json.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <functional>

namespace lathe {

namespace {

using Kind = SentencePieceModel::Kind;
using Type = SentencePieceModel::Type;

constexpr const char* kAdvice = ": take the file from the model's publisher again";

/// One field of a message in Google's Protocol Buffers wire format.
struct Field {
    std::uint64_t number = 0;
    std::uint64_t value = 0;  ///< of a varint, or the bits of a fixed number
    std::string_view content; ///< of a length-delimited field
    std::size_t position = 0; ///< in the file
    enum class Wire { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 } wire = Wire::Varint;
};

class FieldReader {
public:
    /// `start`: where `bytes` begin in the file, for messages.
    FieldReader(std::string_view bytes, std::size_t start) : m_bytes(bytes), m_start(start) {}

    [[nodiscard]] bool isAtEnd() const { return m_at == m_bytes.size(); }

    Result<Field> next() {
        Field field;
        field.position = m_start + m_at;
        LATHE_ASSIGN(const std::uint64_t key, varint());
        field.number = key >> 3;
        switch (key & 7) {
        case 0: {
            LATHE_ASSIGN(field.value, varint());
            return field;
        }
        case 1:
            field.wire = Field::Wire::Fixed64;
            return fixed(field, 8);
        case 5:
            field.wire = Field::Wire::Fixed32;
            return fixed(field, 4);
        case 2: {
            field.wire = Field::Wire::Bytes;
            LATHE_ASSIGN(const std::uint64_t length, varint());
            if (length > m_bytes.size() - m_at)
                return cut(field.position, length);
            field.position = m_start + m_at;
            field.content = m_bytes.substr(m_at, length);
            m_at += length;
            return field;
        }
        default:
            return inputError("", "is no SentencePiece model: field type " + std::to_string(key & 7) +
                                      " at byte " + std::to_string(field.position) + " is unknown" + kAdvice);
        }
    }

private:
    [[nodiscard]] Error cut(std::size_t position, std::uint64_t length) const {
        return inputError("", "is cut short: the field at byte " + std::to_string(position) + " wants " +
                                  std::to_string(length) + " bytes and " +
                                  std::to_string(m_bytes.size() - m_at) + " are left" + kAdvice);
    }

    Result<std::uint64_t> varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (isAtEnd())
                return cut(m_start + m_at, 1);
            const auto byte = static_cast<unsigned char>(m_bytes[m_at++]);
            value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
            if (byte < 0x80)
                return value;
        }
        return inputError("", "is no SentencePiece model: the number at byte " +
                                  std::to_string(m_start + m_at) + " has more than 64 bits" + kAdvice);
    }

    Result<Field> fixed(Field field, std::size_t size) {
        if (size > m_bytes.size() - m_at)
            return cut(field.position, size);
        for (std::size_t byte = 0; byte < size; ++byte) // little-endian
            field.value |= static_cast<std::uint64_t>(static_cast<unsigned char>(m_bytes[m_at + byte]))
                           << (8 * byte);
        m_at += size;
        return field;
    }

    std::string_view m_bytes;
    std::size_t m_start;
    std::size_t m_at = 0;
};

Status forEachField(std::string_view bytes, std::size_t start,
                    const std::function<Status(const Field&)>& visit) {
    FieldReader reader(bytes, start);
    while (!reader.isAtEnd()) {
        LATHE_ASSIGN(const Field field, reader.next());
        LATHE_TRY(visit(field));
    }
    return ok();
}

Error badPiece(std::size_t id, const std::string& what) {
    return inputError("", "piece " + std::to_string(id) + ' ' + what + kAdvice);
}

Result<SentencePieceModel::Piece> readPiece(const Field& message, std::size_t id) {
    SentencePieceModel::Piece piece;
    std::uint64_t kind = 1;
    LATHE_TRY(forEachField(message.content, message.position, [&](const Field& field) {
        if (field.number == 1 && field.wire == Field::Wire::Bytes)
            piece.text = field.content;
        else if (field.number == 2 && field.wire == Field::Wire::Fixed32)
            piece.score = std::bit_cast<float>(static_cast<std::uint32_t>(field.value));
        else if (field.number == 3 && field.wire == Field::Wire::Varint)
            kind = field.value;
        return ok();
    }));
    if (piece.text.empty())
        return badPiece(id, "has no text");
    if (!isUtf8(piece.text))
        return badPiece(id, "is not valid UTF-8");
    if (!std::isfinite(piece.score))
        return badPiece(id, "has a score that is no number");
    if (kind < 1 || kind > 6)
        return badPiece(id, "is of kind " + std::to_string(kind) + ", and kinds go from 1 to 6");
    piece.kind = static_cast<Kind>(kind);
    return piece;
}

Status readTrainer(const Field& message, SentencePieceModel& model) {
    return forEachField(message.content, message.position, [&](const Field& field) -> Status {
        if (field.wire != Field::Wire::Varint)
            return ok();
        if (field.number == 35)
            model.hasByteFallback = field.value != 0;
        if (field.number != 3)
            return ok();
        if (field.value < 1 || field.value > 4)
            return inputError("", "is of model type " + std::to_string(field.value) +
                                      ", and types go from 1 to 4" + kAdvice);
        model.type = static_cast<Type>(field.value);
        return ok();
    });
}

Status readNormalizer(const Field& message, SentencePieceModel& model) {
    return forEachField(message.content, message.position, [&](const Field& field) {
        if (field.number == 2 && field.wire == Field::Wire::Bytes)
            model.charsMap = field.content;
        else if (field.number == 3 && field.wire == Field::Wire::Varint)
            model.addsDummyPrefix = field.value != 0;
        else if (field.number == 4 && field.wire == Field::Wire::Varint)
            model.removesExtraSpaces = field.value != 0;
        return ok();
    });
}

} // namespace

Result<SentencePieceModel> readSentencePieceModel(std::string_view bytes) {
    SentencePieceModel model;
    LATHE_TRY(forEachField(bytes, 0, [&](const Field& field) -> Status {
        if (field.wire != Field::Wire::Bytes)
            return ok();
        if (field.number == 1) {
            LATHE_ASSIGN(SentencePieceModel::Piece piece, readPiece(field, model.pieces.size()));
            model.pieces.push_back(std::move(piece));
        }
        if (field.number == 2)
            return readTrainer(field, model);
        if (field.number == 3)
            return readNormalizer(field, model);
        return ok();
    }));
    if (model.pieces.empty())
        return inputError("", std::string("is no SentencePiece model: it holds no piece") + kAdvice);
    return model;
}

} // namespace lathe
