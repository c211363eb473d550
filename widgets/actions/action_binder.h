#pragma once

#include "widgets/actions/action_spec.h"

#include <QHash>
#include <QKeySequence>
#include <QList>
#include <QObject>
#include <QString>

#include <functional>
#include <vector>

class QAction;
class QMenu;
class QMenuBar;
class QWidget;

namespace lathe {

/// Two actions that want the same keys.
struct ShortcutConflict {
    QKeySequence keys;
    QString first, second; ///< action ids
};

/// Makes a QAction for each line of the action table and connects it with what it does. Actions nobody has
/// bound are disabled and say so. The owner calls retranslate() on a change of language.
class ActionBinder : public QObject {
    Q_OBJECT
public:
    /// The actions work while `window` is active; it becomes the parent.
    explicit ActionBinder(QWidget* window);

    /// Contract: the id is in the table.
    [[nodiscard]] QAction* action(QStringView id) const;
    [[nodiscard]] QList<QAction*> actions() const; ///< in the order of the table

    /// `run` is called while `context` lives; it gets whether a checkable action is checked.
    void bind(QStringView id, QObject* context, std::function<void(bool isChecked)> run);
    void bind(QStringView id, QObject* context, std::function<void()> run);

    /// A disabled action says why in its status tip and tooltip.
    void enable(QStringView id);
    void disable(QStringView id, const QString& reason);

    /// Fills the bar with every menu. Menus are named "fileMenu", ….
    void fill(QMenuBar& bar);
    [[nodiscard]] QMenu* menu(Menu menu) const; ///< null before fill()

    /// Other keys than the table's. Nothing checks for conflicts here.
    void setShortcuts(QStringView id, const QList<QKeySequence>& keys);
    [[nodiscard]] std::vector<ShortcutConflict> conflicts() const;

    void retranslate();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void focusMoved(QWidget* before, QWidget* now);
    void applyTexts(QStringView id);

    QWidget* m_window;
    QHash<QString, QAction*> m_actions;
    QHash<QString, QString> m_reasons;
    QHash<int, QMenu*> m_menus;
};

} // namespace lathe
