#include "core/train/quantised_base.h"

#include "core/adapter/adapter_method.h"
#include "core/adapter/trained_weights.h"
#include "core/kernels/packed_weight.h"
#include "core/model/quantised_files.h"
#include "core/model/quantised_model.h"
#include "core/model/save_model.h"
#include "core/model/weight_packer.h"
#include "core/train/training_step.h"

#include <ATen/core/grad_mode.h>
#include <algorithm>
#include <numeric>
#include <sstream>

namespace lathe {

namespace {

/// The weights that are kept in codes, and in which.
std::map<std::string, Quantisation> packedNames(const ModelSummary& model,
                                                const BaseQuantisation& quantisation) {
    std::map<std::string, Quantisation> names;
    if (quantisation.projections != Quantisation::None)
        for (const Site& site : model.sites)
            if (site.kind == SiteKind::Projection && site.layer >= 0)
                names[site.name + ".weight"] = quantisation.projections;
    if (quantisation.tokens != Quantisation::None)
        for (const std::string& name : tokenTables(model))
            names[name] = quantisation.tokens;
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
    [[nodiscard]] QuantisationError::Part part() const {
        return {m_sum > 0 ? m_sumApart / m_sum : 0, m_largest > 0 ? m_largestApart / m_largest : 0};
    }

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

bool isTable(const std::string& weight, const ModelSummary& model) {
    const std::vector<std::string> tables = tokenTables(model);
    return std::ranges::find(tables, weight) != tables.end();
}

/// "NF4, 12.3 MB in place of 47.2": of the tables of tokens, or of the other packed weights; empty: none are.
std::string packedSize(const LanguageModel& model, bool isOfTables) {
    double packed = 0;
    double whole = 0;
    bool isNf4 = false;
    for (const auto& [name, weight] : model.weights())
        if (const PackedWeight* codes = packedIn(weight);
            codes != nullptr && isTable(name, model.summary()) == isOfTables) {
            packed += static_cast<double>(codes->bytes()) / 1e6;
            whole +=
                static_cast<double>(weight.numel()) * static_cast<double>(weight.dtype().itemsize()) / 1e6;
            isNf4 = codes->kind() == Quantisation::Nf4;
        }
    return packed == 0 ? std::string()
                       : (isNf4 ? "NF4, " : "int8, ") + withDigits(packed, 4) + " MB in place of " +
                             withDigits(whole, 4);
}

std::string apart(const QuantisationError::Part& error, const std::string& what) {
    return percent(error.mean) + " of the mean " + what + " (at most " + percent(error.largest) +
           " of the largest)";
}

/// Whether the adapter stands at a table of tokens, or at the head over it.
bool isAtTable(const Site& site, const ModelSummary& model) {
    const bool isTokenHead = site.kind == SiteKind::Head && site.out == model.vocabularySize;
    return site.kind == SiteKind::Embedding ||
           (isTokenHead && (model.hasTiedHead || isTable(site.name + ".weight", model)));
}

/// The adapter's places at what is kept in codes though they are no projections of the blocks.
std::vector<Problem> tableProblems(const ParamValues& recipe, const ModelSummary& model,
                                   const AdapterMethod& method) {
    if (!method.check(model, recipe).empty())
        return {}; // which tells it
    for (const Site& site : method.sites(model, recipe))
        if (isAtTable(site, model))
            return {{"quantize_tokens", site.name + " is to have an adapter, which needs the table of tokens "
                                                    "whole; leave it out of target_modules, or set "
                                                    "quantize_tokens to none"}};
    return {};
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

Result<Quantisation> projectionQuantisation(const ParamValues& recipe) {
    const Quantisation asked = quantisationNamed(recipe.text("quantization"));
    LATHE_ASSIGN(const Quantisation stored, storedQuantisation(recipe.text("model")));
    if (asked == Quantisation::None || stored == Quantisation::None)
        return asked == Quantisation::None ? stored : asked;
    if (asked != stored)
        return inputError("quantization", "is " + quantisationName(asked) + ", but the model's files hold " +
                                              quantisationName(stored) + " weights; choose that, or none");
    return asked;
}

} // namespace

Result<BaseQuantisation> baseQuantisation(const ParamValues& recipe) {
    LATHE_ASSIGN(const Quantisation projections, projectionQuantisation(recipe));
    const Quantisation tokens = quantisationNamed(recipe.text("quantize_tokens"));
    if (tokens != Quantisation::None && projections == Quantisation::None)
        return inputError("quantize_tokens", "is " + quantisationName(tokens) +
                                                 ", but the model's projections are not quantised; set "
                                                 "quantization to nf4 or int8, or quantize_tokens to none");
    return BaseQuantisation(projections, tokens);
}

std::vector<Problem> quantisationProblems(const ParamValues& recipe, const ModelSummary& model,
                                          const BaseQuantisation& quantisation) {
    if (quantisation.isNone())
        return {};
    const std::string kind = quantisationName(quantisation.projections);
    if (recipe.text("method") == "full")
        return {{"method", "all weights cannot be trained where they are kept as " + kind +
                               " codes; choose an adapter, or an unquantised model"}};
    std::vector<Problem> problems;
    if (const auto device = deviceFrom(recipe.text("device")); device.has_value() && !device->is_cpu())
        problems.push_back({"device", device->str() + " cannot compute with " + kind +
                                          " weights; choose cpu, or no quantisation"});
    const auto method = adapterMethods().make(recipe.text("method"));
    if (!method.has_value())
        return problems;
    if (quantisation.tokens != Quantisation::None)
        for (Problem& problem : tableProblems(recipe, model, *method.value()))
            problems.push_back(std::move(problem));
    if (findSpec(method.value()->options(), "modules_to_save") == nullptr)
        return problems;
    const std::map<std::string, Quantisation> packed = packedNames(model, quantisation);
    const auto trained = trainedWeights(recipe, model, {});
    if (!trained.has_value())
        return problems; // the method's own check tells it
    for (const TrainedWeight& each : trained.value())
        if (const auto found = packed.find(each.weight); found != packed.end()) {
            problems.push_back({"modules_to_save", each.weight + " is kept as " +
                                                       quantisationName(found->second) +
                                                       " codes and cannot be trained as a whole; leave it "
                                                       "out, or take no quantisation"});
            break;
        }
    return problems;
}

PackedShare packedShare(const ModelSummary& model, const BaseQuantisation& quantisation) {
    PackedShare share;
    const std::map<std::string, Quantisation> packed = packedNames(model, quantisation);
    // Half a byte, a byte for each block and four for each block of blocks; the scales of rows are next to
    // nothing.
    constexpr double kNf4Bytes = 0.5 + (1 + 4.0 / kStatisticsBlock) / static_cast<double>(kNf4Block);
    for (const TensorSpec& tensor : model.tensors) {
        const auto found = packed.find(tensor.name);
        if (found == packed.end())
            continue;
        std::int64_t count = 1;
        for (const std::int64_t size : tensor.shape)
            count *= size;
        share.parameters += count;
        share.bytes += static_cast<double>(count) * (found->second == Quantisation::Nf4 ? kNf4Bytes : 1);
        if (!isTable(tensor.name, model)) // of which some rows are unpacked at a time
            share.largest = std::max(share.largest, count);
    }
    return share;
}

QuantisationError quantisationError(LanguageModel& packed, LanguageModel& whole, const Batch& batch) {
    const at::NoGradGuard noGrad;
    Distance weights, tokens, logits;
    for (const auto& [name, weight] : packed.weights()) {
        if (packedIn(weight) == nullptr)
            continue;
        Distance& distance = isTable(name, packed.summary()) ? tokens : weights;
        for (const RowRange& rows : unpackedTogether(weight))
            distance.add(DenseWeight(weight, rows).tensor(),
                         whole.weight(name).narrow(0, rows.first, rows.count));
    }
    const DeviceBatch onDevice = toDevice(batch, packed.device(), layoutFor(packed, batch));
    logits.add(labelledLogits(packed, onDevice), labelledLogits(whole, onDevice));
    return {weights.part(), tokens.part(), logits.part()};
}

Result<QuantisationNote> describeQuantisation(LanguageModel& model, const ParamValues& recipe,
                                              const TrainingData& data, const LoadOptions& options,
                                              std::uint64_t seed) {
    QuantisationNote note;
    note.lines.push_back("the base's projections are kept as " + packedSize(model, false));
    const std::string tables = packedSize(model, true);
    if (!tables.empty())
        note.lines.push_back("its table of tokens is kept as " + tables);
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
    note.figures = {{"quantization_weight_error", error.weights.mean},
                    {"quantization_weight_error_max", error.weights.largest},
                    {"quantization_logit_error", error.logits.mean},
                    {"quantization_logit_error_max", error.logits.largest}};
    std::string line =
        "against the unquantised base, packed weights differ by " + apart(error.weights, "weight");
    if (!tables.empty()) {
        note.figures["quantization_token_error"] = error.tokens.mean;
        note.figures["quantization_token_error_max"] = error.tokens.largest;
        line += ", the table of tokens by " + apart(error.tokens, "number of it");
    }
    note.lines.push_back(line + ", and the scores of " + std::to_string(rows.rows) + " rows by " +
                         apart(error.logits, "score"));
    return note;
}

} // namespace lathe
