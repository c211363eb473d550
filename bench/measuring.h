#pragma once

#include "core/base/random.h"
#include "core/data/examples.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace lathe::bench {

/// Of an even number of values the higher one in the middle. Contract: there is one.
inline double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

/// Texts of one length whose tokens are drawn evenly and all labelled.
inline Batch randomBatch(std::size_t rows, std::size_t length, std::int64_t vocabulary, Rng& rng) {
    std::vector<Example> examples(rows);
    std::vector<const Example*> pointers;
    for (Example& example : examples) {
        for (std::size_t i = 0; i < length; ++i)
            example.ids.push_back(static_cast<std::int32_t>(rng.integer(0, vocabulary - 1)));
        example.labels = example.ids;
        pointers.push_back(&example);
    }
    return makeBatch(pointers, 0);
}

} // namespace lathe::bench
