#pragma once

#include "widgets/shell/page.h"

#include <QFrame>

class QToolButton;
class QVBoxLayout;

namespace lathe {

class ActionBinder;

/// The buttons at the window's left edge that lead to its pages.
class NavigationBar : public QFrame {
    Q_OBJECT
public:
    explicit NavigationBar(const ActionBinder& actions, QWidget* parent = nullptr);

    void setCurrent(PageId page);
    void retranslate();
    /// A dot at the live page while something trains.
    void setBusy(bool isBusy);

Q_SIGNALS:
    void pageChosen(lathe::PageId page);

private:
    void addPage(PageId page, const char* name, const char* action);

    struct Entry {
        PageId page;
        QToolButton* button;
        QString action;
    };
    const ActionBinder& m_actions;
    QVBoxLayout* m_layout;
    QVector<Entry> m_entries;
    QToolButton* m_palette;
    bool m_isBusy = false;
};

} // namespace lathe
