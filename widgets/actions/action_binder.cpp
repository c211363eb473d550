#include "widgets/actions/action_binder.h"

#include "core/base/contract.h"
#include "widgets/theme/icons.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QKeyEvent>
#include <QMenu>
#include <QMenuBar>
#include <QWidget>

namespace lathe {

namespace {

const char* menuName(Menu menu) {
    switch (menu) {
    case Menu::File:
        return "fileMenu";
    case Menu::Edit:
        return "editMenu";
    case Menu::View:
        return "viewMenu";
    case Menu::Run:
        return "runMenu";
    case Menu::Study:
        return "studyMenu";
    case Menu::Tools:
        return "toolsMenu";
    case Menu::Window:
        return "windowMenu";
    case Menu::Help:
        return "helpMenu";
    }
    return "";
}

/// macOS moves these to the application's menu.
QAction::MenuRole roleOf(QLatin1String id) {
    if (id == QLatin1String("file.quit"))
        return QAction::QuitRole;
    return id == QLatin1String("help.about") ? QAction::AboutRole : QAction::NoRole;
}

} // namespace

ActionBinder::ActionBinder(QWidget* window) : QObject(window), m_window(window) {
    for (const ActionSpec& spec : actionTable()) {
        const QString id = QLatin1String(spec.id);
        auto* action = new QAction(this);
        action->setObjectName(id + QStringLiteral("Action"));
        action->setCheckable(spec.isCheckable);
        action->setIconVisibleInMenu(!spec.isCheckable); // its place belongs to the check mark
        action->setIcon(themedIcon(QLatin1String(spec.icon)));
        action->setShortcuts(defaultShortcuts(spec));
        action->setMenuRole(roleOf(QLatin1String(spec.id)));
        if (spec.isPageOnly)
            action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        else
            m_window->addAction(action); // shortcuts work without a menu, too
        m_actions.insert(id, action);
        disable(id, tr("Nothing here can do this at the moment."));
    }
    connect(qApp, &QApplication::focusChanged, this, &ActionBinder::focusMoved);
}

void ActionBinder::focusMoved(QWidget* before, QWidget* now) {
    if (before)
        before->removeEventFilter(this);
    if (now && m_window->isAncestorOf(now))
        now->installEventFilter(this);
}

/// A shortcut is asked before the widget with the focus. Space must press that button all the same.
bool ActionBinder::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::ShortcutOverride)
        return false;
    auto* key = static_cast<QKeyEvent*>(event);
    const bool needsSpace = qobject_cast<QAbstractButton*>(watched) || qobject_cast<QComboBox*>(watched) ||
                            qobject_cast<QAbstractItemView*>(watched);
    if (!needsSpace || key->key() != Qt::Key_Space || key->modifiers() != Qt::NoModifier)
        return false;
    key->accept();
    return true;
}

QAction* ActionBinder::action(QStringView id) const {
    QAction* found = m_actions.value(id.toString());
    LATHE_EXPECT(found != nullptr);
    return found;
}

QList<QAction*> ActionBinder::actions() const {
    QList<QAction*> all;
    for (const ActionSpec& spec : actionTable())
        all << m_actions.value(QLatin1String(spec.id));
    return all;
}

void ActionBinder::bind(QStringView id, QObject* context, std::function<void(bool isChecked)> run) {
    connect(action(id), &QAction::triggered, context, std::move(run));
    enable(id);
}

void ActionBinder::bind(QStringView id, QObject* context, std::function<void()> run) {
    connect(action(id), &QAction::triggered, context, std::move(run));
    enable(id);
}

void ActionBinder::enable(QStringView id) {
    m_reasons.remove(id.toString());
    action(id)->setEnabled(true);
    applyTexts(id);
}

void ActionBinder::disable(QStringView id, const QString& reason) {
    m_reasons.insert(id.toString(), reason);
    action(id)->setEnabled(false);
    applyTexts(id);
}

void ActionBinder::applyTexts(QStringView id) {
    const ActionSpec& spec = *findAction(id);
    QAction* shown = action(id);
    const QString reason = m_reasons.value(id.toString());
    const QString tip = reason.isEmpty() ? actionTip(spec) : reason;
    const QString keys = shown->shortcut().toString(QKeySequence::NativeText);
    shown->setText(actionText(spec));
    shown->setStatusTip(tip);
    shown->setWhatsThis(actionTip(spec));
    shown->setToolTip(keys.isEmpty() ? tip : tr("%1 (%2)", "what a button does (shortcut)").arg(tip, keys));
}

void ActionBinder::fill(QMenuBar& bar) {
    for (const Menu kind : allMenus()) {
        auto* filled = new QMenu(menuTitle(kind), &bar);
        filled->setObjectName(QLatin1String(menuName(kind)));
        filled->setToolTipsVisible(false); // the status bar says it
        int section = -1;
        for (const ActionSpec& spec : actionTable()) {
            if (spec.menu != kind)
                continue;
            if (section >= 0 && spec.section != section)
                filled->addSeparator();
            section = spec.section;
            filled->addAction(m_actions.value(QLatin1String(spec.id)));
        }
        bar.addMenu(filled);
        m_menus.insert(static_cast<int>(kind), filled);
    }
}

QMenu* ActionBinder::menu(Menu menu) const { return m_menus.value(static_cast<int>(menu)); }

void ActionBinder::setShortcuts(QStringView id, const QList<QKeySequence>& keys) {
    action(id)->setShortcuts(keys);
    applyTexts(id);
}

std::vector<ShortcutConflict> ActionBinder::conflicts() const {
    std::vector<ShortcutConflict> found;
    QHash<QKeySequence, QString> owner;
    for (const ActionSpec& spec : actionTable()) {
        const QString id = QLatin1String(spec.id);
        for (const QKeySequence& keys : m_actions.value(id)->shortcuts()) {
            if (owner.contains(keys))
                found.push_back({keys, owner.value(keys), id});
            else
                owner.insert(keys, id);
        }
    }
    return found;
}

void ActionBinder::retranslate() {
    for (const ActionSpec& spec : actionTable())
        applyTexts(QString(QLatin1String(spec.id)));
    for (const Menu kind : allMenus())
        if (QMenu* filled = menu(kind))
            filled->setTitle(menuTitle(kind));
}

} // namespace lathe
