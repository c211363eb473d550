#include "core/model/json_walk.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace lathe {

namespace {

using Json = nlohmann::json;
using Kind = JsonEvent::Kind;

constexpr std::size_t kLongestPiece = 1'000'000; // the parser holds a text three times

/// Whether two quotation marks stand farther apart than any text or list of a checkpoint needs.
bool hasLongPiece(std::string_view text) {
    text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('"', begin), text.size());
        if (end - begin > kLongestPiece)
            return true;
        begin = end + 1;
    }
    return false;
}

/// The parser's interface, turned into events.
class Walker : public nlohmann::json_sax<Json> {
public:
    Walker(int maxDepth, const std::function<Status(const JsonEvent&)>& visit)
        : m_maxDepth(maxDepth), m_visit(visit) {}

    bool null() override { return pass(Kind::Other); }
    bool boolean(bool /*value*/) override { return pass(Kind::Other); }
    bool number_integer(number_integer_t /*value*/) override { return pass(Kind::Other); }
    bool number_unsigned(number_unsigned_t value) override { return pass(Kind::Count, {}, value); }
    bool number_float(number_float_t /*value*/, const string_t& /*text*/) override {
        return pass(Kind::Other);
    }
    bool string(string_t& value) override { return pass(Kind::Text, value); }
    bool binary(binary_t& /*value*/) override { return pass(Kind::Other); }
    bool key(string_t& value) override { return pass(Kind::Key, value); }
    bool start_object(std::size_t /*size*/) override { return open(Kind::ObjectStart); }
    bool end_object() override { return close(Kind::ObjectEnd); }
    bool start_array(std::size_t /*size*/) override { return open(Kind::ArrayStart); }
    bool end_array() override { return close(Kind::ArrayEnd); }
    bool parse_error(std::size_t position, const std::string& /*token*/,
                     const nlohmann::detail::exception& /*problem*/) override {
        badByte = position;
        return false;
    }

    Status status = ok();
    bool isTooDeep = false;
    std::size_t badByte = 0;

private:
    bool pass(Kind kind, std::string_view text = {}, std::uint64_t count = 0) {
        status = m_visit({kind, m_depth, text, count});
        return status.has_value();
    }
    bool open(Kind kind) {
        const bool goesOn = pass(kind);
        isTooDeep = ++m_depth > m_maxDepth;
        return goesOn && !isTooDeep;
    }
    bool close(Kind kind) {
        --m_depth;
        return pass(kind);
    }

    int m_maxDepth;
    int m_depth = 0;
    const std::function<Status(const JsonEvent&)>& m_visit;
};

} // namespace

Status walkJson(std::string_view text, const std::string& where, const std::string& what, int maxDepth,
                const std::function<Status(const JsonEvent&)>& visit) {
    constexpr const char* kAgain = "; the file is damaged, get it again";
    if (hasLongPiece(text))
        return inputError(where, "has " + what + " with a text or list of more than " +
                                     std::to_string(kLongestPiece) + " bytes" + kAgain);
    Walker walker(maxDepth, visit);
    bool isWhole = false;
    try {
        isWhole = Json::sax_parse(text.begin(), text.end(), &walker);
    } catch (const Json::exception&) { // the lexer's only way to report a number out of range
    }
    LATHE_TRY(walker.status);
    if (walker.isTooDeep)
        return inputError(where, "has " + what + " nested more than " + std::to_string(maxDepth) +
                                     " levels deep" + kAgain);
    if (!isWhole)
        return inputError(where, "has " + what + " that is not valid JSON (byte " +
                                     std::to_string(walker.badByte) + ")" + kAgain);
    return ok();
}

} // namespace lathe
