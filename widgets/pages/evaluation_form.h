#pragma once

#include "core/session/evaluation_draft.h"
#include "widgets/shell/window_parts.h"

#include <QWidget>

#include <optional>

class QComboBox;
class QLabel;
class QPushButton;
class QScrollArea;

namespace lathe {

class EvaluationAdapters;
class ParamForm;

/// What is to be evaluated: a model, adapters, a task and a data file. What is missing is said at its field.
class EvaluationForm : public QWidget {
    Q_OBJECT
public:
    explicit EvaluationForm(const WindowParts& parts, QWidget* parent = nullptr);

    /// The run's adapter on the run's model, its task and its way of reading rows.
    void takeRun(TrialId trial);
    void setModel(const QString& folder);
    void setAdapter(const QString& folder);
    void setDataFile(const QString& file);
    /// startWanted(), or the first field that lacks something has the focus.
    void start();
    void focusFirst();
    void retranslate();

Q_SIGNALS:
    void startWanted(const lathe::EvaluationSpec& spec, lathe::TrialId trial);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void setUp();
    void setUpScroll();
    void connectParts();
    void fillModels();
    void modelActivated(int index);
    void askForModel();
    [[nodiscard]] std::vector<Problem> missing() const;
    [[nodiscard]] EvaluationSpec spec() const;
    [[nodiscard]] TrialId trialOf(const EvaluationSpec& spec) const;

    const WindowParts& m_parts;
    QLabel* m_title;
    QLabel* m_modelLabel;
    QComboBox* m_models;
    QLabel* m_adaptersLabel;
    EvaluationAdapters* m_adapters;
    ParamForm* m_form;
    QScrollArea* m_scroll;
    QPushButton* m_start;
    QLabel* m_problem;
    QString m_model; ///< its folder
};

} // namespace lathe
