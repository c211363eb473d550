#include "core/session/dataset_view.h"

#include "core/session/text.h"

namespace lathe {

DatasetView::DatasetView(QThreadPool& pool, QSet<QString> ignored, QObject* parent)
    : QObject(parent), m_ignored(std::move(ignored)), m_job(pool) {
    m_soon.setSingleShot(true);
    m_soon.setInterval(0);
    connect(&m_soon, &QTimer::timeout, this, &DatasetView::askIfWanted);
    connect(&m_job, &StoppableJob::progressed, this, &DatasetView::changed);
    connect(&m_job, &StoppableJob::runningChanged, this, &DatasetView::changed);
}

ParamValues DatasetView::relevant(const ParamValues& recipe) const {
    ParamValues rest;
    for (const auto& [key, value] : recipe.map())
        if (!m_ignored.contains(toQString(key)))
            rest.set(key, value);
    return rest;
}

void DatasetView::setInput(const DatasetInput& input) {
    const bool isSame = input.table == m_input.table && relevant(input.recipe) == relevant(m_input.recipe);
    const bool isOtherTable = input.table != m_input.table;
    m_input = input;
    if (isSame)
        return;
    m_job.cancel();
    m_isFresh = false;
    m_problem.clear();
    if (isOtherTable)
        clear();
    m_soon.start();
    Q_EMIT changed();
}

void DatasetView::setWatched(bool isWatched) {
    m_isWatched = isWatched;
    askIfWanted();
}

void DatasetView::refresh() {
    m_isFresh = false;
    m_problem.clear();
    askIfWanted();
}

void DatasetView::cancel() {
    m_job.cancel();
    Q_EMIT changed();
}

void DatasetView::askIfWanted() {
    const bool hasRows = m_input.table != nullptr && m_input.table->size() > 0;
    if (m_isWatched && !m_isFresh && m_problem.isEmpty() && hasRows && !m_job.isRunning())
        ask();
}

void DatasetView::succeed() {
    m_isFresh = true;
    m_problem.clear();
    Q_EMIT changed();
}

void DatasetView::fail(const Error& error) {
    if (error.kind == Error::Kind::Cancelled)
        return;
    m_problem = toQString(error.text());
    clear();
    Q_EMIT changed();
}

} // namespace lathe
