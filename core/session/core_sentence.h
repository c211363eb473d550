#pragma once

#include <QString>

#include <span>
#include <string_view>

namespace lathe {

/// A sentence of core, which speaks English, in the user's language: why a trial was pruned, what is wrong
/// with an expression. One it does not know stays as it is; of several, joined by semicolons, each is looked
/// up.
[[nodiscard]] QString coreSentence(std::string_view english);

/// What it knows, with %1, %2, … in their order where the sentences differ.
[[nodiscard]] std::span<const char* const> knownCoreSentences();

} // namespace lathe
