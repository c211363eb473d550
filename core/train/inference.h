#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// Runs a base model (with an adapter folder, or none: empty path) on given ids and writes `logits` [rows,
/// length, vocabulary] in fp32 as a safetensors file. `idsJson`: {"input_ids": [[…]], "attention_mask":
/// [[…]], "position_ids": [[…]]}; positions count the real tokens of the mask where they are not given.
[[nodiscard]] Status writeLogits(const std::filesystem::path& model, const std::filesystem::path& adapter,
                                 std::string_view idsJson, const std::filesystem::path& output);

struct GenerationOptions {
    std::int64_t maxNewTokens = 64;
    double temperature = 0; ///< 0: greedy
    double topP = 1;
    std::uint64_t seed = 0;
};

/// Continues a prompt token by token; `onText` gets each piece as it is made and returns false to stop.
[[nodiscard]] Result<std::string> generateText(const std::filesystem::path& model,
                                               const std::filesystem::path& adapter, std::string_view prompt,
                                               const GenerationOptions& options,
                                               const std::function<bool(std::string_view)>& onText = {});

/// Copies a trained adapter to `target` as a PEFT folder (adapter_config.json, adapter_model.safetensors,
/// tokenizer files, README.md), reads it back and answers the largest absolute difference of the logits on a
/// fixed batch.
[[nodiscard]] Result<double> exportAdapter(const std::filesystem::path& model,
                                           const std::filesystem::path& adapter,
                                           const std::filesystem::path& target);

/// What `doctor` tells of the tensor library and the devices.
struct DeviceReport {
    std::string libtorchVersion;
    std::string cpuCapability; ///< "AVX512", "AVX2", …
    int threads = 0;
    bool isCudaAvailable = false;
    std::vector<std::string> devices; ///< "cpu", "cuda:0 (name, GiB)"
    std::string cudaNote;             ///< why CUDA is not there, if it is not
};
[[nodiscard]] DeviceReport deviceReport();

} // namespace lathe
