#include "tests/core/train/three_steps.h"

#include "core/base/random.h"
#include "core/data/examples.h"
#include "core/train/flat_adamw.h"
#include "core/train/make_task.h"
#include "core/train/training_step.h"

#include <algorithm>
#include <map>

namespace lathe::test {

namespace {

Batch randomBatch(std::uint64_t seed) {
    Rng rng(seed);
    std::vector<Example> examples(3);
    std::vector<const Example*> pointers;
    for (std::size_t i = 0; i < examples.size(); ++i) {
        for (std::size_t t = 0; t < 6 + 3 * i; ++t)
            examples[i].ids.push_back(static_cast<std::int32_t>(rng.integer(3, 95)));
        examples[i].labels = examples[i].ids;
        pointers.push_back(&examples[i]);
    }
    return makeBatch(pointers, 0);
}

} // namespace

ParamValues smallValues(const AdapterMethod& method, const ParamValues& changes) {
    const ParamSchema schema = method.options();
    ParamValues values = defaults(schema);
    const std::map<std::string, ParamValue> small{{"rank", std::int64_t{2}},
                                                  {"vera_rank", std::int64_t{4}},
                                                  {"init_rank", std::int64_t{3}},
                                                  {"target_rank", std::int64_t{1}},
                                                  {"bottleneck_size", std::int64_t{4}},
                                                  {"virtual_tokens", std::int64_t{3}},
                                                  {"encoder_hidden_size", std::int64_t{8}},
                                                  {"prefix_hidden_size", std::int64_t{8}}};
    for (const auto& [key, value] : small)
        if (findSpec(schema, key) != nullptr)
            values.set(key, value);
    for (const auto& [key, value] : changes.map())
        values.set(key, value);
    return values;
}

Trained train(LanguageModel& model, const std::string& id, const ParamValues& changes) {
    const auto method = adapterMethods().make(id).value();
    const auto adapter = method->attach(model, smallValues(*method, changes), 11);
    adapter->beginTraining(3);
    FlatAdamW optimizer(adapter->groups(), {});
    Trained trained;
    for (std::int64_t step = 0; step < 3; ++step) {
        const Batch batch = randomBatch(static_cast<std::uint64_t>(step));
        trained.losses.push_back(
            trainingStep(model, *adapter, optimizer, std::span(&batch, 1), step, 1e-2, 1).loss);
    }
    for (const auto& [name, parameter] : adapter->parameters())
        trained.parameters.push_back(parameter.detach().clone());
    return trained;
}

bool isProblem(const ParamValues& recipe, const std::string& key, const std::string& part) {
    return std::ranges::any_of(preflight(recipe), [&](const Problem& problem) {
        return problem.key == key && problem.message.find(part) != std::string::npos;
    });
}

} // namespace lathe::test
