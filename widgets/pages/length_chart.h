#pragma once

#include "core/session/length_table_model.h"

#include <QWidget>

namespace lathe {

/// A histogram of lengths with a line where sequences end, to be dragged, or moved by the arrow keys: by
/// eight tokens, with Shift by one, to the next power of two with the page keys.
class LengthChart : public QWidget {
    Q_OBJECT
public:
    explicit LengthChart(QWidget* parent = nullptr);

    /// `width`: tokens of a bin.
    void setBins(const std::vector<TokenLengths::Bin>& bins, std::uint32_t width);
    void setCutOff(std::size_t tokens);
    [[nodiscard]] std::size_t cutOff() const { return m_cutOff; }
    /// Where a length stands on the screen.
    [[nodiscard]] int positionOf(std::size_t tokens) const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void cutOffMoved(std::size_t tokens); ///< by the user

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    [[nodiscard]] QRect plot() const;
    [[nodiscard]] std::size_t tokensAt(int x) const;
    [[nodiscard]] std::size_t span() const; ///< tokens of the whole axis
    void move(std::int64_t tokens);
    void paintBars(QPainter& painter) const;
    void paintAxis(QPainter& painter) const;
    void paintCutOff(QPainter& painter) const;

    std::vector<TokenLengths::Bin> m_bins;
    std::uint32_t m_width = 1;
    std::size_t m_cutOff = 0;
};

} // namespace lathe
