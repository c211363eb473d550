#pragma once

#include "widgets/charts/chart_state.h"

#include <QScrollArea>

class QToolButton;

namespace lathe {

/// One button a series, with its line and marker; pressed means shown. Click hides or shows, Ctrl+click (or
/// Ctrl+Space) shows only this one. Hidden while there is only one series; scrolls beyond
/// three lines of buttons. Faint series have no button where there are more than a dozen: they are the
/// background.
class ChartLegend : public QScrollArea {
    Q_OBJECT
public:
    explicit ChartLegend(const ChartState& state, QWidget* parent);

    void rebuild();
    void refresh(); ///< visibility or colours have changed

Q_SIGNALS:
    void toggled(std::size_t layer);
    void soloAsked(std::size_t layer);

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QToolButton* makeButton(std::size_t layer);
    [[nodiscard]] bool isListed(std::size_t layer) const;
    void fitHeight();

    const ChartState& m_state;
    std::vector<QToolButton*> m_buttons;
    std::vector<std::size_t> m_layers; ///< parallel to m_buttons
};

} // namespace lathe
