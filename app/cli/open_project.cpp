#include "app/cli/open_project.h"

#include "app/project_folder.h"

namespace lathe {

namespace fs = std::filesystem;

fs::path projectFolder(const SharedOptions& shared) {
    return fs::absolute(shared.project.empty() ? defaultProjectFolder() : fs::path(shared.project))
        .lexically_normal();
}

Result<StudyReader> openForReading(const SharedOptions& shared) {
    const fs::path folder = projectFolder(shared);
    std::error_code unreadable;
    if (!fs::exists(databaseIn(folder), unreadable))
        return inputError(folder.string(),
                          "is no project of Lathe's yet; train something first or give --project");
    return StudyReader::open(databaseIn(folder));
}

Result<TrialRecord> findTrialWithAdapter(const StudyReader& reader, std::int64_t trial) {
    auto record = reader.trial(TrialId{trial});
    if (!record)
        return inputError("trial " + std::to_string(trial), "is not in this project; see lathe list");
    if (record->adapterFolder.empty())
        return inputError("trial " + std::to_string(trial),
                          "has no adapter; it is " + std::string(toString(record->state)));
    return record;
}

} // namespace lathe
