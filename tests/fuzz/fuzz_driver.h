#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lathe::fuzz {

/// A reader under attack. `run` is given mutated inputs and has to come back from each: no crash, no
/// exception, no more than 2 × input + 64 MB of live memory at a time, no longer than 20 s.
struct Target {
    std::string name;
    std::function<void(std::span<const std::byte>)> run;
    std::vector<std::string> seeds;      ///< valid inputs, small ones: they are what is mutated
    std::vector<std::string> words = {}; ///< the format's own words, put into inputs now and then
    std::function<void(std::string&)> repair =
        {};              ///< makes lengths and the like fit again, for half of the inputs
    bool isText = false; ///< JSON or the like: tokens are changed rather than bytes
};

/// A target may tell what came of an input: the reader's message, or what it found. Inputs with an outcome
/// that was not seen before are changed further; that takes the place of measured coverage. Numbers and what
/// is in quotes are left out of the comparison.
void outcome(std::string_view text);

/// The main() of a fuzzing program. Arguments: --target NAME (else all), --runs N (2000), --seed S (1),
/// --input FILE (only this input, as a failed run wrote it), --out FOLDER (where failing inputs are written;
/// the current one). Returns 0 if all inputs were survived; a failing one is written to a file, how to repeat
/// it is printed, and the program ends.
int runFuzzer(int argc, char** argv, const std::vector<Target>& targets);

/// The bytes of a text, and the other way round: targets and seeds speak of both.
[[nodiscard]] inline std::span<const std::byte> bytesOf(const std::string& text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}
[[nodiscard]] inline std::string textOf(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

} // namespace lathe::fuzz
