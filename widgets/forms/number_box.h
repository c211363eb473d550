#pragma once

#include "core/params/param_schema.h"

#include <QAbstractSpinBox>

namespace lathe {

/// A line for a whole or a real number with arrows. Unlike QSpinBox and QDoubleSpinBox it shows and takes any
/// spelling ("3e-4", "0.0003"), keeps a wrong text for the user to mend, and steps by factors where the
/// domain is logarithmic.
class NumberBox : public QAbstractSpinBox {
    Q_OBJECT
public:
    NumberBox(Domain domain, QWidget* parent);

    [[nodiscard]] QString shownText() const { return text(); }
    void show(const ParamValue& value);
    /// The number on the screen, or nothing.
    [[nodiscard]] std::optional<ParamValue> number() const;

    void stepBy(int steps) override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void edited(); ///< by typing or stepping

protected:
    StepEnabled stepEnabled() const override;
    void wheelEvent(QWheelEvent* event) override;

private:
    [[nodiscard]] ParamValue stepped(const ParamValue& from, int steps) const;

    Domain m_domain;
};

} // namespace lathe
