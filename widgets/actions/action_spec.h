#pragma once

#include <QKeySequence>

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
};

/// All actions, menu by menu in their order.
[[nodiscard]] std::span<const ActionSpec> actionTable();
[[nodiscard]] const ActionSpec* findAction(std::string_view id);
[[nodiscard]] const char* menuTitle(Menu menu); ///< English, with mnemonic; context "Actions"

} // namespace lathe
