#pragma once

#include "core/session/study_session.h" // QPointer needs the whole class
#include "widgets/shell/page.h"
#include "widgets/shell/window_parts.h"

#include <QPointer>
#include <QTimer>

#include <memory>

namespace lathe {

class ActionBinder;
class LiveCharts;
class LiveHeader;
class MethodViews;
class SamplesPanel;

/// A run as it goes on, or as it was: the same page, fed from the same series.
class LivePage : public Page {
    Q_OBJECT
public:
    LivePage(const WindowParts& parts, ActionBinder& actions, QWidget* parent = nullptr);

    /// Without a trial: the study's first, as soon as there is one.
    void show(StudySession& study, TrialId trial = {});
    [[nodiscard]] StudySession* study() const { return m_study; }
    void entered() override;
    [[nodiscard]] std::optional<RunChoice> chosenRun() const override;

Q_SIGNALS:
    void runsWanted();
    void recipeWanted(lathe::TrialId trial);

protected:
    void retranslate() override;

private:
    void bindActions(ActionBinder& actions);
    void follow(StudySession& study);
    void choose(TrialId trial);
    void refill();
    void followMethod();
    void takeTrial(TrialId trial);
    void refreshSoon();
    void refresh();
    void updateActions();

    const WindowParts& m_parts;
    ActionBinder& m_actions;
    LiveHeader* m_header;
    LiveCharts* m_charts;
    MethodViews* m_methods;
    SamplesPanel* m_samples;
    QPointer<StudySession> m_study;
    TrialId m_trial;
    bool m_isFollowingTrials = true; ///< of a study, until the user picks one
    QTimer m_refresh;
    std::unique_ptr<QObject> m_link; ///< the connections to m_study
};

} // namespace lathe
