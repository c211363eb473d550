#include "widgets/actions/action_spec.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

// One shorthand, so that a line of the table stays a line and lupdate still finds the texts.
#define LATHE_TEXT(text) QT_TRANSLATE_NOOP("Actions", text)

namespace lathe {

namespace {

// clang-format off
constexpr std::array kActions = {
    // File
    ActionSpec{"file.newRecipe", Menu::File, 0, LATHE_TEXT("&New recipe"), "Ctrl+N", "plus",
               LATHE_TEXT("Start a recipe from the defaults")},
    ActionSpec{"file.openProject", Menu::File, 0, LATHE_TEXT("&Open project…"), "Ctrl+O", "folder",
               LATHE_TEXT("Open another project folder")},
    ActionSpec{"file.export", Menu::File, 1, LATHE_TEXT("&Export adapter…"), "Ctrl+E", "export",
               LATHE_TEXT("Write the trained adapter as a folder that PEFT can load")},
    ActionSpec{"file.exportCsv", Menu::File, 1, LATHE_TEXT("Export &values as CSV…"), "", "table",
               LATHE_TEXT("Write every point of the run to a CSV file")},
    ActionSpec{"file.quit", Menu::File, 2, LATHE_TEXT("&Quit"), "Ctrl+Q", "quit",
               LATHE_TEXT("Close Lathe; a running training is asked about first")},
    // Edit
    ActionSpec{"edit.undo", Menu::Edit, 0, LATHE_TEXT("&Undo"), "Ctrl+Z", "undo",
               LATHE_TEXT("Take back the last change of the recipe")},
    ActionSpec{"edit.redo", Menu::Edit, 0, LATHE_TEXT("&Redo"), "Ctrl+Shift+Z", "redo",
               LATHE_TEXT("Make the change again that was taken back")},
    ActionSpec{"edit.filter", Menu::Edit, 1, LATHE_TEXT("&Filter"), "Ctrl+F", "search",
               LATHE_TEXT("Go to the filter of the page")},
    ActionSpec{"edit.rename", Menu::Edit, 2, LATHE_TEXT("Re&name…"), "F2", "edit",
               LATHE_TEXT("Give the selected run another name"), false, true},
    ActionSpec{"edit.trash", Menu::Edit, 2, LATHE_TEXT("Move to &trash"), "Del", "trash",
               LATHE_TEXT("Put the selected run into the trash; nothing is erased"), false, true},
    // View
    ActionSpec{"view.start", Menu::View, 0, LATHE_TEXT("&Start page"), "Alt+1", "home",
               LATHE_TEXT("Go to the start page")},
    ActionSpec{"view.recipe", Menu::View, 0, LATHE_TEXT("&Recipe"), "Alt+2", "recipe",
               LATHE_TEXT("Go to the recipe being edited")},
    ActionSpec{"view.live", Menu::View, 0, LATHE_TEXT("&Live run"), "Alt+3", "chart",
               LATHE_TEXT("Go to the run that is going on or was chosen last")},
    ActionSpec{"view.runs", Menu::View, 0, LATHE_TEXT("&Table of runs"), "Alt+4", "runs",
               LATHE_TEXT("Go to all runs of the project")},
    ActionSpec{"view.advanced", Menu::View, 1, LATHE_TEXT("&Advanced fields"), "Ctrl+Shift+A", "gear",
               LATHE_TEXT("Show every field of the recipe"), true},
    ActionSpec{"view.logScale", Menu::View, 1, LATHE_TEXT("Lo&garithmic loss"), "Ctrl+Shift+L", "chart",
               LATHE_TEXT("Draw the loss on a logarithmic axis"), true},
    ActionSpec{"view.log", Menu::View, 1, LATHE_TEXT("L&og"), "Ctrl+L", "log",
               LATHE_TEXT("Show what has happened, line by line"), true},
    ActionSpec{"view.schemeSystem", Menu::View, 2, LATHE_TEXT("Colours of the &desktop"), "", "gear",
               LATHE_TEXT("Light or dark as the desktop is"), true},
    ActionSpec{"view.schemeLight", Menu::View, 2, LATHE_TEXT("L&ight colours"), "", "sun",
               LATHE_TEXT("Dark text on light ground"), true},
    ActionSpec{"view.schemeDark", Menu::View, 2, LATHE_TEXT("Dar&k colours"), "", "moon",
               LATHE_TEXT("Light text on dark ground"), true},
    ActionSpec{"view.zoomIn", Menu::View, 3, LATHE_TEXT("&Larger text"), "Ctrl++; Ctrl+=", "zoom-in",
               LATHE_TEXT("Make everything larger")},
    ActionSpec{"view.zoomOut", Menu::View, 3, LATHE_TEXT("S&maller text"), "Ctrl+-", "zoom-out",
               LATHE_TEXT("Make everything smaller")},
    ActionSpec{"view.zoomReset", Menu::View, 3, LATHE_TEXT("&Usual size"), "Ctrl+0", "zoom-reset",
               LATHE_TEXT("Back to the size of the desktop")},
    ActionSpec{"view.fullScreen", Menu::View, 4, LATHE_TEXT("&Full screen"), "F11", "full-screen",
               LATHE_TEXT("Use the whole screen"), true},
    // Run
    ActionSpec{"run.tryIt", Menu::Run, 0, LATHE_TEXT("&Try it now"), "Ctrl+T", "bolt",
               LATHE_TEXT("Open the built-in example, ready to start")},
    ActionSpec{"run.start", Menu::Run, 0, LATHE_TEXT("&Start"), "Ctrl+Return; Ctrl+Enter", "start",
               LATHE_TEXT("Train with the recipe as it is")},
    ActionSpec{"run.pause", Menu::Run, 1, LATHE_TEXT("&Pause or resume"), "Space", "pause",
               LATHE_TEXT("Hold the training after the current step, or go on"), false, true},
    ActionSpec{"run.stopKeep", Menu::Run, 1, LATHE_TEXT("Stop and &keep"), "Ctrl+.", "stop",
               LATHE_TEXT("End the training after the current step and keep what was trained")},
    ActionSpec{"run.resume", Menu::Run, 1, LATHE_TEXT("&Resume interrupted run"), "", "resume",
               LATHE_TEXT("Go on with the selected run from its last checkpoint")},
    ActionSpec{"run.clone", Menu::Run, 2, LATHE_TEXT("&Clone"), "Ctrl+D", "copy",
               LATHE_TEXT("Make a recipe from the selected run")},
    // Study
    ActionSpec{"study.search", Menu::Study, 0, LATHE_TEXT("Make &study"), "Ctrl+Shift+S", "study",
               LATHE_TEXT("Offer a range for every field that can be searched"), true},
    // Tools
    ActionSpec{"tools.palette", Menu::Tools, 0, LATHE_TEXT("&Command palette…"), "Ctrl+K", "command",
               LATHE_TEXT("Find and do anything by its name")},
    // Window
    ActionSpec{"window.resetLayout", Menu::Window, 0, LATHE_TEXT("&Reset layout"), "", "layout",
               LATHE_TEXT("Put every panel back to where it was at first")},
    ActionSpec{"window.languageEnglish", Menu::Window, 1, LATHE_TEXT("&English"), "", "",
               LATHE_TEXT("Show Lathe in English"), true},
    ActionSpec{"window.languageGerman", Menu::Window, 1, LATHE_TEXT("&Deutsch"), "", "",
               LATHE_TEXT("Show Lathe in German"), true},
    // Help
    ActionSpec{"help.manual", Menu::Help, 0, LATHE_TEXT("&Manual"), "F1", "help",
               LATHE_TEXT("Open the manual; it needs no network")},
    ActionSpec{"help.whatsThis", Menu::Help, 0, LATHE_TEXT("&What's This?"), "Shift+F1", "whats-this",
               LATHE_TEXT("Then click on anything to hear what it is")},
    ActionSpec{"help.shortcuts", Menu::Help, 0, LATHE_TEXT("&Keyboard"), "", "keyboard",
               LATHE_TEXT("List every shortcut")},
    ActionSpec{"help.about", Menu::Help, 1, LATHE_TEXT("&About Lathe"), "", "info",
               LATHE_TEXT("Version, licence and the libraries inside")},
};
// clang-format on

constexpr std::array kMenus = {Menu::File,  Menu::Edit,  Menu::View,   Menu::Run,
                               Menu::Study, Menu::Tools, Menu::Window, Menu::Help};
constexpr std::array kMenuTitles = {LATHE_TEXT("&File"),   LATHE_TEXT("&Edit"),  LATHE_TEXT("&View"),
                                    LATHE_TEXT("&Run"),    LATHE_TEXT("&Study"), LATHE_TEXT("&Tools"),
                                    LATHE_TEXT("&Window"), LATHE_TEXT("&Help")};

} // namespace

std::span<const ActionSpec> actionTable() { return kActions; }

const ActionSpec* findAction(QStringView id) {
    const auto found =
        std::ranges::find_if(kActions, [id](const ActionSpec& spec) { return id == QLatin1String(spec.id); });
    return found == kActions.end() ? nullptr : &*found;
}

std::span<const Menu> allMenus() { return kMenus; }

QString menuTitle(Menu menu) {
    return QCoreApplication::translate("Actions", kMenuTitles[static_cast<std::size_t>(menu)]);
}

QString actionText(const ActionSpec& spec) { return QCoreApplication::translate("Actions", spec.text); }

QString actionTip(const ActionSpec& spec) { return QCoreApplication::translate("Actions", spec.tip); }

} // namespace lathe
