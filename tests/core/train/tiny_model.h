#pragma once

#include "core/params/param_value.h"
#include "tests/support/temp_folder.h"

#include <cstdint>
#include <filesystem>

namespace lathe::test {

/// The sizes of a random LLaMA that trains in milliseconds.
struct TinySizes {
    std::int64_t width = 16; ///< two heads, one of them for keys and values
    std::int64_t layers = 2;
    std::int64_t maxPositions = 64;
};

/// Writes `model/` (config.json, random float32 weights, a tokenizer trained on the rows), `train.jsonl` and
/// `eval.jsonl` (instruction, input, output: the sound an animal makes) into the folder. Throws where it
/// cannot.
void writeTinyProject(const TempFolder& folder, const TinySizes& sizes = {});

/// Writes `labels.jsonl` (text, label: where an animal lives), four rows a round; each round has one
/// exclamation mark more.
void writeTinyLabels(const TempFolder& folder, int rounds);

/// A recipe that learns from them in a few dozen steps, on one thread.
[[nodiscard]] ParamValues tinyRecipe(const std::filesystem::path& folder);

} // namespace lathe::test
