#pragma once

#include "core/session/session_parts.h"
#include "core/session/study_session.h"    // QPointer needs the whole class
#include "widgets/dialogs/places_dialog.h" // and here
#include "widgets/shell/page.h"
#include "widgets/shell/window_parts.h"

#include <QPointer>
#include <QTimer>

#include <optional>
#include <span>

class QCheckBox;
class QLabel;

namespace lathe {

class ActionBinder;
class ParamForm;
class RecipeInspector;
struct Problem;

/// The recipe being edited: the form of the schema on the left, what it means and Start on the right. A study
/// is the same form with ranges in place of some values.
class RecipePage : public Page {
    Q_OBJECT
public:
    RecipePage(const WindowParts& parts, ActionBinder& actions, QWidget* parent = nullptr);

    /// A whole recipe as one step of the history; Start gets the focus.
    void setRecipe(const ParamValues& values, const QString& name);
    void entered() override;
    [[nodiscard]] QLineEdit* filterEdit() const override { return m_filter; }

    /// Launches what is on the form, or says what keeps it from that.
    void start();

Q_SIGNALS:
    void started(lathe::StudySession* study); ///< it runs

protected:
    void retranslate() override;

private:
    [[nodiscard]] QWidget* makeForm();
    void bindActions(ActionBinder& actions);
    void followDraft();
    void offerModels();
    void takeCost(const std::optional<RecipeCost>& cost);
    void showPlaces();
    void takeDraft();
    void updateProblems();
    void askSoon();
    void ask();
    void takePreflight(const QVector<Problem>& problems);
    void setStudyMode(bool isStudy);
    [[nodiscard]] StudySpec studySpec() const;
    void takeSearch();
    void tellStudy();
    void updateOutlook();
    void startStudy();
    void launched(StudySession& study);
    void refuse(const QString& why);
    void refuse(std::span<const Problem> problems);
    void suggestName();
    [[nodiscard]] QString labelOf(const std::string& key) const;

    const WindowParts& m_parts;
    ActionBinder& m_actions;
    QLabel* m_title = nullptr;
    QLineEdit* m_filter = nullptr;
    QCheckBox* m_advanced = nullptr;
    QCheckBox* m_studySwitch = nullptr;
    ParamForm* m_form = nullptr;
    RecipeInspector* m_inspector = nullptr;
    QTimer m_draftDelay; ///< a whole recipe changes many fields at once
    QTimer m_askDelay;   ///< files are read when the typing pauses
    QPointer<StudySession> m_starting;
    QPointer<PlacesDialog> m_places; ///< while it is open
    std::optional<RecipeCost> m_cost;
    bool m_isAskedFor = false; ///< the newest preflight has no answer yet
};

} // namespace lathe
