#include "core/base/files.h"
#include "core/session/confirmation.h"
#include "core/session/project_session_content.h"
#include "core/session/study_templates.h"
#include "core/session/text.h"

/// What a project session is asked for, and answers by a signal.
namespace lathe {

namespace {

Result<double> exportTrial(const SessionParts& parts, const std::filesystem::path& database, TrialId id,
                           const std::filesystem::path& target, const std::string& format) {
    LATHE_ASSIGN(const StudyReader reader, StudyReader::open(database));
    LATHE_ASSIGN(const TrialRecord trial, reader.trial(id));
    if (trial.adapterFolder.empty() || !trial.values.contains("model"))
        return inputError("trial " + std::to_string(id.value),
                          "has no adapter to export; choose a run that is complete");
    return parts.exportAdapter(reader, trial, target, format);
}

Status exportCsv(const std::filesystem::path& database, TrialId id, const std::filesystem::path& target) {
    LATHE_ASSIGN(const StudyReader reader, StudyReader::open(database));
    LATHE_ASSIGN(const std::vector<MetricPoint> points, reader.points(id));
    return writeFileAtomically(target, toCsv(points));
}

Result<StudyContent> createPlanned(StoreThread& store, StudyId confirmed, const ConfirmationPlan& plan) {
    LATHE_ASSIGN(const StudyReader reader, StudyReader::open(store.database()));
    LATHE_ASSIGN(const StudyId made, store
                                         .call<StudyId>([&plan, confirmed](StudyWriter& writer) {
                                             return writer.createConfirmation(plan.spec, confirmed,
                                                                              plan.trials);
                                         })
                                         .get());
    return reader.content(made);
}

Result<StudyContent> createConfirmation(StoreThread& store, StudyId confirmed, std::int64_t finalists,
                                        std::span<const std::uint64_t> seeds) {
    LATHE_ASSIGN(const StudyReader reader, StudyReader::open(store.database()));
    LATHE_ASSIGN(const StudyRecord study, reader.study(confirmed));
    LATHE_ASSIGN(const std::vector<TrialRecord> trials, reader.trials(confirmed));
    LATHE_ASSIGN(const ConfirmationPlan plan, planConfirmation(study, trials, finalists, seeds));
    return createPlanned(store, confirmed, plan);
}

/// Refuses what no arm of the study could be trained with, before anything of it is written.
Status checkArms(const SessionParts& parts, std::span<const NewTrial> trials) {
    for (std::size_t i = 0; i < trials.size() && trials[i].seed == trials[0].seed; ++i)
        if (const auto problems = problemsOf(parts, trials[i].values); !problems.empty())
            return inputError(problems.front().key, problems.front().message);
    return ok();
}

Result<StudyContent> createTemplate(const SessionParts& parts, StoreThread& store, const std::string& id,
                                    const StudySpec& base, std::span<const std::uint64_t> seeds) {
    LATHE_ASSIGN(const StudyTemplate wanted, findTemplate(parts.recipeSchema, id));
    const auto count = [&parts](const ParamValues& recipe) -> Result<std::int64_t> {
        LATHE_ASSIGN(const RecipeCost cost, parts.forecast(recipe));
        return cost.trainableParameters;
    };
    LATHE_ASSIGN(const ConfirmationPlan plan, planTemplate(wanted, parts.recipeSchema, base, seeds, count));
    LATHE_TRY(checkArms(parts, plan.trials));
    return createPlanned(store, {}, plan);
}

} // namespace

void ProjectSession::requestForecast(const ParamValues& recipe) {
    const std::uint64_t question = m_content->forecasts.ask();
    const SessionParts* parts = &m_content->parts;
    if (!parts->forecast)
        return;
    runInBackground(
        m_content->pool, *this,
        [parts, recipe]() -> Result<RecipeCost> {
            LATHE_TRY(check(parts->recipeSchema, recipe));
            return parts->forecast(recipe);
        },
        [this, question](const Result<RecipeCost>& cost) {
            if (!m_content->forecasts.isNewest(question))
                return;
            if (cost.has_value())
                Q_EMIT forecastReady(*cost);
            else
                Q_EMIT forecastFailed(toQString(cost.error().text()));
        });
}

void ProjectSession::requestPreflight(const ParamValues& recipe) {
    const std::uint64_t question = m_content->preflights.ask();
    runInBackground(
        m_content->pool, *this, [parts = &m_content->parts, recipe] { return problemsOf(*parts, recipe); },
        [this, question](const std::vector<Problem>& problems) {
            if (m_content->preflights.isNewest(question))
                Q_EMIT preflightReady(QVector<Problem>(problems.begin(), problems.end()));
        });
}

void ProjectSession::exportPoints(TrialId trial, const QString& csvFile) {
    LATHE_EXPECT(isOpen());
    StoreThread* store = m_content->store.get();
    runInBackground(
        m_content->pool, *this,
        [store, trial, target = toPath(csvFile)]() -> Status {
            LATHE_TRY(store->flush()); // the newest points of a run that goes on belong to it
            return exportCsv(store->database(), trial, target);
        },
        [this, csvFile](const Status& written) {
            if (written.has_value())
                Q_EMIT exportFinished(csvFile, {});
            else
                Q_EMIT exportFailed(csvFile, toQString(written.error().text()));
        });
}

const std::vector<PartInfo>& ProjectSession::exportFormats() const { return m_content->parts.exportFormats; }

std::vector<OfferedPart> ProjectSession::searchMethods() const {
    return offeredParts(*m_content->parts.samplers);
}

std::vector<OfferedPart> ProjectSession::pruners() const { return offeredParts(*m_content->parts.pruners); }

ReportedMetrics ProjectSession::reportedMetrics(const ParamValues& recipe) const {
    if (m_content->parts.reportedMetrics)
        if (auto reported = m_content->parts.reportedMetrics(recipe); reported.has_value())
            return std::move(reported).value();
    return {{{"eval_accuracy", true}, {"eval_loss", false}, {"loss", false}},
            {"eval_accuracy", "eval_loss", "loss", "seconds", "steps"}};
}

void ProjectSession::exportAdapter(TrialId trial, const QString& targetFolder, const QString& format) {
    LATHE_EXPECT(isOpen() && m_content->parts.exportAdapter != nullptr);
    runInBackground(
        m_content->pool, *this,
        [content = m_content.get(), trial, target = toPath(targetFolder), form = format.toStdString()] {
            return exportTrial(content->parts, content->store->database(), trial, target, form);
        },
        [this, targetFolder](const Result<double>& difference) {
            if (difference.has_value())
                Q_EMIT exportFinished(targetFolder,
                                      tr("Read back: the largest difference of the logits is %1.")
                                          .arg(QString::number(*difference, 'g', 3)));
            else
                Q_EMIT exportFailed(targetFolder, toQString(difference.error().text()));
        });
}

void ProjectSession::confirmFinalists(StudyId study, std::int64_t finalists,
                                      const std::vector<std::uint64_t>& seeds) {
    LATHE_EXPECT(isOpen());
    runInBackground(
        m_content->pool, *this,
        [store = m_content->store.get(), study, finalists, seeds] {
            return createConfirmation(*store, study, finalists, seeds);
        },
        [this](const Result<StudyContent>& started) { runPlanned(started); });
}

void ProjectSession::startTemplate(const QString& id, const StudySpec& base,
                                   const std::vector<std::uint64_t>& seeds) {
    LATHE_EXPECT(isOpen() && m_content->parts.forecast != nullptr);
    runInBackground(
        m_content->pool, *this,
        [content = m_content.get(), wanted = id.toStdString(), base, seeds] {
            return createTemplate(content->parts, *content->store, wanted, base, seeds);
        },
        [this](const Result<StudyContent>& started) { runPlanned(started); });
}

void ProjectSession::runPlanned(const Result<StudyContent>& started) {
    if (!started.has_value()) {
        Q_EMIT failed(toQString(started.error().text()));
        return;
    }
    const QString name = toQString(started->study.spec.name);
    for (const TrialRecord& trial : started->trials)
        m_content->runs.addRow({trial, name, started->study.spec.trialCount, {}});
    resumeStudy(started->study.id);
    Q_EMIT confirmationStarted(started->study.id);
}

} // namespace lathe
