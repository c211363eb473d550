#include "widgets/actions/action_spec.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace lathe {

namespace {

// clang-format off
constexpr std::array kActions = {
    // File
    ActionSpec{"file.newRecipe", Menu::File, 0, QT_TRANSLATE_NOOP("Actions", "&New recipe"), "Ctrl+N", "plus",
               QT_TRANSLATE_NOOP("Actions", "Start a recipe from the defaults")},
    ActionSpec{"file.openProject", Menu::File, 0,
               QT_TRANSLATE_NOOP("Actions", "&Open project…"), "Ctrl+O", "folder",
               QT_TRANSLATE_NOOP("Actions", "Open another project folder")},
    ActionSpec{"file.addModel", Menu::File, 0,
               QT_TRANSLATE_NOOP("Actions", "Add &model folder…"), "Ctrl+Shift+O", "model",
               QT_TRANSLATE_NOOP("Actions", "Take a model, or a folder with models, into the library")},
    ActionSpec{"file.openData", Menu::File, 0,
               QT_TRANSLATE_NOOP("Actions", "Open &data file…"), "Ctrl+I", "data",
               QT_TRANSLATE_NOOP("Actions", "Look at a data file in the studio, to train with it")},
    ActionSpec{"file.export", Menu::File, 1,
               QT_TRANSLATE_NOOP("Actions", "&Export adapter…"), "Ctrl+E", "export",
               QT_TRANSLATE_NOOP("Actions", "Write the trained adapter as a folder that PEFT can load")},
    ActionSpec{"file.exportCsv", Menu::File, 1,
               QT_TRANSLATE_NOOP("Actions", "Export &values as CSV…"), "", "table",
               QT_TRANSLATE_NOOP("Actions", "Write every point of the run to a CSV file")},
    ActionSpec{"evaluation.export", Menu::File, 1,
               QT_TRANSLATE_NOOP("Actions", "Export &rows of an evaluation…"), "Ctrl+Shift+E", "table",
               QT_TRANSLATE_NOOP("Actions", "Write what became of every row to a CSV or JSON lines file")},
    ActionSpec{"file.quit", Menu::File, 2, QT_TRANSLATE_NOOP("Actions", "&Quit"), "Ctrl+Q", "quit",
               QT_TRANSLATE_NOOP("Actions", "Close Lathe; a running training is asked about first")},
    // Edit
    ActionSpec{"edit.undo", Menu::Edit, 0, QT_TRANSLATE_NOOP("Actions", "&Undo"), "Ctrl+Z", "undo",
               QT_TRANSLATE_NOOP("Actions", "Take back the last change of the recipe")},
    ActionSpec{"edit.redo", Menu::Edit, 0, QT_TRANSLATE_NOOP("Actions", "&Redo"), "Ctrl+Shift+Z", "redo",
               QT_TRANSLATE_NOOP("Actions", "Make the change again that was taken back")},
    ActionSpec{"edit.filter", Menu::Edit, 1, QT_TRANSLATE_NOOP("Actions", "&Filter"), "Ctrl+F", "search",
               QT_TRANSLATE_NOOP("Actions", "Go to the filter of the page")},
    ActionSpec{"edit.rename", Menu::Edit, 2, QT_TRANSLATE_NOOP("Actions", "Re&name…"), "F2", "edit",
               QT_TRANSLATE_NOOP("Actions", "Give the selected run another name"), false, true},
    ActionSpec{"edit.trash", Menu::Edit, 2, QT_TRANSLATE_NOOP("Actions", "Move to &trash"), "Del", "trash",
               QT_TRANSLATE_NOOP("Actions", "Put the selected run into the trash; nothing is erased"),
               false, true},
    // View
    ActionSpec{"view.start", Menu::View, 0, QT_TRANSLATE_NOOP("Actions", "&Start page"), "Alt+1", "home",
               QT_TRANSLATE_NOOP("Actions", "Go to the start page")},
    ActionSpec{"view.recipe", Menu::View, 0, QT_TRANSLATE_NOOP("Actions", "&Recipe"), "Alt+2", "recipe",
               QT_TRANSLATE_NOOP("Actions", "Go to the recipe being edited")},
    ActionSpec{"view.live", Menu::View, 0, QT_TRANSLATE_NOOP("Actions", "&Live run"), "Alt+3", "chart",
               QT_TRANSLATE_NOOP("Actions", "Go to the run that is going on or was chosen last")},
    ActionSpec{"view.runs", Menu::View, 0, QT_TRANSLATE_NOOP("Actions", "&Table of runs"), "Alt+4", "runs",
               QT_TRANSLATE_NOOP("Actions", "Go to all runs of the project")},
    ActionSpec{"view.models", Menu::View, 0, QT_TRANSLATE_NOOP("Actions", "&Models"), "Alt+5", "model",
               QT_TRANSLATE_NOOP("Actions", "Go to the models this machine has")},
    ActionSpec{"view.chat", Menu::View, 0, QT_TRANSLATE_NOOP("Actions", "&Chat"), "Alt+6", "chat",
               QT_TRANSLATE_NOOP("Actions", "Talk with a model, with or without an adapter")},
    ActionSpec{"view.data", Menu::View, 0, QT_TRANSLATE_NOOP("Actions", "&Dataset studio"), "Alt+7", "data",
               QT_TRANSLATE_NOOP("Actions", "Look at a data file as the model will see it")},
    ActionSpec{"view.evaluate", Menu::View, 0,
               QT_TRANSLATE_NOOP("Actions", "E&valuate"), "Alt+8", "report",
               QT_TRANSLATE_NOOP("Actions", "Score a model on a data file and read its answers")},
    ActionSpec{"view.study", Menu::View, 0, QT_TRANSLATE_NOOP("Actions", "Study &board"), "Alt+9", "study",
               QT_TRANSLATE_NOOP("Actions", "Go to the curves and trials of a study")},
    ActionSpec{"view.advanced", Menu::View, 1,
               QT_TRANSLATE_NOOP("Actions", "&Advanced fields"), "Ctrl+Shift+A", "gear",
               QT_TRANSLATE_NOOP("Actions", "Show every field of the recipe"), true},
    ActionSpec{"view.logScale", Menu::View, 1,
               QT_TRANSLATE_NOOP("Actions", "Lo&garithmic loss"), "Ctrl+Shift+L", "chart",
               QT_TRANSLATE_NOOP("Actions", "Draw the loss on a logarithmic axis"), true},
    ActionSpec{"view.log", Menu::View, 1, QT_TRANSLATE_NOOP("Actions", "L&og"), "Ctrl+L", "log",
               QT_TRANSLATE_NOOP("Actions", "Show what has happened, line by line"), true},
    ActionSpec{"view.schemeSystem", Menu::View, 2,
               QT_TRANSLATE_NOOP("Actions", "Colours of the deskto&p"), "", "gear",
               QT_TRANSLATE_NOOP("Actions", "Light or dark as the desktop is"), true},
    ActionSpec{"view.schemeLight", Menu::View, 2, QT_TRANSLATE_NOOP("Actions", "L&ight colours"), "", "sun",
               QT_TRANSLATE_NOOP("Actions", "Dark text on light ground"), true},
    ActionSpec{"view.schemeDark", Menu::View, 2, QT_TRANSLATE_NOOP("Actions", "Dar&k colours"), "", "moon",
               QT_TRANSLATE_NOOP("Actions", "Light text on dark ground"), true},
    ActionSpec{"view.zoomIn", Menu::View, 3,
               QT_TRANSLATE_NOOP("Actions", "Larg&er text"), "Ctrl++; Ctrl+=", "zoom-in",
               QT_TRANSLATE_NOOP("Actions", "Make everything larger")},
    ActionSpec{"view.zoomOut", Menu::View, 3,
               QT_TRANSLATE_NOOP("Actions", "Smaller te&xt"), "Ctrl+-", "zoom-out",
               QT_TRANSLATE_NOOP("Actions", "Make everything smaller")},
    ActionSpec{"view.zoomReset", Menu::View, 3,
               QT_TRANSLATE_NOOP("Actions", "&Usual size"), "Ctrl+0", "zoom-reset",
               QT_TRANSLATE_NOOP("Actions", "Back to the size of the desktop")},
    ActionSpec{"view.fullScreen", Menu::View, 4,
               QT_TRANSLATE_NOOP("Actions", "&Full screen"), "F11", "full-screen",
               QT_TRANSLATE_NOOP("Actions", "Use the whole screen"), true},
    // Run
    ActionSpec{"run.tryIt", Menu::Run, 0, QT_TRANSLATE_NOOP("Actions", "&Try it now"), "Ctrl+T", "bolt",
               QT_TRANSLATE_NOOP("Actions", "Open the built-in example, ready to start")},
    ActionSpec{"run.start", Menu::Run, 0,
               QT_TRANSLATE_NOOP("Actions", "&Start"), "Ctrl+Return; Ctrl+Enter", "start",
               QT_TRANSLATE_NOOP("Actions", "Train with the recipe as it is")},
    ActionSpec{"run.pause", Menu::Run, 1, QT_TRANSLATE_NOOP("Actions", "&Pause or resume"), "Space", "pause",
               QT_TRANSLATE_NOOP("Actions", "Hold the training after the current step, or go on"),
               false, true},
    ActionSpec{"run.stopKeep", Menu::Run, 1, QT_TRANSLATE_NOOP("Actions", "Stop and &keep"), "Ctrl+.", "stop",
               QT_TRANSLATE_NOOP("Actions", "End the training after the current step and keep what was trained")},
    ActionSpec{"run.resume", Menu::Run, 1,
               QT_TRANSLATE_NOOP("Actions", "&Resume interrupted run"), "", "resume",
               QT_TRANSLATE_NOOP("Actions", "Go on with the selected run from its last checkpoint")},
    ActionSpec{"run.clone", Menu::Run, 2, QT_TRANSLATE_NOOP("Actions", "&Clone"), "Ctrl+D", "copy",
               QT_TRANSLATE_NOOP("Actions", "Make a recipe from the selected run")},
    ActionSpec{"run.chat", Menu::Run, 2,
               QT_TRANSLATE_NOOP("Actions", "Chat &with this adapter"), "Ctrl+Shift+T", "chat",
               QT_TRANSLATE_NOOP("Actions", "Ask what the selected run has learnt")},
    ActionSpec{"run.combine", Menu::Run, 2,
               QT_TRANSLATE_NOOP("Actions", "Com&bine adapters…"), "Ctrl+Shift+M", "combine",
               QT_TRANSLATE_NOOP("Actions", "Make one adapter out of several of the same base model")},
    ActionSpec{"run.evaluate", Menu::Run, 2,
               QT_TRANSLATE_NOOP("Actions", "&Evaluate this adapter"), "Ctrl+Shift+V", "report",
               QT_TRANSLATE_NOOP("Actions", "Score what the selected run has learnt on a data file")},
    ActionSpec{"run.profile", Menu::Run, 3,
               QT_TRANSLATE_NOOP("Actions", "Pr&ofile a step…"), "Ctrl+Shift+I", "chart",
               QT_TRANSLATE_NOOP("Actions", "Measure what the time of a training step goes to")},
    ActionSpec{"recipe.places", Menu::Run, 3,
               QT_TRANSLATE_NOOP("Actions", "Where the adapter &goes…"), "Ctrl+Shift+P", "layout",
               QT_TRANSLATE_NOOP("Actions", "Show the model's places and switch them on and off")},
    ActionSpec{"evaluation.pause", Menu::Run, 4,
               QT_TRANSLATE_NOOP("Actions", "Pa&use or go on with the evaluation"), "Ctrl+Shift+Space", "pause",
               QT_TRANSLATE_NOOP("Actions", "Hold the evaluation after the rows being answered, or go on")},
    ActionSpec{"evaluation.stop", Menu::Run, 4,
               QT_TRANSLATE_NOOP("Actions", "Stop the e&valuation"), "Ctrl+Shift+.", "stop",
               QT_TRANSLATE_NOOP("Actions", "End the evaluation; what was answered stays, and it can go on later")},
    ActionSpec{"evaluation.resume", Menu::Run, 4,
               QT_TRANSLATE_NOOP("Actions", "Resu&me the evaluation"), "", "resume",
               QT_TRANSLATE_NOOP("Actions", "Ask the rows that an interrupted evaluation has left")},
    // Study
    ActionSpec{"study.search", Menu::Study, 0,
               QT_TRANSLATE_NOOP("Actions", "Make &study"), "Ctrl+Shift+S", "study",
               QT_TRANSLATE_NOOP("Actions", "Offer a range for every field that can be searched"), true},
    ActionSpec{"study.template", Menu::Study, 0,
               QT_TRANSLATE_NOOP("Actions", "Compare recipes with contro&ls…"), "", "study",
               QT_TRANSLATE_NOOP("Actions", "A prepared study of a few recipes, each trained with several seeds")},
    ActionSpec{"study.show", Menu::Study, 1,
               QT_TRANSLATE_NOOP("Actions", "Show the study of this &run"), "Ctrl+Shift+B", "study",
               QT_TRANSLATE_NOOP("Actions", "Go to the board of the study that the selected run belongs to")},
    ActionSpec{"study.openTrial", Menu::Study, 1,
               QT_TRANSLATE_NOOP("Actions", "Open tr&ial"), "", "chart",
               QT_TRANSLATE_NOOP("Actions", "Show the charts and samples of the selected trial (Enter in the table)")},
    ActionSpec{"study.useTrial", Menu::Study, 1,
               QT_TRANSLATE_NOOP("Actions", "&Use trial as recipe"), "Ctrl+Shift+R", "recipe",
               QT_TRANSLATE_NOOP("Actions", "Take the values of the selected trial into the recipe")},
    ActionSpec{"study.tickTrial", Menu::Study, 1,
               QT_TRANSLATE_NOOP("Actions", "Tick trial for co&mparison"), "Ctrl+M", "check",
               QT_TRANSLATE_NOOP("Actions", "Tick the selected trial, or take its tick away")},
    ActionSpec{"study.compare", Menu::Study, 1,
               QT_TRANSLATE_NOOP("Actions", "&Compare ticked trials…"), "Ctrl+Shift+C", "compare",
               QT_TRANSLATE_NOOP("Actions", "Lay the ticked trials' curves, results and recipes beside one another")},
    ActionSpec{"study.promote", Menu::Study, 1,
               QT_TRANSLATE_NOOP("Actions", "Promote the &winner…"), "Ctrl+Shift+W", "export",
               QT_TRANSLATE_NOOP("Actions", "Take the best trial's values into the recipe and export its adapter")},
    ActionSpec{"study.pauseTrial", Menu::Study, 2,
               QT_TRANSLATE_NOOP("Actions", "Pause or resume &trial"), "", "pause",
               QT_TRANSLATE_NOOP("Actions", "Hold the selected trial after its current step, or go on with it")},
    ActionSpec{"study.protectTrial", Menu::Study, 2,
               QT_TRANSLATE_NOOP("Actions", "Protect or r&elease trial"), "", "success",
               QT_TRANSLATE_NOOP("Actions", "Keep the pruner from ending the selected trial, or let it again")},
    ActionSpec{"study.pruneTrial", Menu::Study, 2,
               QT_TRANSLATE_NOOP("Actions", "&Prune trial"), "", "discard",
               QT_TRANSLATE_NOOP("Actions", "End the selected trial as the pruner would; the study goes on")},
    ActionSpec{"study.stopTrial", Menu::Study, 2,
               QT_TRANSLATE_NOOP("Actions", "Stop tri&al"), "", "stop",
               QT_TRANSLATE_NOOP("Actions", "End the selected trial and keep what was trained; the study goes on")},
    ActionSpec{"study.trialEarlier", Menu::Study, 2,
               QT_TRANSLATE_NOOP("Actions", "Mo&ve trial up in the queue"), "Ctrl+Shift+Up", "",
               QT_TRANSLATE_NOOP("Actions", "Let the selected trial, which waits, change turns with the one before it")},
    ActionSpec{"study.trialLater", Menu::Study, 2,
               QT_TRANSLATE_NOOP("Actions", "Move trial down in the &queue"), "Ctrl+Shift+Down", "",
               QT_TRANSLATE_NOOP("Actions", "Let the selected trial, which waits, change turns with the one behind it")},
    ActionSpec{"study.addTrial", Menu::Study, 3,
               QT_TRANSLATE_NOOP("Actions", "A&dd a trial…"), "", "plus",
               QT_TRANSLATE_NOOP("Actions", "Run values of your own as a trial of the study")},
    ActionSpec{"study.cloneTrial", Menu::Study, 3,
               QT_TRANSLATE_NOOP("Actions", "Clo&ne trial with changes…"), "", "copy",
               QT_TRANSLATE_NOOP("Actions", "Run the selected trial's values again, with some of them changed")},
    ActionSpec{"study.budget", Menu::Study, 3,
               QT_TRANSLATE_NOOP("Actions", "Change the &budget…"), "", "queue",
               QT_TRANSLATE_NOOP("Actions", "More or fewer trials, steps or hours, while the study runs or later")},
    ActionSpec{"study.confirm", Menu::Study, 3,
               QT_TRANSLATE_NOOP("Actions", "Confirm the &finalists…"), "", "dice",
               QT_TRANSLATE_NOOP("Actions", "Run the best trials again with other seeds, to tell skill from luck")},
    ActionSpec{"study.pause", Menu::Study, 3,
               QT_TRANSLATE_NOOP("Actions", "Pause or resume stud&y"), "", "pause",
               QT_TRANSLATE_NOOP("Actions", "Hold every running trial of the study, or go on")},
    ActionSpec{"study.stop", Menu::Study, 3, QT_TRANSLATE_NOOP("Actions", "St&op study"), "", "stop",
               QT_TRANSLATE_NOOP("Actions", "End the study and keep all its trials; it can go on later")},
    ActionSpec{"study.resume", Menu::Study, 3,
               QT_TRANSLATE_NOOP("Actions", "&Go on with study"), "", "resume",
               QT_TRANSLATE_NOOP("Actions", "Go on with the interrupted trials of the study and those that are missing")},
    // Tools
    ActionSpec{"tools.palette", Menu::Tools, 0,
               QT_TRANSLATE_NOOP("Actions", "&Command palette…"), "Ctrl+K", "command",
               QT_TRANSLATE_NOOP("Actions", "Find and do anything by its name")},
    ActionSpec{"tools.downloadModel", Menu::Tools, 1,
               QT_TRANSLATE_NOOP("Actions", "&Download a model…"), "", "import",
               QT_TRANSLATE_NOOP("Actions", "Fetch a model from the Hugging Face hub")},
    ActionSpec{"tools.allowDownloads", Menu::Tools, 1,
               QT_TRANSLATE_NOOP("Actions", "&Allow downloads"), "", "",
               QT_TRANSLATE_NOOP("Actions", "Let Lathe fetch models when asked to; off, it never uses the network"),
               true},
    // Window
    ActionSpec{"window.resetLayout", Menu::Window, 0,
               QT_TRANSLATE_NOOP("Actions", "&Reset layout"), "", "layout",
               QT_TRANSLATE_NOOP("Actions", "Put every panel back to where it was at first")},
    ActionSpec{"window.languageEnglish", Menu::Window, 1, QT_TRANSLATE_NOOP("Actions", "&English"), "", "",
               QT_TRANSLATE_NOOP("Actions", "Show Lathe in English"), true},
    ActionSpec{"window.languageGerman", Menu::Window, 1, QT_TRANSLATE_NOOP("Actions", "&Deutsch"), "", "",
               QT_TRANSLATE_NOOP("Actions", "Show Lathe in German"), true},
    // Help
    ActionSpec{"help.manual", Menu::Help, 0, QT_TRANSLATE_NOOP("Actions", "&Manual"), "F1", "help",
               QT_TRANSLATE_NOOP("Actions", "Open the manual; it needs no network")},
    ActionSpec{"help.whatsThis", Menu::Help, 0,
               QT_TRANSLATE_NOOP("Actions", "&What's This?"), "Shift+F1", "whats-this",
               QT_TRANSLATE_NOOP("Actions", "Then click on anything to hear what it is")},
    ActionSpec{"help.shortcuts", Menu::Help, 0, QT_TRANSLATE_NOOP("Actions", "&Keyboard"), "", "keyboard",
               QT_TRANSLATE_NOOP("Actions", "List every shortcut")},
    ActionSpec{"help.about", Menu::Help, 1, QT_TRANSLATE_NOOP("Actions", "&About Lathe"), "", "info",
               QT_TRANSLATE_NOOP("Actions", "Version, licence and the libraries inside")},
};
// clang-format on

constexpr std::array kMenus = {Menu::File,  Menu::Edit,  Menu::View,   Menu::Run,
                               Menu::Study, Menu::Tools, Menu::Window, Menu::Help};
constexpr std::array kMenuTitles = {
    QT_TRANSLATE_NOOP("Actions", "&File"),   QT_TRANSLATE_NOOP("Actions", "&Edit"),
    QT_TRANSLATE_NOOP("Actions", "&View"),   QT_TRANSLATE_NOOP("Actions", "&Run"),
    QT_TRANSLATE_NOOP("Actions", "&Study"),  QT_TRANSLATE_NOOP("Actions", "&Tools"),
    QT_TRANSLATE_NOOP("Actions", "&Window"), QT_TRANSLATE_NOOP("Actions", "&Help")};

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

QList<QKeySequence> defaultShortcuts(const ActionSpec& spec) {
    // No text gives a list of one empty sequence, which would be the same for all.
    auto keys = QKeySequence::listFromString(QString::fromLatin1(spec.shortcut), QKeySequence::PortableText);
    keys.removeAll(QKeySequence());
    return keys;
}

} // namespace lathe
