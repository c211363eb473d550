#pragma once

#include <QString>
#include <QStringList>

#include <filesystem>
#include <utility>
#include <vector>

/// Where models lie on a disk. All of these block on it, except nameOfModel.
namespace lathe {

[[nodiscard]] bool isModelFolder(const std::filesystem::path& folder);

/// The models below a folder, three folders deep, sorted. Hidden folders and links are not entered.
[[nodiscard]] std::vector<std::filesystem::path> findModels(const std::filesystem::path& parent);

/// The folder's own name, or ORG/NAME where it is a snapshot of the Hub's cache.
[[nodiscard]] QString nameOfModel(const QString& folder);

/// Where the others of `folders` lie now that `from` lies at `to`: what differs at the front of the two is
/// taken as the drive that has moved. Only those found there.
[[nodiscard]] std::vector<std::pair<QString, QString>> alsoMoved(const QString& from, const QString& to,
                                                                 const QStringList& folders);

} // namespace lathe
