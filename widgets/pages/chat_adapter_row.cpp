#include "widgets/pages/chat_adapter_row.h"

#include "widgets/forms/elided.h"
#include "widgets/forms/number_box.h"
#include "widgets/theme/icons.h"

#include <QCheckBox>
#include <QDir>
#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>

#include <cmath>

namespace lathe {

namespace {

constexpr double kStrongest = 100; ///< what may be typed, also below 0
constexpr int kSlider = 200;       ///< hundredths
constexpr int kSliderStep = 5;
constexpr int kSliderPage = 25;

void name(QWidget* widget, const QString& text) {
    widget->setToolTip(text);
    widget->setAccessibleName(text);
}

} // namespace

ChatAdapterRow::ChatAdapterRow(const QString& name, QWidget* parent)
    : QWidget(parent),
      m_isOn(new QCheckBox(this)),
      m_label(new ElidedLabel(Qt::ElideMiddle, this)),
      m_slider(new QSlider(Qt::Horizontal, this)),
      m_strength(new NumberBox(RealDomain{-kStrongest, kStrongest}, this)),
      m_up(makeButton(QStringLiteral("arrow-up"), name + QStringLiteral("UpButton"))),
      m_down(makeButton(QStringLiteral("arrow-down"), name + QStringLiteral("DownButton"))),
      m_remove(makeButton(QStringLiteral("close"), name + QStringLiteral("RemoveButton"))) {
    m_isOn->setObjectName(name + QStringLiteral("CheckBox"));
    m_label->setObjectName(name + QStringLiteral("NameLabel"));
    m_slider->setObjectName(name + QStringLiteral("Slider"));
    m_slider->setRange(0, kSlider);
    m_slider->setSingleStep(kSliderStep);
    m_slider->setPageStep(kSliderPage);
    m_strength->setObjectName(name + QStringLiteral("StrengthEdit"));
    arrange();
    connect(m_isOn, &QCheckBox::toggled, this, &ChatAdapterRow::toggled);
    connect(m_slider, &QSlider::valueChanged, this,
            [this](int value) { Q_EMIT strengthChosen(static_cast<double>(value) / 100); });
    connect(m_strength, &NumberBox::edited, this, [this] {
        if (const auto number = m_strength->number())
            Q_EMIT strengthChosen(std::holds_alternative<double>(*number)
                                      ? std::get<double>(*number)
                                      : static_cast<double>(std::get<std::int64_t>(*number)));
    });
    connect(m_up, &QToolButton::clicked, this, [this] { Q_EMIT moved(-1); });
    connect(m_down, &QToolButton::clicked, this, [this] { Q_EMIT moved(1); });
    connect(m_remove, &QToolButton::clicked, this, &ChatAdapterRow::removed);
    retranslate();
}

QToolButton* ChatAdapterRow::makeButton(const QString& icon, const QString& name) {
    auto* button = new QToolButton(this);
    button->setObjectName(name);
    button->setIcon(themedIcon(icon));
    button->setFocusPolicy(Qt::StrongFocus);
    return button;
}

void ChatAdapterRow::arrange() {
    auto* first = new QHBoxLayout;
    first->setSpacing(4);
    first->addWidget(m_isOn);
    first->addWidget(m_label, 1);
    for (QToolButton* button : {m_up, m_down, m_remove})
        first->addWidget(button);
    auto* second = new QHBoxLayout;
    second->setSpacing(8);
    second->addWidget(m_slider, 1);
    second->addWidget(m_strength);
    auto* lines = new QVBoxLayout(this);
    lines->setContentsMargins(0, 0, 0, 0);
    lines->setSpacing(2);
    lines->addLayout(first);
    lines->addLayout(second);
}

void ChatAdapterRow::show(const ChatAdapter& adapter, bool isFixed) {
    const QSignalBlocker one(m_isOn);
    const QSignalBlocker two(m_slider);
    m_name = adapter.name;
    m_isOn->setChecked(adapter.isOn);
    m_isOn->setEnabled(!isFixed);
    m_label->setText(adapter.name);
    m_label->setToolTip(adapter.name + QLatin1Char('\n') + QDir::toNativeSeparators(adapter.folder));
    m_slider->setValue(static_cast<int>(std::lround(adapter.strength * 100)));
    if (!m_strength->hasFocus()) // what is being typed is not written over
        m_strength->show(adapter.strength);
    m_slider->setEnabled(adapter.isOn && !isFixed);
    m_strength->setEnabled(adapter.isOn && !isFixed);
    retranslate();
}

void ChatAdapterRow::showPlace(bool isFirst, bool isLast) {
    m_up->setEnabled(!isFirst);
    m_down->setEnabled(!isLast);
    for (QToolButton* button : {m_up, m_down})
        button->setVisible(!isFirst || !isLast);
}

void ChatAdapterRow::focusStrength() { m_slider->setFocus(Qt::OtherFocusReason); }

void ChatAdapterRow::focusMove(int by) {
    QToolButton* wanted = by < 0 ? m_up : m_down;
    QToolButton* other = by < 0 ? m_down : m_up;
    (wanted->isEnabled() ? wanted : other)->setFocus(Qt::OtherFocusReason);
}

QWidget* ChatAdapterRow::chainAfter(QWidget* before) {
    for (QWidget* each :
         std::initializer_list<QWidget*>{m_isOn, m_slider, m_strength, m_up, m_down, m_remove}) {
        setTabOrder(before, each);
        before = each;
    }
    return before;
}

void ChatAdapterRow::retranslate() {
    name(m_up, tr("Nearer to the base"));
    name(m_down, tr("Further from the base"));
    name(m_remove, tr("Take this adapter away"));
    m_isOn->setToolTip(tr("On: it counts for the next answer"));
    m_isOn->setAccessibleName(tr("%1 is on").arg(m_name));
    m_slider->setToolTip(tr("Strength: 1 as trained, 0 as if it were not there"));
    m_strength->setToolTip(tr("Strength: 1 as trained, 0 as if it were not there; below 0 takes away"));
    for (QWidget* each : std::initializer_list<QWidget*>{m_slider, m_strength})
        each->setAccessibleName(tr("Strength of %1").arg(m_name));
}

} // namespace lathe
