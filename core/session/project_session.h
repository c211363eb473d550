#pragma once

#include "core/engine/study_runner.h"
#include "core/params/study_spec.h"
#include "core/session/offered_part.h"
#include "core/session/recipe_draft.h"
#include "core/session/run_table_model.h"
#include "core/session/session_parts.h"
#include "core/session/study_session.h"

#include <QObject>
#include <QString>
#include <QVector>

#include <functional>
#include <memory>
#include <vector>

class QThreadPool;

namespace lathe {

class EvaluationSession;

/// A project folder on the GUI thread: database `lathe.db`, a folder `runs/<trial id>` for each trial, the
/// recipe draft `draft.json`. Owns the store's thread, the event hub, the executor and all study sessions.
/// None of its functions waits; answers come as signals. One project a session.
class ProjectSession : public QObject {
    Q_OBJECT
public:
    explicit ProjectSession(SessionParts parts, QObject* parent = nullptr);
    /// Stops what runs and waits for it; a window calls stopAll() and waits for becameIdle() first.
    ~ProjectSession() override;

    /// Creates the folder and its database where they are missing; opened() or openFailed() follows.
    void open(const QString& folder);
    [[nodiscard]] bool isOpen() const;
    [[nodiscard]] QString folder() const;
    [[nodiscard]] QString folderOf(TrialId trial) const;
    [[nodiscard]] QString database() const;

    [[nodiscard]] const ParamSchema& recipeSchema() const;
    [[nodiscard]] const Registry<Sampler>& samplers() const;
    [[nodiscard]] const Registry<Pruner>& prunerRegistry() const;
    [[nodiscard]] RecipeDraft& draft();
    [[nodiscard]] RunTableModel& runs();
    [[nodiscard]] EvaluationSession& evaluations();
    [[nodiscard]] const ParamSchema& readingSchema() const;

    /// How many trials run at the same time; 1 until setSlots().
    [[nodiscard]] std::size_t slotCount() const;
    /// Input error while something trains and it is another number. Contract: isOpen(), count >= 1.
    [[nodiscard]] Status setSlots(std::size_t count);
    /// A study of one trial. The session is in phase Starting; listen to it for what follows. Never null.
    /// Contract: isOpen().
    StudySession* startRun(const QString& name, const ParamValues& recipe,
                           const QString& kind = QStringLiteral("train"), std::uint64_t seed = 42);
    StudySession* startStudy(const StudySpec& draft);
    /// The study with its history (loaded soon, if it is not there yet). Never null. Contract: isOpen().
    StudySession* openStudy(StudyId id);
    /// openStudy() and, once loaded, continueStudy().
    StudySession* resumeStudy(StudyId id);
    /// Runs the best trials of the study again, each with each seed, as a study of their own:
    /// confirmationStarted() follows, or failed().
    void confirmFinalists(StudyId study, std::int64_t finalists, const std::vector<std::uint64_t>& seeds);
    /// Runs the template (core/session/study_templates.h) made from the recipe of `base`, each arm with each
    /// seed, as one study: confirmationStarted() follows, or failed().
    void startTemplate(const QString& id, const StudySpec& base, const std::vector<std::uint64_t>& seeds);
    /// Forgets a session that is not active, and its points with it. Pointers to it end.
    void closeStudy(StudyId id);
    /// The study's session, or nullptr if it is not opened.
    [[nodiscard]] StudySession* findStudy(StudyId id) const;
    [[nodiscard]] QVector<StudySession*> activeStudies() const;
    void stopAll();

    void renameStudy(StudyId id, const QString& name);
    void removeStudy(StudyId id); ///< to the trash: rows and files stay

    /// forecastReady() follows; only the newest question is answered.
    void requestForecast(const ParamValues& recipe);
    /// preflightReady() follows; only the newest question is answered. Schema problems are included.
    void requestPreflight(const ParamValues& recipe);
    /// exportFinished() follows.
    void exportPoints(TrialId trial, const QString& csvFile);
    /// `format`: an id of SessionParts::exportFormats; empty: the usual one.
    void exportAdapter(TrialId trial, const QString& targetFolder, const QString& format = {});
    [[nodiscard]] const std::vector<PartInfo>& exportFormats() const;
    /// The ways to search and to give trials up, for pickers.
    [[nodiscard]] std::vector<OfferedPart> searchMethods() const;
    [[nodiscard]] std::vector<OfferedPart> pruners() const;
    /// What trials of the recipe report; of a recipe that is not in order, what every training does.
    [[nodiscard]] ReportedMetrics reportedMetrics(const ParamValues& recipe) const;

Q_SIGNALS:
    void opened();
    void openFailed(const QString& message);
    void runsLoaded();
    void studyAdded(lathe::StudySession* study);    ///< a session was made: started, opened or resumed
    void confirmationStarted(lathe::StudyId study); ///< or one of a template; it goes on already
    void activeStudiesChanged();
    void becameIdle(); ///< the last active study is over
    /// A row could not be written (disk full, drive gone): active studies were paused, nothing is lost yet.
    /// Empty: it works again.
    void storeProblemChanged(const QString& message);
    void forecastReady(const lathe::RecipeCost& cost);
    void forecastFailed(const QString& message);
    void preflightReady(const QVector<lathe::Problem>& problems);
    void exportFinished(const QString& target, const QString& note); ///< note: what the read-back check found
    void exportFailed(const QString& target, const QString& message);
    void failed(const QString& message); ///< a rename, a removal or a reload did not work

private:
    struct Content;

    StudySession* addStudy(const StudySpec& spec, StudyId id);
    void runPlanned(const Result<StudyContent>& started);
    void takeEvents();
    void updateActive();
    void checkStore();
    /// Runs the request on the store's thread and then `done` here, or tells the failure.
    void change(std::function<Status(StudyWriter&)> request, std::function<void()> done);

    std::unique_ptr<Content> m_content;
};

} // namespace lathe
