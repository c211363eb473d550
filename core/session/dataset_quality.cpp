#include "core/session/dataset_quality.h"

namespace lathe {

namespace {

/// Fields of a recipe that no check reads. Fixes too: all rows are looked at, so that what is left out can be
/// seen and taken back.
QSet<QString> ignoredFields() {
    return {QStringLiteral("loss_on_prompt"), QStringLiteral("packing"),      QStringLiteral("max_bad_rows"),
            QStringLiteral("data_fixes"),     QStringLiteral("data_seed"),    QStringLiteral("folds"),
            QStringLiteral("fold"),           QStringLiteral("split"),        QStringLiteral("split_column"),
            QStringLiteral("eval_fraction"),  QStringLiteral("test_fraction")};
}

} // namespace

DatasetQuality::DatasetQuality(Check check, QThreadPool& pool, QObject* parent)
    : DatasetView(pool, ignoredFields(), parent), m_check(std::move(check)) {}

void DatasetQuality::ask() {
    startedJob().start(
        [check = m_check, input = input()](const std::stop_token& stop, const JobProgress& progress) {
            return check(input, progress, stop);
        },
        [this](Result<std::vector<QualityFinding>> findings) {
            if (!findings.has_value())
                return fail(findings.error());
            m_findings.setFindings(std::move(findings).value());
            succeed();
        });
}

void DatasetQuality::clear() { m_findings.setFindings({}); }

} // namespace lathe
