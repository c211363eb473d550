#pragma once

#include "core/session/evaluation_session.h"
#include "widgets/shell/page.h"
#include "widgets/shell/window_parts.h"

class QLabel;
class QStackedLayout;

namespace lathe {

class ActionBinder;
class EvaluationForm;
class EvaluationResult;
class PredictionView;

/// Evaluates a model with adapters on a task and a data file, and lets the answers be read, one by one or
/// beside those of another evaluation.
class EvaluationPage : public Page {
    Q_OBJECT
public:
    EvaluationPage(const WindowParts& parts, ActionBinder& actions, QWidget* parent = nullptr);

    void evaluateRun(TrialId trial);
    void setModel(const QString& folder);
    void setAdapter(const QString& folder);
    void setDataFile(const QString& file);
    void start();
    void entered() override;
    [[nodiscard]] QLineEdit* filterEdit() const override;

protected:
    void retranslate() override;

private:
    void setUp();
    void connectParts();
    void bindActions(ActionBinder& actions);
    void showChosen();
    void togglePause();
    void askForExport();
    void askToRemove();
    void updateActions();
    [[nodiscard]] bool isShownActive() const;

    const WindowParts& m_parts;
    ActionBinder& m_actions;
    EvaluationSession& m_session;
    EvaluationForm* m_form;
    EvaluationResult* m_result;
    PredictionView* m_rows;
    QStackedLayout* m_stack;
    QLabel* m_emptyTitle;
    QLabel* m_emptyText;
};

} // namespace lathe
