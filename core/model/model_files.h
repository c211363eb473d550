#pragma once

#include "core/base/result.h"
#include "core/model/model_summary.h"

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace lathe {

/// Input error if the text is not a JSON object.
[[nodiscard]] Result<nlohmann::json> parseModelConfig(std::string_view text, const std::string& where);
/// config.json of a Hugging Face folder, or what stands for it in a llama2.c file. Errors as
/// readModelSummary() for the folder and the file.
[[nodiscard]] Result<nlohmann::json> readModelConfig(const std::filesystem::path& folder);
/// Where errors of a model's configuration are: its config.json, or the file that is the whole model.
[[nodiscard]] std::string modelConfigPlace(const std::filesystem::path& folder);
/// What parseModelSummary() says of a config that is parsed already.
[[nodiscard]] Result<ModelSummary> summarizeConfig(const nlohmann::json& config, const std::string& where);
/// model_type, or what the class name in `architectures` says; empty if neither is there.
[[nodiscard]] std::string modelTypeOf(const nlohmann::json& config);

} // namespace lathe
