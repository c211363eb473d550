#pragma once

#include "widgets/shell/page.h"
#include "widgets/shell/window_parts.h"

class QHBoxLayout;
class QLabel;
class QPushButton;
class QStackedLayout;
class QTableView;

namespace lathe {

class ActionBinder;
class RunSortModel;

/// Every run of the project in a table: filter, open, resume, rename, make a recipe of it, put it in the
/// trash.
class RunsPage : public Page {
    Q_OBJECT
public:
    RunsPage(const WindowParts& parts, ActionBinder& actions, QWidget* parent = nullptr);

    void entered() override;
    [[nodiscard]] QLineEdit* filterEdit() const override { return m_filter; }
    [[nodiscard]] std::optional<RunChoice> chosenRun() const override;

Q_SIGNALS:
    void runOpened(lathe::StudyId study, lathe::TrialId trial);
    void recipeWanted(lathe::TrialId trial); ///< make a recipe of this run
    void resumed(lathe::StudyId study, lathe::TrialId trial);
    void tryItWanted();

protected:
    void retranslate() override;

private:
    void setUpTable();
    void sizeColumns();
    [[nodiscard]] QWidget* makeTools(ActionBinder& actions);
    [[nodiscard]] QWidget* makeEmpty();
    void bindActions(ActionBinder& actions);
    void addButton(QHBoxLayout& row, ActionBinder& actions, const QString& id, const QString& name);
    void openChosen();
    void resumeChosen();
    void renameChosen();
    void trashChosen();
    void updateActions();
    void updateEmpty();

    const WindowParts& m_parts;
    ActionBinder& m_actions;
    RunSortModel* m_sorted;
    QTableView* m_table;
    QLineEdit* m_filter;
    QLabel* m_title;
    QLabel* m_emptyTitle = nullptr;
    QLabel* m_emptyText = nullptr;
    QPushButton* m_emptyButton = nullptr;
    QPushButton* m_open = nullptr;
    QStackedLayout* m_stack;
    struct Button {
        QPushButton* button;
        QString action;
    };
    QVector<Button> m_buttons;
};

} // namespace lathe
