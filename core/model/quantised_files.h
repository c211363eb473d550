#pragma once

#include "core/kernels/packed_weight.h"
#include "core/model/tensor_file.h"

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace lathe {

/// Checkpoints whose projections bitsandbytes has packed (github.com/bitsandbytes-foundation/bitsandbytes):
/// beside NF4 codes "m.weight" stand "m.weight.absmax", ".quant_map", ".quant_state.bitsandbytes__nf4" (JSON
/// as bytes) and, with quantised statistics, ".nested_absmax" and ".nested_quant_map"; beside int8 codes
/// "m.SCB" and "m.weight_format".

/// What quantization_config of a config.json says. Input error where it names another way than these two.
[[nodiscard]] Result<Quantisation> quantisationOf(const nlohmann::json& config);
/// The same of a model's folder or file. Errors as readModelSummary().
[[nodiscard]] Result<Quantisation> storedQuantisation(const std::filesystem::path& model);

/// "nf4", "int8" or "none", as recipes have it.
[[nodiscard]] std::string quantisationName(Quantisation kind);
/// "nf4", or "nf4 with tokens in int8".
[[nodiscard]] std::string quantisationName(const BaseQuantisation& quantisation);
/// Contract: one of these.
[[nodiscard]] Quantisation quantisationNamed(const std::string& name);

using TensorEntries = std::map<std::string, TensorEntry>;

/// How a file keeps a tensor.
[[nodiscard]] Quantisation packedKind(const TensorEntries& entries, const std::string& name);
/// Whether what the headers say fits a matrix [out, in]. Input error naming the tensor. Contract: it is
/// packed.
[[nodiscard]] Status checkPacked(const TensorEntries& entries, const std::string& name, std::int64_t out,
                                 std::int64_t in, const std::string& where);
/// The weight over the file's own bytes. Input error where its parts do not fit each other or a number is not
/// finite. Contract: checkPacked() found nothing.
[[nodiscard]] Result<std::shared_ptr<const PackedWeight>>
readPacked(const TensorEntries& entries, const TensorSource& tensors, const std::string& name,
           std::int64_t out, std::int64_t in, std::shared_ptr<ScratchPool> scratch);

} // namespace lathe
