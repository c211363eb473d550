#include "core/train/trial_pack.h"

#include "core/base/contract.h"
#include "core/base/cores.h"
#include "core/model/quantised_files.h"
#include "core/model/quantised_model.h"
#include "core/train/base_precision.h"
#include "core/train/pack_groups.h"
#include "core/train/quantised_base.h"
#include "core/train/recipe.h"
#include "core/train/threads.h"

#include <algorithm>
#include <system_error>

namespace lathe {

namespace {

std::int64_t tokensOf(std::span<const Batch> batches) {
    std::int64_t tokens = 0;
    for (const Batch& batch : batches)
        tokens += static_cast<std::int64_t>(batch.realTokens);
    return tokens;
}

/// Of the largest of the batches: what is read in one pass.
std::int64_t tokensOfPass(std::span<const Batch> batches) {
    std::int64_t tokens = 0;
    for (const Batch& batch : batches)
        tokens = std::max(tokens, static_cast<std::int64_t>(batch.realTokens));
    return tokens;
}

ModelTwin twinOf(const ParamValues& recipe) {
    return [recipe](const LanguageModel& base) -> Result<std::unique_ptr<LanguageModel>> {
        LATHE_ASSIGN(auto twin, sharedModel(RecipeView(recipe).modelFolder, base));
        LATHE_TRY(setPrecision(*twin, recipe));
        return twin;
    };
}

} // namespace

std::jthread startThread(std::function<void(const std::stop_token&)> work) {
    return std::jthread(std::move(work));
}

TrialPack::TrialPack(std::unique_ptr<LanguageModel> base, Packing mode, int threads, ModelTwin twin,
                     ThreadStart start)
    : m_base(std::move(base)),
      m_twin(std::move(twin)),
      m_start(std::move(start)),
      m_canShare(canShareSteps(*m_base)),
      m_threads(threads),
      m_choice(mode) {}

TrialPack::~TrialPack() {
    const std::lock_guard lock(m_mutex);
    LATHE_EXPECT(m_present == 0 && m_waiting.empty());
}

std::unique_ptr<TrialPack::Seat> TrialPack::join(LanguageModel& own, const Adapter& adapter) {
    auto member = m_canShare ? packedMember(adapter) : std::nullopt;
    if (!member)
        return nullptr;
    const std::lock_guard lock(m_mutex);
    return std::make_unique<Seat>(*this, own, std::move(*member), m_joined++);
}

TrialPack::Seat::Seat(TrialPack& pack, LanguageModel& own, PackedMember member, std::int64_t number)
    : m_pack(pack), m_own(own), m_member(std::move(member)), m_number(number) {}

TrialPack::Seat::~Seat() { standAside(); }

void TrialPack::Seat::standAside() {
    const std::lock_guard lock(m_pack.m_mutex);
    m_pack.setPresent(*this, false);
}

StepReport TrialPack::Seat::step(const StepTurn& turn) { return m_pack.step(*this, turn); }

void TrialPack::setPresent(Seat& seat, bool isPresent) {
    if (seat.m_isPresent == isPresent)
        return;
    seat.m_isPresent = isPresent;
    isPresent ? ++m_present : --m_present;
    if (!isPresent)
        setTokens(seat, 0);
    m_choice.setTrials(m_present, m_tokens);
    dispatch();
}

void TrialPack::setTokens(Seat& seat, std::int64_t tokens) {
    m_tokens += tokens - seat.m_tokens;
    seat.m_tokens = tokens;
}

std::int64_t TrialPack::stepsTogether() const {
    const std::lock_guard lock(m_mutex);
    return m_stepsTogether;
}

std::size_t TrialPack::waiting() const {
    const std::lock_guard lock(m_mutex);
    return m_waiting.size();
}

StepReport TrialPack::step(Seat& seat, const StepTurn& turn) {
    {
        std::unique_lock lock(m_mutex);
        setTokens(seat, tokensOf(turn.microBatches));
        setPresent(seat, true);
        if (goesTogether()) {
            Request request{seat, {turn, &seat.m_member}};
            m_waiting.push_back(&request);
            dispatch();
            request.served.wait(lock, [&request] { return request.isDone; });
            if (request.problem)
                std::rethrow_exception(request.problem); // what the tensor library threw on a pack's thread
            if (!request.isToStepAlone)
                return request.report;
        }
    }
    const StepReport report = trainingStep(seat.m_own, turn);
    const std::lock_guard lock(m_mutex);
    m_choice.stepDone(seat.m_tokens, PackingChoice::Clock::now());
    dispatch();
    return report;
}

bool TrialPack::goesTogether() const { return m_choice.way() == PackingChoice::Way::Together && !m_isBroken; }

void TrialPack::dispatch() {
    if (!goesTogether())
        return sendAway();
    const std::size_t threads =
        std::min(static_cast<std::size_t>(availableCores()), static_cast<std::size_t>(m_threads) * m_present);
    const std::size_t groups = std::min(threads, m_present);
    while (m_busy < groups) {
        const std::size_t size = dueWith(groups);
        if (size == 0)
            return;
        if (!hasThreadForGroup()) {
            m_isBroken = true;
            return sendAway();
        }
        beginGroup(size, threads / groups);
    }
}

/// Before the group is: who waits for a thread that does not come waits for ever.
bool TrialPack::hasThreadForGroup() {
    if (m_workers.size() > m_busy)
        return true;
    try {
        m_workers.push_back(m_start([this](const std::stop_token& stop) { serve(stop); }));
        return true;
    } catch (const std::system_error&) {
        return false;
    }
}

/// How many of those that wait need not wait any longer.
std::size_t TrialPack::dueWith(std::size_t groups) const {
    std::vector<std::int64_t> tokens;
    for (const Request* request : m_waiting)
        tokens.push_back(request->seat.m_tokens);
    if (const std::size_t size = shareOf(tokens, m_tokens, m_present, groups); size > 0)
        return size;
    const bool isAnyoneToCome = m_waiting.size() + m_inService < m_present;
    return isAnyoneToCome ? 0 : m_waiting.size();
}

void TrialPack::beginGroup(std::size_t size, std::size_t threads) {
    const auto end = m_waiting.begin() + static_cast<std::ptrdiff_t>(size);
    Group& group = m_due.emplace_back();
    group.threads = static_cast<int>(threads);
    group.requests.assign(m_waiting.begin(), end);
    m_waiting.erase(m_waiting.begin(), end);
    // Among the same trials who is quicker decides nothing.
    std::ranges::sort(group.requests, {}, [](const Request* request) { return request->seat.m_number; });
    m_inService += size;
    ++m_busy;
    m_isDue.notify_one();
}

/// Nobody waits for trials that step alone.
void TrialPack::sendAway() {
    for (Request* request : m_waiting) {
        request->isToStepAlone = request->isDone = true;
        request->served.notify_one();
    }
    m_waiting.clear();
}

void TrialPack::serve(const std::stop_token& stop) {
    std::unique_ptr<PackedBase> base;
    std::unique_lock lock(m_mutex);
    while (m_isDue.wait(lock, stop, [this] { return !m_due.empty(); })) {
        const Group group = std::move(m_due.front());
        m_due.pop_front();
        lock.unlock();
        runGroup(base, group);
        lock.lock();
        --m_busy;
        dispatch();
    }
}

void TrialPack::runGroup(std::unique_ptr<PackedBase>& base, const Group& group) {
    useThreads(group.threads);
    std::vector<std::int64_t> tokens;
    for (Request* request : group.requests) {
        tokens.push_back(tokensOfPass(request->turn.step.microBatches));
        std::int64_t& threads = request->turn.step.threads; // which it might take alone
        threads = std::min<std::int64_t>(threads, group.threads);
    }
    std::span<Request* const> rest = group.requests;
    for (const std::size_t size : passSizes(tokens)) {
        runPass(base, rest.first(size));
        const std::lock_guard lock(m_mutex);
        finish(rest.first(size));
        rest = rest.subspan(size);
    }
}

/// A step's last part, from which on it cannot be repeated.
void TrialPack::completing(Request& request, const std::function<StepReport()>& work) {
    try {
        request.report = work();
    } catch (const std::exception&) {
        request.problem = std::current_exception();
    }
}

void TrialPack::runPass(std::unique_ptr<PackedBase>& base, std::span<Request* const> pass) {
    if (pass.size() == 1) {
        Request& own = *pass.front();
        completing(own, [&own] { return trainingStep(own.seat.m_own, own.turn.step); });
        return;
    }
    std::vector<PackedTurn> turns;
    for (const Request* request : pass)
        turns.push_back(request->turn);
    auto sums = gradientsOf(base, turns);
    for (std::size_t i = 0; i < pass.size(); ++i)
        if (sums)
            completing(*pass[i], [&] { return finishStep(turns[i].step, std::move((*sums)[i])); });
        else
            pass[i]->isToStepAlone = true;
}

/// Exceptions are the tensor library's, mostly for want of memory: until the first update every trial can
/// still repeat its step by itself.
std::optional<std::vector<StepSums>> TrialPack::gradientsOf(std::unique_ptr<PackedBase>& base,
                                                            std::span<const PackedTurn> turns) const {
    try {
        if (!base) {
            auto model = m_twin(*m_base);
            if (!model.has_value()) // its files are gone
                return std::nullopt;
            base = std::make_unique<PackedBase>(std::move(*model));
        }
        return packedGradients(*base, turns);
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

void TrialPack::finish(std::span<Request* const> pass) {
    for (Request* request : pass) {
        m_isBroken = m_isBroken || request->isToStepAlone;
        if (!request->isToStepAlone) {
            m_choice.stepDone(request->seat.m_tokens, PackingChoice::Clock::now());
            ++m_stepsTogether;
        }
        request->isDone = true;
        request->served.notify_one();
    }
    m_inService -= pass.size();
    dispatch();
}

Result<std::shared_ptr<TrialPack>> PackDesk::packFor(const ParamValues& recipe) {
    const RecipeView view(recipe);
    const Packing mode = packingNamed(recipe.text("pack_trials"));
    LATHE_ASSIGN(const at::Device device, deviceFrom(recipe.text("device")));
    if (mode == Packing::Never || view.method != "lora" || view.startsUntrained || !device.is_cpu() ||
        headFor(recipe, 2, 0).has_value())
        return std::shared_ptr<TrialPack>();
    LATHE_ASSIGN(const BaseQuantisation quantisation, baseQuantisation(recipe));
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
                                           static_cast<int>(threads > 0 ? threads : availableCores()),
                                           twinOf(recipe));
        m_packs[key] = pack;
    }
    return pack;
}

} // namespace lathe
