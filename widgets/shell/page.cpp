#include "widgets/shell/page.h"

#include <QEvent>

namespace lathe {

void Page::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

} // namespace lathe
