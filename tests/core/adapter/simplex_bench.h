#pragma once

#include "core/adapter/prefix_simplex.h"
#include "core/model/load_model.h"
#include "tests/support/shared_files.h"

#include <ATen/ops/arange.h>

#include <stdexcept>

namespace lathe::test {

/// By its name in the adapter.
inline const at::Tensor& parameterOf(const Adapter& adapter, const std::string& name) {
    for (const auto& [own, value] : adapter.parameters())
        if (own == name)
            return value;
    throw std::runtime_error("no parameter " + name);
}

/// A simplex, or another method, on one of the repository's random models.
struct SimplexBench {
    explicit SimplexBench(const std::string& architecture, at::ScalarType dtype = at::kFloat)
        : model(loadModel(sourceFile("tests/data/golden/architectures/" + architecture), {dtype, at::kCPU})
                    .value()) {}

    [[nodiscard]] static ParamValues valuesOf(const std::string& id, const ParamValues& changes) {
        ParamValues values = defaults(adapterMethods().make(id).value()->options());
        values.set("virtual_tokens", std::int64_t{3});
        for (const auto& [key, value] : changes.map())
            values.set(key, value);
        return values;
    }
    [[nodiscard]] std::unique_ptr<Adapter> attach(const std::string& id, const ParamValues& changes,
                                                  std::uint64_t seed = 1) const {
        const auto method = adapterMethods().make(id).value();
        const ParamValues values = valuesOf(id, changes);
        if (const auto problems = method->check(model->summary(), values); !problems.empty())
            throw std::runtime_error(problems.front().message);
        return method->attach(*model, values, seed);
    }
    /// Without dropout, vertices far enough apart to be told from each other.
    [[nodiscard]] std::unique_ptr<PrefixSimplex> simplex(const ParamValues& changes = {},
                                                         std::uint64_t seed = 1) const {
        ParamValues values;
        values.set("simplex_dropout", 0.0);
        values.set("vertex_deviation", 1.0);
        for (const auto& [key, value] : changes.map())
            values.set(key, value);
        auto adapter = attach("prefix_subspace", values, seed);
        return std::unique_ptr<PrefixSimplex>(&dynamic_cast<PrefixSimplex&>(*adapter.release()));
    }
    /// Two texts of six tokens.
    [[nodiscard]] static ModelInput input() {
        ModelInput input;
        input.ids = (at::arange(12, at::kLong) * 7 % 30 + 5).view({2, 6});
        return input;
    }
    [[nodiscard]] at::Tensor output() const { return model->output(input()); }

    std::unique_ptr<LanguageModel> model; // outlives the adapters
};

} // namespace lathe::test
