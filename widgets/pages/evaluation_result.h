#pragma once

#include "core/session/evaluation_session.h"

#include <QWidget>

class QComboBox;
class QHBoxLayout;
class QLabel;
class QProgressBar;
class QPushButton;
class QToolButton;

namespace lathe {

/// The head of an evaluation: which one is shown, how far it is, its figures with their intervals, and what
/// another one did better or worse.
class EvaluationResult : public QWidget {
    Q_OBJECT
public:
    explicit EvaluationResult(EvaluationSession& session, QWidget* parent = nullptr);

    [[nodiscard]] EvaluationId shown() const { return m_id; }
    void show(EvaluationId id); ///< as the user could; none: the newest
    void showComparison(const EvaluationComparison& comparison);
    void showProblem(const QString& message);
    [[nodiscard]] const EvaluationRecord* record() const; ///< null: there is none
    void retranslate();

Q_SIGNALS:
    void chosen();                                 ///< another one is shown
    void compareWanted(lathe::EvaluationId other); ///< none: no longer
    void pauseWanted();
    void stopWanted();
    void resumeWanted();
    void exportWanted();
    void removeWanted();

private:
    void setUp();
    void arrange();
    void connectParts();
    [[nodiscard]] QWidget* makeFigure(std::size_t place, const EvaluationFigure& figure);
    [[nodiscard]] QPushButton* makeButton(const char* icon, const char* name,
                                          void (EvaluationResult::*pressed)());
    void fill();
    void update();
    void updateProgress();
    void updateFigures();
    void updateButtons();
    void fillOthers();
    [[nodiscard]] static QString nameOf(const EvaluationRecord& record);
    [[nodiscard]] static QString phaseText(const EvaluationProgress& progress);

    EvaluationSession& m_session;
    EvaluationId m_id;
    EvaluationId m_other;
    QComboBox* m_list;
    QLabel* m_state;
    QProgressBar* m_bar;
    QPushButton *m_pause, *m_stop, *m_resume, *m_export, *m_remove;
    QWidget* m_figures;
    QHBoxLayout* m_figureRow;
    QLabel* m_note; ///< what is wrong
    QLabel* m_othersLabel;
    QComboBox* m_others;
    QLabel* m_verdict;
    std::optional<EvaluationComparison> m_comparison;
};

} // namespace lathe
