#pragma once

#include "core/session/study_board.h"
#include "widgets/shell/page.h"
#include "widgets/shell/window_parts.h"

#include <functional>

class QHBoxLayout;
class QLabel;
class QPushButton;
class QStackedLayout;

namespace lathe {

class ActionBinder;
class ElidedComboBox;
class StudyCharts;
class StudyTrialsTable;

/// The board of a study, living or over: its sentence, its charts, its trials in a table, and what can be
/// done with one of them.
class StudyPage : public Page {
    Q_OBJECT
public:
    StudyPage(const WindowParts& parts, ActionBinder& actions, QWidget* parent = nullptr);

    void showStudy(StudyId id);
    void entered() override;
    [[nodiscard]] std::optional<RunChoice> chosenRun() const override;
    /// "#3 beats #7 by 0.012 ± 0.004 (5 and 5 runs).", a line for each other finalist; empty: none confirmed.
    [[nodiscard]] static QString confirmationText(const StudySnapshot& snapshot);
    /// "12 of 24 trials, 5 pruned; best 0.91 at #7; about 24 min 0 s left".
    [[nodiscard]] static QString sentence(const StudySnapshot& snapshot, bool isActive);

Q_SIGNALS:
    void trialOpened(lathe::StudyId study, lathe::TrialId trial);
    void recipeWanted(lathe::TrialId trial);
    void promoted(const lathe::RunChoice& winner);
    void makeStudyWanted();

protected:
    void retranslate() override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    [[nodiscard]] QWidget* makeHeader();
    [[nodiscard]] QWidget* makeTrials();
    [[nodiscard]] QWidget* makeEmpty();
    void addButton(QHBoxLayout& row, const char* action, const char* name);
    void connectParts();
    void bindActions();
    void bindTrialActions();
    void bindPlanActions();
    void showTrialMenu(const QPoint& place);
    void fillStudies();
    [[nodiscard]] bool isListed(StudyId id) const;
    void chooseStudy();
    void takeSnapshot();
    void updateSummary();
    void chosenTrialChanged();
    void updateActions();
    void updateTrialActions();
    void updateStudyActions();
    void nameButtons();
    void allow(const char* action, bool isAllowed, const QString& reason);
    void goOn();
    void togglePauseOfTrial();
    void toggleProtection();
    void openTrial();
    void compareTicked();
    void moveTrial(std::int64_t number, std::int64_t turn);
    void shiftTrial(std::int64_t by);
    void askForTrial(const TrialRecord* origin);
    void addTrial(const ParamValues& values, const ParamValues& base, TrialId origin);
    void askForBudget();
    void askForFinalists();
    void withSession(const std::function<void(StudySession&)>& use);
    void promote();
    [[nodiscard]] bool isActive() const;
    [[nodiscard]] bool canGoOn() const;
    [[nodiscard]] QModelIndex chosen() const; ///< in the model of the board
    [[nodiscard]] std::optional<RunChoice> runOf(const TrialRecord& trial) const;
    [[nodiscard]] const TrialRecord* best() const; ///< nullptr: no trial is complete

    const WindowParts& m_parts;
    ActionBinder& m_actions;
    StudyBoard m_board;
    std::vector<StudyEntry> m_studies;
    bool m_isPicked = false;         ///< the user wanted this one
    std::optional<StudyId> m_filled; ///< whose first trial was chosen already
    QLabel* m_title = nullptr;
    ElidedComboBox* m_picker = nullptr;
    QLabel* m_summary = nullptr;
    QLabel* m_problem = nullptr;
    QLabel* m_confirmation = nullptr;
    QPushButton* m_more = nullptr;
    StudyCharts* m_charts = nullptr;
    StudyTrialsTable* m_table;
    QStackedLayout* m_stack;
    QLabel* m_emptyTitle = nullptr;
    QLabel* m_emptyText = nullptr;
    QPushButton* m_make = nullptr;
    struct Button {
        QPushButton* button;
        QString action;
    };
    QVector<Button> m_buttons;
};

} // namespace lathe
