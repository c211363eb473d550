#pragma once

#include <QString>

#include <filesystem>
#include <string>
#include <string_view>

/// The border between std::string (UTF-8, below) and QString (from here up).
namespace lathe {

[[nodiscard]] inline QString toQString(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}
[[nodiscard]] inline QString pathText(const std::filesystem::path& path) { return toQString(path.native()); }
[[nodiscard]] inline std::filesystem::path toPath(const QString& text) { return text.toStdString(); }

} // namespace lathe
