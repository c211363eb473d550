#include "core/train/training_run.h"

#include "core/base/cores.h"
#include "core/base/files.h"
#include "core/kernels/work_scope.h"
#include "core/model/quantised_model.h"
#include "core/train/base_precision.h"
#include "core/train/batch_parts.h"
#include "core/train/calibration.h"
#include "core/train/quantised_base.h"
#include "core/train/threads.h"
#include "core/train/tokenizer_copy.h"
#include "core/train/work_kinds.h"

#include <ATen/Parallel.h>
#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

constexpr auto kProgressInterval = std::chrono::milliseconds(100);

Error cancelled() { return {Error::Kind::Cancelled, {}, "stopped; it can be resumed"}; }

FlatAdamW::Settings optimizerSettings(const ParamValues& recipe) {
    return {recipe.real("beta1"), recipe.real("beta2"), recipe.real("epsilon"), recipe.real("weight_decay"),
            false};
}

Status requireFinite(const StepReport& done, std::int64_t step) {
    for (const auto& [what, value] :
         {std::pair("loss", done.loss), std::pair("gradients", done.gradientNorm)})
        if (!std::isfinite(value))
            return Error{Error::Kind::Internal, what,
                         std::string("became ") + (std::isnan(value) ? "NaN" : "infinite") + " at step " +
                             std::to_string(step) + "; lower the learning rate or clip the gradients"};
    return ok();
}

Result<std::unique_ptr<LanguageModel>> openBase(const RecipeView& view, std::uint64_t seed,
                                                const LoadOptions& options,
                                                const BaseQuantisation& quantisation) {
    return view.startsUntrained ? randomModel(view.modelFolder, seed, options, quantisation)
                                : loadModel(view.modelFolder, options, quantisation);
}

/// What only a loaded model tells.
Status checkBase(const ParamValues& recipe, const Tokenizer& tokenizer, const ModelSummary& model,
                 const BaseQuantisation& quantisation) {
    if (static_cast<std::int64_t>(tokenizer.vocabularySize()) > model.vocabularySize)
        return inputError(recipe.text("model"),
                          "its tokenizer has " + std::to_string(tokenizer.vocabularySize()) +
                              " entries, but the model only " + std::to_string(model.vocabularySize));
    for (const Problem& problem : quantisationProblems(recipe, model, quantisation))
        return inputError(problem.key, problem.message);
    return ok();
}

} // namespace

TrainingRun::TrainingRun(ParamValues recipe, TrialContext& context, TokenCacheSettings tokenCache,
                         PackDesk* desk)
    : m_recipe(std::move(recipe)),
      m_view(m_recipe),
      m_context(context),
      m_tokenCache(std::move(tokenCache)),
      m_desk(desk),
      m_started(Clock::now()) {}

TrainingRun::~TrainingRun() = default;

Result<TrialResult> TrainingRun::run() {
    LATHE_TRY(prepare());
    m_started = Clock::now();
    m_context.publish(TrialChange{m_context.id, TrialState::Running, {}});
    LATHE_TRY(trainLoop());
    if (m_best && !m_isPruned)
        m_best->restore();
    LATHE_TRY(mapLoss());
    LATHE_TRY(test());
    LATHE_TRY(finish());
    return std::move(m_result);
}

Status TrainingRun::prepare() {
    useThreads(m_recipe.integer("threads"));
    publishPhase("reading the data");
    LATHE_ASSIGN(m_task, recipeTask(m_recipe));
    LATHE_ASSIGN(Tokenizer tokenizer, Tokenizer::load(m_view.modelFolder));
    m_tokenizer = std::make_unique<Tokenizer>(std::move(tokenizer));
    LATHE_ASSIGN(m_data, loadTrainingData(m_recipe, *m_task, *m_tokenizer, m_context.seed, m_tokenCache,
                                          m_context.stop));
    LATHE_TRY(noteData());
    m_batches = std::make_unique<BatchSource>(m_data.train, m_view, *m_task, m_context.seed);
    m_schedule = {m_recipe.text("schedule"), m_recipe.real("learning_rate"), m_recipe.integer("warmup_steps"),
                  plannedSteps()};
    publishPhase("loading the model");
    LATHE_TRY(loadModelAndAdapter());
    for (const std::string& note : m_model->summary().notes)
        log(LogLine::Level::Info, note);
    return m_context.shouldResume ? resume() : ok();
}

Status TrainingRun::loadModelAndAdapter() {
    LoadOptions options;
    LATHE_ASSIGN(options.dtype, weightPrecision(m_recipe));
    LATHE_ASSIGN(options.device, deviceFrom(m_recipe.text("device")));
    LATHE_ASSIGN(const BaseQuantisation quantisation, baseQuantisation(m_recipe));
    options.head = headFor(m_recipe, static_cast<std::int64_t>(m_data.labelNames.size()), m_context.seed);
    LATHE_TRY(openPack());
    LATHE_ASSIGN(m_model, m_pack ? sharedModel(m_view.modelFolder, m_pack->base())
                                 : openBase(m_view, m_context.seed, options, quantisation));
    LATHE_TRY(checkBase(m_recipe, *m_tokenizer, m_model->summary(), quantisation));
    if (!quantisation.isNone()) {
        LATHE_ASSIGN(const QuantisationNote note,
                     describeQuantisation(*m_model, m_recipe, m_data, options, m_context.seed));
        for (const std::string& line : note.lines)
            log(LogLine::Level::Info, line);
        for (const auto& [metric, value] : note.figures)
            report(metric, value);
    }
    LATHE_ASSIGN(const auto method, adapterMethods().make(m_view.method));
    LATHE_ASSIGN(m_recipe, withMatchedSize(std::move(m_recipe), m_model->summary()));
    LATHE_TRY(encodeStartText(*method));
    m_adapter = method->attach(*m_model, m_recipe, m_context.seed);
    if (options.head && m_model->summary().padId) // by which a decoder finds the end of a text
        m_data.padId = static_cast<std::int32_t>(*m_model->summary().padId);
    if (options.head && !method->trainsHead())
        m_adapter->trainAlso(headWeights(m_model->summary()));
    if (m_adapter->wantsCalibration())
        LATHE_TRY(calibrateAdapter(*m_adapter, m_data, m_recipe, m_context, m_model->device()));
    LATHE_TRY(setPrecision(*m_model, m_recipe));
    prepareAllocation();
    reportSize(*method);
    m_adapter->beginTraining(m_schedule.total);
    m_optimizer = std::make_unique<FlatAdamW>(m_adapter->groups(), optimizerSettings(m_recipe));
    LATHE_TRY(checkKeepBest(m_recipe));
    if (m_recipe.flag("keep_best"))
        m_best = std::make_unique<BestState>(*m_adapter, m_task->objective().maximize);
    if (method->readsPartsApart(m_recipe) && readsPartsAlike(*m_model) && !m_recipe.flag("recompute"))
        m_readsPartsApart = true;
    openActivations();
    takeSeat();
    return ok();
}

/// The method knows no tokenizer. With the special tokens of a text, as PEFT starts a prompt.
Status TrainingRun::encodeStartText(const AdapterMethod& method) {
    const std::string text = method.textToEncode(m_recipe);
    if (text.empty())
        return ok();
    LATHE_ASSIGN(const Encoding encoding, m_tokenizer->encode(text, true));
    if (encoding.ids.empty())
        return inputError("init_text", "\"" + text + "\" has no tokens; write some words");
    std::string ids;
    for (const std::int32_t id : encoding.ids)
        ids += std::to_string(id) + " ";
    m_recipe.set(kInitIds, ids);
    return ok();
}

/// How much is trained, as a figure that searches and comparisons can use.
void TrainingRun::reportSize(const AdapterMethod& method) {
    std::int64_t count = 0;
    for (const auto& [name, parameter] : m_adapter->parameters())
        count += parameter.numel();
    report("trainable_parameters", static_cast<double>(count));
    log(LogLine::Level::Info,
        std::to_string(count) + " parameters are trained" +
            (m_recipe.integer("match_parameters") == 0 || method.sizeKey().empty()
                 ? ""
                 : "; " + method.sizeKey() + " " + std::to_string(m_recipe.integer(method.sizeKey())) +
                       " comes nearest to the " + std::to_string(m_recipe.integer("match_parameters")) +
                       " wanted"));
}

std::int64_t TrainingRun::plannedSteps() const {
    if (const std::int64_t steps = m_recipe.integer("max_steps"); steps > 0)
        return steps;
    const auto perEpoch =
        static_cast<double>(m_batches->batchesPerEpoch()) / static_cast<double>(m_view.accumulation);
    return std::max<std::int64_t>(1,
                                  static_cast<std::int64_t>(std::ceil(m_recipe.real("epochs") * perEpoch)));
}

bool TrainingRun::isDue(std::int64_t every) const {
    return m_position.step == m_schedule.total || (every > 0 && m_position.step % every == 0);
}

Status TrainingRun::trainLoop() {
    LATHE_TRY(measure()); // before the first step, or what a stop cut short
    while (m_position.step < m_schedule.total && !m_isPruned) {
        if (shouldStop())
            return leaveOff();
        LATHE_TRY(oneStep());
        publishProgress();
        LATHE_TRY(measure());
        if (m_isPruned || (m_view.checkpointEvery > 0 && isDue(m_view.checkpointEvery)))
            LATHE_TRY(checkpoint());
    }
    m_seat.reset(); // others do not wait for what comes after the last step
    return m_position.isMeasured || m_isPruned ? ok() : Status(leaveOff());
}

/// What is due at this step besides training. A stop leaves it undone, to be done after the resume.
Status TrainingRun::measure() {
    if (m_position.isMeasured)
        return ok();
    m_position.isMeasured = true;
    if (m_position.step == 0 || isDue(m_view.evalEvery))
        LATHE_TRY(evaluate());
    if (m_position.step == 0 || isDue(m_view.sampleEvery))
        answerSamples();
    return ok();
}

bool TrainingRun::shouldStop() {
    if (m_context.pause.isPaused() && !m_context.stop.stop_requested()) {
        const double before = seconds();
        standAside();
        m_context.publish(TrialChange{m_context.id, TrialState::Paused, {}});
        m_context.pause.waitWhilePaused(m_context.stop);
        m_started = Clock::now(); // the pause does not count as training time
        m_position.seconds = before;
        if (!m_context.stop.stop_requested())
            m_context.publish(TrialChange{m_context.id, TrialState::Running, {}});
    }
    return m_context.stop.stop_requested();
}

std::vector<Batch> TrainingRun::nextBatches() {
    const WorkScope scope(kDataScope);
    std::vector<Batch> batches;
    std::size_t labelled = 0;
    do { // plain text could give a batch of single tokens, which predict nothing
        for (std::int64_t i = 0; i < m_view.accumulation; ++i) {
            batches.push_back(m_batches->next(m_data.padId));
            labelled += batches.back().labelledTokens + batches.back().textLabels.size() +
                        batches.back().textNumbers.size();
        }
    } while (labelled == 0);
    m_position.batchesDone = m_batches->batchesDone();
    return batches;
}

/// How many threads may take parts of a batch each: its own, and those of slots that nobody fills.
std::int64_t TrainingRun::threadsForParts() const {
    if (!m_readsPartsApart)
        return 1;
    const auto slots = static_cast<std::int64_t>(m_context.slotsToFill ? m_context.slotsToFill() : 1);
    return std::min<std::int64_t>(at::get_num_threads() * slots,
                                  std::max<std::int64_t>(at::get_num_threads(), availableCores()));
}

Status TrainingRun::oneStep() {
    std::vector<Batch> batches;
    return oneStep(batches);
}

/// `batches` gets what was trained on.
Status TrainingRun::oneStep(std::vector<Batch>& batches) {
    const auto begin = Clock::now();
    const double lr = m_schedule.at(m_position.step);
    LATHE_TRY(allocate());
    batches = nextBatches();
    const StepTurn turn{m_adapter.get(),
                        m_optimizer.get(),
                        batches,
                        m_position.step,
                        lr,
                        m_recipe.real("max_grad_norm"),
                        m_recipe.flag("recompute"),
                        activations(),
                        threadsForParts()};
    const StepReport done = m_seat ? m_seat->step(turn) : trainingStep(*m_model, turn);
    ++m_position.step;
    m_position.isMeasured = false;
    const double elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
    report("loss", done.loss);
    report("lr", lr);
    report("grad_norm", done.gradientNorm);
    reportSimplex();
    report("tokens_per_second", static_cast<double>(done.tokens) / elapsed);
    return requireFinite(done, m_position.step);
}

/// Keeps everything for a resume, and what was trained so far for use. Returns why the run ends.
Error TrainingRun::leaveOff() {
    for (const Status& saved : {checkpoint(), finish()})
        if (!saved.has_value())
            return saved.error();
    return cancelled();
}

Status TrainingRun::finish() {
    publishPhase("saving");
    m_result.adapterFolder = m_context.folder / (m_view.method == "full" ? "model" : "adapter");
    LATHE_TRY(ensureWritableFolder(m_result.adapterFolder));
    const bool isLabelling = isByHead(m_task->answerForm());
    LATHE_TRY(
        m_adapter->save(m_result.adapterFolder, {m_view.modelFolder, isLabelling ? "SEQ_CLS" : "CAUSAL_LM"}));
    if (isLabelling)
        LATHE_TRY(saveLabelNames());
    LATHE_TRY(copyTokenizerFiles(m_view.modelFolder, m_result.adapterFolder));
    m_result.metrics = m_position.lastValues;
    for (const auto& [metric, value] : m_position.bestValues)
        m_result.metrics["best_" + metric] = value;
    m_result.steps = m_position.step;
    m_result.seconds = seconds();
    m_result.wasPruned = m_isPruned;
    return ok();
}

double TrainingRun::seconds() const {
    return m_position.seconds + std::chrono::duration<double>(Clock::now() - m_started).count();
}

void TrainingRun::publishPhase(const std::string& phase) {
    m_context.publish(TrialProgress{m_context.id, phase, m_position.step, m_schedule.total, -1});
}

void TrainingRun::publishProgress() {
    const auto now = Clock::now();
    if (now - m_lastProgress < kProgressInterval && m_position.step < m_schedule.total)
        return;
    m_lastProgress = now;
    const double perStep = seconds() / static_cast<double>(m_position.step);
    m_context.publish(TrialProgress{m_context.id, "training", m_position.step, m_schedule.total,
                                    perStep * static_cast<double>(m_schedule.total - m_position.step)});
}

void TrainingRun::log(LogLine::Level level, std::string text) {
    m_context.publish(LogLine{m_context.id, level, std::move(text)});
}

} // namespace lathe
