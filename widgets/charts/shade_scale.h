#pragma once

#include "core/analysis/simplex_loss.h"

#include <QWidget>

namespace lathe {

/// What the shades of a SimplexMap mean: a bar from the highest loss to the lowest.
class ShadeScale : public QWidget {
    Q_OBJECT
public:
    explicit ShadeScale(QWidget* parent = nullptr);

    void setRange(LossRange range);

    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    LossRange m_range;
};

} // namespace lathe
