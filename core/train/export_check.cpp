#include "core/train/export_check.h"

#include "core/train/make_task.h"
#include "core/train/training_data.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

constexpr std::size_t kRows = 8;
constexpr std::size_t kTokens = 64; // of a row
constexpr std::int64_t kProbeTokens = 16;
/// More than this a check does not add to the memory of an export.
constexpr std::int64_t kWideCheckBytes = std::int64_t{1} << 30;

/// Nothing where the data cannot be read any more: the run may be old.
std::vector<at::Tensor> evaluationRows(const ExportSource& source, const RunFacts& run) {
    std::vector<at::Tensor> rows;
    if (run.recipe.map().empty())
        return rows;
    const ParamValues recipe = withDefaults(recipeSchema(), run.recipe);
    if (!validate(recipeSchema(), recipe).empty())
        return rows; // of another version of Lathe
    const auto task = recipeTask(recipe);
    const auto tokenizer = Tokenizer::load(source.model());
    if (!task.has_value() || !tokenizer.has_value())
        return rows;
    const auto data = loadTrainingData(recipe, **task, *tokenizer, run.seed.value_or(0));
    if (!data.has_value())
        return rows;
    const auto limit = static_cast<std::int64_t>(source.summary().vocabularySize);
    for (std::size_t i = 0; i < data->eval.size() && rows.size() < kRows; ++i) {
        const Example example = data->eval[i];
        const std::vector<std::int64_t> ids(
            example.ids.begin(),
            example.ids.begin() + static_cast<std::ptrdiff_t>(std::min(kTokens, example.ids.size())));
        if (!ids.empty() &&
            std::ranges::all_of(ids, [limit](std::int64_t id) { return id >= 0 && id < limit; }))
            rows.push_back(at::tensor(ids, at::kLong).unsqueeze(0));
    }
    return rows;
}

} // namespace

ProbeRows probeRows(const ExportSource& source, const RunFacts& run) {
    ProbeRows probe{evaluationRows(source, run), {}};
    if (!probe.ids.empty()) {
        probe.what = std::to_string(probe.ids.size()) +
                     (probe.ids.size() == 1 ? " row of the evaluation data" : " rows of the evaluation data");
        return probe;
    }
    return madeUpRows(source.summary());
}

ProbeRows madeUpRows(const ModelSummary& model) {
    // 7919 is the 1000th prime: ids spread over any vocabulary.
    const at::Tensor ids =
        (at::arange(2 * kProbeTokens, at::kLong) * 7919 % model.vocabularySize).view({2, kProbeTokens});
    return {{ids.slice(0, 0, 1), ids.slice(0, 1, 2)},
            "2 made-up rows of " + std::to_string(kProbeTokens) + " tokens"};
}

at::ScalarType checkDtype(const ModelSummary& model, at::ScalarType stored) {
    const bool isSmall = model.parameters * 4 <= kWideCheckBytes;
    return isSmall ? at::ScalarType::Float : stored;
}

Result<std::vector<at::Tensor>> probeLogits(LanguageModel& model, const ProbeRows& rows,
                                            const std::stop_token& stop) {
    const at::NoGradGuard noGrad;
    std::vector<at::Tensor> logits;
    for (const at::Tensor& ids : rows.ids) {
        if (stop.stop_requested())
            return Error{Error::Kind::Cancelled, {}, "it was stopped"};
        ModelInput input;
        input.ids = ids.to(model.device());
        if (const auto start = model.summary().decoderStartId) {
            input.sourceIds = input.ids; // what is read; what is written has only begun
            input.ids = at::full({1, 1}, *start, input.ids.options());
        }
        logits.push_back(model.output(input).to(at::kCPU, at::kFloat));
        if (!logits.back().isfinite().all().item<bool>())
            return Error{Error::Kind::Internal, "the export",
                         "was not finished: the model answers with numbers that are not finite; its training "
                         "has diverged, or the precision is too small for its weights"};
    }
    return logits;
}

double largestDifference(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
    LATHE_EXPECT(a.size() == b.size());
    double largest = 0;
    for (std::size_t row = 0; row < a.size(); ++row) {
        LATHE_EXPECT(a[row].sizes() == b[row].sizes());
        largest = std::max(largest, (a[row] - b[row]).abs().max().item<double>());
    }
    return largest;
}

} // namespace lathe
