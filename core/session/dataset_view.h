#pragma once

#include "core/session/dataset_parts.h"

#include <QSet>

namespace lathe {

/// Something that is worked out about the data in the background: when somebody looks at it, and again when
/// the data or what it depends on changes. Belongs to the GUI thread.
class DatasetView : public QObject {
    Q_OBJECT
public:
    /// `ignored`: fields of the recipe that change nothing here.
    DatasetView(QThreadPool& pool, QSet<QString> ignored, QObject* parent);

    /// Null table: there is nothing to look at.
    void setInput(const DatasetInput& input);
    /// Nothing is worked out that nobody watches.
    void setWatched(bool isWatched);
    [[nodiscard]] const DatasetInput& input() const { return m_input; }
    /// What is shown belongs to what is chosen now.
    [[nodiscard]] bool isFresh() const { return m_isFresh; }
    [[nodiscard]] const QString& problem() const { return m_problem; }
    [[nodiscard]] const StoppableJob& job() const { return m_job; }
    /// Stops what is going on; it begins again when something changes, or by refresh().
    void cancel();
    void refresh();

Q_SIGNALS:
    void changed(); ///< what is shown, its problem, or its progress

protected:
    /// Starts m_job; take() or fail() follows.
    virtual void ask() = 0;
    /// There is no answer now.
    virtual void clear() = 0;
    void succeed();
    void fail(const Error& error);
    /// Contract: the table is there.
    [[nodiscard]] StoppableJob& startedJob() { return m_job; }

private:
    [[nodiscard]] ParamValues relevant(const ParamValues& recipe) const;
    void askIfWanted();

    DatasetInput m_input;
    QSet<QString> m_ignored;
    StoppableJob m_job;
    QTimer m_soon; ///< a whole recipe changes many fields at once
    QString m_problem;
    bool m_isWatched = false;
    bool m_isFresh = false;
};

} // namespace lathe
