#include "core/session/recorded_evaluation.h"

#include "core/store/study_reader.h"

#include <chrono>

namespace lathe {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kPage = 1000; ///< rows read at a time

/// What an earlier sitting left: enough for the figures and to know the rows, without the long texts.
Result<std::vector<PredictionRecord>> earlierRows(const EvaluationReader& reader, EvaluationId id) {
    std::vector<PredictionRecord> rows;
    for (;;) {
        const std::int64_t last = rows.empty() ? -1 : rows.back().row;
        LATHE_ASSIGN(auto page, reader.following(id, last, kPage));
        if (page.empty())
            return rows;
        for (PredictionRecord& row : page) {
            row.prompt = {};
            row.answer = {};
            rows.push_back(std::move(row));
        }
    }
}

class Recorder {
public:
    Recorder(StoreThread& store, EvaluationId id, const EvaluationWatch& watch, double seconds)
        : m_store(store), m_id(id), m_watch(watch), m_before(seconds), m_begun(Clock::now()) {}

    void join(EvaluationContext& context) {
        context.begin = [this](std::int64_t rows, const std::string& hash) {
            return write(
                [id = m_id, rows, hash](EvaluationWriter writer) { return writer.begin(id, rows, hash); });
        };
        context.take = [this](std::span<const PredictionRecord> rows) { return take(rows); };
        context.tell = [this](const EvaluationProgress& progress) {
            if (m_watch.progress)
                m_watch.progress(progress);
        };
        context.tellFigures = [this](const std::vector<EvaluationFigure>& figures) {
            if (m_watch.figures)
                m_watch.figures(figures);
        };
    }

    [[nodiscard]] Status end(const Result<std::vector<EvaluationFigure>>& figures) {
        if (figures.has_value())
            return write([id = m_id, &figures](EvaluationWriter writer) -> Status {
                LATHE_TRY(writer.setFigures(id, *figures));
                return writer.setState(id, EvaluationState::Complete);
            });
        const bool isStopped = figures.error().kind == Error::Kind::Cancelled;
        return write([id = m_id, isStopped, note = figures.error().text()](EvaluationWriter writer) {
            return writer.setState(id, isStopped ? EvaluationState::Stopped : EvaluationState::Failed,
                                   isStopped ? "" : note);
        });
    }

private:
    [[nodiscard]] Status take(std::span<const PredictionRecord> rows) {
        const std::chrono::duration<double> worked = Clock::now() - m_begun - m_paused;
        const double seconds = m_before + worked.count();
        LATHE_TRY(write(
            [id = m_id, rows, seconds](EvaluationWriter writer) { return writer.add(id, rows, seconds); }));
        if (m_watch.rows)
            m_watch.rows(rows);
        const auto before = Clock::now();
        if (m_watch.waitWhilePaused)
            m_watch.waitWhilePaused();
        m_paused += Clock::now() - before;
        return ok();
    }
    /// Waits, so that what the request refers to lives long enough.
    [[nodiscard]] Status write(std::function<Status(EvaluationWriter writer)> request) {
        return m_store
            .call<std::monostate>(
                [request = std::move(request)](StudyWriter& writer) { return request(writer.evaluations()); })
            .get();
    }

    StoreThread& m_store;
    const EvaluationId m_id;
    const EvaluationWatch& m_watch;
    const double m_before; ///< seconds of earlier sittings
    const Clock::time_point m_begun;
    Clock::duration m_paused{};
};

} // namespace

Result<std::vector<EvaluationFigure>> runRecorded(const RunEvaluation& run, StoreThread& store,
                                                  EvaluationId id, std::stop_token stop,
                                                  const EvaluationWatch& watch) {
    LATHE_ASSIGN(const StudyReader reader, StudyReader::open(store.database()));
    LATHE_ASSIGN(const EvaluationRecord record, reader.evaluations().one(id));
    EvaluationContext context;
    context.stop = std::move(stop);
    context.dataHash = record.dataHash;
    LATHE_ASSIGN(context.done, earlierRows(reader.evaluations(), id));
    Recorder recorder(store, id, watch, record.seconds);
    recorder.join(context);
    Result<std::vector<EvaluationFigure>> figures =
        evaluationSpecFromJson(record.spec).and_then([&](const EvaluationSpec& spec) {
            return run(spec, context);
        });
    LATHE_TRY(recorder.end(figures));
    return figures;
}

} // namespace lathe
