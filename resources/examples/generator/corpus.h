#pragma once

#include "resources/examples/generator/lexicon.h"

#include <cstdint>
#include <string>

namespace lathe::examples {

struct CorpusOptions {
    std::uint64_t seed = 1;
    std::size_t byteCount = 12'000'000; ///< the corpus ends with the first document past it
};

/// The pre-training text: documents separated by a blank line, a single line break within some of them. The
/// same options give the same bytes on every platform.
[[nodiscard]] std::string makeCorpus(const Lexicon& lexicon, const CorpusOptions& options);

} // namespace lathe::examples
