#pragma once

#include "core/session/step_profiling.h"
#include "core/session/work_time_models.h"

#include <QDialog>

#include <optional>

class QDialogButtonBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QTableView;

namespace lathe {

class NumberBox;

/// Shows where the time of a recipe's training steps goes: bars by kind of work, and the costliest operators.
/// Measures in the background, and can be stopped. show() it: the window goes on working beside it. It
/// deletes itself when it is closed.
class ProfileDialog : public QDialog {
    Q_OBJECT
public:
    /// `about`: whose recipe it is, in words. `suggestion`: where to write the CSV.
    ProfileDialog(ProfileParts parts, ParamValues recipe, const QString& about, const QString& suggestion,
                  QWidget* parent);

    void reject() override; ///< stops what runs first

protected:
    void changeEvent(QEvent* event) override;

private:
    [[nodiscard]] QWidget* makeTop(const QString& about);
    [[nodiscard]] QWidget* makeFigures();
    void setUpTables();
    [[nodiscard]] QDialogButtonBox* makeButtons();
    void follow();
    void arrange(const QString& about);
    void begin();
    void setRunning(bool isRunning);
    void showProgress(const QString& phase, qint64 done, qint64 total);
    void showProfile(const StepProfile& profile);
    void grow();
    void showProblem(const QString& message);
    void tell(const QString& note);
    void copyCsv();
    void saveCsv();
    void fitTables();

    ParamValues m_recipe;
    QString m_suggestion;
    StepProfiling m_profiling;
    WorkTimeModel m_kinds;
    OperatorTimeModel m_operators;
    std::optional<StepProfile> m_profile;
    NumberBox* m_steps = nullptr;
    QWidget* m_result;
    QLabel *m_time = nullptr, *m_tokens = nullptr, *m_flops = nullptr;
    QTableView *m_kindTable, *m_operatorTable;
    QLabel* m_note;
    QLabel* m_problem;
    QProgressBar* m_progress;
    QPushButton* m_start = nullptr;
    QPushButton* m_stop = nullptr;
    QPushButton* m_copy = nullptr;
    QPushButton* m_save = nullptr;
    QPushButton* m_close = nullptr;
    bool m_isClosing = false;
};

} // namespace lathe
