#pragma once

#include "core/base/adapter_mix.h"
#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// Runs a base model with adapters on given ids and writes `logits` in fp32 as a safetensors file: [rows,
/// length, vocabulary or labels], or [rows, labels] where the head reads one token of each row; an adapter's
/// n vectors of a prompt have rows too: [rows, n + length, …]. `idsJson`:
/// {"input_ids": [[…]], "attention_mask": [[…]], "position_ids": [[…]], "token_type_ids": [[…]]}; a decoder's
/// positions count the real tokens of the mask where they are not given. An encoder-decoder model needs
/// "decoder_input_ids", too.
[[nodiscard]] Status writeLogits(const std::filesystem::path& model, const AdapterMix& mix,
                                 std::string_view idsJson, const std::filesystem::path& output);

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
