#include "core/train/model_flops.h"

#include "core/train/batch_parts.h"

namespace lathe {

StepWork workOf(std::span<const Batch> batches, const ModelSummary& model) {
    StepWork work;
    for (const Batch& batch : batches) {
        work.tokens += static_cast<double>(batch.realTokens);
        const std::size_t texts = batch.textLabels.size() + batch.textNumbers.size();
        work.headRows += static_cast<double>(texts == 0 ? batch.labelledTokens : texts);
        for (std::size_t row = 0; row < batch.rows; ++row) {
            const auto length = static_cast<double>(realTokensOf(batch, row));
            work.pairs += model.isCausal ? length * (length + 1) / 2 : length * length;
        }
    }
    return work;
}

double stepFlops(const StepWork& work, const ModelSummary& model) {
    constexpr double kProduct = 4; // a multiplication and an addition, forward and back to the activations
    double projections = 0;
    for (const Site& site : model.sites)
        if (site.kind == SiteKind::Projection)
            projections += static_cast<double>(site.in) * static_cast<double>(site.out);
    const auto width = static_cast<double>(model.heads * model.headSize);
    const double attention = 12 * work.pairs * width * static_cast<double>(model.layers);
    const double head =
        kProduct * work.headRows * static_cast<double>(model.hiddenSize) * static_cast<double>(model.outputs);
    return work.tokens * (kProduct * projections + 2 * work.ownTrained + 6 * work.added) + attention + head;
}

} // namespace lathe
