#include "widgets/shell/window_drop.h"

#include <QFileInfo>

namespace lathe {

DropKind kindOfDrop(const QString& path) {
    const QFileInfo file(path);
    if (file.isDir())
        return QFileInfo::exists(path + QStringLiteral("/lathe.db")) ? DropKind::Project : DropKind::Model;
    const bool isOfModel =
        file.fileName() == QLatin1String("config.json") || file.suffix() == QLatin1String("safetensors");
    return isOfModel ? DropKind::Model : DropKind::Data;
}

} // namespace lathe
