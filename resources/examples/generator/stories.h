#pragma once

#include "resources/examples/generator/scene.h"

#include <string>

namespace lathe::examples {

/// A short story of four to eight sentences with one or two people in it.
[[nodiscard]] std::string makeStory(Scene& scene);
/// A description of a place, an animal, a person, a thing or a day.
[[nodiscard]] std::string makeDescription(Scene& scene);

} // namespace lathe::examples
