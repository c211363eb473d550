#include "core/base/files.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <unistd.h>
#include <utility>

namespace lathe {

namespace fs = std::filesystem;

namespace {

std::string systemReason() { return std::strerror(errno); }

Status writeAll(int file, std::string_view content, const fs::path& path) {
    while (!content.empty()) {
        const ssize_t written = ::write(file, content.data(), content.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return ioError(path.string(), "cannot be written: " + systemReason());
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return ok();
}

Status writeParts(int file, const NextPart& nextPart, const fs::path& path) {
    while (true) {
        LATHE_ASSIGN(const auto part, nextPart());
        if (!part)
            return ok();
        LATHE_TRY(writeAll(file, *part, path));
    }
}

} // namespace

Result<std::string> readFile(const fs::path& path) {
    std::error_code problem;
    if (fs::is_directory(path, problem))
        return ioError(path.string(), "is a folder, a file is needed");
    std::ifstream stream(path, std::ios::binary);
    if (!stream)
        return ioError(path.string(), "cannot be read: " + systemReason());
    std::ostringstream content;
    content << stream.rdbuf();
    if (stream.bad())
        return ioError(path.string(), "cannot be read: " + systemReason());
    return std::move(content).str();
}

Status writeFileAtomically(const fs::path& path, std::string_view content) {
    bool isDone = false;
    return writeFileAtomically(path, [&]() -> Result<std::optional<std::string_view>> {
        return std::exchange(isDone, true) ? std::nullopt : std::optional(content);
    });
}

Status writeFileAtomically(const fs::path& path, const NextPart& nextPart) {
    fs::path temporary = path;
    temporary += ".part" + std::to_string(::getpid());
    const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0)
        return ioError(path.string(), "cannot be written: " + systemReason());
    Status status = writeParts(file, nextPart, path);
    if (status.has_value() && ::fsync(file) != 0)
        status = ioError(path.string(), "cannot be written to disk: " + systemReason());
    ::close(file);
    if (status.has_value() && ::rename(temporary.c_str(), path.c_str()) != 0)
        status = ioError(path.string(), "cannot be replaced: " + systemReason());
    if (!status.has_value())
        ::unlink(temporary.c_str());
    return status;
}

Status ensureWritableFolder(const fs::path& folder) {
    std::error_code problem;
    fs::create_directories(folder, problem);
    if (problem)
        return ioError(folder.string(),
                       "cannot be created: " + problem.message() + "; choose another folder");
    const fs::path probe = folder / (".lathe-probe-" + std::to_string(::getpid()));
    const int file = ::open(probe.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (file < 0)
        return ioError(folder.string(), "cannot be written: " + systemReason() + "; choose another folder");
    ::close(file);
    ::unlink(probe.c_str());
    return ok();
}

} // namespace lathe
