#pragma once

class QWidget;

namespace lathe {

class ActionBinder;
struct WindowParts;

/// What helps: the palette, the manual, the list of keys and the like. The parts outlive the window.
void bindHelpActions(const WindowParts& parts, ActionBinder& actions, QWidget& window);

} // namespace lathe
