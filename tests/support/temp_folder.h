#pragma once

#include <QTemporaryDir>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>

namespace lathe::test {

/// A fresh folder that is gone with its owner, spoken to in std::filesystem terms.
class TempFolder {
public:
    TempFolder() {
        if (!m_dir.isValid())
            throw std::runtime_error("no temporary folder: " + m_dir.errorString().toStdString());
    }

    [[nodiscard]] std::filesystem::path path() const { return m_dir.path().toStdString(); }
    [[nodiscard]] std::filesystem::path operator/(std::string_view relative) const {
        return path() / relative;
    }

    /// Writes `text` to `relative`, making the folders on the way; returns the file's path.
    std::filesystem::path write(std::string_view relative, std::string_view text) const {
        const std::filesystem::path file = path() / relative;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream out(file, std::ios::binary | std::ios::trunc);
        out.write(text.data(), static_cast<std::streamsize>(text.size()));
        if (!out.flush())
            throw std::runtime_error("cannot write " + file.string());
        return file;
    }

private:
    QTemporaryDir m_dir;
};

} // namespace lathe::test
