#pragma once

#include "core/base/event.h"
#include "core/store/sqlite.h"

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>

/// Private to core/store: turns events into rows and keeps the summary of each metric up to date.
namespace lathe::sql {

class EventWriter {
public:
    explicit EventWriter(Database& database) : m_database(&database) {}
    /// After a move of the connection.
    void setDatabase(Database& database) { m_database = &database; }

    /// One transaction, all or nothing.
    [[nodiscard]] Status append(std::span<const Event> events);

private:
    struct Summary {
        std::int64_t count = 0;
        std::int64_t lastStep = 0;
        double lastValue = 0;
        double lastSeconds = 0;
        std::optional<std::int64_t> bestStep;
        double bestValue = 0;
        bool isLowBest = false;
        bool isTouched = false; ///< differs from its row
        bool isStale = false;   ///< a point was replaced or removed: count it again from the rows
    };
    using SeriesKey = std::pair<std::int64_t, std::int64_t>; // trial, name

    [[nodiscard]] Status appendInTransaction(std::span<const Event> events);
    [[nodiscard]] Status write(const MetricPoint& point);
    [[nodiscard]] Status write(const TrialChange& change);
    [[nodiscard]] Status write(const SampleText& sample);
    [[nodiscard]] Status write(const LogLine& line);
    [[nodiscard]] Status write(const TrialRewind& rewind);
    [[nodiscard]] Status write(const TrialProgress&) { return ok(); }

    [[nodiscard]] Result<bool> isKnown(TrialId trial);
    [[nodiscard]] Result<std::int64_t> nameId(const std::string& name);
    [[nodiscard]] Result<Summary*> summary(TrialId trial, const std::string& name);
    [[nodiscard]] Status recount(const SeriesKey& key, Summary& summary);
    [[nodiscard]] Status writeSummaries();
    [[nodiscard]] Status writeSummary(const SeriesKey& key, const Summary& summary);

    Database* m_database;
    std::map<std::string, std::int64_t> m_nameIds;
    std::set<std::int64_t> m_knownTrials;
    std::map<SeriesKey, Summary> m_summaries;
};

/// Now, as "2026-01-31T12:00:00.000Z".
[[nodiscard]] std::string utcNow();

} // namespace lathe::sql
