#pragma once

#include "core/base/result.h"

#include <filesystem>

namespace lathe {

/// A folder that is built under a name of its own beside its place, and renamed when it is whole: a crash or
/// a full disk leaves what was there before.
class StagedFolder {
public:
    /// Input error if `target` is there and no empty folder; Io error if its parent cannot be written.
    /// Removes what processes that are gone have left of the same target.
    [[nodiscard]] static Result<StagedFolder> begin(const std::filesystem::path& target);

    StagedFolder(StagedFolder&& other) noexcept;
    StagedFolder& operator=(StagedFolder&&) = delete;
    ~StagedFolder(); ///< removes what was not committed

    /// Where to write.
    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }
    /// Moves it to its place. Io error if that cannot be done; the folder is then gone with this object.
    [[nodiscard]] Status commit();

private:
    StagedFolder(std::filesystem::path target, std::filesystem::path path);

    std::filesystem::path m_target;
    std::filesystem::path m_path; // empty: moved on, or committed
};

} // namespace lathe
