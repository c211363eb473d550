#include "core/store/event_writer.h"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace lathe::sql {

namespace {

TrialId trialOf(const Event& event) {
    return std::visit([](const auto& e) { return e.trial; }, event);
}

std::string_view toText(LogLine::Level level) {
    switch (level) {
    case LogLine::Level::Info:
        return "info";
    case LogLine::Level::Warning:
        return "warning";
    case LogLine::Level::Error:
        break;
    }
    return "error";
}

} // namespace

std::string utcNow() {
    const auto now = std::chrono::system_clock::now();
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    const auto fraction =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> day{};
    std::strftime(day.data(), day.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%s.%03dZ", day.data(), static_cast<int>(fraction));
    return text.data();
}

Status EventWriter::append(std::span<const Event> events) {
    Status status = appendInTransaction(events);
    if (!status.has_value()) {
        // The rows these were read from or written to are gone with the transaction.
        m_nameIds.clear();
        m_knownTrials.clear();
        m_summaries.clear();
    }
    return status;
}

Status EventWriter::appendInTransaction(std::span<const Event> events) {
    LATHE_ASSIGN(Transaction transaction, Transaction::begin(*m_database));
    std::map<std::int64_t, std::size_t> strangers;
    for (const Event& event : events) {
        const TrialId trial = trialOf(event);
        LATHE_ASSIGN(const bool isWelcome, isKnown(trial));
        if (isWelcome || (!trial.isValid() && std::holds_alternative<LogLine>(event)))
            LATHE_TRY(std::visit([this](const auto& e) { return write(e); }, event));
        else if (!std::holds_alternative<TrialProgress>(event))
            ++strangers[trial.value];
    }
    for (const auto& [trial, count] : strangers)
        LATHE_TRY(write(LogLine{{},
                                LogLine::Level::Warning,
                                std::to_string(count) + " events of trial " + std::to_string(trial) +
                                    " were left out: it has no row"}));
    LATHE_TRY(writeSummaries());
    return transaction.commit();
}

Result<bool> EventWriter::isKnown(TrialId trial) {
    if (!trial.isValid())
        return false;
    if (m_knownTrials.contains(trial.value))
        return true;
    LATHE_ASSIGN(auto* find, m_database->statement("SELECT 1 FROM trial WHERE id = ?"));
    LATHE_ASSIGN(const bool isThere, find->bind(1, trial.value).step());
    find->reset();
    if (isThere)
        m_knownTrials.insert(trial.value);
    return isThere;
}

Result<std::int64_t> EventWriter::nameId(const std::string& name) {
    if (const auto known = m_nameIds.find(name); known != m_nameIds.end())
        return known->second;
    LATHE_ASSIGN(auto* insert,
                 m_database->statement("INSERT INTO metric_name (name) VALUES (?) ON CONFLICT DO NOTHING"));
    LATHE_TRY(insert->bind(1, name).run());
    LATHE_ASSIGN(auto* find, m_database->statement("SELECT id FROM metric_name WHERE name = ?"));
    LATHE_ASSIGN(const bool isThere, find->bind(1, name).step());
    LATHE_EXPECT(isThere);
    const std::int64_t id = find->integer(0);
    find->reset();
    m_nameIds.emplace(name, id);
    return id;
}

Result<EventWriter::Summary*> EventWriter::summary(TrialId trial, const std::string& name) {
    LATHE_ASSIGN(const std::int64_t id, nameId(name));
    const SeriesKey key{trial.value, id};
    if (const auto known = m_summaries.find(key); known != m_summaries.end())
        return &known->second;
    LATHE_ASSIGN(auto* find,
                 m_database->statement("SELECT count, last_step, last_value, last_seconds, best_step, "
                                       "best_value FROM metric_summary WHERE trial = ? AND name = ?"));
    LATHE_ASSIGN(const bool isThere, find->bind(1, key.first).bind(2, key.second).step());
    Summary found;
    found.isLowBest = isLowBest(name);
    if (isThere) {
        found.count = find->integer(0);
        found.lastStep = find->integer(1);
        found.lastValue = find->real(2);
        found.lastSeconds = find->real(3);
        if (!find->isNull(4))
            found.bestStep = find->integer(4);
        found.bestValue = find->real(5);
    }
    find->reset();
    return &m_summaries.emplace(key, found).first->second;
}

Status EventWriter::write(const MetricPoint& point) {
    LATHE_ASSIGN(auto* series, summary(point.trial, point.name));
    LATHE_ASSIGN(const std::int64_t name, nameId(point.name));
    LATHE_ASSIGN(auto* insert,
                 m_database->statement("INSERT INTO metric (trial, name, step, value, seconds) "
                                       "VALUES (?, ?, ?, ?, ?) ON CONFLICT (trial, name, step) DO UPDATE "
                                       "SET value = excluded.value, seconds = excluded.seconds"));
    LATHE_TRY(insert->bind(1, point.trial.value)
                  .bind(2, name)
                  .bind(3, point.step)
                  .bind(4, point.value)
                  .bind(5, point.seconds)
                  .run());
    series->isTouched = true;
    if (series->count > 0 && point.step <= series->lastStep) {
        series->isStale = true;
        return ok();
    }
    ++series->count;
    series->lastStep = point.step;
    series->lastValue = point.value;
    series->lastSeconds = point.seconds;
    const bool isBetter =
        series->isLowBest ? point.value < series->bestValue : point.value > series->bestValue;
    if (!std::isnan(point.value) && (!series->bestStep.has_value() || isBetter)) {
        series->bestStep = point.step;
        series->bestValue = point.value;
    }
    return ok();
}

Status EventWriter::write(const TrialChange& change) {
    const std::string now = utcNow();
    const std::string_view state = toString(change.state);
    LATHE_ASSIGN(
        Statement * update,
        m_database->statement("UPDATE trial SET state = ?1, note = ?2, started_at = CASE WHEN ?3 THEN "
                              "COALESCE(started_at, ?5) ELSE started_at END, "
                              "ended_at = CASE WHEN ?4 THEN ?5 END WHERE id = ?6"));
    LATHE_TRY(update->bind(1, state)
                  .bind(2, change.note)
                  .bind(3, std::int64_t{change.state == TrialState::Running})
                  .bind(4, std::int64_t{isFinal(change.state)})
                  .bind(5, now)
                  .bind(6, change.trial.value)
                  .run());
    LATHE_ASSIGN(auto* insert, m_database->statement("INSERT INTO state_change (trial, state, note, "
                                                     "time) VALUES (?, ?, ?, ?)"));
    return insert->bind(1, change.trial.value).bind(2, state).bind(3, change.note).bind(4, now).run();
}

Status EventWriter::write(const SampleText& sample) {
    LATHE_ASSIGN(auto* insert,
                 m_database->statement("INSERT INTO sample (trial, step, prompt, text, expected) "
                                       "VALUES (?, ?, ?, ?, ?) ON CONFLICT (trial, step, prompt) DO UPDATE "
                                       "SET text = excluded.text, expected = excluded.expected"));
    return insert->bind(1, sample.trial.value)
        .bind(2, sample.step)
        .bind(3, sample.prompt)
        .bind(4, sample.text)
        .bind(5, sample.expected)
        .run();
}

Status EventWriter::write(const LogLine& line) {
    LATHE_ASSIGN(auto* insert,
                 m_database->statement("INSERT INTO log (trial, level, text, time) VALUES (?, ?, ?, ?)"));
    if (line.trial.isValid())
        insert->bind(1, line.trial.value);
    return insert->bind(2, toText(line.level)).bind(3, line.text).bind(4, utcNow()).run();
}

Status EventWriter::write(const TrialRewind& rewind) {
    LATHE_ASSIGN(auto* points, m_database->statement("DELETE FROM metric WHERE trial = ? AND step > ?"));
    LATHE_TRY(points->bind(1, rewind.trial.value).bind(2, rewind.step).run());
    LATHE_ASSIGN(auto* samples, m_database->statement("DELETE FROM sample WHERE trial = ? AND step > ?"));
    LATHE_TRY(samples->bind(1, rewind.trial.value).bind(2, rewind.step).run());
    LATHE_ASSIGN(auto* steps, m_database->statement("UPDATE trial SET steps = MIN(steps, ?) WHERE id = ?"));
    LATHE_TRY(steps->bind(1, rewind.step).bind(2, rewind.trial.value).run());

    LATHE_ASSIGN(auto* names, m_database->statement("SELECT metric_name.name FROM metric_summary "
                                                    "JOIN metric_name ON metric_name.id = "
                                                    "metric_summary.name WHERE trial = ?"));
    names->bind(1, rewind.trial.value);
    std::set<std::string> stored;
    for (;;) {
        LATHE_ASSIGN(const bool hasRow, names->step());
        if (!hasRow)
            break;
        stored.insert(names->text(0));
    }
    names->reset();
    for (const std::string& name : stored)
        LATHE_TRY(summary(rewind.trial, name)); // brings it into m_summaries
    for (auto& [key, series] : m_summaries)
        if (key.first == rewind.trial.value && series.lastStep > rewind.step)
            series.isTouched = series.isStale = true;
    // Points that follow in this batch build on the shortened series.
    for (auto& [key, series] : m_summaries)
        if (series.isStale)
            LATHE_TRY(recount(key, series));
    return ok();
}

Status EventWriter::recount(const SeriesKey& key, Summary& summary) {
    LATHE_ASSIGN(auto* count,
                 m_database->statement("SELECT COUNT(*) FROM metric WHERE trial = ? AND name = ?"));
    LATHE_ASSIGN([[maybe_unused]] const bool isCounted, count->bind(1, key.first).bind(2, key.second).step());
    summary.count = count->integer(0);
    count->reset();

    LATHE_ASSIGN(auto* last, m_database->statement("SELECT step, value, seconds FROM metric WHERE trial = "
                                                   "? AND name = ? ORDER BY step DESC LIMIT 1"));
    LATHE_ASSIGN(const bool hasLast, last->bind(1, key.first).bind(2, key.second).step());
    if (hasLast) {
        summary.lastStep = last->integer(0);
        summary.lastValue = last->real(1);
        summary.lastSeconds = last->real(2);
    }
    last->reset();

    // One statement for both directions: the sign turns the highest into the lowest.
    LATHE_ASSIGN(auto* best, m_database->statement("SELECT step, value FROM metric WHERE trial = ? AND name "
                                                   "= ? AND value IS NOT NULL ORDER BY ? * value, step "
                                                   "LIMIT 1"));
    const std::int64_t sign = summary.isLowBest ? 1 : -1;
    LATHE_ASSIGN(const bool hasBest, best->bind(1, key.first).bind(2, key.second).bind(3, sign).step());
    summary.bestStep.reset();
    if (hasBest) {
        summary.bestStep = best->integer(0);
        summary.bestValue = best->real(1);
    }
    best->reset();
    summary.isStale = false;
    return ok();
}

Status EventWriter::writeSummaries() {
    for (auto it = m_summaries.begin(); it != m_summaries.end();) {
        auto& [key, series] = *it;
        if (series.isStale)
            LATHE_TRY(recount(key, series));
        if (series.isTouched)
            LATHE_TRY(writeSummary(key, series));
        series.isTouched = false;
        it = series.count == 0 ? m_summaries.erase(it) : std::next(it);
    }
    return ok();
}

Status EventWriter::writeSummary(const SeriesKey& key, const Summary& summary) {
    if (summary.count == 0) {
        LATHE_ASSIGN(auto* remove,
                     m_database->statement("DELETE FROM metric_summary WHERE trial = ? AND name = ?"));
        return remove->bind(1, key.first).bind(2, key.second).run();
    }
    LATHE_ASSIGN(
        Statement * replace,
        m_database->statement("REPLACE INTO metric_summary (trial, name, count, last_step, last_value, "
                              "last_seconds, best_step, best_value) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"));
    replace->bind(1, key.first)
        .bind(2, key.second)
        .bind(3, summary.count)
        .bind(4, summary.lastStep)
        .bind(5, summary.lastValue)
        .bind(6, summary.lastSeconds);
    if (summary.bestStep.has_value())
        replace->bind(7, *summary.bestStep).bind(8, summary.bestValue);
    return replace->run();
}

} // namespace lathe::sql
