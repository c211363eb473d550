#include "core/adapter/rank_allocator.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/kthvalue.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros_like.h>

namespace lathe {

std::int64_t BudgetSchedule::budget(std::int64_t step) const {
    if (step <= warmup)
        return initial;
    if (step > settlingFrom())
        return target;
    const double left = 1 - static_cast<double>(step - warmup) / static_cast<double>(settlingFrom() - warmup);
    return static_cast<std::int64_t>(static_cast<double>(initial - target) * (left * left * left) +
                                     static_cast<double>(target));
}

bool BudgetSchedule::isDue(std::int64_t step) const {
    return step > warmup && (step > settlingFrom() || step % interval == 0);
}

RankAllocator::RankAllocator(std::vector<Triplets> sites, double beta1, double beta2)
    : m_beta1(beta1), m_beta2(beta2) {
    for (Triplets& each : sites) {
        m_masks.push_back(at::ones({each.e.size(0)}, each.e.options().requires_grad(false)));
        m_sites.push_back({std::move(each), {}, {}, {}});
    }
}

void RankAllocator::begin(const BudgetSchedule& schedule) {
    m_schedule = schedule;
    for (Site& site : m_sites)
        for (auto [importance, tensor] :
             {std::pair(&site.a, &site.tensors.a), std::pair(&site.e, &site.tensors.e),
              std::pair(&site.b, &site.tensors.b)})
            *importance = {at::zeros_like(tensor->detach()), at::zeros_like(tensor->detach())};
}

void RankAllocator::afterUpdate(std::int64_t step) {
    if (m_schedule.total == 0)
        return;
    const at::NoGradGuard noGrad;
    const std::int64_t settlingFrom = m_schedule.settlingFrom();
    if (step > settlingFrom) { // the optimiser's momentum moves pruned entries still
        applyMasks();
        return;
    }
    if (step < settlingFrom)
        updateImportance();
    if (step == settlingFrom || m_schedule.isDue(step))
        prune(m_schedule.budget(step));
    if (step == settlingFrom)
        forget();
}

void RankAllocator::updateImportance() {
    for (Site& site : m_sites) {
        update(site.a, site.tensors.a);
        update(site.e, site.tensors.e);
        update(site.b, site.tensors.b);
    }
}

void RankAllocator::update(Importance& importance, const at::Tensor& parameter) const {
    if (!parameter.grad().defined())
        return;
    const at::Tensor now = (parameter * parameter.grad()).abs_();
    importance.mean.mul_(m_beta1).add_(now * (1 - m_beta1));
    importance.deviation.mul_(m_beta2).add_((now - importance.mean).abs_().mul_(1 - m_beta2));
}

void RankAllocator::forget() {
    for (Site& site : m_sites)
        for (Importance* each : {&site.a, &site.e, &site.b}) {
            each->mean.zero_();
            each->deviation.zero_();
        }
}

void RankAllocator::prune(std::int64_t budget) {
    const std::int64_t lost = m_schedule.initial - budget;
    if (lost <= 0)
        return;
    std::vector<at::Tensor> scores;
    for (const Site& site : m_sites)
        scores.push_back((site.e.mean * site.e.deviation).view(-1) +
                         (site.a.mean * site.a.deviation).mean(1) + (site.b.mean * site.b.deviation).mean(0));
    // Ties with the last that falls fall too.
    const at::Tensor threshold = std::get<0>(at::kthvalue(at::cat(scores), lost));
    for (std::size_t i = 0; i < m_sites.size(); ++i)
        m_masks[i].copy_(scores[i] > threshold);
    applyMasks();
}

void RankAllocator::applyMasks() {
    for (std::size_t i = 0; i < m_sites.size(); ++i)
        m_sites[i].tensors.e.masked_fill_((m_masks[i] == 0).unsqueeze(1), 0);
}

std::vector<NamedTensor> RankAllocator::state() const {
    std::vector<NamedTensor> state;
    if (m_schedule.total == 0)
        return state;
    for (std::size_t i = 0; i < m_sites.size(); ++i) {
        const Site& site = m_sites[i];
        const std::string name = "adalora." + site.tensors.name;
        state.emplace_back(name + ".mask", m_masks[i]);
        for (const auto& [part, importance] :
             {std::pair(".lora_A", &site.a), std::pair(".lora_E", &site.e), std::pair(".lora_B", &site.b)}) {
            state.emplace_back(name + part + ".mean", importance->mean);
            state.emplace_back(name + part + ".deviation", importance->deviation);
        }
    }
    return state;
}

} // namespace lathe
