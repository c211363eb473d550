#pragma once

#include "core/session/reported_metrics.h"
#include "core/session/study_rule_lines.h"

#include <QWidget>

#include <string>
#include <vector>

class QComboBox;
class QLabel;
class QLineEdit;
class QToolButton;
class QVBoxLayout;

namespace lathe {

/// The rules of a study, a line each: what follows from what, bounds, forbidden combinations, limits on
/// results. What is wrong with a line stands under it while it is typed, and at the bottom what is allowed.
///
/// Object names: "ruleKindBox1", "ruleTextEdit1", "ruleNoteLabel1" and "removeRuleButton1" of the first line;
/// "addRuleButton", "allowedNamesLabel".
class StudyRulesEditor : public QWidget {
    Q_OBJECT
public:
    explicit StudyRulesEditor(QWidget* parent = nullptr);

    /// What the rules are checked against: a study with its recipe and its space, without rules.
    void setStudy(StudySpec study, const ParamSchema& schema, std::vector<std::string> limits);
    /// Those that have a text.
    [[nodiscard]] std::vector<RuleLine> lines() const;
    /// What is wrong with the first wrong one; empty: nothing.
    [[nodiscard]] QString problem() const;
    /// The place for a first rule, if there is none, has the focus.
    void begin();
    void retranslate();

Q_SIGNALS:
    void edited(); ///< by the user

private:
    struct Line {
        QWidget* row = nullptr;
        QComboBox* kind = nullptr;
        QLineEdit* text = nullptr;
        QLabel* note = nullptr;
        QToolButton* remove = nullptr;
    };

    void addLine();
    void removeLine(const QWidget* row);
    void lineEdited();
    void check();
    void nameLines();
    void tellAllowed();
    [[nodiscard]] std::vector<RuleLine> allLines() const;
    [[nodiscard]] static QString hintOf(RuleKind kind);

    StudySpec m_study;
    ParamSchema m_schema;
    std::vector<std::string> m_limits;
    std::vector<Line> m_lines;
    std::vector<std::string> m_problems; // parallel to m_lines
    QVBoxLayout* m_column;
    QToolButton* m_add;
    QLabel* m_allowed;
};

} // namespace lathe
