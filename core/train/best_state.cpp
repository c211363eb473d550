#include "core/train/best_state.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <cmath>

namespace lathe {

namespace {

/// The order of two numbers of which less is better, NaN last: -1, 0 or 1.
int compared(double one, double other) {
    if (std::isnan(one) || std::isnan(other))
        return static_cast<int>(std::isnan(one)) - static_cast<int>(std::isnan(other));
    return one < other ? -1 : static_cast<int>(one > other);
}

} // namespace

bool isChosenBefore(const Standing& one, const Standing& other, bool isHighBetter) {
    const double sign = isHighBetter ? -1 : 1;
    if (const int order = compared(sign * one.metric, sign * other.metric); order != 0)
        return order < 0;
    if (const int order = compared(one.loss, other.loss); order != 0)
        return order < 0;
    return one.step < other.step;
}

Status checkKeepBest(const ParamValues& recipe) {
    if (recipe.flag("keep_best") && recipe.text("method") == "heterolora" &&
        recipe.text("allocation") == "dynamic")
        return inputError("keep_best", "keep_best cannot go back with allocation dynamic, which changes the "
                                       "places that are trained; switch it off or choose another allocation");
    return ok();
}

BestState::BestState(const Adapter& adapter, bool isHighBetter)
    : m_isHighBetter(isHighBetter), m_standing(at::zeros({4}, at::kDouble)) {
    const at::NoGradGuard noGrad;
    for (const auto& list : {adapter.parameters(), adapter.state()})
        for (const auto& [name, tensor] : list) {
            m_own.push_back(tensor);
            m_kept.emplace_back("best." + name, tensor.detach().clone());
        }
}

bool BestState::offer(const Standing& standing) {
    if (const auto before = this->standing(); before && !isChosenBefore(standing, *before, m_isHighBetter))
        return false;
    const at::NoGradGuard noGrad;
    for (std::size_t i = 0; i < m_own.size(); ++i)
        m_kept[i].second.copy_(m_own[i]);
    m_standing.copy_(
        at::tensor({1.0, standing.metric, standing.loss, static_cast<double>(standing.step)}, at::kDouble));
    return true;
}

void BestState::restore() {
    if (!standing())
        return;
    const at::NoGradGuard noGrad;
    for (std::size_t i = 0; i < m_own.size(); ++i)
        m_own[i].copy_(m_kept[i].second);
}

std::optional<Standing> BestState::standing() const {
    const double* kept = m_standing.const_data_ptr<double>();
    if (kept[0] == 0)
        return std::nullopt;
    return Standing{kept[1], kept[2], static_cast<std::int64_t>(kept[3])};
}

std::vector<NamedTensor> BestState::state() const {
    std::vector<NamedTensor> all = m_kept;
    all.emplace_back("best.standing", m_standing);
    return all;
}

} // namespace lathe
