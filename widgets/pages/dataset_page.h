#pragma once

#include "core/session/dataset_session.h"
#include "widgets/shell/page.h"
#include "widgets/shell/window_parts.h"

class QLabel;
class QMenu;
class QProgressBar;
class QPushButton;
class QStackedLayout;
class QTabWidget;

namespace lathe {

class ActionBinder;
class DatasetChoices;
class DatasetLengthsTab;
class DatasetQualityTab;
class DatasetRowsTab;
class DatasetSplitsTab;
class DatasetTokensTab;
class DatasetVersionsTab;

/// The dataset studio: a data file, what its columns are for, what the model will see of it, what is wrong
/// with it, and the way of it into the recipe.
class DatasetPage : public Page {
    Q_OBJECT
public:
    DatasetPage(const WindowParts& parts, ActionBinder& actions, QWidget* parent = nullptr);

    /// Reads a file that was dropped or chosen.
    void open(const QString& file);
    /// A file is there that a recipe can take.
    [[nodiscard]] bool canTrain() const;
    /// trainWanted() follows.
    void train();
    void entered() override;
    [[nodiscard]] QLineEdit* filterEdit() const override;
    [[nodiscard]] RecipeDraft* history() const override;

Q_SIGNALS:
    void trainWanted(const lathe::ParamValues& recipe);
    void wanted(); ///< a file was chosen, wherever the window is

protected:
    void retranslate() override;

private:
    [[nodiscard]] QWidget* makeHeader(ActionBinder& actions);
    [[nodiscard]] QWidget* makeProgress();
    [[nodiscard]] QWidget* makeEmpty();
    [[nodiscard]] QWidget* makeContent();
    void addTabs();
    void watchTab();
    void askForFile();
    void fillRecent();
    void updateState();
    void updateProgress();
    [[nodiscard]] QString facts() const;

    const WindowParts& m_parts;
    DatasetSession& m_session;
    QLabel* m_title = nullptr;
    QLabel* m_file = nullptr;
    QLabel* m_facts = nullptr;
    QLabel* m_problem = nullptr;
    QPushButton* m_open = nullptr;
    QPushButton* m_recent = nullptr;
    QMenu* m_recentMenu = nullptr;
    QPushButton* m_train = nullptr;
    QWidget* m_progressRow = nullptr;
    QLabel* m_progressText = nullptr;
    QProgressBar* m_progress = nullptr;
    QPushButton* m_cancel = nullptr;
    QStackedLayout* m_stack = nullptr;
    QLabel* m_emptyTitle = nullptr;
    QLabel* m_emptyText = nullptr;
    QPushButton* m_emptyButton = nullptr;
    DatasetChoices* m_choices = nullptr;
    QTabWidget* m_tabs = nullptr;
    DatasetRowsTab* m_rows = nullptr;
    DatasetTokensTab* m_tokens = nullptr;
    DatasetLengthsTab* m_lengths = nullptr;
    DatasetQualityTab* m_quality = nullptr;
    DatasetSplitsTab* m_splits = nullptr;
    DatasetVersionsTab* m_versions = nullptr;
};

} // namespace lathe
