#pragma once

#include "core/params/study_spec.h"

#include <QWidget>

class QComboBox;
class QLabel;

namespace lathe {

class NumberBox;

/// What a study needs beside the recipe: how many trials, from which seed, and what makes one the best.
class StudyOptions : public QWidget {
    Q_OBJECT
public:
    explicit StudyOptions(QWidget* parent = nullptr);

    [[nodiscard]] std::int64_t trialCount() const;
    [[nodiscard]] std::uint64_t seed() const;
    [[nodiscard]] Objective objective() const;
    /// What keeps the numbers from being used; empty: nothing.
    [[nodiscard]] QString problem() const;
    void setSearchedCount(qsizetype count);

    void retranslate();

private:
    QLabel* m_searched;
    QLabel* m_trialsLabel;
    NumberBox* m_trials;
    QLabel* m_seedLabel;
    NumberBox* m_seed;
    QLabel* m_objectiveLabel;
    QComboBox* m_objective;
    qsizetype m_searchedCount = 0;
};

} // namespace lathe
