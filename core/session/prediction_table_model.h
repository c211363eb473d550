#pragma once

#include "core/session/background_job.h"
#include "core/store/evaluation_record.h"

#include <QAbstractTableModel>
#include <QString>
#include <QTimer>

#include <list>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace lathe {

/// The rows of an evaluation, beside those of another one where one is chosen, as they pass a filter. Knows
/// the numbers of the rows and fetches the rows themselves a page at a time, in the background, when they are
/// looked at: as many as there are cost no more than those on the screen.
class PredictionTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Row, Verdict, Expected, Answer, OtherAnswer, Prompt, ColumnCount };
    enum Role {
        RowRole = Qt::UserRole, ///< qlonglong; of the data file, from 0
        CorrectRole,            ///< bool; not there: neither right nor wrong
        OtherCorrectRole,       ///< the same of the other evaluation
        FailedRole              ///< bool: the row could not be asked
    };

    explicit PredictionTableModel(QObject* parent = nullptr);
    ~PredictionTableModel() override;

    /// Where the rows are; empty: nowhere.
    void setDatabase(const QString& file) { m_database = file; }
    /// Lists the rows of this evaluation that pass; listed() follows. None (EvaluationId{}): no rows.
    void show(EvaluationId id, const PredictionFilter& filter);
    /// Rows were written: those that are new come in; rows that are there stay where they are.
    void refresh();
    [[nodiscard]] EvaluationId evaluation() const { return m_id; }
    [[nodiscard]] const PredictionFilter& filter() const { return m_filter; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role = Qt::DisplayRole) const override;

    /// The row's number in the data file. Contract: position in [0, rowCount()).
    [[nodiscard]] std::int64_t rowAt(int position) const {
        return m_rows.at(static_cast<std::size_t>(position));
    }
    /// -1: it does not pass.
    [[nodiscard]] int positionOf(std::int64_t row) const;
    /// Nothing: it is being fetched, and dataChanged() follows.
    [[nodiscard]] const PredictionRecord* prediction(int position) const;
    /// The same row of the other evaluation; nothing: there is none, or it is being fetched.
    [[nodiscard]] const PredictionRecord* other(int position) const;

Q_SIGNALS:
    void listed(); ///< the rows are those of the newest show() or refresh()
    void failed(const QString& message);

private:
    struct Page {
        std::vector<PredictionRecord> rows;
        std::map<std::int64_t, PredictionRecord> others; ///< by row
    };
    enum class Listing { Anew, MoreRows };

    void list(Listing listing);
    void take(std::vector<std::int64_t> rows, Listing listing);
    void insertMissing(const std::vector<std::int64_t>& rows);
    void forgetPages();
    void want(int page) const;
    void fetchWanted();
    void takePage(int page, Page content);
    [[nodiscard]] const Page* pageAt(int position) const;
    [[nodiscard]] QVariant display(const PredictionRecord& record, int position, int column) const;

    QString m_database;
    EvaluationId m_id;
    PredictionFilter m_filter;
    std::vector<std::int64_t> m_rows; ///< ascending
    mutable std::map<int, Page> m_pages;
    mutable std::list<int> m_lately; ///< pages, the one looked at last in front
    mutable std::set<int> m_wanted;
    std::set<int> m_fetching;
    LatestOnly m_listings;
    std::uint64_t m_layout = 0; ///< counts up when positions change: pages fetched before do not fit
    mutable QTimer m_fetchSoon;
    QThreadPool m_pool; // last: its jobs are waited for
};

} // namespace lathe
