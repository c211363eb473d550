#pragma once

#include "core/adapter/adapter.h"

#include <ATen/core/Tensor.h>
#include <map>
#include <span>
#include <vector>

namespace lathe {

/// AdamW with decoupled weight decay, Loshchilov and Hutter 2019 (arXiv:1711.05101), over two flat fp32
/// buffers for each group of parameters: one fused update and one norm whatever their number. fp32 parameters
/// become views of the buffers, and so do their gradients, into which the backward pass then adds; parameters
/// of a narrower dtype get an fp32 master copy. On a GPU to add costs a kernel for each parameter: there the
/// backward pass leaves its gradients where it made them, and one copy gathers them. A parameter that
/// requires no gradient at a step is left alone, weight decay and all, and so are its moments and its count
/// of steps, as torch does with one that has none.
class FlatAdamW {
public:
    struct Settings {
        double beta1 = 0.9;
        double beta2 = 0.999;
        double epsilon = 1e-8;
        double weightDecay = 0;
        bool shouldDecayVectors = false; ///< norms and biases too
        bool gathersGradients = false;   ///< on the CPU as well
    };

    /// The parameters are leaves that require gradients, all on one device; fp64 ones are kept in fp64.
    FlatAdamW(const std::vector<ParameterGroup>& groups, const Settings& settings);
    FlatAdamW(const std::vector<NamedTensor>& parameters, const Settings& settings);

    void zeroGradients();
    /// Scales all gradients so that their common norm is at most `limit` (0: leaves them). Returns the norm
    /// before, an fp64 scalar on the parameters' device.
    at::Tensor clipGradients(double limit);
    void step(double learningRate);

    /// Moments and masters by name, for checkpoints; restore() takes back what state() gave. Input error if a
    /// tensor is missing or has another shape.
    [[nodiscard]] std::vector<NamedTensor> state() const;
    [[nodiscard]] Status restore(const std::map<std::string, at::Tensor>& tensors, std::int64_t stepsDone);
    [[nodiscard]] std::int64_t stepsDone() const { return m_stepsDone; }

private:
    struct Group {
        double weightDecay = 0;
        double lrFactor = 1;
        at::Tensor values, gradients, first, second; // [n] each
        at::Tensor stepsDone;                        // scalar fp32, as the fused kernel wants it
        std::size_t firstMember = 0, members = 0;
        bool hasIdled = false; ///< members have counts of steps of their own
    };
    struct Member {
        at::Tensor parameter;
        at::Tensor value, gradient; // views into a group
        at::Tensor first, second;   // the same of its moments
        std::int64_t stepsDone = 0;
        bool isView = false; // the parameter itself is the view `value`
    };

    void gatherGradients(const Group& group);
    [[nodiscard]] std::span<Member> membersOf(const Group& group);
    void stepMembers(Group& group, double learningRate);
    void addGroup(const std::vector<at::Tensor>& parameters, double weightDecay, double lrFactor);

    Settings m_settings;
    std::vector<Group> m_groups;
    std::vector<Member> m_members;
    std::int64_t m_stepsDone = 0;
    bool m_gathers = false;
    bool m_isGathered = false; // since the last zeroGradients()
};

} // namespace lathe
