#pragma once

#include "core/params/param_schema.h"

#include <limits>

namespace lathe::test {

/// One parameter of each kind, one that depends on another, one that cannot be searched.
inline ParamSchema sampleSchema() {
    const auto spec = [](std::string key, Domain domain, ParamValue fallback) {
        ParamSpec made;
        made.key = std::move(key);
        made.domain = std::move(domain);
        made.fallback = std::move(fallback);
        return made;
    };
    const double infinity = std::numeric_limits<double>::infinity();
    ParamSchema schema{
        spec("model", TextDomain{TextDomain::Kind::Folder, false}, std::string("base")),
        spec("method", ChoiceDomain{{"lora", "full"}, {}, false}, std::string("lora")),
        spec("rank", IntDomain{1, 256, 1, false}, std::int64_t{8}),
        spec("learning_rate", RealDomain{0, 1, true, true}, 3e-4),
        spec("dropout", RealDomain{0, 0.9, false, false}, 0.0),
        spec("weight_decay", RealDomain{0, infinity, false, false}, 0.0),
        spec("batch_size", IntDomain{2, 64, 2, false}, std::int64_t{8}),
        spec("bf16", BoolDomain{}, false),
    };
    schema[0].isSearchable = false;
    schema[2].activeIf = {{{"method", {"lora"}}}};
    return schema;
}

} // namespace lathe::test
