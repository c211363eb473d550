#include "core/session/dataset_search.h"

#include "core/session/text.h"

namespace lathe {

namespace {

constexpr int kTypingMs = 150;
/// Rows between two reports: often enough to stop within some milliseconds.
constexpr std::size_t kReportRows = 2048;

bool holds(const Row& row, const QString& text, const std::string& column) {
    for (const auto& [name, value] : row)
        if ((column.empty() || name == column) && toQString(value).contains(text, Qt::CaseInsensitive))
            return true;
    return false;
}

} // namespace

DatasetSearch::DatasetSearch(DatasetRowsModel& rows, QThreadPool& pool, QObject* parent)
    : QObject(parent), m_rows(rows), m_job(pool) {
    m_typing.setSingleShot(true);
    m_typing.setInterval(kTypingMs);
    connect(&m_typing, &QTimer::timeout, this, &DatasetSearch::search);
    connect(&m_job, &StoppableJob::progressed, this, &DatasetSearch::changed);
    connect(&m_job, &StoppableJob::runningChanged, this, &DatasetSearch::changed);
}

void DatasetSearch::setText(const QString& text, const QString& column) {
    if (text == m_text && column == m_column)
        return;
    m_text = text;
    m_column = column;
    m_typing.start();
}

void DatasetSearch::clear() {
    m_typing.stop();
    m_text.clear();
    ++m_question;
    m_job.cancel();
}

void DatasetSearch::search() {
    ++m_question;
    if (m_text.isEmpty() || m_rows.table() == nullptr) {
        m_job.cancel();
        m_rows.showAll();
        Q_EMIT changed();
        return;
    }
    m_rows.beginFound();
    // The pool has ended before this object goes: see DatasetSession.
    const auto post = [this, question = m_question](std::vector<std::uint32_t> found) {
        QMetaObject::invokeMethod(
            this,
            [this, question, found = std::move(found)] {
                if (question == m_question && m_rows.isFiltered())
                    m_rows.appendFound(found);
            },
            Qt::QueuedConnection);
    };
    m_job.start(
        [table = m_rows.table(), text = m_text, column = m_column.toStdString(),
         post](const std::stop_token& stop, const JobProgress& progress) {
            std::vector<std::uint32_t> found;
            for (std::size_t i = 0; i < table->size() && !stop.stop_requested(); ++i) {
                if (holds(table->row(i), text, column))
                    found.push_back(static_cast<std::uint32_t>(i));
                if ((i + 1) % kReportRows == 0) {
                    progress(i + 1, table->size());
                    post(std::exchange(found, {}));
                }
            }
            post(std::move(found));
            return true;
        },
        [this](bool) { Q_EMIT changed(); });
}

} // namespace lathe
