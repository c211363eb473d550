#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace lathe {

/// The name of a base model on the Hugging Face hub ("org/name"): from its place in the hub's cache, else
/// from _name_or_path in its config.json where that is such a name. Empty: not known.
[[nodiscard]] std::string hubIdOf(const std::filesystem::path& model);

/// license, license_name and license_link as the front matter of the base's own README.md has them; empty
/// where it says nothing.
[[nodiscard]] std::map<std::string, std::string> licenseOf(const std::filesystem::path& model);

/// The name a person knows the model by: of the hub, else of its folder or file.
[[nodiscard]] std::string baseName(const std::filesystem::path& model);

} // namespace lathe
