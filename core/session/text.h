#pragma once

#include <QString>
#include <QStringList>

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

/// The border between std::string (UTF-8, below) and QString (from here up).
namespace lathe {

[[nodiscard]] inline QString toQString(std::string_view text) {
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}
[[nodiscard]] inline QString pathText(const std::filesystem::path& path) { return toQString(path.native()); }
[[nodiscard]] inline std::filesystem::path toPath(const QString& text) { return text.toStdString(); }

[[nodiscard]] inline QString joinedLines(std::span<const std::string> lines) {
    QStringList texts;
    for (const std::string& line : lines)
        texts << toQString(line);
    return texts.join(QLatin1Char('\n'));
}

} // namespace lathe
