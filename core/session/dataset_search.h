#pragma once

#include "core/session/dataset_rows_model.h"
#include "core/session/stoppable_job.h"

namespace lathe {

/// Leaves in a rows' model those that hold a text, in any column or in one, whatever the case of letters.
/// Looks in the background; what is found appears while it goes on.
class DatasetSearch : public QObject {
    Q_OBJECT
public:
    DatasetSearch(DatasetRowsModel& rows, QThreadPool& pool, QObject* parent = nullptr);

    /// Empty text: all rows. Empty column: any.
    void setText(const QString& text, const QString& column);
    /// Forgets the text; the model is about to get other rows.
    void clear();
    [[nodiscard]] const StoppableJob& job() const { return m_job; }

Q_SIGNALS:
    void changed(); ///< it began, went on or ended

private:
    void search();

    DatasetRowsModel& m_rows;
    StoppableJob m_job;
    QTimer m_typing; ///< a search for each letter would begin for nothing
    QString m_text;
    QString m_column;
    std::uint64_t m_question = 0; ///< what an older search still posts is left out
};

} // namespace lathe
