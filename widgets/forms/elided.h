#pragma once

#include <QComboBox>
#include <QLabel>

namespace lathe {

/// A line of plain text that ends in "…", or has it inside, where there is no room for all of it. text() is
/// the whole.
class ElidedLabel : public QLabel {
    Q_OBJECT
public:
    explicit ElidedLabel(Qt::TextElideMode mode, QWidget* parent = nullptr);

    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Qt::TextElideMode m_mode;
};

/// A combo box whose chosen text ends in "…" where it would be cut; its list is as wide as the texts.
class ElidedComboBox : public QComboBox {
    Q_OBJECT
public:
    using QComboBox::QComboBox;

    void showPopup() override;

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace lathe
