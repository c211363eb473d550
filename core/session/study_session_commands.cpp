#include "core/session/background_job.h"
#include "core/session/study_session_content.h"
#include "core/session/text.h"

/// What a study session tells the study that runs, or, where it does not run, what is written for it.
namespace lathe {

namespace {

Result<TrialRecord> queue(StoreThread& store, StudyId study, const StudySpec& spec, const TrialWish& wish) {
    LATHE_ASSIGN(const TrialId trial, queueTrial(store, study, spec, wish));
    LATHE_ASSIGN(const StudyReader reader, StudyReader::open(store.database()));
    return reader.trial(trial);
}

} // namespace

void StudySession::stop() {
    if (!isActive() || phase() == Phase::Stopping)
        return;
    m_content->isStopWanted = true;
    if (m_content->runner)
        m_content->runner->stop();
    setPhase(Phase::Stopping);
}

void StudySession::pause() {
    if (phase() != Phase::Running)
        return;
    m_content->runner->pause();
    setPhase(Phase::Paused);
}

void StudySession::resume() {
    if (phase() != Phase::Paused)
        return;
    m_content->runner->resume();
    setPhase(Phase::Running);
}

void StudySession::togglePause() {
    if (phase() == Phase::Paused)
        resume();
    else
        pause();
}

void StudySession::tell(TrialId trialId, void (StudyRunner::*command)(TrialId)) {
    if (m_content->runner)
        (m_content->runner.get()->*command)(trialId);
}

void StudySession::stopTrial(TrialId trialId) { tell(trialId, &StudyRunner::stopTrial); }
void StudySession::pruneTrial(TrialId trialId) { tell(trialId, &StudyRunner::pruneTrial); }
void StudySession::pauseTrial(TrialId trialId) { tell(trialId, &StudyRunner::pauseTrial); }
void StudySession::resumeTrial(TrialId trialId) { tell(trialId, &StudyRunner::resumeTrial); }

void StudySession::protectTrial(TrialId trialId) {
    tell(trialId, &StudyRunner::protectTrial);
    m_content->history.protect(trialId);
    writeProtection(trialId, &StudyWriter::protectTrial);
}

void StudySession::unprotectTrial(TrialId trialId) {
    tell(trialId, &StudyRunner::unprotectTrial);
    m_content->history.unprotect(trialId);
    writeProtection(trialId, &StudyWriter::unprotectTrial);
}

void StudySession::changeBudget(const StudyBudget& budget) {
    const auto done = [this, budget] {
        m_content->spec = withBudget(std::move(m_content->spec), budget);
        Q_EMIT budgetChanged();
    };
    if (m_content->runner) {
        if (m_content->runner->setBudget(budget))
            done();
        else
            Q_EMIT failed(tr("The study is just ending; change its budget again."));
        return;
    }
    runInBackground(
        m_content->surroundings.pool, *this,
        [store = &m_content->surroundings.store, study = id(), budget] {
            return saveBudget(*store, study, budget);
        },
        [this, done](const Status& saved) {
            if (saved.has_value())
                done();
            else
                Q_EMIT failed(toQString(saved.error().text()));
        });
}

void StudySession::addTrial(const TrialWish& wish) {
    if (m_content->runner) {
        if (!m_content->runner->addTrial(wish))
            Q_EMIT failed(tr("The study is just ending; add the trial again."));
        return;
    }
    runInBackground(
        m_content->surroundings.pool, *this,
        [store = &m_content->surroundings.store, study = id(), spec = m_content->spec, wish] {
            return queue(*store, study, spec, wish);
        },
        [this](const Result<TrialRecord>& trial) {
            if (trial.has_value())
                takeQueued(*trial);
            else
                Q_EMIT failed(toQString(trial.error().text()));
        });
}

void StudySession::orderQueue(const std::vector<TrialId>& first) {
    if (m_content->runner) {
        if (!m_content->runner->orderQueue(first))
            Q_EMIT failed(tr("The study is just ending; move the trial again."));
        return;
    }
    runInBackground(
        m_content->surroundings.pool, *this,
        [store = &m_content->surroundings.store, study = id(), first] {
            return saveQueue(*store, study, first);
        },
        [this, first](const Status& saved) {
            if (!saved.has_value()) {
                Q_EMIT failed(toQString(saved.error().text()));
                return;
            }
            m_content->history.setQueue(first);
            Q_EMIT queueOrdered();
        });
}

void StudySession::takeQueued(const TrialRecord& trial) {
    m_content->history.addTrial(trial);
    Q_EMIT trialQueued(trial);
    Q_EMIT trialAdded(trial.id);
    continueStudy();
}

void StudySession::writeProtection(TrialId trialId, Status (StudyWriter::*request)(TrialId)) {
    runInBackground(
        m_content->surroundings.pool, *this,
        [store = &m_content->surroundings.store, trialId, request] {
            return store
                ->call<std::monostate>(
                    [trialId, request](StudyWriter& writer) { return (writer.*request)(trialId); })
                .get();
        },
        [this, trialId](const Status& written) {
            if (written.has_value())
                Q_EMIT trialChanged(trialId);
            else
                Q_EMIT failed(toQString(written.error().text()));
        });
}

} // namespace lathe
