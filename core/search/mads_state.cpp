#include "core/search/mads_state.h"

#include <cstdlib>
#include <sstream>

namespace lathe {

namespace {

/// Reads words one by one. strtod, because streams do not read hexadecimal reals.
class Words {
public:
    explicit Words(std::string_view text) : m_stream(std::string(text)) {}
    double real() {
        std::string word;
        m_stream >> word;
        char* end = nullptr;
        const double value = std::strtod(word.c_str(), &end);
        m_isGood = m_isGood && !word.empty() && end == word.c_str() + word.size();
        return value;
    }
    std::int64_t whole() { return static_cast<std::int64_t>(real()); }
    std::size_t count() {
        const std::int64_t value = whole();
        m_isGood = m_isGood && value >= 0 && value <= 10'000'000;
        return m_isGood ? static_cast<std::size_t>(value) : 0;
    }
    [[nodiscard]] bool isGood() const { return m_isGood; }

private:
    std::istringstream m_stream;
    bool m_isGood = true;
};

} // namespace

std::string toText(const MadsBeginning& begin) {
    std::ostringstream out;
    out << std::hexfloat << begin.iteration << ' ' << begin.firstTrial << ' ' << begin.barrier << ' '
        << begin.originTrial << ' ' << begin.missing.size();
    for (const std::int64_t number : begin.missing)
        out << ' ' << number;
    out << ' ' << begin.sizes.size();
    for (const MadsMesh::Size& size : begin.sizes)
        out << ' ' << size.mantissa << ' ' << size.exponent << ' ' << size.firstExponent << ' ' << size.index;
    out << ' ' << begin.lastDirection.size();
    for (const double value : begin.lastDirection)
        out << ' ' << value;
    return out.str();
}

Result<MadsBeginning> madsBeginningFrom(std::string_view text) {
    Words words(text);
    MadsBeginning begin;
    begin.iteration = words.whole();
    begin.firstTrial = words.whole();
    begin.barrier = words.real();
    begin.originTrial = words.whole();
    begin.missing.resize(words.count());
    for (std::int64_t& trial : begin.missing)
        trial = words.whole();
    begin.sizes.resize(words.count());
    for (MadsMesh::Size& size : begin.sizes)
        size = {static_cast<int>(words.whole()), static_cast<int>(words.whole()),
                static_cast<int>(words.whole()), words.whole()};
    begin.lastDirection.resize(words.count());
    for (double& value : begin.lastDirection)
        value = words.real();
    if (!words.isGood())
        return inputError({}, "the saved state of the direct search is damaged");
    return begin;
}

} // namespace lathe
