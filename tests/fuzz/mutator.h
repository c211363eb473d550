#pragma once

#include "core/base/random.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace lathe::fuzz {

/// Makes new inputs out of old ones: flipped bits, replaced integers, cut, doubled and spliced ranges,
/// swapped JSON tokens. The same seed, and the same inputs kept, give the same inputs.
class Mutator {
public:
    Mutator(std::vector<std::string> seeds, std::vector<std::string> words, bool isText, std::uint64_t seed);

    [[nodiscard]] std::string next();
    /// Adds an input to those that are changed further.
    void keep(std::string input);
    /// True once in `times`.
    [[nodiscard]] bool chance(std::size_t times) { return below(times) == 0; }

private:
    [[nodiscard]] std::size_t below(std::size_t limit);
    [[nodiscard]] const std::string& any(const std::vector<std::string>& from) {
        return from[below(from.size())];
    }
    void mutate(std::string& input);
    void changeByte(std::string& input);
    void changeInteger(std::string& input);
    void changeRange(std::string& input);
    void changeToken(std::string& input);
    void insertWord(std::string& input);
    void splice(std::string& input);

    Rng m_random;
    std::vector<std::string> m_pool; // the seeds, then the inputs that were kept
    std::vector<std::string> m_words;
    bool m_isText;
    std::size_t m_seedCount;
    std::size_t m_largest; // inputs grow no larger
};

} // namespace lathe::fuzz
