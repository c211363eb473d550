#pragma once

#include "core/base/event.h"
#include "core/session/metric_series.h"
#include "core/store/study_reader.h"

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lathe {

/// Everything known of one study's trials, from rows or from events: both give the same. A value; it knows no
/// threads.
class StudyHistory {
public:
    /// What a batch of events has changed, each in the order of the events.
    struct Changes {
        std::vector<MetricPoint> points; ///< at the end of their series; without those of `replaced` trials
        std::vector<TrialId> states;
        std::map<TrialId, TrialProgress> progress; ///< the last of each
        std::vector<SampleText> samples;
        std::vector<LogLine> log;
        std::set<TrialId> replaced; ///< trials with a series that is not a longer version of before
    };

    [[nodiscard]] static Result<StudyHistory> read(const StudyReader& reader, StudyId study);

    void addTrial(const TrialRecord& record);
    /// Events of trials that are not here are ignored.
    [[nodiscard]] Changes apply(std::span<const Event> events);
    void setValues(TrialId trial, ParamValues values);
    void protect(TrialId trial);
    void unprotect(TrialId trial);
    /// The places of the trials that wait; the others have none.
    void setQueue(std::span<const TrialId> order);
    void setResult(TrialId trial, std::int64_t steps, double seconds,
                   const std::filesystem::path& adapterFolder);

    [[nodiscard]] const std::vector<TrialRecord>& trials() const { return m_trials; }
    [[nodiscard]] const TrialRecord* trial(TrialId id) const;
    [[nodiscard]] TrialProgress progress(TrialId id) const;
    [[nodiscard]] std::vector<std::string> metricNames(TrialId id) const;
    [[nodiscard]] const MetricSeries* series(TrialId id, std::string_view metric) const;
    [[nodiscard]] std::vector<MetricPoint> points(TrialId id) const;
    [[nodiscard]] std::vector<SampleText> samples(TrialId id) const;
    [[nodiscard]] const std::vector<LogLine>& log() const { return m_log; }

private:
    struct Content {
        std::size_t place = 0; ///< of the record in m_trials
        std::map<std::string, MetricSeries, std::less<>> series;
        std::vector<SampleText> samples; ///< by step
        TrialProgress progress;
    };

    void take(const MetricPoint& point, Changes& changes);
    void take(const TrialChange& change, Changes& changes);
    void take(const TrialProgress& progress, Changes& changes);
    void take(const SampleText& sample, Changes& changes);
    void take(const LogLine& line, Changes& changes);
    void take(const TrialRewind& rewind, Changes& changes);
    void addSample(Content& content, const SampleText& sample);
    void summarizeSeries(TrialRecord& record, const std::string& name, const MetricSeries& series);
    [[nodiscard]] const Content* find(TrialId id) const;

    std::vector<TrialRecord> m_trials; ///< by number
    std::unordered_map<TrialId, Content> m_contents;
    std::vector<LogLine> m_log;
};

} // namespace lathe
