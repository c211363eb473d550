#pragma once

#include "core/params/param_schema.h"

#include <filesystem>
#include <string>
#include <vector>

namespace lathe {

/// The example "Try it now" runs, in the window and in the terminal.
inline constexpr const char* kFirstExample = "word_problems";

/// The folder of the built-in examples: the base model, the data sets, and `recipes/<id>.json`. Beside the
/// installed program (<its folder>/../share/lathe/examples), else in the source tree it was built from. Input
/// error naming both places if neither is there.
[[nodiscard]] Result<std::filesystem::path> findExamples();

/// The ids of the examples that are there, sorted.
[[nodiscard]] std::vector<std::string> exampleIds(const std::filesystem::path& examples);

/// The recipe of an example with absolute paths. Input error listing those there are if the id is unknown.
[[nodiscard]] Result<ParamValues> readExample(const std::filesystem::path& examples, const std::string& id,
                                              std::span<const ParamSpec> schema);

} // namespace lathe
