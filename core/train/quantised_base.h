#pragma once

#include "core/data/examples.h"
#include "core/kernels/quantisation.h"
#include "core/model/language_model.h"
#include "core/params/param_schema.h"
#include "core/train/training_data.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lathe {

/// How a recipe's base is kept: as "quantization" and "quantize_tokens" ask; where the former asks for none,
/// its projections as the files hold them. Input error where the files hold codes of another kind, and where
/// tokens are to be codes beside whole projections. Errors as readModelSummary().
[[nodiscard]] Result<BaseQuantisation> baseQuantisation(const ParamValues& recipe);

/// What of a recipe cannot be done over a base that is kept so: codes are frozen, and computed with on the
/// CPU; and adapters of the token table or of the head need its numbers whole.
[[nodiscard]] std::vector<Problem> quantisationProblems(const ParamValues& recipe, const ModelSummary& model,
                                                        const BaseQuantisation& quantisation);

/// How many of the model's parameters are kept in codes, the bytes these take in the form that Lathe writes,
/// statistics included, and how many parameters the largest matrix has that is unpacked as a whole. Nothing
/// where there is no quantisation.
struct PackedShare {
    std::int64_t parameters = 0;
    double bytes = 0;
    std::int64_t largest = 0;
};
[[nodiscard]] PackedShare packedShare(const ModelSummary& model, const BaseQuantisation& quantisation);

/// How far a quantised model is from the whole one: the largest difference over the largest number, and the
/// mean one over the mean number, of the packed projections, of packed tables of tokens, and of the logits
/// where a batch has labels. 0: nothing is packed.
struct QuantisationError {
    struct Part {
        double mean = 0, largest = 0;
    };
    Part weights, tokens, logits;
};
/// Contract: `whole` is the model that `packed` was made of; the batch has labels.
[[nodiscard]] QuantisationError quantisationError(LanguageModel& packed, LanguageModel& whole,
                                                  const Batch& batch);

/// What a run tells of its quantised base: lines for a person, and figures by name. A base whose files hold
/// codes alone has no whole one to compare with.
struct QuantisationNote {
    std::vector<std::string> lines;
    std::map<std::string, double> figures;
};
/// Compares on rows that are not trained on, where there are some. `options`: those `model` was loaded with;
/// `seed`: that of its untrained weights. Loads the whole model for a moment, in the dtype of its files, so
/// that its weights stay in them. Errors as loadModel(). Contract: nothing is attached to the model.
[[nodiscard]] Result<QuantisationNote> describeQuantisation(LanguageModel& model, const ParamValues& recipe,
                                                            const TrainingData& data,
                                                            const LoadOptions& options, std::uint64_t seed);

} // namespace lathe
