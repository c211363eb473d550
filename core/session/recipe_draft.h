#pragma once

#include "core/params/param_schema.h"

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTimer>
#include <QVector>

#include <memory>
#include <optional>
#include <vector>

class QThreadPool;

namespace lathe {

/// The recipe being edited: a value with the values before it, so undo is "the value before". Checks itself
/// against the schema at each edit. Belongs to the GUI thread.
class RecipeDraft : public QObject {
    Q_OBJECT
public:
    explicit RecipeDraft(ParamSchema schema, QObject* parent = nullptr);
    ~RecipeDraft() override; ///< writes what autosave still owes

    [[nodiscard]] const ParamSchema& schema() const { return m_schema; }
    /// Every key of the schema, edited or default.
    [[nodiscard]] const ParamValues& values() const { return m_values; }
    /// Contract: the key is in the schema.
    [[nodiscard]] const ParamValue& value(const QString& key) const;
    [[nodiscard]] bool isActive(const QString& key) const;  ///< its condition holds: show it
    [[nodiscard]] bool isDefault(const QString& key) const; ///< no dot to reset it by
    [[nodiscard]] bool isEdited() const;                    ///< anything differs from the defaults

    /// One step of the history; quick edits of the same key in a row (a slider's drag) are one step. A value
    /// out of range is kept and shown as a problem. Contract: the key is in the schema.
    void setValue(const QString& key, const ParamValue& value);
    /// Back to the default.
    void resetValue(const QString& key);
    /// A whole recipe (a preset, an earlier run), as one step. Keys that are not in the schema are left out.
    void setValues(const ParamValues& values);

    [[nodiscard]] bool canUndo() const { return !m_before.empty(); }
    [[nodiscard]] bool canRedo() const { return !m_after.empty(); }
    void undo();
    void redo();

    [[nodiscard]] const QVector<Problem>& problems() const { return m_problems; }
    /// Empty: nothing wrong with this field.
    [[nodiscard]] QString problemOf(const QString& key) const;
    /// Adds what checks outside the schema found (model folder, data file), until the next edit.
    void setOutsideProblems(const QVector<Problem>& problems);

    /// Takes what the file holds (no step of the history) and from now on writes every change there, at most
    /// twice a second, on the pool. `savedText` is the file's content, read by the caller off this thread;
    /// text that is not a recipe is ignored.
    void startAutosave(const QString& file, const QString& savedText, QThreadPool& pool);

Q_SIGNALS:
    void changed(const QString& key);         ///< one field's value
    void activityChanged(const QString& key); ///< the field's condition began or ceased to hold
    void problemsChanged();
    void historyChanged(); ///< canUndo or canRedo may have changed
    void autosaveFailed(const QString& message);

private:
    void apply(ParamValues values);
    void push(const QString& key);
    void check();
    void writeSoon();
    void write();

    ParamSchema m_schema;
    ParamValues m_values;
    std::vector<ParamValues> m_before;
    std::vector<ParamValues> m_after;
    QString m_lastKey; ///< of the newest step, to merge a drag into one
    QElapsedTimer m_sinceLastEdit;
    QVector<Problem> m_problems;
    QVector<Problem> m_outsideProblems;
    struct Autosave;
    std::unique_ptr<Autosave> m_autosave;
};

} // namespace lathe
