#pragma once

#include <QIcon>
#include <QStringList>

namespace lathe {

/// What the icon stands on, which decides its colour.
enum class IconTone { Normal, OnAccent, Accent, Muted, Success, Warning, Danger };

/// The icon of resources/icons/<name>.svg, drawn in the colours of the application's palette at the moment of
/// painting, so it follows the scheme by itself. Empty name: a null icon. Contract: the icon exists.
[[nodiscard]] QIcon themedIcon(const QString& name, IconTone tone = IconTone::Normal);
[[nodiscard]] bool hasIcon(const QString& name);
[[nodiscard]] QStringList iconNames();
/// The program's own icon, in its own colours.
[[nodiscard]] QIcon applicationIcon();

} // namespace lathe
