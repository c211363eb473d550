#pragma once

#include "resources/examples/generator/scene.h"

#include <string>

namespace lathe::examples {

/// A little story with numbers, its question and the true answer.
struct SumStory {
    std::string story;
    std::string question;
    std::string full; ///< the answer as a sentence, the number in digits
    int first = 0;
    int second = 0;
    bool isSum = true; ///< first + second, else first - second
    int result = 0;
};

[[nodiscard]] SumStory makeSumStory(Scene& scene);

/// A line of plain number facts: sums, differences, counting, neighbours.
[[nodiscard]] std::string makeNumberFacts(Scene& scene);

} // namespace lathe::examples
