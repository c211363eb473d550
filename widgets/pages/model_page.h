#pragma once

#include "widgets/shell/page.h"
#include "widgets/shell/window_parts.h"

#include <QTimer>

class QHBoxLayout;
class QLabel;
class QPushButton;
class QStackedLayout;

namespace lathe {

class ActionBinder;
class ModelDetails;
class ModelSortModel;
class ModelTable;

/// The model library: every model this machine has, what it is, whether the recipe fits it, and the way of it
/// into the recipe.
class ModelPage : public Page {
    Q_OBJECT
public:
    ModelPage(const WindowParts& parts, ActionBinder& actions, QWidget* parent = nullptr);

    /// A folder or a file of it, dropped or chosen: it is added and becomes the chosen one, or the page says
    /// why not.
    void add(const QString& path);
    void entered() override;
    [[nodiscard]] QLineEdit* filterEdit() const override { return m_filter; }

Q_SIGNALS:
    void modelChosen(const QString& folder); ///< for the recipe
    void chatWanted(const QString& folder);
    void downloadsAllowed(bool areAllowed); ///< the user has switched them on or off

protected:
    void retranslate() override;

private:
    void setUpTable();
    [[nodiscard]] QWidget* makeTools(ActionBinder& actions);
    [[nodiscard]] QWidget* makeEmpty();
    [[nodiscard]] QPushButton* addButton(QHBoxLayout& row, const QString& icon, const QString& name);
    void bindActions();
    void followLibrary();
    void focusContent();
    void select(const QString& folder);
    void useChosen();
    void askForFolder();
    void locateChosen();
    void removeChosen();
    void openDownload();
    void updateDetails();
    void updateDownloads();
    void updateEmpty();
    void showProblem(const QString& message);
    [[nodiscard]] QString chosen() const; ///< its folder; empty: none

    const WindowParts& m_parts;
    ActionBinder& m_actions;
    ModelTable* m_table;
    ModelSortModel* m_sorted; ///< the table's
    QLineEdit* m_filter;
    QLabel* m_title;
    QLabel* m_problem;
    ModelDetails* m_details;
    QStackedLayout* m_stack;
    QLabel* m_emptyTitle = nullptr;
    QLabel* m_emptyText = nullptr;
    QPushButton* m_emptyButton = nullptr;
    QPushButton* m_use = nullptr;
    QPushButton* m_chat = nullptr;
    QPushButton* m_add = nullptr;
    QPushButton* m_locate = nullptr;
    QPushButton* m_remove = nullptr;
    QPushButton* m_download = nullptr;
    QTimer m_recipeDelay; ///< a whole recipe changes many fields at once
};

} // namespace lathe
