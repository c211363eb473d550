#include "core/session/dataset_splits.h"

namespace lathe {

namespace {

/// Which rows can be used depends on nearly every field.
QSet<QString> ignoredFields() { return {QStringLiteral("loss_on_prompt"), QStringLiteral("packing")}; }

} // namespace

DatasetSplits::DatasetSplits(Divide divide, QThreadPool& pool, QObject* parent)
    : DatasetView(pool, ignoredFields(), parent), m_divide(std::move(divide)) {}

void DatasetSplits::ask() {
    startedJob().start([divide = m_divide, input = input()](
                           const std::stop_token& stop, const JobProgress&) { return divide(input, stop); },
                       [this](Result<DatasetSplit> split) {
                           if (!split.has_value())
                               return fail(split.error());
                           m_counts.setSplit(std::move(split).value());
                           succeed();
                       });
}

void DatasetSplits::clear() { m_counts.setSplit({}); }

} // namespace lathe
