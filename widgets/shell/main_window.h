#pragma once

#include "widgets/shell/page.h"
#include "widgets/shell/window_parts.h"

#include <QMainWindow>
#include <QPointer>

#include <memory>

class QStackedWidget;

namespace lathe {

class ActionBinder;
class Banner;
class ChatPage;
class DatasetPage;
class HistoryActions;
class EvaluationPage;
class LivePage;
class LogPanel;
class ModelPage;
class NavigationBar;
class RecipePage;
class RunExports;
class RunsPage;
class StartPage;
class StatusLine;
class StudyPage;
class StudySession;
class WindowLayout;

/// The window: its pages, what leads from one to the other, and what surrounds them. What a page does is the
/// page's business.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    /// Contract: the project has not been opened yet; the window tells how that goes.
    explicit MainWindow(WindowParts parts, QWidget* parent = nullptr);
    ~MainWindow() override;

    void showPage(PageId id);
    [[nodiscard]] PageId currentPage() const;

    /// Closes, or first asks what is to become of a training that goes on. projectWanted() may follow.
    void closeFor(const QString& nextProject);

Q_SIGNALS:
    void projectWanted(const QString& folder); ///< the window is closed and another is to open
    void closed();                             ///< and nothing is to follow

protected:
    void changeEvent(QEvent* event) override;
    void closeEvent(QCloseEvent* event) override;

private:
    void setUpFrame();
    void connectPages();
    void connectStudy();
    void askForTemplate();
    void updateStudyAction();
    void connectProject();
    void takeDrops();
    void bindFileActions();
    void bindViewActions();
    void restoreLayout();
    void resetLayout();

    void tryExample(int index);
    void openRun(StudyId study, TrialId trial);
    void showRun(StudySession& study, TrialId trial);
    void resumeRun(StudyId study, TrialId trial);
    void recipeFrom(TrialId trial);
    void openProject();
    void useModel(const QString& folder);
    void startOrShowRecipe();
    void askBeforeLeaving();
    void followActive();
    void updateRunActions();
    void retranslate();
    [[nodiscard]] Page* page() const;

    const WindowParts m_parts;
    ActionBinder* m_actions;
    NavigationBar* m_navigation;
    Banner* m_banner;
    QStackedWidget* m_pages;
    StartPage* m_start;
    RecipePage* m_recipe;
    LivePage* m_live;
    RunsPage* m_runs;
    ModelPage* m_models;
    ChatPage* m_chat;
    DatasetPage* m_data;
    EvaluationPage* m_evaluation;
    StudyPage* m_study;
    LogPanel* m_log;
    StatusLine* m_status;
    RunExports* m_exports;
    HistoryActions* m_history;
    std::unique_ptr<WindowLayout> m_layout;
    QString m_nextProject;
    int m_pendingExample = -1; ///< chosen before the project was open
    bool m_isLeaving = false;  ///< the window closes as soon as nothing trains
};

} // namespace lathe
