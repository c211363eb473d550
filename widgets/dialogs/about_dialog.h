#pragma once

class QWidget;

namespace lathe {

class ActionBinder;
struct WindowParts;

/// Version, licence and libraries. Deletes itself when it is closed.
void openAbout(const WindowParts& parts, QWidget* parent);
/// Every action with its keys, in a table to search by eye. Deletes itself when it is closed.
void openShortcutList(const ActionBinder& actions, QWidget* parent);

} // namespace lathe
