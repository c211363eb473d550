#include "core/train/step_profile.h"

#include "core/adapter/adapter.h"
#include "core/base/contract.h"
#include "core/kernels/packed_weight.h"
#include "core/model/language_model.h"
#include "core/train/step_frames.h"
#include "core/train/work_kinds.h"

#include <ATen/record_function.h>
#include <algorithm>
#include <c10/util/ThreadLocalDebugInfo.h>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>

namespace lathe {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kTapeName = "LATHE_STEP_PROFILE";
constexpr c10::DebugInfoKind kTapeKind(&kTapeName);

std::int64_t now() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count();
}

} // namespace

/// What the callbacks of one step write down, from whatever thread.
struct StepProfiler::Tape : c10::DebugInfoBase {
    explicit Tape(BaseWeights known) : weights(std::move(known)) {}

    const BaseWeights weights;
    std::mutex mutex; // guards the members below
    std::vector<Frame> frames;
    std::vector<NameFacts> names;
    std::unordered_map<std::string, std::size_t> places; // of names

    void add(Frame frame, const char* name) {
        const std::lock_guard lock(mutex);
        const auto [place, isNew] = places.try_emplace(name, names.size());
        if (isNew)
            names.emplace_back(place->first);
        frame.name = place->second;
        frames.push_back(frame);
    }
};

struct StepProfiler::Sums {
    std::map<std::pair<std::string, WorkKind>, OperatorTime> operators;
    std::array<double, kWorkKinds> kinds{};
    double seconds = 0;
    std::int64_t steps = 0;
};

namespace {

struct Running : at::ObserverContext {
    StepProfiler::Tape* tape = nullptr;
    Frame frame;
};

bool readsBase(const BaseWeights& weights, const at::RecordFunction& function) {
    return std::ranges::any_of(function.inputs(), [&weights](const c10::IValue& input) {
        return input.isTensor() && weights.has(input.toTensor());
    });
}

std::unique_ptr<at::ObserverContext> begun(const at::RecordFunction& function) {
    auto* tape = static_cast<StepProfiler::Tape*>(c10::ThreadLocalDebugInfo::get(kTapeKind));
    if (tape == nullptr)
        return nullptr;
    auto running = std::make_unique<Running>();
    running->tape = tape;
    Frame& frame = running->frame;
    frame.thread = function.threadId();
    frame.sequence = function.seqNr();
    frame.isNode = function.scope() == at::RecordScope::BACKWARD_FUNCTION;
    frame.forwardThread = function.forwardThreadId();
    frame.readsBase = isProduct(function.name()) && readsBase(tape->weights, function);
    frame.begin = now();
    return running;
}

void ended(const at::RecordFunction& function, at::ObserverContext* context) {
    const std::int64_t time = now();
    if (auto* running = static_cast<Running*>(context)) {
        running->frame.end = time;
        running->tape->add(running->frame, function.name());
    }
}

/// The callbacks, on this thread and those that take over its state, as long as this lives.
class Recording {
public:
    explicit Recording(const std::shared_ptr<StepProfiler::Tape>& tape)
        : m_info(kTapeKind, tape),
          m_handle(at::addThreadLocalCallback(
              at::RecordFunctionCallback(begun, ended)
                  .needsInputs(true)
                  .scopes({at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION,
                           at::RecordScope::USER_SCOPE}))) {}
    Recording(const Recording&) = delete;
    Recording& operator=(const Recording&) = delete;
    ~Recording() { at::removeCallback(m_handle); }

private:
    c10::DebugInfoGuard m_info;
    at::CallbackHandle m_handle;
};

} // namespace

BaseWeights::BaseWeights(const std::vector<at::Tensor>& weights) {
    for (const at::Tensor& weight : weights) {
        if (weight.dim() != 2)
            continue;
        if (packedIn(weight) != nullptr) {
            for (const RowRange& rows : unpackedTogether(weight)) {
                m_packed.emplace_back(rows.count, weight.size(1));
                m_packed.emplace_back(weight.size(1), rows.count);
            }
        } else if (weight.is_contiguous()) {
            const auto* begin = static_cast<const char*>(weight.const_data_ptr());
            m_places.emplace_back(begin, begin + weight.nbytes());
        }
    }
    std::ranges::sort(m_places);
    std::ranges::sort(m_packed);
}

bool BaseWeights::has(const at::Tensor& operand) const {
    if (!operand.defined() || !operand.has_storage() || operand.dim() != 2)
        return false;
    if (std::ranges::binary_search(m_packed, std::pair(operand.size(0), operand.size(1))))
        return true;
    const auto* place = static_cast<const char*>(operand.const_data_ptr());
    const auto behind =
        std::ranges::upper_bound(m_places, place, {}, &std::pair<const char*, const char*>::first);
    return behind != m_places.begin() && place < std::prev(behind)->second;
}

StepProfiler::StepProfiler(BaseWeights weights, bool trainsBase)
    : m_tape(std::make_shared<Tape>(std::move(weights))),
      m_sums(std::make_unique<Sums>()),
      m_trainsBase(trainsBase) {}

StepProfiler::~StepProfiler() = default;

void StepProfiler::record(const std::function<void()>& step) {
    LATHE_EXPECT(c10::ThreadLocalDebugInfo::get(kTapeKind) == nullptr);
    std::int64_t begin = 0, end = 0;
    {
        const Recording recording(m_tape);
        begin = now();
        step();
        end = now();
    }
    const std::lock_guard lock(m_tape->mutex);
    const std::vector<OwnTime> own = ownTimes(m_tape->frames, m_tape->names, m_trainsBase);
    const double seconds = 1e-9 * static_cast<double>(end - begin);
    double covered = 0;
    for (std::size_t i = 0; i < own.size(); ++i) {
        const std::string& shown = m_tape->names[m_tape->frames[i].name].shown;
        OperatorTime& sum = m_sums->operators[{shown, own[i].kind}];
        sum.name = shown;
        sum.kind = own[i].kind;
        sum.calls += 1;
        sum.seconds += own[i].seconds;
        m_sums->kinds[static_cast<std::size_t>(own[i].kind)] += own[i].seconds;
        covered += own[i].seconds;
    }
    m_sums->kinds[static_cast<std::size_t>(WorkKind::Other)] += std::max(0.0, seconds - covered);
    m_sums->seconds += seconds;
    ++m_sums->steps;
    m_tape->frames.clear();
}

StepProfile StepProfiler::profile(std::size_t operators) const {
    StepProfile profile;
    profile.steps = m_sums->steps;
    const double each = m_sums->steps == 0 ? 0 : 1.0 / static_cast<double>(m_sums->steps);
    profile.seconds = m_sums->seconds * each;
    for (std::size_t i = 0; i < kWorkKinds; ++i)
        profile.kinds[i] = m_sums->kinds[i] * each;
    for (const auto& [key, sum] : m_sums->operators)
        profile.operators.push_back({sum.name, sum.kind, sum.calls * each, sum.seconds * each});
    std::ranges::stable_sort(profile.operators, std::ranges::greater(), &OperatorTime::seconds);
    if (profile.operators.size() > operators)
        profile.operators.resize(operators);
    return profile;
}

StepProfiler profilerOf(const LanguageModel& model, const Adapter& adapter) {
    std::vector<at::Tensor> weights;
    for (const auto& [name, weight] : model.weights())
        weights.push_back(weight);
    BaseWeights base(weights);
    const bool trainsBase = std::ranges::any_of(
        adapter.parameters(), [&base](const NamedTensor& each) { return base.has(each.second); });
    return {std::move(base), trainsBase};
}

} // namespace lathe
