#pragma once

#include "core/base/adapter_mix.h"
#include "core/base/result.h"

#include <string>
#include <vector>

namespace CLI {
class App;
} // namespace CLI

namespace lathe {

/// "DIR" or "DIR=STRENGTH"; a folder that is there with the equals sign in its name is meant as it stands.
/// Input error where the strength is no number.
[[nodiscard]] Result<AdapterChoice> parseAdapter(const std::string& text);
[[nodiscard]] Result<std::vector<AdapterChoice>> parseAdapters(const std::vector<std::string>& texts);

/// --adapter, as often as there are adapters.
void addAdapterOption(CLI::App& command, std::vector<std::string>& adapters);

/// "logits differ by at most 3e-06 …": for people.
[[nodiscard]] std::string describe(const MergeCheck& check);

} // namespace lathe
