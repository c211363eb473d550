#pragma once

#include <QDialog>

class QLineEdit;
class QListView;
class QSortFilterProxyModel;
class QStandardItemModel;

namespace lathe {

class ActionBinder;

/// A list of every action to be found by a few letters of its name and started with Enter. Actions that
/// cannot be done now are there too and say why.
class CommandPalette : public QDialog {
    Q_OBJECT
public:
    CommandPalette(const ActionBinder& actions, QWidget* parent);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fill();
    void filter(const QString& text);
    void run();

    const ActionBinder& m_actions;
    QStandardItemModel* m_entries;
    QSortFilterProxyModel* m_shown;
    QLineEdit* m_search;
    QListView* m_list;
};

} // namespace lathe
