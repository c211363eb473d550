#include "core/session/prediction_table_model.h"

#include "core/base/contract.h"
#include "core/session/text.h"
#include "core/store/study_reader.h"

#include <QLocale>

#include <algorithm>
#include <array>

namespace lathe {

namespace {

constexpr int kPageRows = 64;
constexpr std::size_t kKeptPages = 64;
/// More gaps than this are not worth being announced one by one.
constexpr int kMostInsertions = 200;
constexpr qsizetype kLongestCell = 240; ///< characters; more are not seen

QString cellText(const std::string& text) {
    // A character is up to four bytes; cut before the conversion, for prompts may be very long.
    const auto part = std::string_view(text).substr(0, 4 * static_cast<std::size_t>(kLongestCell));
    return toQString(part).left(kLongestCell).simplified();
}

Result<std::vector<std::int64_t>> readRows(const std::filesystem::path& database, EvaluationId id,
                                           const PredictionFilter& filter) {
    LATHE_ASSIGN(const StudyReader reader, StudyReader::open(database));
    return reader.evaluations().rows(id, filter);
}

Result<std::pair<std::vector<PredictionRecord>, std::vector<PredictionRecord>>>
readPage(const std::filesystem::path& database, EvaluationId id, EvaluationId other,
         const std::vector<std::int64_t>& rows) {
    LATHE_ASSIGN(const StudyReader reader, StudyReader::open(database));
    LATHE_ASSIGN(auto own, reader.evaluations().predictions(id, rows));
    std::vector<PredictionRecord> others;
    if (other.isValid()) {
        LATHE_ASSIGN(others, reader.evaluations().predictions(other, rows));
    }
    return std::pair(std::move(own), std::move(others));
}

} // namespace

PredictionTableModel::PredictionTableModel(QObject* parent) : QAbstractTableModel(parent) {
    m_pool.setMaxThreadCount(1); // in their order
    m_fetchSoon.setSingleShot(true);
    connect(&m_fetchSoon, &QTimer::timeout, this, &PredictionTableModel::fetchWanted);
}

PredictionTableModel::~PredictionTableModel() { m_pool.waitForDone(); }

void PredictionTableModel::show(EvaluationId id, const PredictionFilter& filter) {
    m_id = id;
    m_filter = filter;
    list(Listing::Anew);
}

void PredictionTableModel::refresh() { list(Listing::MoreRows); }

void PredictionTableModel::list(Listing listing) {
    const std::uint64_t question = m_listings.ask();
    if (!m_id.isValid() || m_database.isEmpty()) {
        take({}, Listing::Anew);
        return;
    }
    runInBackground(
        m_pool, *this,
        [file = toPath(m_database), id = m_id, filter = m_filter] { return readRows(file, id, filter); },
        [this, question, listing](Result<std::vector<std::int64_t>> rows) {
            if (!m_listings.isNewest(question))
                return;
            if (rows.has_value())
                take(std::move(rows).value(), listing);
            else
                Q_EMIT failed(toQString(rows.error().text()));
        });
}

void PredictionTableModel::take(std::vector<std::int64_t> rows, Listing listing) {
    const bool hasGrown = listing == Listing::MoreRows && std::ranges::includes(rows, m_rows);
    if (hasGrown) {
        insertMissing(rows);
    } else {
        beginResetModel();
        m_rows = std::move(rows);
        forgetPages();
        endResetModel();
    }
    Q_EMIT listed();
}

/// Contract: `rows` has all that is there, both in order.
void PredictionTableModel::insertMissing(const std::vector<std::int64_t>& rows) {
    if (rows.size() == m_rows.size())
        return;
    struct Gap {
        std::size_t begin, end; ///< in `rows`
    };
    std::vector<Gap> gaps;
    for (std::size_t known = 0, place = 0; place < rows.size(); ++place) {
        if (known < m_rows.size() && m_rows[known] == rows[place])
            ++known;
        else if (!gaps.empty() && gaps.back().end == place)
            ++gaps.back().end;
        else
            gaps.push_back({place, place + 1});
    }
    if (gaps.size() > kMostInsertions) {
        take(rows, Listing::Anew);
        return;
    }
    for (const Gap& gap : gaps) {
        beginInsertRows({}, static_cast<int>(gap.begin), static_cast<int>(gap.end) - 1);
        m_rows.insert(m_rows.begin() + static_cast<std::ptrdiff_t>(gap.begin),
                      rows.begin() + static_cast<std::ptrdiff_t>(gap.begin),
                      rows.begin() + static_cast<std::ptrdiff_t>(gap.end));
        forgetPages();
        endInsertRows();
    }
}

/// Positions have changed.
void PredictionTableModel::forgetPages() {
    m_pages.clear();
    m_lately.clear();
    m_wanted.clear();
    m_fetching.clear();
    ++m_layout;
}

int PredictionTableModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int PredictionTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

int PredictionTableModel::positionOf(std::int64_t row) const {
    const auto found = std::ranges::lower_bound(m_rows, row);
    return found == m_rows.end() || *found != row ? -1 : static_cast<int>(found - m_rows.begin());
}

const PredictionTableModel::Page* PredictionTableModel::pageAt(int position) const {
    const int page = position / kPageRows;
    const auto found = m_pages.find(page);
    if (found == m_pages.end()) {
        want(page);
        return nullptr;
    }
    if (m_lately.front() != page) {
        m_lately.remove(page);
        m_lately.push_front(page);
    }
    return &found->second;
}

void PredictionTableModel::want(int page) const {
    m_wanted.insert(page);
    if (!m_fetchSoon.isActive())
        m_fetchSoon.start(0);
}

void PredictionTableModel::fetchWanted() {
    for (const int page : std::exchange(m_wanted, {})) {
        const std::size_t begin = static_cast<std::size_t>(page) * kPageRows;
        if (begin >= m_rows.size() || !m_fetching.insert(page).second)
            continue;
        const std::size_t end = std::min(begin + kPageRows, m_rows.size());
        std::vector<std::int64_t> rows(m_rows.begin() + static_cast<std::ptrdiff_t>(begin),
                                       m_rows.begin() + static_cast<std::ptrdiff_t>(end));
        runInBackground(
            m_pool, *this,
            [file = toPath(m_database), id = m_id, other = m_filter.other, rows = std::move(rows)] {
                return readPage(file, id, other, rows);
            },
            [this, page, layout = m_layout](auto content) {
                if (layout != m_layout)
                    return; // the view asks again for what it shows
                m_fetching.erase(page);
                if (!content.has_value()) {
                    Q_EMIT failed(toQString(content.error().text()));
                    return;
                }
                Page taken{std::move(content->first), {}};
                for (PredictionRecord& record : content->second)
                    taken.others.emplace(record.row, std::move(record));
                takePage(page, std::move(taken));
            });
    }
}

void PredictionTableModel::takePage(int page, Page content) {
    m_pages.insert_or_assign(page, std::move(content));
    m_lately.push_front(page);
    while (m_lately.size() > kKeptPages) {
        m_pages.erase(m_lately.back());
        m_lately.pop_back();
    }
    const int first = page * kPageRows;
    const int last = std::min(first + kPageRows, rowCount()) - 1;
    Q_EMIT dataChanged(index(first, 0), index(last, ColumnCount - 1));
}

const PredictionRecord* PredictionTableModel::prediction(int position) const {
    const std::int64_t row = rowAt(position);
    const Page* page = pageAt(position);
    if (page == nullptr)
        return nullptr;
    const auto found = std::ranges::find(page->rows, row, &PredictionRecord::row);
    return found == page->rows.end() ? nullptr : &*found;
}

const PredictionRecord* PredictionTableModel::other(int position) const {
    const Page* page = pageAt(position);
    if (page == nullptr)
        return nullptr;
    const auto found = page->others.find(rowAt(position));
    return found == page->others.end() ? nullptr : &found->second;
}

QVariant PredictionTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid())
        return {};
    const int position = index.row();
    if (role == RowRole)
        return qlonglong{rowAt(position)};
    if (role == Qt::DisplayRole && index.column() == Row)
        return QLocale().toString(qlonglong{rowAt(position)} + 1);
    if (role != Qt::DisplayRole && role != CorrectRole && role != OtherCorrectRole && role != FailedRole)
        return {};
    const PredictionRecord* record = prediction(position);
    if (record == nullptr)
        return role == Qt::DisplayRole ? QVariant(QStringLiteral("…")) : QVariant();
    switch (role) {
    case Qt::DisplayRole:
        return display(*record, position, index.column());
    case CorrectRole:
        return record->isCorrect ? QVariant(*record->isCorrect) : QVariant();
    case FailedRole:
        return !record->problem.empty();
    default: {
        const PredictionRecord* beside = other(position);
        return beside != nullptr && beside->isCorrect ? QVariant(*beside->isCorrect) : QVariant();
    }
    }
}

/// Told by signs and words, not by colour alone.
QVariant PredictionTableModel::display(const PredictionRecord& record, int position, int column) const {
    switch (column) {
    case Verdict:
        if (!record.problem.empty())
            return tr("not asked", "a row of an evaluation");
        if (!record.isCorrect)
            return QStringLiteral("–");
        return *record.isCorrect ? QStringLiteral("✓ ") + tr("right", "an answer")
                                 : QStringLiteral("✗ ") + tr("wrong", "an answer");
    case Expected:
        return cellText(record.expected);
    case Answer:
        return cellText(!record.problem.empty()    ? record.problem
                        : record.extracted.empty() ? record.answer
                                                   : record.extracted);
    case OtherAnswer: {
        const PredictionRecord* beside = other(position);
        return beside == nullptr ? QString()
                                 : cellText(beside->extracted.empty() ? beside->answer : beside->extracted);
    }
    case Prompt:
        return cellText(record.prompt);
    default:
        return {};
    }
}

QVariant PredictionTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    const std::array titles{tr("Row"),    tr("Verdict"),      tr("Expected"),
                            tr("Answer"), tr("Other answer"), tr("Prompt")};
    return section >= 0 && section < ColumnCount ? titles[static_cast<std::size_t>(section)] : QString();
}

} // namespace lathe
