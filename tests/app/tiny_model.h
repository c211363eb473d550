#pragma once

#include "tests/support/temp_folder.h"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <string>

namespace lathe::test {

/// What to spoil in the model that writeTinyModel() writes.
struct TinyModelOptions {
    std::string modelType = "llama";
    std::string dtype = "F32";    ///< as safetensors names it; all tensors have four bytes a number
    std::size_t missingBytes = 0; ///< cut off the end of model.safetensors
};

/// A LLaMA model of one layer, 8 wide, with a tokenizer of 16 words ("the", "cat", …), in the Hugging Face
/// layout: small enough to train in an instant. Its weights are a fixed pattern.
std::filesystem::path writeTinyModel(const TempFolder& folder, const std::string& name,
                                     const TinyModelOptions& options = {});

/// Instruction rows in the words of the tiny model.
std::filesystem::path writeTinyRows(const TempFolder& folder, const std::string& name, int count = 12);

} // namespace lathe::test
