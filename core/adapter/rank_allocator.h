#pragma once

#include "core/model/tensor_file.h"

#include <string>
#include <vector>

namespace lathe {

/// When AdaLoRA's budget of triplets falls from `initial` to `target`. Steps count from 0.
struct BudgetSchedule {
    std::int64_t initial = 0;
    std::int64_t target = 0;
    std::int64_t warmup = 0;   ///< steps at the start that prune nothing
    std::int64_t settling = 0; ///< steps at the end that change nothing any more
    std::int64_t total = 0;
    std::int64_t interval = 1; ///< steps between two prunings

    /// (initial − target) (1 − t)³ + target, rounded down, with t from 0 to 1 between warm-up and settling.
    [[nodiscard]] std::int64_t budget(std::int64_t step) const;
    [[nodiscard]] bool isDue(std::int64_t step) const;
    [[nodiscard]] std::int64_t settlingFrom() const { return total - settling; }
};

/// The tensors of one site: B (E ⊙ A). They are changed in place, and gradients are read off them.
struct Triplets {
    std::string name; ///< of the site
    at::Tensor a;     ///< [R, in]
    at::Tensor e;     ///< [R, 1]
    at::Tensor b;     ///< [out, R]
};

/// AdaLoRA's division of one budget over all sites, Zhang et al. 2023 (arXiv:2303.10512): the importance of
/// an entry w is Ī Ū with I = |w dL/dw|, Ī its moving average and Ū that of |I − Ī|; a triplet counts with
/// its E entry and the means over its row of A and its column of B; the lowest lose their E entry.
class RankAllocator {
public:
    RankAllocator(std::vector<Triplets> sites, double beta1, double beta2);

    void begin(const BudgetSchedule& schedule);
    /// After the optimiser's update, while the gradients are still there. Does nothing before begin().
    void afterUpdate(std::int64_t step);
    /// [R] by site: 1 for triplets that live, 0 for pruned ones.
    [[nodiscard]] const std::vector<at::Tensor>& masks() const { return m_masks; }
    /// Averages and masks by name; empty before begin().
    [[nodiscard]] std::vector<NamedTensor> state() const;

private:
    /// Moving averages of one tensor.
    struct Importance {
        at::Tensor mean, deviation;
    };
    struct Site {
        Triplets tensors;
        Importance a, e, b;
    };

    void updateImportance();
    void update(Importance& importance, const at::Tensor& parameter) const;
    void forget();
    void prune(std::int64_t budget);
    void applyMasks();

    std::vector<Site> m_sites;
    std::vector<at::Tensor> m_masks;
    double m_beta1, m_beta2;
    BudgetSchedule m_schedule;
};

} // namespace lathe
