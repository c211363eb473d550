#pragma once

#include "core/base/registry.h"
#include "core/params/study_spec.h"

#include <QWidget>

#include <string>
#include <vector>

class QComboBox;
class QLabel;

namespace lathe {

class NumberBox;

/// What a study needs beside the recipe: how many trials, from which seed, and what makes one the best.
class StudyOptions : public QWidget {
    Q_OBJECT
public:
    explicit StudyOptions(QWidget* parent = nullptr);

    /// What the picker offers; the first one is chosen.
    void setSearchMethods(std::vector<PartInfo> methods);

    [[nodiscard]] std::string samplerId() const;
    [[nodiscard]] std::int64_t trialCount() const;
    [[nodiscard]] std::uint64_t seed() const;
    [[nodiscard]] Objective objective() const;
    /// What keeps the numbers from being used; empty: nothing.
    [[nodiscard]] QString problem() const;
    void setSearchedCount(qsizetype count);

    void retranslate();

private:
    QLabel* m_searched;
    QLabel* m_methodLabel;
    QComboBox* m_method;
    QLabel* m_trialsLabel;
    NumberBox* m_trials;
    QLabel* m_seedLabel;
    NumberBox* m_seed;
    QLabel* m_objectiveLabel;
    QComboBox* m_objective;
    std::vector<PartInfo> m_methods; // parallel to the rows of m_method
    qsizetype m_searchedCount = 0;
};

} // namespace lathe
