#include "widgets/shell/run_exports.h"

#include "core/session/project_session.h"
#include "core/session/text.h"
#include "widgets/actions/action_binder.h"
#include "widgets/dialogs/combine_dialog.h"
#include "widgets/dialogs/target_dialog.h"
#include "widgets/shell/banner.h"

#include <QCoreApplication>
#include <QDir>
#include <QRegularExpression>

#include <algorithm>

namespace lathe {

RunExports::RunExports(const WindowParts& parts, Banner& banner, QWidget& window)
    : QObject(&window), m_parts(parts), m_window(window) {
    connect(&m_parts.project, &ProjectSession::exportFinished, this,
            [&banner](const QString& target, const QString& note) {
                const QString where = tr("Exported to %1.").arg(QDir::toNativeSeparators(target));
                banner.show(Banner::Kind::Good, note.isEmpty() ? where : where + QLatin1Char(' ') + note);
            });
    connect(&m_parts.project, &ProjectSession::exportFailed, this,
            [&banner](const QString& target, const QString& message) {
                banner.show(
                    Banner::Kind::Problem,
                    tr("Nothing was exported to %1: %2").arg(QDir::toNativeSeparators(target), message));
            });
}

void RunExports::bind(ActionBinder& actions, const std::function<std::optional<RunChoice>()>& chosenRun) {
    actions.bind(u"file.export", this, [this, chosenRun] {
        if (const auto run = chosenRun())
            exportAdapter(*run);
    });
    actions.bind(u"file.exportCsv", this, [this, chosenRun] {
        if (const auto run = chosenRun())
            exportPoints(*run);
    });
    actions.bind(u"run.combine", this, [this, chosenRun] {
        const auto run = chosenRun();
        if (run && !run->adapterFolder.isEmpty())
            combine({{run->name, run->adapterFolder}});
        else
            combine({});
    });
    if (!m_parts.combine.combine)
        actions.disable(u"run.combine", tr("This build cannot combine adapters."));
}

/// A place in the project folder named after the run, with nothing a file system dislikes.
QString RunExports::suggestion(const RunChoice& run, const QString& ending) const {
    static const QRegularExpression odd(QStringLiteral("[^\\w.-]+"),
                                        QRegularExpression::UseUnicodePropertiesOption);
    QString name = run.name;
    name.replace(odd, QStringLiteral("_"));
    return QDir(m_parts.project.folder())
        .filePath(QStringLiteral("exports/%1-%2%3").arg(name).arg(run.trial.value).arg(ending));
}

void RunExports::exportAdapter(const RunChoice& run) {
    auto* dialog = new TargetDialog(TargetDialog::Kind::Folder, tr("Export adapter"),
                                    tr("Writes the adapter of “%1” to a new folder, reads it back and "
                                       "compares its answers.")
                                        .arg(run.name),
                                    suggestion(run, {}), &m_window);
    connect(dialog, &TargetDialog::chosen, this, [this, dialog, trial = run.trial](const QString& path) {
        m_parts.project.exportAdapter(trial, path, dialog->form());
    });
    QVector<TargetDialog::Form> forms{
        {{}, tr("As trained"), tr("A folder that PEFT loads; after full fine-tuning the whole model.")}};
    for (const PartInfo& format : m_parts.project.exportFormats())
        if (format.id != "peft")
            forms.append({toQString(format.id),
                          QCoreApplication::translate("ExportFormats", format.label.c_str()),
                          QCoreApplication::translate("ExportFormats", format.summary.c_str())});
    dialog->offerForms(forms);
    dialog->open();
}

void RunExports::exportPoints(const RunChoice& run) {
    auto* dialog = new TargetDialog(TargetDialog::Kind::CsvFile, tr("Export values"),
                                    tr("Writes every point of “%1” to a CSV file.").arg(run.name),
                                    suggestion(run, QStringLiteral(".csv")), &m_window);
    connect(dialog, &TargetDialog::chosen, this, [this, trial = run.trial](const QString& path) {
        QDir().mkpath(QFileInfo(path).path()); // where it fails, so does the export, and says why
        m_parts.project.exportPoints(trial, path);
    });
    dialog->open();
}

QVector<ChatAdapter> RunExports::offered(const QVector<ChatAdapter>& chosen) const {
    QVector<ChatAdapter> all;
    const RunTableModel& runs = m_parts.project.runs();
    for (int row = 0; row < runs.rowCount(); ++row) {
        const RunRow& run = runs.row(row);
        const ParamValue* method = run.trial.values.find("method");
        if (run.trial.adapterFolder.empty() || (method != nullptr && toText(*method) == "full"))
            continue;
        ChatAdapter adapter{
            tr("%1 (run %2)", "name and number of a run").arg(run.studyName).arg(run.trial.id.value),
            pathText(run.trial.adapterFolder), 1, false};
        all.append(adapter);
    }
    for (const ChatAdapter& each : chosen) {
        const auto known = std::ranges::find(all, each.folder, &ChatAdapter::folder);
        if (known == all.end()) {
            all.append(each);
        } else {
            known->strength = each.strength;
            known->isOn = each.isOn;
        }
    }
    std::ranges::stable_partition(all, &ChatAdapter::isOn);
    return all;
}

/// The first of combined-1, combined-2, … that is not there.
QString RunExports::combinedSuggestion() const {
    const QDir exports(QDir(m_parts.project.folder()).filePath(QStringLiteral("exports")));
    for (int number = 1;; ++number)
        if (const QString name = QStringLiteral("combined-%1").arg(number); !exports.exists(name))
            return exports.filePath(name);
}

void RunExports::combine(const QVector<ChatAdapter>& chosen) {
    auto* dialog = new CombineDialog(m_parts.combine, offered(chosen), combinedSuggestion(), &m_window);
    connect(dialog, &CombineDialog::chatWanted, this, &RunExports::chatWanted);
    dialog->show();
}

} // namespace lathe
