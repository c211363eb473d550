#include "widgets/shell/profile_action.h"

#include "core/session/project_session.h"
#include "widgets/actions/action_binder.h"
#include "widgets/dialogs/profile_dialog.h"
#include "widgets/shell/window_parts.h"

#include <QCoreApplication>
#include <QDir>

namespace lathe {

namespace {

QString translated(const char* text) { return QCoreApplication::translate("ProfileAction", text); }

void profile(const WindowParts& parts, const std::optional<RunChoice>& run, QWidget& window) {
    const RunTableModel& runs = parts.project.runs();
    const int row = run ? runs.rowOf(run->trial) : -1;
    const ParamValues recipe = row < 0 ? parts.project.draft().values() : runs.row(row).trial.values;
    const QString about =
        row < 0 ? translated(QT_TRANSLATE_NOOP("ProfileAction", "The recipe being edited"))
                : translated(QT_TRANSLATE_NOOP("ProfileAction", "The recipe of “%1”")).arg(run->name);
    const QString file =
        row < 0 ? QStringLiteral("profile.csv") : QStringLiteral("profile-%1.csv").arg(run->trial.value);
    const QString suggestion = QDir(parts.project.folder()).filePath(QStringLiteral("exports/") + file);
    (new ProfileDialog(parts.profile, recipe, about, suggestion, &window))->show();
}

} // namespace

void bindProfileAction(const WindowParts& parts, ActionBinder& actions,
                       const std::function<std::optional<RunChoice>()>& chosenRun, QWidget& window) {
    actions.bind(u"run.profile", &window,
                 [&parts, chosenRun, &window] { profile(parts, chosenRun(), window); });
    if (!parts.profile.profile)
        actions.disable(u"run.profile",
                        translated(QT_TRANSLATE_NOOP("ProfileAction", "This build cannot measure steps.")));
}

} // namespace lathe
