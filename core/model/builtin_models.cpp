#include "core/model/architecture.h"

namespace lathe {

const Registry<Architecture>& architectures() {
    static const Registry<Architecture> registry = [] {
        Registry<Architecture> all;
        all.add(
            {"llama", "LLaMA", "Decoder with RMSNorm, rotary positions, SwiGLU and grouped-query attention"},
            makeLlamaArchitecture);
        return all;
    }();
    return registry;
}

} // namespace lathe
