#include "core/store/export_target.h"

#include "core/store/schema.h"

namespace lathe {

namespace fs = std::filesystem;

Status checkExportTarget(const fs::path& target, Existing existing) {
    std::error_code problem;
    if (target.empty() || !target.has_filename())
        return inputError(target.string(), "is no name of a file; give the new file's name");
    if (fs::is_directory(target, problem))
        return inputError(target.string(), "is a folder; give the new file's name");
    if (!fs::exists(target, problem))
        return ok();
    if (existing == Existing::Refuse)
        return inputError(target.string(), "exists already; choose another name, or allow it to be replaced");
    const auto state = sql::inspectFile(target);
    if (state.has_value() && state->exists)
        return inputError(target.string(), "is a Lathe database and is not replaced; choose another name");
    return ok();
}

} // namespace lathe
