#include "core/session/model_folders.h"

#include "core/session/text.h"

#include <algorithm>

namespace lathe {

namespace fs = std::filesystem;

namespace {

constexpr int kDeepest = 3;
/// A folder with more than this below is no place for models: a home folder, a whole disk.
constexpr std::size_t kMostFolders = 20'000;

void findBelow(const fs::path& folder, int depth, std::size_t& seen, std::vector<fs::path>& found) {
    std::error_code problem;
    for (fs::directory_iterator it(folder, fs::directory_options::skip_permission_denied, problem), end;
         !problem && it != end && seen < kMostFolders; it.increment(problem)) {
        std::error_code unreadable;
        if (it->is_symlink(unreadable) || !it->is_directory(unreadable) ||
            it->path().filename().native().starts_with('.'))
            continue;
        ++seen;
        if (isModelFolder(it->path()))
            found.push_back(it->path());
        else if (depth < kDeepest)
            findBelow(it->path(), depth + 1, seen, found);
    }
}

} // namespace

bool isModelFolder(const fs::path& folder) {
    std::error_code problem;
    return fs::is_regular_file(folder / "config.json", problem);
}

std::vector<fs::path> findModels(const fs::path& parent) {
    std::vector<fs::path> found;
    std::size_t seen = 0;
    findBelow(parent, 1, seen, found);
    std::ranges::sort(found);
    return found;
}

QString nameOfModel(const QString& folder) {
    const QStringList parts = folder.split(QLatin1Char('/'), Qt::SkipEmptyParts);
    if (parts.size() >= 3 && parts[parts.size() - 2] == QLatin1String("snapshots") &&
        parts[parts.size() - 3].startsWith(QLatin1String("models--")))
        return parts[parts.size() - 3].mid(8).replace(QLatin1String("--"), QLatin1String("/"));
    return parts.isEmpty() ? folder : parts.back();
}

std::vector<std::pair<QString, QString>> alsoMoved(const QString& from, const QString& to,
                                                   const QStringList& folders) {
    qsizetype same = 0; // letters at the end, whole folders only
    for (qsizetype i = 1; i <= std::min(from.size(), to.size()); ++i) {
        if (from[from.size() - i] != to[to.size() - i])
            break;
        if (from[from.size() - i] == QLatin1Char('/'))
            same = i;
    }
    std::vector<std::pair<QString, QString>> moved;
    if (same == 0)
        return moved;
    const QString oldDrive = from.chopped(same) + QLatin1Char('/');
    const QString newDrive = to.chopped(same) + QLatin1Char('/');
    for (const QString& folder : folders) {
        const QString place = newDrive + folder.mid(oldDrive.size());
        std::error_code problem;
        if (folder != from && folder.startsWith(oldDrive) && !fs::exists(toPath(folder), problem) &&
            isModelFolder(toPath(place)))
            moved.emplace_back(folder, place);
    }
    return moved;
}

} // namespace lathe
