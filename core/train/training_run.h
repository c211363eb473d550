#pragma once

#include "core/base/work_time.h"
#include "core/text/tokenizer.h"
#include "core/train/batch_source.h"
#include "core/train/best_state.h"
#include "core/train/checkpoint.h"
#include "core/train/prefix_cache.h"
#include "core/train/run_probe.h"
#include "core/train/schedule.h"
#include "core/train/simplex_scores.h"
#include "core/train/threads.h"
#include "core/train/training_data.h"
#include "core/train/training_step.h"
#include "core/train/trial_pack.h"
#include "core/trial/trial_task.h"

#include <chrono>
#include <deque>
#include <memory>

namespace lathe {

/// One fine-tuning run from the first file it reads to the adapter it leaves. Made, used and destroyed on one
/// thread.
class TrainingRun {
public:
    /// `desk`: where trials that run at the same time share a base and their steps; null: nowhere.
    TrainingRun(ParamValues recipe, TrialContext& context, TokenCacheSettings tokenCache,
                PackDesk* desk = nullptr);
    ~TrainingRun();

    [[nodiscard]] Result<TrialResult> run();
    /// In place of run(): so many steps, after a few that warm up, and where their time goes. Nothing is
    /// evaluated and no adapter saved.
    [[nodiscard]] Result<StepProfile> profile(std::int64_t steps);

private:
    using Clock = std::chrono::steady_clock;

    [[nodiscard]] Status prepare();
    [[nodiscard]] Status loadModelAndAdapter();
    [[nodiscard]] Status openPack();
    void openActivations();
    [[nodiscard]] PrefixCache* activations();
    void takeSeat();
    void standAside();
    [[nodiscard]] std::int64_t threadsForParts() const;
    [[nodiscard]] Status encodeStartText(const AdapterMethod& method);
    void reportSize(const AdapterMethod& method);
    void prepareAllocation();
    [[nodiscard]] Status allocate();
    [[nodiscard]] RunRecords records() const;
    [[nodiscard]] Status restoreRecords();
    [[nodiscard]] Status resume();
    void ask(const MetricPoint& point);
    [[nodiscard]] Status trainLoop();
    [[nodiscard]] Status oneStep();
    [[nodiscard]] Status oneStep(std::vector<Batch>& batches);
    [[nodiscard]] Status measure();
    [[nodiscard]] Status evaluate();
    [[nodiscard]] Status test();
    [[nodiscard]] RowsToScore rowsOf(const ExampleList& examples) const;
    [[nodiscard]] std::optional<RowScores> validated();
    [[nodiscard]] std::optional<RowScores> validatedAtStart();
    void keepIfBest(const std::map<std::string, double>& metrics);
    [[nodiscard]] Status notePasses(const std::vector<std::map<std::string, double>>& passes) const;
    [[nodiscard]] Status mapLoss();
    [[nodiscard]] SimplexAdapter* simplex() const;
    void reportSimplex();
    [[nodiscard]] std::vector<NamedTensor> furtherState() const;
    void answerSamples();
    [[nodiscard]] Status checkpoint();
    [[nodiscard]] Error leaveOff();
    [[nodiscard]] Status finish();
    [[nodiscard]] Status saveLabelNames() const;
    [[nodiscard]] bool shouldStop();
    [[nodiscard]] std::vector<Batch> nextBatches();
    [[nodiscard]] std::int64_t plannedSteps() const;
    [[nodiscard]] double seconds() const;
    [[nodiscard]] bool isDue(std::int64_t every) const;

    [[nodiscard]] Status noteData();
    void report(const std::string& metric, double value);
    void publishPhase(const std::string& phase);
    void publishProgress();
    void log(LogLine::Level level, std::string text);

    KeptMemory m_memory; // first: it goes last
    ParamValues m_recipe;
    RecipeView m_view;
    TrialContext& m_context;
    TokenCacheSettings m_tokenCache;
    std::unique_ptr<Task> m_task;
    std::unique_ptr<Tokenizer> m_tokenizer;
    TrainingData m_data;
    PackDesk* m_desk;
    std::shared_ptr<TrialPack> m_pack; // shared: by the trials that are in it
    std::unique_ptr<LanguageModel> m_model;
    std::unique_ptr<Adapter> m_adapter;    // after the model it is attached to
    std::unique_ptr<PrefixCache> m_prefix; ///< of the frozen layers below, where that is kept
    std::unique_ptr<RunProbe> m_probe;     ///< where the adapter decides where its parameters go
    std::unique_ptr<FlatAdamW> m_optimizer;
    std::unique_ptr<BestState> m_best;       ///< where the recipe goes back to it
    std::unique_ptr<TrialPack::Seat> m_seat; // after what it steps
    std::unique_ptr<BatchSource> m_batches;
    bool m_readsPartsApart = false;
    Schedule m_schedule;
    RunPosition m_position;
    TrialResult m_result;
    Clock::time_point m_started;
    Clock::time_point m_lastProgress;
    std::deque<std::pair<Clock::time_point, MetricPoint>> m_latestPoints; ///< and when they were reported
    bool m_isPruned = false; // never at the last step: a run that is done is complete
};

} // namespace lathe
