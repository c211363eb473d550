#pragma once

#include "core/base/event.h"

#include <QWidget>

#include <span>
#include <vector>

class QCheckBox;
class QGridLayout;
class QLabel;
class QPushButton;
class QSlider;

namespace lathe {

class LiveChart;
class Settings;

/// The four charts of a run and what they have in common: smoothing, logarithmic loss, linked x ranges.
class LiveCharts : public QWidget {
    Q_OBJECT
public:
    explicit LiveCharts(Settings& settings, QWidget* parent = nullptr);

    /// Replaces everything that is drawn.
    void setPoints(std::vector<MetricPoint> points);
    void append(std::span<const MetricPoint> points);

    void setLogLoss(bool isLog);
    [[nodiscard]] QCheckBox& logBox() const { return *m_log; }

    void retranslate();

private:
    void makeCharts();
    void link(LiveChart* from);
    void smooth();
    [[nodiscard]] QWidget* makeTools();

    Settings& m_settings;
    QGridLayout* m_grid;
    QLabel* m_smoothingLabel;
    QSlider* m_smoothing;
    QCheckBox* m_log;
    QPushButton* m_reset;
    std::vector<LiveChart*> m_charts; ///< loss, accuracy, learning rate, tokens per second
};

} // namespace lathe
