#pragma once

#include "widgets/shell/page.h"

#include <functional>

namespace lathe {

class ActionBinder;
struct WindowParts;

/// What measures a step: of the run that the page is about, or else of the recipe being edited. The parts
/// outlive the window.
void bindProfileAction(const WindowParts& parts, ActionBinder& actions,
                       const std::function<std::optional<RunChoice>()>& chosenRun, QWidget& window);

} // namespace lathe
