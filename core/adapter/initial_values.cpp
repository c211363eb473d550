#include "core/adapter/initial_values.h"

#include <ATen/ops/empty.h>
#include <algorithm>
#include <cmath>

namespace lathe {

namespace {

template <typename Draw>
at::Tensor filled(std::int64_t rows, std::int64_t columns, Draw draw) {
    at::Tensor values = at::empty({rows, columns}, at::kFloat);
    std::generate_n(values.data_ptr<float>(), values.numel(), [&draw] { return static_cast<float>(draw()); });
    return values;
}

} // namespace

at::Tensor kaimingUniform(std::int64_t rows, std::int64_t columns, Rng& rng) {
    const double bound = 1.0 / std::sqrt(static_cast<double>(columns));
    return filled(rows, columns, [&] { return bound * (2.0 * rng.uniform() - 1.0); });
}

at::Tensor normalValues(std::int64_t rows, std::int64_t columns, double deviation, Rng& rng) {
    return filled(rows, columns, [&] { return deviation * rng.normal(); });
}

} // namespace lathe
