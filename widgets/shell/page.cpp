#include "widgets/shell/page.h"

#include <QAbstractItemView>
#include <QEvent>
#include <QLineEdit>
#include <QShortcut>

namespace lathe {

void Page::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

void joinFilter(QLineEdit& filter, QAbstractItemView& rows) {
    const auto leave = [&rows] {
        if (rows.isVisible() && rows.model()->rowCount() > 0)
            rows.setFocus(Qt::OtherFocusReason);
    };
    for (const Qt::Key key : {Qt::Key_Down, Qt::Key_Return, Qt::Key_Enter}) {
        auto* down = new QShortcut(key, &filter, &rows, leave);
        down->setContext(Qt::WidgetShortcut);
    }
    auto* escape = new QShortcut(Qt::Key_Escape, &filter, &rows, [&filter, leave] {
        filter.clear();
        leave();
    });
    escape->setContext(Qt::WidgetShortcut);
}

} // namespace lathe
