#include "core/train/flat_adamw.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <algorithm>

namespace lathe {

FlatAdamW::FlatAdamW(const std::vector<NamedTensor>& parameters, const Settings& settings)
    : FlatAdamW(std::vector<ParameterGroup>{{parameters, 1, {}}}, settings) {}

FlatAdamW::FlatAdamW(const std::vector<ParameterGroup>& groups, const Settings& settings)
    : m_settings(settings) {
    for (const ParameterGroup& group : groups) {
        std::vector<at::Tensor> matrices;
        std::vector<at::Tensor> vectors;
        for (const auto& [name, parameter] : group.parameters)
            (parameter.dim() >= 2 || settings.shouldDecayVectors ? matrices : vectors).push_back(parameter);
        addGroup(matrices, group.weightDecay.value_or(settings.weightDecay), group.lrFactor);
        addGroup(vectors, 0, group.lrFactor);
    }
}

void FlatAdamW::addGroup(const std::vector<at::Tensor>& parameters, double weightDecay, double lrFactor) {
    if (parameters.empty())
        return;
    const at::NoGradGuard noGrad;
    std::int64_t total = 0;
    for (const at::Tensor& parameter : parameters)
        total += parameter.numel();
    const at::ScalarType dtype = parameters.front().scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
    const auto options = at::TensorOptions(dtype).device(parameters.front().device());
    m_gathers = m_settings.gathersGradients || !options.device().is_cpu();
    Group group;
    group.firstMember = m_members.size();
    group.members = parameters.size();
    group.weightDecay = weightDecay;
    group.lrFactor = lrFactor;
    group.values = at::zeros({total}, options);
    group.gradients = at::zeros({total}, options);
    group.first = at::zeros({total}, options);
    group.second = at::zeros({total}, options);
    group.stepsDone = at::zeros({}, options.dtype(at::kFloat));
    std::int64_t offset = 0;
    for (at::Tensor parameter : parameters) {
        const auto part = [&](const at::Tensor& whole) {
            return whole.narrow(0, offset, parameter.numel()).view(parameter.sizes());
        };
        Member member{parameter,
                      part(group.values),
                      part(group.gradients),
                      part(group.first),
                      part(group.second),
                      0,
                      parameter.scalar_type() == dtype};
        member.value.copy_(parameter);
        if (member.isView) {
            parameter.set_data(member.value);
            parameter.mutable_grad() = m_gathers ? at::Tensor() : member.gradient; // to be added to
        }
        offset += parameter.numel();
        m_members.push_back(std::move(member));
    }
    m_groups.push_back(std::move(group));
}

void FlatAdamW::zeroGradients() {
    m_isGathered = false;
    for (Group& group : m_groups)
        if (!m_gathers)
            group.gradients.zero_();
    for (Member& member : m_members)
        if (m_gathers || !member.isView)
            member.parameter.mutable_grad() = at::Tensor();
}

/// Whoever looks at a parameter's gradient from here on sees the buffer's, clipped or changed.
void FlatAdamW::gatherGradients(const Group& group) {
    std::vector<at::Tensor> parts;
    for (std::size_t i = group.firstMember; i < group.firstMember + group.members; ++i) {
        Member& member = m_members[i];
        const at::Tensor& own = member.parameter.grad();
        parts.push_back((own.defined() ? own : at::zeros_like(member.gradient)).reshape({-1}));
        if (member.isView)
            member.parameter.mutable_grad() = member.gradient;
    }
    at::Tensor whole = group.gradients;
    at::cat_out(whole, parts);
}

at::Tensor FlatAdamW::clipGradients(double limit) {
    const at::NoGradGuard noGrad;
    if (m_gathers && !m_isGathered)
        for (const Group& group : m_groups)
            gatherGradients(group);
    else
        for (Member& member : m_members)
            if (!member.isView && member.parameter.grad().defined())
                member.gradient.copy_(member.parameter.grad());
    m_isGathered = true;
    std::vector<at::Tensor> norms;
    for (const Group& group : m_groups)
        norms.push_back(group.gradients.norm());
    const at::Tensor norm = at::stack(norms).norm().to(at::kDouble);
    if (limit > 0) {
        constexpr double kGuard = 1e-6; // as torch's clip_grad_norm_
        // The norm stays where it is: to read it would make the host wait for the whole backward pass.
        const at::Tensor factor = (limit / (norm + kGuard)).clamp_max(1);
        for (Group& group : m_groups)
            group.gradients.mul_(factor);
    }
    return norm;
}

std::span<FlatAdamW::Member> FlatAdamW::membersOf(const Group& group) {
    return std::span(m_members).subspan(group.firstMember, group.members);
}

/// Where some stood still once, the others' counts of steps are theirs alone.
void FlatAdamW::stepMembers(Group& group, double learningRate) {
    std::vector<at::Tensor> values, gradients, first, second, steps;
    for (Member& member : membersOf(group)) {
        if (!member.parameter.requires_grad())
            continue;
        ++member.stepsDone;
        values.push_back(member.value);
        gradients.push_back(member.gradient);
        first.push_back(member.first);
        second.push_back(member.second);
        steps.push_back(at::full_like(group.stepsDone, static_cast<double>(member.stepsDone)));
    }
    if (!values.empty())
        at::_fused_adamw_(values, gradients, first, second, {}, steps, learningRate * group.lrFactor,
                          m_settings.beta1, m_settings.beta2, group.weightDecay, m_settings.epsilon,
                          /*amsgrad=*/false, /*maximize=*/false);
}

void FlatAdamW::step(double learningRate) {
    const at::NoGradGuard noGrad;
    for (Group& group : m_groups)
        if (const auto members = membersOf(group);
            !group.hasIdled && std::ranges::any_of(members, [](const Member& member) {
                return !member.parameter.requires_grad();
            })) {
            group.hasIdled = true;
            for (Member& member : members)
                member.stepsDone = m_stepsDone;
        }
    ++m_stepsDone;
    for (Group& group : m_groups) {
        if (group.hasIdled) {
            stepMembers(group, learningRate);
            continue;
        }
        group.stepsDone.fill_(m_stepsDone); // what the kernel calls the state step counts this one
        at::_fused_adamw_({group.values}, {group.gradients}, {group.first}, {group.second}, {},
                          {group.stepsDone}, learningRate * group.lrFactor, m_settings.beta1,
                          m_settings.beta2, group.weightDecay, m_settings.epsilon, /*amsgrad=*/false,
                          /*maximize=*/false);
    }
    for (Member& member : m_members)
        if (!member.isView)
            member.parameter.copy_(member.value);
}

std::vector<NamedTensor> FlatAdamW::state() const {
    std::vector<NamedTensor> tensors;
    for (std::size_t i = 0; i < m_groups.size(); ++i) {
        const std::string prefix = "optimizer." + std::to_string(i);
        tensors.emplace_back(prefix + ".values", m_groups[i].values);
        tensors.emplace_back(prefix + ".first_moment", m_groups[i].first);
        tensors.emplace_back(prefix + ".second_moment", m_groups[i].second);
        if (!m_groups[i].hasIdled)
            continue;
        std::vector<double> steps;
        for (std::size_t k = 0; k < m_groups[i].members; ++k)
            steps.push_back(static_cast<double>(m_members[m_groups[i].firstMember + k].stepsDone));
        tensors.emplace_back(prefix + ".steps_done", at::tensor(steps, at::kDouble));
    }
    return tensors;
}

Status FlatAdamW::restore(const std::map<std::string, at::Tensor>& tensors, std::int64_t stepsDone) {
    const at::NoGradGuard noGrad;
    for (std::size_t i = 0; i < m_groups.size(); ++i) {
        Group& group = m_groups[i];
        const auto steps = tensors.find("optimizer." + std::to_string(i) + ".steps_done");
        group.hasIdled =
            steps != tensors.end() && steps->second.numel() == static_cast<std::int64_t>(group.members);
        if (!group.hasIdled)
            continue;
        const at::Tensor counts = steps->second.to(at::kDouble).contiguous();
        const double* count = counts.const_data_ptr<double>();
        for (Member& member : membersOf(group))
            member.stepsDone = static_cast<std::int64_t>(*count++);
    }
    for (auto& [name, own] : state()) {
        const auto it = tensors.find(name);
        if (it == tensors.end() || it->second.sizes() != own.sizes())
            return inputError("checkpoint",
                              "its tensor " + name + " is missing or belongs to another recipe");
    }
    for (auto& [name, own] : state())
        own.copy_(tensors.at(name));
    for (Member& member : m_members)
        if (!member.isView)
            member.parameter.copy_(member.value);
    m_stepsDone = stepsDone;
    return ok();
}

} // namespace lathe
