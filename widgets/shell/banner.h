#pragma once

#include <QFrame>

class QLabel;
class QToolButton;

namespace lathe {

/// A line above the page that says what went wrong or went well, until it is closed or replaced. It does not
/// stop the work as a modal box would.
class Banner : public QFrame {
    Q_OBJECT
public:
    enum class Kind { Good, Problem };

    explicit Banner(QWidget* parent = nullptr);

    void show(Kind kind, const QString& text);
    [[nodiscard]] QString text() const;

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void showIcon();

    Kind m_kind = Kind::Good;
    QLabel* m_icon;
    QLabel* m_text;
    QToolButton* m_close;
};

} // namespace lathe
