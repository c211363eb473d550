#pragma once

#include "core/adapter/gguf_file.h"
#include "core/adapter/peft_folder.h"

#include <filesystem>
#include <string>

namespace lathe {

/// A LoRA adapter as llama.cpp loads it (general.type "adapter", adapter.type "lora"): at a tensor of the
/// base, W x + alpha / rank · B (A x). What llama.cpp keeps in another order than Hugging Face (queries and
/// keys of llama, rows of a fused projection) is reordered in B, and a scale that is not alpha / rank
/// (rank-stabilized, or by pattern) is folded into B.
///
/// Why the adapter cannot be written so, as one sentence that names the setting; empty: it can.
[[nodiscard]] std::string ggufObstacle(const ModelSummary& model, const PeftFolder& adapter);

/// The content of the file, tensors in fp32. `name`: what the adapter is called. Input error as
/// ggufObstacle(), and a tensor that is missing or of another shape than the model's.
[[nodiscard]] Result<GgufFile> ggufOfLora(const ModelSummary& model, const PeftFolder& adapter,
                                          const std::string& name);

/// The reverse: writes what such a file holds into `folder` as PEFT keeps it. Input error if it is no LoRA
/// for this model's architecture or names a tensor that the model lacks.
[[nodiscard]] Status writeLoraOfGguf(const GgufFile& file, const ModelSummary& model,
                                     const AdapterOrigin& origin, const std::filesystem::path& folder);

} // namespace lathe
