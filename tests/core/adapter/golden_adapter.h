#pragma once

#include "core/adapter/adapter_method.h"
#include "core/model/load_model.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones_like.h>

namespace lathe::test {

/// The twelve tokens in two rows that make_bottlenecks.py and make_tuners.py feed.
inline ModelInput goldenInput(const LanguageModel& model) {
    ModelInput input;
    input.ids = (at::arange(12, at::kLong) * 7 % (model.summary().vocabularySize - 3) + 3).view({2, 6});
    input.mask = at::ones_like(input.ids, at::kBool);
    return input;
}

/// A folder of tests/data/golden/adapters on its tiny model.
struct GoldenAdapter {
    explicit GoldenAdapter(const std::string& name)
        : folder(sourceFile("tests/data/golden/adapters/" + name)),
          oracle(folder),
          base(sourceFile("tests/data/golden/architectures/" + oracle.golden.at("base").get<std::string>())),
          model(loadModel(base).value()) {
        auto loaded = loadAdapter(*model, folder);
        if (!loaded.has_value())
            throw std::runtime_error(loaded.error().text());
        adapter = std::move(loaded).value();
    }
    [[nodiscard]] at::Tensor logits() const { return model->output(goldenInput(*model)); }

    /// Logits and each gradient's norm as the reference has them, saving and loading, strength, merging. The
    /// first mismatch. `inMemory`: the reference's name of a parameter.
    [[nodiscard]] QString check(const std::function<std::string(const std::string&)>& inMemory) {
        const at::Tensor before = logits();
        if (const QString far = mismatch(before, oracle.array("logits"), 2e-5, 1e-5); !far.isEmpty())
            return "logits: " + far;
        before.square().mean().backward();
        const auto& norms = oracle.golden.at("gradient_norms");
        if (norms.size() != adapter->parameters().size())
            return QStringLiteral("%1 parameters in place of %2")
                .arg(adapter->parameters().size())
                .arg(norms.size());
        for (const auto& [name, parameter] : adapter->parameters()) {
            if (!norms.contains(inMemory(name)))
                return QString::fromStdString("unknown parameter " + name);
            const QString far = mismatch(parameter.grad().norm().template item<double>(),
                                         norms.at(inMemory(name)).template get<double>(), 1e-7, 1e-4);
            if (!far.isEmpty())
                return QString::fromStdString(name) + ": " + far;
        }
        const at::NoGradGuard noGrad;
        return checkFiles(before);
    }

    std::filesystem::path folder;
    Oracle oracle;
    std::filesystem::path base;
    std::unique_ptr<LanguageModel> model; // outlives the adapter
    std::unique_ptr<Adapter> adapter;

private:
    [[nodiscard]] QString checkFiles(const at::Tensor& before) {
        const at::Tensor own = logits();
        if (adapter->merge().has_value()) {
            if (const QString far = mismatch(logits(), before, 2e-5, 1e-5); !far.isEmpty())
                return "merged: " + far;
            adapter->unmerge();
        }
        const TempFolder target;
        if (const Status saved = adapter->save(target.path(), {base, "CAUSAL_LM"}); !saved.has_value())
            return QString::fromStdString(saved.error().text());
        adapter.reset();
        if (at::equal(logits(), own))
            return QStringLiteral("the adapter did nothing, or stayed");
        auto loaded = loadAdapter(*model, target.path());
        if (!loaded.has_value())
            return QString::fromStdString(loaded.error().text());
        adapter = std::move(loaded).value();
        return at::equal(logits(), own) ? QString() : QStringLiteral("saved files give something else");
    }
};

} // namespace lathe::test
