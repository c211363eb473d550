#include "core/train/trial_pack.h"

#include "core/base/contract.h"
#include "core/base/cores.h"
#include "core/model/quantised_files.h"
#include "core/model/quantised_model.h"
#include "core/train/base_precision.h"
#include "core/train/quantised_base.h"
#include "core/train/recipe.h"
#include "core/train/threads.h"

#include <algorithm>

namespace lathe {

namespace {

std::int64_t tokensOf(std::span<const Batch> batches) {
    std::int64_t tokens = 0;
    for (const Batch& batch : batches)
        tokens += static_cast<std::int64_t>(batch.realTokens);
    return tokens;
}

} // namespace

TrialPack::TrialPack(std::unique_ptr<LanguageModel> base, Packing mode, int threads)
    : m_base(std::move(base)),
      m_canShare(canShareSteps(*m_base.model)),
      m_threads(threads),
      m_choice(mode),
      m_thread([this](const std::stop_token& stop) { serve(stop); }) {}

TrialPack::~TrialPack() {
    const std::lock_guard lock(m_mutex);
    LATHE_EXPECT(m_present == 0 && m_waiting.empty());
}

std::unique_ptr<TrialPack::Seat> TrialPack::join(LanguageModel& own, const Adapter& adapter) {
    auto member = m_canShare ? packedMember(adapter) : std::nullopt;
    return member ? std::make_unique<Seat>(*this, own, std::move(*member)) : nullptr;
}

TrialPack::Seat::Seat(TrialPack& pack, LanguageModel& own, PackedMember member)
    : m_pack(pack), m_own(own), m_member(std::move(member)) {}

TrialPack::Seat::~Seat() { standAside(); }

void TrialPack::Seat::standAside() {
    {
        const std::lock_guard lock(m_pack.m_mutex);
        m_pack.setPresent(*this, false);
    }
    m_pack.m_isDue.notify_one();
}

StepReport TrialPack::Seat::step(const StepTurn& turn) { return m_pack.step(*this, turn); }

void TrialPack::setPresent(Seat& seat, bool isPresent) {
    if (seat.m_isPresent == isPresent)
        return;
    seat.m_isPresent = isPresent;
    isPresent ? ++m_present : --m_present;
    m_choice.setTrials(m_present);
}

std::int64_t TrialPack::stepsTogether() const {
    const std::lock_guard lock(m_mutex);
    return m_stepsTogether;
}

StepReport TrialPack::step(Seat& seat, const StepTurn& turn) {
    Request request{{turn, &seat.m_member}};
    {
        std::unique_lock lock(m_mutex);
        setPresent(seat, true);
        if (m_choice.way() == PackingChoice::Way::Together && !m_isBroken) {
            m_waiting.push_back(&request);
            if (m_waiting.size() >= m_present)
                m_isDue.notify_one();
            m_served.wait(lock, [&request] { return request.isDone; });
            if (request.problem)
                std::rethrow_exception(request.problem); // what the tensor library threw on the pack's thread
            if (!request.hasFailed)
                return request.report;
        }
    }
    const StepReport report = trainingStep(seat.m_own, turn);
    const std::lock_guard lock(m_mutex);
    m_choice.stepDone(tokensOf(turn.microBatches), PackingChoice::Clock::now());
    return report;
}

void TrialPack::serve(const std::stop_token& stop) {
    std::unique_lock lock(m_mutex);
    const auto isDue = [this] { return !m_waiting.empty() && m_waiting.size() >= m_present; };
    while (m_isDue.wait(lock, stop, isDue)) {
        std::vector<Request*> round;
        round.swap(m_waiting);
        lock.unlock();
        runRound(round);
        lock.lock();
        for (Request* request : round) {
            m_isBroken = m_isBroken || request->hasFailed;
            if (!request->hasFailed) {
                m_choice.stepDone(tokensOf(request->turn.step.microBatches), PackingChoice::Clock::now());
                m_stepsTogether += round.size() > 1 ? 1 : 0;
            }
            request->isDone = true;
        }
        m_served.notify_all();
    }
}

/// Exceptions are the tensor library's, mostly for want of memory: until the first update every trial can
/// still repeat its step by itself.
void TrialPack::runRound(const std::vector<Request*>& round) {
    useThreads(std::min<std::int64_t>(availableCores(), m_threads * static_cast<std::int64_t>(round.size())));
    std::vector<PackedTurn> turns;
    for (const Request* request : round)
        turns.push_back(request->turn);
    std::vector<StepSums> sums;
    try {
        sums = packedGradients(m_base, turns);
    } catch (const std::exception&) {
        for (Request* request : round)
            request->hasFailed = true;
        return;
    }
    for (std::size_t i = 0; i < round.size(); ++i) {
        try {
            round[i]->report = finishStep(turns[i].step, std::move(sums[i]));
        } catch (const std::exception&) {
            round[i]->problem = std::current_exception();
        }
    }
}

Result<std::shared_ptr<TrialPack>> PackDesk::packFor(const ParamValues& recipe) {
    const RecipeView view(recipe);
    const Packing mode = packingNamed(recipe.text("pack_trials"));
    LATHE_ASSIGN(const at::Device device, deviceFrom(recipe.text("device")));
    if (mode == Packing::Never || view.method != "lora" || view.startsUntrained || !device.is_cpu() ||
        headFor(recipe, 2, 0).has_value())
        return std::shared_ptr<TrialPack>();
    LATHE_ASSIGN(const Quantisation quantisation, baseQuantisation(recipe));
    const std::lock_guard lock(m_mutex);
    const std::string key = recipe.text("pack_trials") + " " + recipe.text("precision") + " " +
                            quantisationName(quantisation) + " " + std::to_string(recipe.integer("threads")) +
                            " " + view.modelFolder;
    std::shared_ptr<TrialPack> pack = m_packs[key].lock();
    if (!pack) {
        LoadOptions options;
        LATHE_ASSIGN(options.dtype, weightPrecision(recipe));
        LATHE_ASSIGN(auto base, loadModel(view.modelFolder, options, quantisation));
        LATHE_TRY(setPrecision(*base, recipe));
        const std::int64_t threads = recipe.integer("threads");
        pack = std::make_shared<TrialPack>(std::move(base), mode,
                                           static_cast<int>(threads > 0 ? threads : availableCores()));
        m_packs[key] = pack;
    }
    return pack;
}

} // namespace lathe
