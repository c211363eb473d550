#pragma once

#include "core/adapter/adapter_method.h"

namespace lathe {

/// A value of a method's size option, and the parameters it gives.
struct SizeMatch {
    std::int64_t size = 0;
    std::int64_t parameters = 0;
};

/// The size whose number of trainable parameters comes nearest to `target`; of two that are equally near the
/// smaller. `values`: of all other options. Looks at every size the model takes, or, where there are more
/// than some thousands, at those around the place where the count crosses the target; so the count has to
/// grow with the size there. Input error: the method has no size, no size fits the model, or something else
/// does not.
[[nodiscard]] Result<SizeMatch> matchParameters(const AdapterMethod& method, const ModelSummary& model,
                                                const ParamValues& values, std::int64_t target);

} // namespace lathe
