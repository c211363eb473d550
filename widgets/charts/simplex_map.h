#pragma once

#include "core/analysis/simplex_loss.h"

#include <QImage>
#include <QWidget>

#include <optional>

namespace lathe {

/// The loss over a triangle of three trained networks as a map of shades, strong where it is low. The arrow
/// keys lead from point to point of the grid, Home to the lowest one.
class SimplexMap : public QWidget {
    Q_OBJECT
public:
    explicit SimplexMap(LossOn lossOn, QWidget* parent = nullptr);

    /// `range`: of the shades; the same for all maps that are compared. Contract: a TriangleField can be made
    /// of the loss, and it has a range.
    void setLoss(const SimplexLoss& loss, LossRange range);

    [[nodiscard]] QPointF placeOf(const Barycentric& alpha) const;
    /// "1: 20 %, 2: 50 %, 3: 30 % – loss 0.42".
    [[nodiscard]] QString pointText(const Barycentric& alpha) const;
    [[nodiscard]] const Barycentric& current() const { return m_current; }
    [[nodiscard]] static QColor shade(double share, const QPalette& palette); ///< 0: lowest, 1: highest

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;
    void retranslate();

Q_SIGNALS:
    void pointChosen(const QString& text);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    [[nodiscard]] QRectF triangle() const;
    [[nodiscard]] std::optional<Barycentric> alphaAt(const QPointF& point) const;
    [[nodiscard]] Barycentric lowest() const;
    void choose(const Barycentric& alpha);
    void step(std::size_t from, std::size_t to);
    void describe();
    void drawImage();
    void paintMarks(QPainter& painter) const;
    void paintLabels(QPainter& painter) const;

    LossOn m_data;
    SimplexLoss m_loss;
    std::optional<TriangleField> m_field;
    LossRange m_range;
    QImage m_image; ///< of the triangle; null: to be drawn anew
    Barycentric m_current{1.0 / 3, 1.0 / 3, 1.0 / 3};
};

} // namespace lathe
