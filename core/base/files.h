#pragma once

#include "core/base/result.h"
#include "core/base/sha256.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace lathe {

/// The whole file. Io error if it cannot be read.
[[nodiscard]] Result<std::string> readFile(const std::filesystem::path& path);

/// Writes beside the target, syncs and renames, so that a crash leaves the old file or the new one, never a
/// part. Io error if the folder is not writable or the disk is full; the old file then stays as it was.
[[nodiscard]] Status writeFileAtomically(const std::filesystem::path& path, std::string_view content);

/// The next piece of a file's content, valid until the next call; nothing at the end.
using NextPart = std::function<Result<std::optional<std::string_view>>()>;

/// The same for content too large to hold at once. An error of `nextPart` is passed on, the old file stays.
[[nodiscard]] Status writeFileAtomically(const std::filesystem::path& path, const NextPart& nextPart);

/// Creates the folder (and its parents) and proves by a probe file that it can be written. Io error if not.
[[nodiscard]] Status ensureWritableFolder(const std::filesystem::path& folder);

} // namespace lathe
