#include "core/session/study_history.h"

#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

bool isBetter(std::string_view name, double value, double best) {
    return isLowBest(name) ? value < best : value > best;
}

/// Cuts the series after `step`. False: nothing was there to cut.
bool cut(MetricSeries& series, std::int64_t step) {
    const auto end = std::ranges::upper_bound(series.steps, static_cast<double>(step));
    const auto kept = static_cast<std::size_t>(end - series.steps.begin());
    if (kept == series.steps.size())
        return false;
    series.steps.resize(kept);
    series.values.resize(kept);
    series.seconds.resize(kept);
    return true;
}

/// True: the series has grown at its end. False: a point before the end was put in or replaced.
bool put(MetricSeries& series, const MetricPoint& point) {
    const auto step = static_cast<double>(point.step);
    if (series.steps.empty() || step > series.steps.back()) {
        series.steps.push_back(step);
        series.values.push_back(point.value);
        series.seconds.push_back(point.seconds);
        return true;
    }
    const auto at = std::ranges::lower_bound(series.steps, step) - series.steps.begin();
    if (series.steps[static_cast<std::size_t>(at)] != step) {
        series.steps.insert(series.steps.begin() + at, step);
        series.values.insert(series.values.begin() + at, point.value);
        series.seconds.insert(series.seconds.begin() + at, point.seconds);
        return false;
    }
    series.values[static_cast<std::size_t>(at)] = point.value;
    series.seconds[static_cast<std::size_t>(at)] = point.seconds;
    return false;
}

} // namespace

Result<StudyHistory> StudyHistory::read(const StudyReader& reader, StudyId study) {
    StudyHistory history;
    LATHE_ASSIGN(const std::vector<TrialRecord> trials, reader.trials(study));
    for (const TrialRecord& record : trials) {
        history.addTrial(record);
        Content& content = history.m_contents[record.id];
        LATHE_ASSIGN(const std::vector<MetricPoint> points, reader.points(record.id));
        for (const MetricPoint& point : points)
            put(content.series[point.name], point);
        LATHE_ASSIGN(content.samples, reader.samples(record.id));
    }
    LATHE_ASSIGN(history.m_log, reader.studyLog(study));
    return history;
}

void StudyHistory::addTrial(const TrialRecord& record) {
    if (m_contents.contains(record.id))
        return;
    LATHE_EXPECT(m_trials.empty() || record.number > m_trials.back().number);
    Content content;
    content.place = m_trials.size();
    content.progress.trial = record.id;
    m_contents.emplace(record.id, std::move(content));
    m_trials.push_back(record);
}

StudyHistory::Changes StudyHistory::apply(std::span<const Event> events) {
    Changes changes;
    for (const Event& event : events) {
        const TrialId trial = std::visit([](const auto& e) { return e.trial; }, event);
        const bool isOfStudy = !trial.isValid() && std::holds_alternative<LogLine>(event);
        if (isOfStudy || m_contents.contains(trial))
            std::visit([&](const auto& e) { take(e, changes); }, event);
    }
    std::erase_if(changes.points,
                  [&](const MetricPoint& point) { return changes.replaced.contains(point.trial); });
    return changes;
}

void StudyHistory::take(const MetricPoint& point, Changes& changes) {
    Content& content = m_contents.at(point.trial);
    TrialRecord& record = m_trials[content.place];
    MetricSeries& series = content.series[point.name];
    changes.points.push_back(point);
    if (!put(series, point)) {
        changes.replaced.insert(point.trial);
        summarizeSeries(record, point.name, series);
        return;
    }
    record.lastValues[point.name] = point.value;
    record.steps = std::max(record.steps, point.step);
    if (!std::isnan(point.seconds))
        record.seconds = std::max(record.seconds, point.seconds);
    if (std::isnan(point.value))
        return;
    const auto [best, isFirst] = record.bestValues.emplace(point.name, point.value);
    if (!isFirst && isBetter(point.name, point.value, best->second))
        best->second = point.value;
}

void StudyHistory::summarizeSeries(TrialRecord& record, const std::string& name, const MetricSeries& series) {
    record.lastValues.erase(name);
    record.bestValues.erase(name);
    if (series.values.empty())
        return;
    record.lastValues[name] = series.values.back();
    for (const double value : series.values) {
        if (std::isnan(value))
            continue;
        const auto [best, isFirst] = record.bestValues.emplace(name, value);
        if (!isFirst && isBetter(name, value, best->second))
            best->second = value;
    }
}

void StudyHistory::take(const TrialChange& change, Changes& changes) {
    TrialRecord& record = m_trials[m_contents.at(change.trial).place];
    record.state = change.state;
    record.note = change.note;
    changes.states.push_back(change.trial);
}

void StudyHistory::take(const TrialProgress& progress, Changes& changes) {
    m_contents.at(progress.trial).progress = progress;
    changes.progress[progress.trial] = progress;
}

void StudyHistory::take(const SampleText& sample, Changes& changes) {
    addSample(m_contents.at(sample.trial), sample);
    changes.samples.push_back(sample);
}

/// As the rows do it: by step, then as they came; the same prompt at the same step is replaced.
void StudyHistory::addSample(Content& content, const SampleText& sample) {
    auto& samples = content.samples;
    const auto same = std::ranges::find_if(samples, [&](const SampleText& known) {
        return known.step == sample.step && known.prompt == sample.prompt;
    });
    if (same != samples.end())
        *same = sample;
    else
        samples.insert(std::ranges::upper_bound(samples, sample.step, {}, &SampleText::step), sample);
}

void StudyHistory::take(const LogLine& line, Changes& changes) {
    m_log.push_back(line);
    changes.log.push_back(line);
}

void StudyHistory::take(const TrialRewind& rewind, Changes& changes) {
    Content& content = m_contents.at(rewind.trial);
    TrialRecord& record = m_trials[content.place];
    for (auto it = content.series.begin(); it != content.series.end();) {
        auto& [name, series] = *it;
        if (cut(series, rewind.step)) {
            changes.replaced.insert(rewind.trial);
            summarizeSeries(record, name, series);
        }
        it = series.steps.empty() ? content.series.erase(it) : std::next(it);
    }
    std::erase_if(content.samples, [&](const SampleText& sample) { return sample.step > rewind.step; });
    record.steps = std::min(record.steps, rewind.step);
}

void StudyHistory::setValues(TrialId trial, ParamValues values) {
    if (const auto found = m_contents.find(trial); found != m_contents.end())
        m_trials[found->second.place].values = std::move(values);
}

void StudyHistory::protect(TrialId trialId) {
    if (const auto found = m_contents.find(trialId); found != m_contents.end())
        m_trials[found->second.place].isProtected = true;
}

void StudyHistory::setQueue(std::span<const TrialId> order) {
    for (TrialRecord& record : m_trials) {
        const auto place = std::ranges::find(order, record.id);
        record.place = place == order.end() ? 0 : 1 + (place - order.begin());
    }
}

void StudyHistory::unprotect(TrialId trialId) {
    if (const auto found = m_contents.find(trialId); found != m_contents.end())
        m_trials[found->second.place].isProtected = false;
}

void StudyHistory::setResult(TrialId trial, std::int64_t steps, double seconds,
                             const std::filesystem::path& adapterFolder) {
    const auto found = m_contents.find(trial);
    if (found == m_contents.end())
        return;
    TrialRecord& record = m_trials[found->second.place];
    record.steps = std::max(record.steps, steps);
    record.seconds = std::max(record.seconds, seconds);
    record.adapterFolder = adapterFolder;
}

const StudyHistory::Content* StudyHistory::find(TrialId id) const {
    const auto found = m_contents.find(id);
    return found == m_contents.end() ? nullptr : &found->second;
}

const TrialRecord* StudyHistory::trial(TrialId id) const {
    const Content* content = find(id);
    return content == nullptr ? nullptr : &m_trials[content->place];
}

TrialProgress StudyHistory::progress(TrialId id) const {
    const Content* content = find(id);
    return content == nullptr ? TrialProgress{} : content->progress;
}

std::vector<std::string> StudyHistory::metricNames(TrialId id) const {
    std::vector<std::string> names;
    if (const Content* content = find(id))
        for (const auto& [name, series] : content->series)
            names.push_back(name);
    return names;
}

const MetricSeries* StudyHistory::series(TrialId id, std::string_view metric) const {
    const Content* content = find(id);
    if (content == nullptr)
        return nullptr;
    const auto found = content->series.find(metric);
    return found == content->series.end() ? nullptr : &found->second;
}

std::vector<MetricPoint> StudyHistory::points(TrialId id) const {
    std::vector<MetricPoint> points;
    const Content* content = find(id);
    if (content == nullptr)
        return points;
    for (const auto& [name, series] : content->series)
        for (std::size_t i = 0; i < series.steps.size(); ++i)
            points.push_back(
                {id, name, static_cast<std::int64_t>(series.steps[i]), series.values[i], series.seconds[i]});
    return points;
}

std::vector<SampleText> StudyHistory::samples(TrialId id) const {
    const Content* content = find(id);
    return content == nullptr ? std::vector<SampleText>() : content->samples;
}

} // namespace lathe
