#include "core/session/dataset_lengths.h"

#include "core/session/text.h"

#include <QLocale>

namespace lathe {

namespace {

constexpr std::size_t kBins = 64;

/// The longest sequence is what these rows are compared with, so it must not start a new count of tokens.
QSet<QString> ignoredFields() {
    return {QStringLiteral("max_length"),
            QStringLiteral("length_policy"),
            QStringLiteral("loss_on_prompt"),
            QStringLiteral("packing"),
            QStringLiteral("eval_fraction"),
            QStringLiteral("eval_file"),
            QStringLiteral("test_file"),
            QStringLiteral("test_fraction"),
            QStringLiteral("split"),
            QStringLiteral("split_column"),
            QStringLiteral("data_seed"),
            QStringLiteral("folds"),
            QStringLiteral("fold"),
            QStringLiteral("shots"),
            QStringLiteral("shots_of"),
            QStringLiteral("shot_dev"),
            QStringLiteral("shot_train_share"),
            QStringLiteral("dev_rows"),
            QStringLiteral("max_bad_rows")};
}

QString percent(std::size_t part, std::size_t all) {
    const double share = all == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(all);
    return QLocale().toString(share, 'f', 1);
}

} // namespace

DatasetLengths::DatasetLengths(Measure measure, QThreadPool& pool, QObject* parent)
    : DatasetView(pool, ignoredFields(), parent), m_measure(std::move(measure)) {}

std::size_t DatasetLengths::maxLength() const {
    const ParamValue* value = input().recipe.find("max_length");
    const auto* length = value == nullptr ? nullptr : std::get_if<std::int64_t>(value);
    return length == nullptr ? 0 : static_cast<std::size_t>(*length);
}

CutOff DatasetLengths::cutOff(std::size_t maxLength) const {
    const ParamValue* value = input().recipe.find("length_policy");
    const std::string policy = value == nullptr ? std::string() : toText(*value);
    if (policy == "cut_prompt")
        return m_lengths.wherePromptsAreCut(maxLength);
    return policy == "drop" ? m_lengths.whereRowsAreDropped(maxLength)
                            : m_lengths.whereAnswersAreCut(maxLength);
}

QString DatasetLengths::sentence(std::size_t maxLength) const {
    const std::size_t rows = m_lengths.rows().size();
    const CutOff cut = cutOff(maxLength);
    return tr("At %1 tokens %2 % truncated, %3 % dropped.")
        .arg(QLocale().toString(qulonglong{maxLength}), percent(cut.truncated, rows),
             percent(cut.dropped, rows));
}

void DatasetLengths::ask() {
    startedJob().start(
        [measure = m_measure, input = input()](const std::stop_token& stop, const JobProgress& progress) {
            return measure(input, progress, stop);
        },
        [this](Result<TokenLengths> lengths) {
            if (!lengths.has_value())
                return fail(lengths.error());
            m_lengths = std::move(lengths).value();
            m_bins.setBins(m_lengths.rows().empty() ? std::vector<TokenLengths::Bin>()
                                                    : m_lengths.histogram(kBins));
            succeed();
        });
}

void DatasetLengths::clear() {
    m_lengths = {};
    m_bins.setBins({});
}

} // namespace lathe
