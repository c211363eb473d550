#pragma once

#include "core/params/study_spec.h"

#include <QWidget>

#include <vector>

class QComboBox;
class QToolButton;
class QVBoxLayout;

namespace lathe {

/// What makes a trial the best: a metric and its direction, or several of them, a line each.
///
/// Object names: "studyObjectiveBox", "studyDirectionBox" and "removeObjectiveButton", from the second line
/// on with its number behind ("studyObjectiveBox2"); "addObjectiveButton".
class StudyObjectives : public QWidget {
    Q_OBJECT
public:
    explicit StudyObjectives(QWidget* parent = nullptr);

    /// What there is to choose, the usual one first. A line whose metric is no longer there gets that one.
    void offer(std::vector<Objective> known);
    [[nodiscard]] std::vector<Objective> objectives() const;
    /// What keeps them from being used; empty: nothing.
    [[nodiscard]] QString problem() const;
    void retranslate();

Q_SIGNALS:
    void edited(); ///< by the user

private:
    struct Line {
        QWidget* row = nullptr;
        QComboBox* metric = nullptr;
        QComboBox* direction = nullptr;
        QToolButton* remove = nullptr;
    };

    void addLine();
    void addByHand();
    void removeLine(const QWidget* row);
    void fill(const Line& line);
    void takeUsualDirection(const Line& line);
    void linesChanged();

    std::vector<Objective> m_known;
    std::vector<Line> m_lines; // at least one
    QVBoxLayout* m_column;
    QToolButton* m_add;
};

} // namespace lathe
