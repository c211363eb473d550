#pragma once

#include "core/session/model_facts.h"

namespace lathe {

/// What the library shows of a model's folder: its configuration, the header of its weights, its tokenizer's
/// kind, and what its README says. Errors as checkModelFolder().
[[nodiscard]] Result<ModelFacts> readModelFacts(const std::filesystem::path& folder);

/// The licence a README names in its front matter; empty: none.
[[nodiscard]] std::string licenceOf(std::string_view readme);
/// Its first lines as plain text: without front matter, pictures, links' addresses and HTML.
[[nodiscard]] std::string excerptOf(std::string_view readme);

} // namespace lathe
