#pragma once

#include "core/session/chat_conversation.h"

#include <QWidget>

class QCheckBox;
class QSlider;
class QToolButton;

namespace lathe {

class ElidedLabel;
class NumberBox;

/// An adapter of a column: whether it is on, how strong, and its place among the others.
class ChatAdapterRow : public QWidget {
    Q_OBJECT
public:
    /// `name` begins the object names of its parts: "adapter0CheckBox", "adapter0Slider", ….
    explicit ChatAdapterRow(const QString& name, QWidget* parent);

    /// `isFixed`: it can only be taken away.
    void show(const ChatAdapter& adapter, bool isFixed);
    void showPlace(bool isFirst, bool isLast);
    void focusStrength();
    void focusMove(int by); ///< the button that moves that way, or, at the end, the other way
    /// Puts its parts behind `before` in the order of the Tab key. Returns the last.
    QWidget* chainAfter(QWidget* before);
    void retranslate();

Q_SIGNALS:
    void toggled(bool isOn);
    void strengthChosen(double strength);
    void moved(int by); ///< -1: nearer to the base
    void removed();

private:
    [[nodiscard]] QToolButton* makeButton(const QString& icon, const QString& name);
    void arrange();

    QString m_name; ///< of the adapter
    QCheckBox* m_isOn;
    ElidedLabel* m_label;
    QSlider* m_slider;
    NumberBox* m_strength;
    QToolButton* m_up;
    QToolButton* m_down;
    QToolButton* m_remove;
};

} // namespace lathe
