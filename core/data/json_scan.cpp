#include "core/data/json_text.h"
#include "core/data/utf8.h"

#include <array>
#include <cstdint>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace lathe {

namespace {

constexpr int kDeepest = 64; // the judge has no such limit

bool isDigit(char sign) { return sign >= '0' && sign <= '9'; }

/// Goes through a text once. Each of its functions begins at `m_at`, leaves it behind what it has read, and
/// says false at the first sign that JSON (RFC 8259) does not allow there, or that the judge should look at.
class Scanner {
public:
    explicit Scanner(std::string_view text) : m_at(text.data()), m_end(text.data() + text.size()) {}

    bool object(std::vector<JsonMember>& members) {
        skipSpace();
        if (!take('{'))
            return false;
        skipSpace();
        if (take('}'))
            return isAtEnd();
        do {
            skipSpace();
            JsonMember member;
            if (!key(member.key))
                return false;
            const char* from = m_at;
            if (!value(1))
                return false;
            member.value = {from, static_cast<std::size_t>(m_at - from)};
            members.push_back(member);
            skipSpace();
        } while (take(','));
        return take('}') && isAtEnd();
    }
    [[nodiscard]] bool isAscii() const { return !m_hasHighBytes; }

private:
    bool isAtEnd() {
        skipSpace();
        return m_at == m_end;
    }
    bool take(char sign) {
        if (m_at == m_end || *m_at != sign)
            return false;
        ++m_at;
        return true;
    }
    void skipSpace() {
        while (m_at < m_end && (*m_at == ' ' || *m_at == '\n' || *m_at == '\r' || *m_at == '\t'))
            ++m_at;
    }
    /// A key, its colon, and the space behind it.
    bool key(std::string_view& name) {
        const char* from = m_at + 1;
        if (!string())
            return false;
        name = {from, static_cast<std::size_t>(m_at - 1 - from)};
        skipSpace();
        if (!take(':'))
            return false;
        skipSpace();
        return true;
    }
    bool value(int depth) {
        if (m_at == m_end || depth > kDeepest)
            return false;
        switch (*m_at) {
        case '"':
            return string();
        case '{':
            return container(depth, '}');
        case '[':
            return container(depth, ']');
        case 't':
            return word("true");
        case 'f':
            return word("false");
        case 'n':
            return word("null");
        default:
            return number();
        }
    }
    bool container(int depth, char closing) {
        ++m_at;
        skipSpace();
        if (take(closing))
            return true;
        do {
            skipSpace();
            std::string_view name;
            if ((closing == '}' && !key(name)) || !value(depth + 1))
                return false;
            skipSpace();
        } while (take(','));
        return take(closing);
    }
    bool word(std::string_view wanted) {
        if (std::string_view(m_at, static_cast<std::size_t>(m_end - m_at)).substr(0, wanted.size()) != wanted)
            return false;
        m_at += wanted.size();
        return true;
    }
    std::size_t digits() {
        const char* from = m_at;
        while (m_at < m_end && isDigit(*m_at))
            ++m_at;
        return static_cast<std::size_t>(m_at - from);
    }
    /// Numbers that may not fit a double are left to the judge.
    bool number() {
        constexpr std::size_t kMostDigits = 200;
        constexpr std::size_t kMostExponentDigits = 2;
        take('-');
        if (m_at == m_end || !isDigit(*m_at))
            return false;
        if (!take('0') && digits() > kMostDigits)
            return false;
        if (take('.') && digits() == 0)
            return false;
        if (!take('e') && !take('E'))
            return true;
        if (!take('+'))
            take('-');
        const std::size_t exponent = digits();
        return exponent > 0 && exponent <= kMostExponentDigits;
    }
    bool string() {
        if (!take('"'))
            return false;
        while (true) {
            skipPlainSigns();
            if (m_at == m_end)
                return false;
            const auto sign = static_cast<unsigned char>(*m_at++);
            if (sign == '"')
                return true;
            if (sign < 0x20 || (sign == '\\' && !escape()))
                return false;
            m_hasHighBytes |= sign >= 0x80;
        }
    }
    /// Steps over signs that mean nothing within a string, sixteen at a time.
    void skipPlainSigns() {
#if defined(__SSE2__)
        const __m128i quote = _mm_set1_epi8('"');
        const __m128i backslash = _mm_set1_epi8('\\');
        const __m128i lastControl = _mm_set1_epi8(0x1F);
        while (m_end - m_at >= 16) {
            const __m128i signs = _mm_loadu_si128(reinterpret_cast<const __m128i*>(m_at));
            const __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(signs, lastControl), signs);
            const __m128i marks =
                _mm_or_si128(_mm_cmpeq_epi8(signs, quote), _mm_cmpeq_epi8(signs, backslash));
            const int found = _mm_movemask_epi8(_mm_or_si128(controls, marks));
            m_hasHighBytes |= _mm_movemask_epi8(signs) != 0;
            if (found != 0) {
                m_at += __builtin_ctz(static_cast<unsigned>(found));
                return;
            }
            m_at += 16;
        }
#endif
    }
    bool escape() {
        if (m_at == m_end)
            return false;
        const char letter = *m_at++;
        if (letter != 'u')
            return std::string_view("\"\\/bfnrt").find(letter) != std::string_view::npos;
        const int unit = fourHexDigits();
        if (unit < 0xD800 || unit > 0xDFFF)
            return unit >= 0;
        if (unit > 0xDBFF || !take('\\') || !take('u'))
            return false;
        const int second = fourHexDigits();
        return second >= 0xDC00 && second <= 0xDFFF;
    }
    /// -1 if they are not.
    int fourHexDigits() {
        if (m_end - m_at < 4)
            return -1;
        int value = 0;
        for (int i = 0; i < 4; ++i) {
            const char sign = *m_at++;
            const char lower = static_cast<char>(sign | 0x20);
            if (isDigit(sign))
                value = 16 * value + (sign - '0');
            else if (lower >= 'a' && lower <= 'f')
                value = 16 * value + (lower - 'a' + 10);
            else
                return -1;
        }
        return value;
    }

    const char* m_at;
    const char* m_end;
    bool m_hasHighBytes = false;
};

} // namespace

bool scanJsonObject(std::string_view text, std::vector<JsonMember>& members) {
    members.clear();
    Scanner scanner(text);
    return scanner.object(members) && (scanner.isAscii() || !firstInvalidUtf8(text));
}

} // namespace lathe
