#pragma once

#include "core/params/param_schema.h"
#include "core/session/session_parts.h"

#include <QFrame>
#include <QVector>

#include <optional>
#include <span>

class QLabel;
class QLineEdit;
class QPushButton;
class QVBoxLayout;

namespace lathe {

class StudyOptions;

/// The card beside the recipe: what it will cost, whether it can start and why not, its name, and Start.
class RecipeInspector : public QFrame {
    Q_OBJECT
public:
    explicit RecipeInspector(QWidget* parent = nullptr);

    [[nodiscard]] StudyOptions& study() const { return *m_study; }
    [[nodiscard]] QPushButton& startButton() const { return *m_start; }

    [[nodiscard]] QString runName() const; ///< as typed, or the suggestion
    void setRunName(const QString& name);
    void setSuggestedName(const QString& name);

    void showCost(const std::optional<RecipeCost>& cost);
    /// Wrong fields. `labels` are the fields' names on the form, parallel to the problems.
    void showProblems(std::span<const Problem> problems, const QStringList& labels);
    enum class FilesState { NotAsked, Asking, Fine };
    void setFiles(FilesState state);
    /// Why the last press of Start did not launch; empty: nothing to say.
    void showRefusal(const QString& text);
    void setStarting(bool isStarting);
    void setStudyMode(bool isStudy);

    void retranslate();

protected:
    void changeEvent(QEvent* event) override;

Q_SIGNALS:
    void fieldWanted(const QString& key); ///< a problem was clicked
    void startPressed();
    void placesWanted();
    void profileWanted();

private:
    struct Check {
        QLabel* icon;
        QLabel* text;
    };
    Check addCheck(QVBoxLayout& column, const QString& name);
    void addFacts(QVBoxLayout& column);
    void addLaunch(QVBoxLayout& column);
    void updateChecks();
    void updateFacts();
    void updateStart();
    void set(const Check& check, const QString& icon, const QString& text);

    QLabel* m_heading = nullptr;
    QLabel* m_nameLabel = nullptr;
    QLineEdit* m_name = nullptr;
    QLabel* m_parameters = nullptr;
    QLabel* m_parametersText = nullptr;
    QLabel* m_memory = nullptr;
    QLabel* m_memoryText = nullptr;
    QPushButton* m_places = nullptr;
    QPushButton* m_profile = nullptr;
    Check m_fields{};
    Check m_files{};
    Check m_memoryCheck{};
    Check m_notes{}; ///< what the run does otherwise than the model's configuration asks; hinders nothing
    QVBoxLayout* m_problemList = nullptr;
    QVector<QPushButton*> m_problemButtons;
    StudyOptions* m_study = nullptr;
    QLabel* m_refusal = nullptr;
    QPushButton* m_start = nullptr;
    std::optional<RecipeCost> m_cost;
    FilesState m_filesState = FilesState::NotAsked;
    bool m_isStarting = false;
    bool m_isStudy = false;
    qsizetype m_problemCount = 0;
};

} // namespace lathe
