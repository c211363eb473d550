#pragma once

#include "core/params/study_spec.h"
#include "core/session/offered_part.h"
#include "core/session/reported_metrics.h"
#include "core/session/study_outlook.h"

#include <QWidget>

#include <optional>
#include <vector>

class QDialog;
class QLabel;
class QPushButton;

namespace lathe {

class NumberBox;
class PartPicker;
class StudyObjectives;
class StudyRulesEditor;

/// What a study needs beside the recipe: how to search and when to give a trial up, how many trials, from
/// which seed, how long, what makes one the best, and rules for its values, in a dialog that a button opens.
class StudyOptions : public QWidget {
    Q_OBJECT
public:
    explicit StudyOptions(QWidget* parent = nullptr);

    /// What the pickers offer; the first ones are chosen.
    void offer(std::vector<OfferedPart> searchMethods, std::vector<OfferedPart> pruners);

    /// What the rules are checked against, and what a trial can be the best in: a study with its recipe and
    /// its space, and what its trials report.
    void setStudy(const StudySpec& study, const ParamSchema& schema, const ReportedMetrics& reported);

    /// Writes all that is chosen here into the study, which has its recipe and its space. Contract: problem()
    /// is empty.
    void fill(StudySpec& study) const;
    /// What keeps the numbers from being used; empty: nothing.
    [[nodiscard]] QString problem() const;
    void setSearchedCount(qsizetype count);
    /// Trials at the same time. Contract: problem() is empty.
    [[nodiscard]] std::int64_t slotCount() const;
    void setSlotCount(std::int64_t count);
    /// Nothing: what is chosen makes no study yet.
    void showOutlook(const std::optional<StudyOutlook>& outlook);

    void retranslate();

Q_SIGNALS:
    void edited(); ///< by the user

private:
    void makeRules();
    void openRules();
    void tellRules();
    void layOut();
    [[nodiscard]] std::optional<double> hours() const; ///< nothing if the text is no such number
    [[nodiscard]] QString numberProblem() const;
    [[nodiscard]] QString costText(const StudyOutlook& outlook) const;
    [[nodiscard]] static QString timeText(const StudyOutlook& outlook);

    QLabel* m_searched;
    QLabel* m_methodLabel;
    PartPicker* m_method;
    QLabel* m_prunerLabel;
    PartPicker* m_pruner;
    QLabel* m_trialsLabel;
    NumberBox* m_trials;
    QLabel* m_slotsLabel;
    NumberBox* m_slots;
    QLabel* m_seedLabel;
    NumberBox* m_seed;
    QLabel* m_limitLabel;
    NumberBox* m_limit; // hours; 0: none
    QLabel* m_objectiveLabel;
    StudyObjectives* m_objectives;
    QLabel* m_rulesLabel;
    QPushButton* m_rulesButton;
    QDialog* m_rulesDialog;
    StudyRulesEditor* m_rules;
    ParamSchema m_schema;
    ReportedMetrics m_reported;
    QLabel* m_outlookLabel;
    std::optional<StudyOutlook> m_outlook;
    qsizetype m_searchedCount = 0;
};

} // namespace lathe
