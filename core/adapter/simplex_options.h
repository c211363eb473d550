#pragma once

#include "core/adapter/simplex.h"
#include "core/params/param_schema.h"

namespace lathe {

/// What all methods with a simplex ask for: how many vertices, whether heads are mixed, how points are drawn,
/// where evaluation and test read. The first is "vertices".
[[nodiscard]] ParamSchema simplexOptions();
/// What these say; no dropout.
[[nodiscard]] SimplexSettings simplexSettings(const ParamValues& values, std::uint64_t seed);
/// What is wrong with them.
[[nodiscard]] std::vector<Problem> simplexProblems(const ParamValues& values);
/// Numbers in the heads that tell labels apart.
[[nodiscard]] std::int64_t countSimplexHeads(const ModelSummary& model, const ParamValues& values);

/// What is wrong with a model that cannot tell which texts it reads; `label`: the method's.
[[nodiscard]] std::vector<Problem> textProblems(const ModelSummary& model, const std::string& label);
/// Those of the sites that belong to a layer, and so have coefficients. Input error if there are none.
[[nodiscard]] Result<std::vector<Site>> sitesInLayers(std::vector<Site> sites);

} // namespace lathe
