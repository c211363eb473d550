#include "core/base/staged_folder.h"

#include "core/base/files.h"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <utility>

namespace lathe {

namespace fs = std::filesystem;

namespace {

std::string stagingPrefix(const fs::path& target) { return "." + target.filename().string() + ".part"; }

/// Whether a name is one of ours whose process is gone.
bool isLeftOver(const std::string& name, const std::string& prefix) {
    if (!name.starts_with(prefix))
        return false;
    int process = 0;
    const char* end = name.data() + name.size();
    const auto [rest, problem] = std::from_chars(name.data() + prefix.size(), end, process);
    return problem == std::errc() && rest == end && process > 0 && ::kill(process, 0) != 0 && errno == ESRCH;
}

void removeLeftOvers(const fs::path& target) {
    const std::string prefix = stagingPrefix(target);
    std::error_code problem;
    for (auto it = fs::directory_iterator(target.parent_path(), problem);
         !problem && it != fs::directory_iterator(); it.increment(problem))
        if (isLeftOver(it->path().filename().string(), prefix)) {
            std::error_code unremovable;
            fs::remove_all(it->path(), unremovable);
        }
}

/// Brings the names in a folder to the disk; where a file system cannot do that, nothing is lost by going on.
void syncFolder(const fs::path& folder) {
    const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (handle < 0)
        return;
    ::fsync(handle);
    ::close(handle);
}

} // namespace

Result<StagedFolder> StagedFolder::begin(const fs::path& target) {
    const fs::path place = fs::absolute(target).lexically_normal();
    const fs::path whole = place.has_filename() ? place : place.parent_path(); // "out/" is "out"
    std::error_code problem;
    if (fs::exists(fs::symlink_status(whole, problem)) &&
        !(fs::is_directory(whole, problem) && fs::is_empty(whole, problem)))
        return inputError(whole.string(), "is there already and not an empty folder; give a new folder");
    LATHE_TRY(ensureWritableFolder(whole.parent_path()));
    removeLeftOvers(whole);
    const fs::path path = whole.parent_path() / (stagingPrefix(whole) + std::to_string(::getpid()));
    fs::remove_all(path, problem);
    if (!fs::create_directory(path, problem))
        return ioError(path.string(), "cannot be created: " + problem.message() + "; choose another folder");
    return StagedFolder(whole, path);
}

StagedFolder::StagedFolder(fs::path target, fs::path path)
    : m_target(std::move(target)), m_path(std::move(path)) {}

StagedFolder::StagedFolder(StagedFolder&& other) noexcept
    : m_target(std::move(other.m_target)), m_path(std::exchange(other.m_path, {})) {}

StagedFolder::~StagedFolder() {
    std::error_code unremovable;
    if (!m_path.empty())
        fs::remove_all(m_path, unremovable);
}

Status StagedFolder::commit() {
    syncFolder(m_path);
    std::error_code problem;
    fs::rename(m_path, m_target, problem);
    if (problem)
        return ioError(m_target.string(), "cannot be put in its place: " + problem.message());
    m_path.clear();
    syncFolder(m_target.parent_path());
    return ok();
}

} // namespace lathe
