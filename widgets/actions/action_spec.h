#pragma once

#include <QKeySequence>
#include <QList>
#include <QString>

#include <span>

namespace lathe {

enum class Menu { File, Edit, View, Run, Study, Tools, Window, Help };

/// One thing the user can do. Menus, shortcuts, the command palette and tests are fed from the one table of
/// these. Texts are English here (context "Actions") and translated where they are shown.
struct ActionSpec {
    const char* id; ///< "run.start"
    Menu menu;
    int section;          ///< a line is drawn between different sections of a menu
    const char* text;     ///< with its mnemonic: "&Start"
    const char* shortcut; ///< portable text, several separated by "; "; empty: none
    const char* icon;     ///< name of a file in resources/icons, or empty
    const char* tip;      ///< one sentence for status bar and tooltip
    bool isCheckable = false;
    /// The shortcut works only inside the page that adds the action to itself (QWidget::addAction).
    bool isPageOnly = false;
};

/// All actions, menu by menu in their order.
[[nodiscard]] std::span<const ActionSpec> actionTable();
/// Null if there is no such action.
[[nodiscard]] const ActionSpec* findAction(QStringView id);
[[nodiscard]] std::span<const Menu> allMenus();
/// Translated, with mnemonic.
[[nodiscard]] QString menuTitle(Menu menu);
/// Translated.
[[nodiscard]] QString actionText(const ActionSpec& spec);
[[nodiscard]] QString actionTip(const ActionSpec& spec);
[[nodiscard]] QList<QKeySequence> defaultShortcuts(const ActionSpec& spec);

} // namespace lathe
