#include "core/adapter/adapter_options.h"
#include "core/adapter/prefix_simplex.h"
#include "core/adapter/simplex_options.h"

#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>
#include <nlohmann/json.hpp>

namespace lathe {

namespace {

ParamSpec option(const char* key, const char* label, const char* help, Domain domain, ParamValue fallback,
                 Condition activeIf = {}) {
    return {key,  "adapter", label, "", help, std::move(domain), std::move(fallback), std::move(activeIf),
            true, true};
}

ParamSchema startOptions() {
    ParamSchema options;
    options.push_back(
        option("vertex_init", "Vertices start from",
               "Each from random numbers of its own, or from what the model makes of random words of its "
               "vocabulary. Zeros do for a single vertex only: equal vertices are no simplex.",
               ChoiceDomain{{"normal", "vocabulary", "zero"}, {"Random numbers", "Words", "Zeros"}},
               std::string("normal")));
    options.push_back(option("vertex_deviation", "Deviation of the start",
                             "Standard deviation of these random numbers. 1 is what PEFT starts a prefix "
                             "with; 0.02 is this program's own choice.",
                             RealDomain{0, 10, false, true}, 0.02,
                             {{{"vertex_init", {"normal"}}, {"prefix_projection", {"false"}}}}));
    options.push_back(option("simplex_dropout", "Dropout of the prefix",
                             "On the mixed prefix and on what the head reads, as P-tuning v2 has it.",
                             RealDomain{0, 0.9}, 0.1));
    return options;
}

/// Modules that are trained whole, without the head, which is the simplex's own.
std::vector<TrainedWeight> othersOf(const ModelSummary& model, const ParamValues& values) {
    return withoutHead(promptModules(model, values).value(), model);
}

/// Prefix subspaces; see PrefixSimplex. Vertices start independently of each other: of equal ones nothing
/// would ever come but one prefix.
class PrefixSubspaceMethod final : public AdapterMethod {
public:
    ParamSchema options() const override;
    std::string sizeKey() const override { return "virtual_tokens"; }
    bool startsAsBase(const ParamValues&) const override { return false; }
    bool trainsHead() const override { return true; }
    std::vector<Problem> check(const ModelSummary& model, const ParamValues& values) const override;
    std::int64_t countParameters(const ModelSummary& model, const ParamValues& values) const override;
    std::unique_ptr<Adapter> attach(LanguageModel& model, const ParamValues& values,
                                    std::uint64_t seed) const override;
};

ParamSchema PrefixSubspaceMethod::options() const {
    ParamSchema options{virtualTokensOption(), modulesToSaveOption()};
    for (ParamSpec& network : prefixProjectionOptions())
        options.push_back(std::move(network));
    ParamSchema simplex = simplexOptions();
    ParamSchema start = startOptions();
    simplex.insert(simplex.begin() + 1, start.begin(), start.end()); // behind "vertices"
    for (ParamSpec& each : simplex)
        options.push_back(std::move(each));
    return options;
}

std::vector<Problem> PrefixSubspaceMethod::check(const ModelSummary& model, const ParamValues& values) const {
    auto problems = promptProblems(model, values, "A prefix subspace");
    const std::int64_t vertices = values.integer("vertices");
    const std::string& init = values.text("vertex_init");
    if (init == "zero" && vertices > 1)
        problems.push_back({"vertex_init", "vertex_init zero makes all " + std::to_string(vertices) +
                                               " vertices the same, so that they stay the same and span no "
                                               "simplex; choose normal or vocabulary, or a single vertex"});
    if (init != "normal" && values.flag("prefix_projection"))
        problems.push_back({"vertex_init", "vertex_init " + init +
                                               " gives keys and values, which prefix_projection makes "
                                               "itself; choose normal or switch it off"});
    for (Problem& each : simplexProblems(values))
        problems.push_back(std::move(each));
    return problems;
}

std::int64_t PrefixSubspaceMethod::countParameters(const ModelSummary& model,
                                                   const ParamValues& values) const {
    std::int64_t prefix = 0;
    for (const EncoderTensor& each : prefixEncoder(model, values)->tensors())
        prefix += each.count();
    return values.integer("vertices") * prefix + countSimplexHeads(model, values) +
           countOf(othersOf(model, values), model);
}

std::unique_ptr<Adapter> PrefixSubspaceMethod::attach(LanguageModel& model, const ParamValues& values,
                                                      std::uint64_t seed) const {
    const ModelSummary& summary = model.summary();
    const std::string& init = values.text("vertex_init");
    SimplexSettings settings = simplexSettings(values, seed);
    settings.dropout = values.real("simplex_dropout");
    std::vector<at::Tensor> words; // before anything stands in front of the texts
    if (init == "vocabulary")
        for (std::int64_t vertex = 0; vertex < settings.coefficients.vertices; ++vertex) {
            ParamValues start = values;
            start.set("tokens_init", std::string("vocabulary"));
            words.push_back(promptStart(model, PromptPlace::Layers, start, seedOfVertex(seed, vertex)));
        }
    auto adapter = std::make_unique<PrefixSimplex>(model, settings, prefixEncoder(summary, values),
                                                   prefixConfig(summary, values), othersOf(summary, values));
    if (!words.empty())
        adapter->startFrom(at::stack(words));
    else if (init == "zero")
        adapter->startFrom(at::zeros_like(adapter->vertices().detach()));
    else if (!values.flag("prefix_projection"))
        adapter->startFrom(adapter->vertices().detach() * values.real("vertex_deviation"));
    return adapter;
}

} // namespace

std::unique_ptr<AdapterMethod> makePrefixSubspaceMethod() { return std::make_unique<PrefixSubspaceMethod>(); }

} // namespace lathe
