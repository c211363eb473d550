#pragma once

#include "core/adapter/bottleneck.h"
#include "core/adapter/targets.h"

namespace lathe {

/// How a bottleneck adapts a projection y = Lin(x), as LLM-Adapters does (Hu et al. 2023, arXiv:2304.01933).
enum class LinearPlace {
    Input,  ///< "mh_adapter": y = Lin(x + F(x)), in series before a projection into the feed-forward part
    Output, ///< "output_adapter": y = h + F(h), h = Lin(x), in series behind the one out of it
    Beside  ///< parallel: y = Lin(x) + F(x)
};

/// How a series adapter sits at a projection; nothing where none is defined: only the projections of the
/// feed-forward part have one. By the module names of LLM-Adapters and, for architectures it does not know,
/// of their counterparts.
[[nodiscard]] std::optional<LinearPlace> seriesPlace(const Site& site);

/// The projections a recipe's choice names. "auto": AdapterH at all projections of the feed-forward part,
/// AdapterP at the one out of it, parallel beside queries, keys and values. Input error as matchTargets(), or
/// a series adapter at a projection without one.
[[nodiscard]] Result<std::vector<Site>> linearPlaces(const ModelSummary& model, const TargetChoice& choice,
                                                     BottleneckMethod method);
/// The residual sites it names. "auto": AdapterH at both parts of a block, the others at the feed-forward
/// part. Input error where it names something else, or the architecture has none.
[[nodiscard]] Result<std::vector<Site>> residualPlaces(const ModelSummary& model, const TargetChoice& choice,
                                                       BottleneckMethod method);

/// Whether LLM-Adapters publishes where its bottlenecks belong in this architecture; the places in others
/// are the counterparts that this program chose.
[[nodiscard]] bool hasPublishedPlaces(const std::string& architecture);

} // namespace lathe
