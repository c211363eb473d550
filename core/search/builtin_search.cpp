#include "core/search/builtin_search.h"

namespace lathe {

void addBuiltinSamplers(Registry<Sampler>& registry) {
    registry.add({"random", "Random", "Draws every point anew; a fair baseline for any other search."},
                 makeRandomSampler);
}

} // namespace lathe
