#include "core/train/quantised_base.h"

#include "core/adapter/adapter_method.h"
#include "core/adapter/trained_weights.h"
#include "core/kernels/packed_weight.h"
#include "core/model/quantised_files.h"
#include "core/model/quantised_model.h"
#include "core/model/save_model.h"
#include "core/train/training_step.h"

#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <numeric>
#include <set>
#include <sstream>

namespace lathe {

namespace {

std::set<std::string> packedNames(const ModelSummary& model) {
    std::set<std::string> names;
    for (const Site& site : model.sites)
        if (site.kind == SiteKind::Projection && site.layer >= 0)
            names.insert(site.name + ".weight");
    return names;
}

/// Largest and mean, of differences and of what they are differences from.
class Distance {
public:
    void add(const at::Tensor& actual, const at::Tensor& expected) {
        const at::Tensor wanted = expected.detach().to(at::kFloat);
        const at::Tensor apart = (actual.detach().to(at::kFloat) - wanted).abs();
        m_largestApart = std::max(m_largestApart, apart.max().item<double>());
        m_largest = std::max(m_largest, wanted.abs().max().item<double>());
        m_sumApart += apart.sum(at::kDouble).item<double>();
        m_sum += wanted.abs().sum(at::kDouble).item<double>();
    }
    [[nodiscard]] double largest() const { return m_largest > 0 ? m_largestApart / m_largest : 0; }
    [[nodiscard]] double mean() const { return m_sum > 0 ? m_sumApart / m_sum : 0; }

private:
    double m_largestApart = 0, m_largest = 0, m_sumApart = 0, m_sum = 0;
};

constexpr std::size_t kComparedRows = 4;

std::string withDigits(double value, int digits) {
    std::ostringstream text;
    text.precision(digits);
    text << value;
    return text.str();
}

std::string percent(double share) { return withDigits(100 * share, 3) + " %"; }

/// Rows that are not trained on, where there are some.
Batch rowsToCompare(const TrainingData& data) {
    const ExampleList& examples = data.eval.size() > 0 ? data.eval : data.train;
    std::vector<std::size_t> first(std::min(kComparedRows, examples.size()));
    std::iota(first.begin(), first.end(), std::size_t{0});
    return batchOf(examples, first, data.padId);
}

/// "NF4, 12.3 MB in place of 47.2"
std::string packedSize(const LanguageModel& model) {
    double packed = 0;
    double whole = 0;
    bool isNf4 = false;
    for (const auto& [name, weight] : model.weights())
        if (const PackedWeight* codes = packedIn(weight)) {
            packed += static_cast<double>(codes->bytes()) / 1e6;
            whole +=
                static_cast<double>(weight.numel()) * static_cast<double>(weight.dtype().itemsize()) / 1e6;
            isNf4 = codes->kind() == Quantisation::Nf4;
        }
    return (isNf4 ? "NF4, " : "int8, ") + withDigits(packed, 4) + " MB in place of " + withDigits(whole, 4);
}

/// The model as it is without quantisation.
Result<std::unique_ptr<LanguageModel>> wholeModel(const ParamValues& recipe, LoadOptions options,
                                                  std::uint64_t seed) {
    const std::string folder = recipe.text("model");
    if (recipe.text("init") == "random")
        return randomModel(folder, seed, options);
    LATHE_ASSIGN(const at::ScalarType dtype, storedDtype(folder));
    options.dtype = dtype == at::kHalf ? at::kFloat : dtype;
    return loadModel(folder, options);
}

} // namespace

Result<Quantisation> baseQuantisation(const ParamValues& recipe) {
    const Quantisation asked = quantisationNamed(recipe.text("quantization"));
    LATHE_ASSIGN(const Quantisation stored, storedQuantisation(recipe.text("model")));
    if (asked == Quantisation::None || stored == Quantisation::None)
        return asked == Quantisation::None ? stored : asked;
    if (asked != stored)
        return inputError("quantization", "is " + quantisationName(asked) + ", but the model's files hold " +
                                              quantisationName(stored) + " weights; choose that, or none");
    return asked;
}

std::vector<Problem> quantisationProblems(const ParamValues& recipe, const ModelSummary& model,
                                          Quantisation quantisation) {
    if (quantisation == Quantisation::None)
        return {};
    const std::string kind = quantisationName(quantisation);
    if (recipe.text("method") == "full")
        return {{"method", "all weights cannot be trained where they are kept as " + kind +
                               " codes; choose an adapter, or an unquantised model"}};
    std::vector<Problem> problems;
    if (const auto device = deviceFrom(recipe.text("device")); device.has_value() && !device->is_cpu())
        problems.push_back({"device", device->str() + " cannot compute with " + kind +
                                          " weights; choose cpu, or no quantisation"});
    const auto method = adapterMethods().make(recipe.text("method"));
    if (!method.has_value() || findSpec(method.value()->options(), "modules_to_save") == nullptr)
        return problems;
    const std::set<std::string> packed = packedNames(model);
    const auto trained = trainedWeights(recipe, model, {});
    if (!trained.has_value())
        return problems; // the method's own check tells it
    for (const TrainedWeight& each : trained.value())
        if (packed.contains(each.weight)) {
            problems.push_back({"modules_to_save", each.weight + " is kept as " + kind +
                                                       " codes and cannot be trained as a whole; leave it "
                                                       "out, or take no quantisation"});
            break;
        }
    return problems;
}

PackedShare packedShare(const ModelSummary& model, Quantisation quantisation) {
    PackedShare share;
    if (quantisation == Quantisation::None)
        return share;
    const std::set<std::string> packed = packedNames(model);
    // Half a byte, a byte for each block and four for each block of blocks; the scales of rows are next to
    // nothing.
    share.bytesEach = quantisation == Quantisation::Int8
                          ? 1
                          : 0.5 + (1 + 4.0 / kStatisticsBlock) / static_cast<double>(kNf4Block);
    for (const TensorSpec& tensor : model.tensors) {
        if (!packed.contains(tensor.name))
            continue;
        std::int64_t count = 1;
        for (const std::int64_t size : tensor.shape)
            count *= size;
        share.parameters += count;
        share.largest = std::max(share.largest, count);
    }
    return share;
}

QuantisationError quantisationError(LanguageModel& packed, LanguageModel& whole, const Batch& batch) {
    const at::NoGradGuard noGrad;
    Distance weights, logits;
    for (const auto& [name, weight] : packed.weights())
        if (packedIn(weight) != nullptr)
            weights.add(DenseWeight(weight).tensor(), whole.weight(name));
    const DeviceBatch onDevice = toDevice(batch, packed.device(), layoutFor(packed, batch));
    logits.add(labelledLogits(packed, onDevice), labelledLogits(whole, onDevice));
    return {weights.largest(), weights.mean(), logits.largest(), logits.mean()};
}

Result<QuantisationNote> describeQuantisation(LanguageModel& model, const ParamValues& recipe,
                                              const TrainingData& data, const LoadOptions& options,
                                              std::uint64_t seed) {
    QuantisationNote note;
    note.lines.push_back("the base's projections are kept as " + packedSize(model));
    LATHE_ASSIGN(const Quantisation stored, storedQuantisation(recipe.text("model")));
    if (stored != Quantisation::None && recipe.text("init") != "random") {
        note.lines.push_back("the model's files hold codes alone, so that their distance from the "
                             "unquantised weights is not known");
        return note;
    }
    const Batch rows = rowsToCompare(data);
    if (lossesDueIn(std::span(&rows, 1)) == 0)
        return note; // plain text of single tokens
    LATHE_ASSIGN(const auto whole, wholeModel(recipe, options, seed));
    const QuantisationError error = quantisationError(model, *whole, rows);
    note.figures = {{"quantization_weight_error", error.weightMean},
                    {"quantization_weight_error_max", error.weightLargest},
                    {"quantization_logit_error", error.logitMean},
                    {"quantization_logit_error_max", error.logitLargest}};
    note.lines.push_back("against the unquantised base, packed weights differ by " +
                         percent(error.weightMean) + " of the mean weight (at most " +
                         percent(error.weightLargest) + " of the largest), and the scores of " +
                         std::to_string(rows.rows) + " rows by " + percent(error.logitMean) +
                         " of the mean score (at most " + percent(error.logitLargest) + " of the largest)");
    return note;
}

} // namespace lathe
