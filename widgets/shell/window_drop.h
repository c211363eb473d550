#pragma once

#include <QString>

namespace lathe {

/// What something dropped on the window is.
enum class DropKind {
    Project, ///< a folder with a database
    Model,   ///< any other folder, or a file that belongs to a model
    Data     ///< any other file
};
[[nodiscard]] DropKind kindOfDrop(const QString& path);

} // namespace lathe
