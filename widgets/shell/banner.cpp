#include "widgets/shell/banner.h"

#include "widgets/theme/icons.h"
#include "widgets/theme/theme.h"

#include <QAccessible>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>

namespace lathe {

namespace {
constexpr int kIconSize = 20;
}

Banner::Banner(QWidget* parent)
    : QFrame(parent), m_icon(new QLabel(this)), m_text(new QLabel(this)), m_close(new QToolButton(this)) {
    setObjectName("banner");
    setLook(this, Look::Card);
    m_text->setObjectName("bannerLabel");
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_close->setObjectName("bannerCloseButton");
    m_close->setIcon(themedIcon("close"));
    m_close->setAutoRaise(true);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(14, 8, 8, 8);
    layout->setSpacing(10);
    layout->addWidget(m_icon);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_close);
    connect(m_close, &QToolButton::clicked, this, &QWidget::hide);
    retranslate();
    hide();
}

void Banner::show(Kind kind, const QString& text) {
    m_kind = kind;
    showIcon();
    m_text->setText(text);
    setAccessibleName(text);
    QFrame::show();
    QAccessibleEvent alert(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
}

void Banner::showIcon() {
    const QIcon icon = m_kind == Kind::Good ? themedIcon("success", IconTone::Success)
                                            : themedIcon("warning", IconTone::Danger);
    m_icon->setPixmap(icon.pixmap(kIconSize));
}

QString Banner::text() const { return m_text->text(); }

void Banner::retranslate() {
    m_close->setToolTip(tr("Close this message"));
    m_close->setAccessibleName(tr("Close this message"));
}

void Banner::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    if (event->type() == QEvent::PaletteChange)
        showIcon(); // a picture in the colours of the moment
    QFrame::changeEvent(event);
}

} // namespace lathe
