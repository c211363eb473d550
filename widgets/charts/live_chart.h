#pragma once

#include "core/base/event.h"
#include "widgets/charts/chart_view.h"

#include <QTimer>

#include <map>

namespace lathe {

enum class Direction { Minimize, Maximize };

/// A chart of metrics over optimiser steps that grows while a trial runs. It shows the same points, drawn the
/// same way, as a ChartView of the finished trial. GUI thread only.
class LiveChart : public ChartView {
    Q_OBJECT
public:
    /// `metrics`: the names this chart takes ("loss", "eval_loss"), in the order of their styles; points of
    /// other names are ignored.
    LiveChart(const QString& title, const QString& unit, std::vector<std::string> metrics,
              QWidget* parent = nullptr);

    /// Takes the points of its metrics; at most 30 replots a second follow. A point at a step that is there
    /// already replaces it, as in the database.
    void append(std::span<const MetricPoint> points);
    /// A trial resumes from a checkpoint at `step`: its later points go, as in the database.
    void rewind(TrialId trial, std::int64_t step);
    void clear();

    /// Name of a trial in the legend, in front of the metric, when more than one trial is drawn.
    void setTrialName(TrialId trial, const QString& name);

    /// The points held of one metric, of one trial or of the only trial, in ascending steps.
    [[nodiscard]] std::vector<MetricPoint> series(std::string_view metric,
                                                  std::optional<TrialId> trial = {}) const;

    /// Marks the best step of this metric as points arrive.
    void trackBest(std::string metric, Direction direction);
    [[nodiscard]] std::optional<std::int64_t> bestStep() const;

private:
    /// One line of the chart: a metric of a trial, and its points as they came.
    struct Held {
        TrialId trial;
        std::string metric;
        std::size_t layer = 0;
        std::vector<MetricPoint> points; // ascending steps
    };
    Held& held(const MetricPoint& point);
    [[nodiscard]] std::vector<TrialId> trials() const; // in order of arrival
    [[nodiscard]] std::string layerNameOf(const Held& line) const;
    void nameLines();
    void hold(Held& line, const MetricPoint& point);
    void redraw(const Held& line);
    void changed();
    void consider(const Held& line, const MetricPoint& point);
    void updateBest();

    QString m_title;
    QString m_unit;
    std::vector<std::string> m_metrics;
    std::vector<Held> m_held;
    std::map<TrialId, QString> m_trialNames;
    std::optional<std::pair<std::string, Direction>> m_objective;
    std::optional<MetricPoint> m_best;
    bool m_isBestOld = false; // must be looked for among all points
    QTimer m_replotTimer;
    bool m_isReplotDue = false;
};

} // namespace lathe
