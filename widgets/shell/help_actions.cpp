#include "widgets/shell/help_actions.h"

#include "widgets/actions/action_binder.h"
#include "widgets/dialogs/about_dialog.h"
#include "widgets/shell/command_palette.h"
#include "widgets/shell/window_parts.h"

#include <QDesktopServices>
#include <QUrl>
#include <QWhatsThis>

namespace lathe {

void bindHelpActions(const WindowParts& parts, ActionBinder& actions, QWidget& window) {
    actions.bind(u"tools.palette", &window,
                 [&actions, &window] { (new CommandPalette(actions, &window))->open(); });
    actions.bind(u"help.whatsThis", &window, [] { QWhatsThis::enterWhatsThisMode(); });
    actions.bind(u"help.shortcuts", &window, [&actions, &window] { openShortcutList(actions, &window); });
    actions.bind(u"help.about", &window, [&parts, &window] { openAbout(parts, &window); });
    if (!parts.manual.isEmpty())
        actions.bind(u"help.manual", &window,
                     [file = parts.manual] { QDesktopServices::openUrl(QUrl::fromLocalFile(file)); });
}

} // namespace lathe
