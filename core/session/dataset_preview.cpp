#include "core/session/dataset_preview.h"

namespace lathe {

namespace {

/// Fields that change no token. A row is looked at in a moment, so this list need not be complete.
QSet<QString> ignoredFields() { return {QStringLiteral("eval_fraction"), QStringLiteral("eval_file")}; }

} // namespace

DatasetPreview::DatasetPreview(std::function<Result<DatasetRow>(const DatasetInput&, std::size_t)> look,
                               QThreadPool& pool, QObject* parent)
    : DatasetView(pool, ignoredFields(), parent), m_look(std::move(look)) {}

void DatasetPreview::setRow(std::size_t row) {
    if (row == m_row)
        return;
    m_row = row;
    refresh();
}

void DatasetPreview::ask() {
    const std::size_t row = std::min(m_row, input().table->size() - 1);
    startedJob().start([look = m_look, input = input(), row](const std::stop_token&,
                                                             const JobProgress&) { return look(input, row); },
                       [this](Result<DatasetRow> answer) {
                           if (!answer.has_value())
                               return fail(answer.error());
                           m_shown = std::move(answer).value();
                           m_tokens.setTokens(m_shown.tokens);
                           succeed();
                       });
}

void DatasetPreview::clear() {
    m_shown = {};
    m_tokens.setTokens({});
}

} // namespace lathe
