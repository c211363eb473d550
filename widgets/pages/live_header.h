#pragma once

#include "core/base/ids.h"

#include <QFrame>

class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;

namespace lathe {

class StudySession;

/// The top of the live page: what runs, how far it is, what it has reached, and what can be done about it.
/// Shows one trial of a study; a view, it keeps nothing.
class LiveHeader : public QFrame {
    Q_OBJECT
public:
    explicit LiveHeader(QWidget* parent = nullptr);

    void show(const StudySession& study, TrialId trial);
    void showNothing();
    void retranslate();

    [[nodiscard]] QPushButton& pauseButton() const { return *m_pause; }
    [[nodiscard]] QPushButton& stopButton() const { return *m_stop; }
    [[nodiscard]] QPushButton& resumeButton() const { return *m_resume; } ///< goes on with a stopped run
    [[nodiscard]] QPushButton& exportButton() const { return *m_export; }
    [[nodiscard]] QPushButton& runsButton() const { return *m_runs; }
    [[nodiscard]] QPushButton& recipeButton() const { return *m_recipe; }
    [[nodiscard]] QPushButton& boardButton() const { return *m_board; } ///< of a study of several trials

Q_SIGNALS:
    void trialChosen(lathe::TrialId trial);

private:
    struct Figure {
        QLabel* value;
        QLabel* text;
    };
    [[nodiscard]] QLabel* makeLabel(const QString& name);
    [[nodiscard]] Figure makeFigure(const QString& name);
    void showTrials(const StudySession& study, TrialId trial);
    void showProgress(const StudySession& study, TrialId trial);
    void showFigures(const StudySession& study, TrialId trial);
    void showButtons(const StudySession& study, TrialId trial);

    QLabel* m_title;
    QLabel* m_state;
    QLabel* m_story;
    QLabel* m_best;
    QLabel* m_trialsLabel;
    QComboBox* m_trials;
    QProgressBar* m_progress;
    QLabel* m_progressText;
    Figure m_accuracy;
    Figure m_loss;
    Figure m_speed;
    Figure m_left;
    QPushButton* m_pause;
    QPushButton* m_stop;
    QPushButton* m_resume;
    QPushButton* m_export;
    QPushButton* m_runs;
    QPushButton* m_recipe;
    QPushButton* m_board;
};

} // namespace lathe
