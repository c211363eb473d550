#include "core/train/run_probe.h"

#include "core/base/contract.h"
#include "core/train/mean_loss.h"

#include <ATen/ops/ones.h>

namespace lathe {

namespace {

constexpr std::uint64_t kOrderStream = 0x73636f72; // "scor": apart from what else the seed is for

} // namespace

RunProbe::RunProbe(LanguageModel& model, const TrainingData& data, const Facts& facts, Outlets outlets)
    : m_model(model),
      m_rows(data.train),
      m_padId(data.padId),
      m_facts(facts),
      m_outlets(std::move(outlets)),
      m_cursor(data.train.size(), static_cast<std::size_t>(facts.batchSize),
               mixSeed(facts.seed, kOrderStream)),
      m_batchCount(m_cursor.batchesPerEpoch()) {}

const std::vector<std::size_t>& RunProbe::rows(std::int64_t batch) {
    LATHE_EXPECT(batch >= 0 && batch < batches());
    while (static_cast<std::int64_t>(m_chosen.size()) <= batch)
        m_chosen.push_back(m_cursor.next());
    return m_chosen[static_cast<std::size_t>(batch)];
}

Batch RunProbe::batchAt(std::int64_t batch) { return batchOf(m_rows, rows(batch), m_padId); }

at::Tensor RunProbe::loss(std::int64_t number, Input input) {
    const Batch batch = batchAt(number);
    DeviceBatch onDevice = toDevice(batch, m_model.device(), layoutFor(m_model, batch));
    if (onDevice.due().numel() == 0)
        return {};
    if (input == Input::Ones) {
        const at::Tensor& ids = onDevice.input.ids;
        onDevice.input.embeddings = at::ones({ids.size(0), ids.size(1), m_model.summary().embeddingWidth},
                                             at::TensorOptions(m_model.dtype()).device(m_model.device()));
    }
    return meanLoss(m_model, onDevice);
}

TrainingProbe::Fit RunProbe::fit(std::int64_t number) {
    const Batch batch = batchAt(number);
    Fit fit;
    fit.isLabelling = !batch.textLabels.empty();
    for (const ExampleScore& score : scoreBatch(m_model, batch)) {
        fit.lossSum += score.lossSum;
        fit.right += score.correctTokens;
        fit.labels += score.labelledTokens;
    }
    return fit;
}

} // namespace lathe
