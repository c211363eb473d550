#include "core/base/event.h"

#include "core/base/contract.h"

#include <array>

namespace lathe {

namespace {

constexpr std::array<std::pair<TrialState, std::string_view>, 10> kStateNames{{
    {TrialState::Queued, "queued"},
    {TrialState::Preparing, "preparing"},
    {TrialState::Running, "running"},
    {TrialState::Paused, "paused"},
    {TrialState::Finishing, "finishing"},
    {TrialState::Complete, "complete"},
    {TrialState::Pruned, "pruned"},
    {TrialState::Failed, "failed"},
    {TrialState::Cancelled, "cancelled"},
    {TrialState::Interrupted, "interrupted"},
}};

} // namespace

std::string_view toString(TrialState state) {
    for (const auto& [value, name] : kStateNames)
        if (value == state)
            return name;
    contractBroken("a known trial state", __FILE__, __LINE__);
}

std::optional<TrialState> trialStateFrom(std::string_view name) {
    for (const auto& [value, known] : kStateNames)
        if (known == name)
            return value;
    return std::nullopt;
}

bool isLowBest(std::string_view metric) { return metric.ends_with("loss"); }

bool isFinal(TrialState state) {
    return state == TrialState::Complete || state == TrialState::Pruned || state == TrialState::Failed ||
           state == TrialState::Cancelled;
}

} // namespace lathe
