#include "core/adapter/adapter_options.h"
#include "core/adapter/simplex.h"

#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>
#include <nlohmann/json.hpp>

namespace lathe {

namespace {

constexpr std::int64_t kMostVertices = 10;

ParamSpec option(const char* key, const char* label, const char* unit, const char* help, Domain domain,
                 ParamValue fallback, Condition activeIf = {}) {
    return {key,  "adapter", label, unit, help, std::move(domain), std::move(fallback), std::move(activeIf),
            true, true};
}

void addVertexOptions(ParamSchema& options) {
    ParamSpec vertices = option("vertices", "Vertices", "",
                                "Prefixes, and heads, that are trained together as the corners of a simplex. "
                                "One is plain prefix tuning; 3 is this program's own choice.",
                                IntDomain{1, kMostVertices}, std::int64_t{3});
    vertices.isAdvanced = false;
    options.push_back(std::move(vertices));
    options.push_back(
        option("vertex_init", "Vertices start from", "",
               "Each from random numbers of its own, or from what the model makes of random words of its "
               "vocabulary. Zeros do for a single vertex only: equal vertices are no simplex.",
               ChoiceDomain{{"normal", "vocabulary", "zero"}, {"Random numbers", "Words", "Zeros"}},
               std::string("normal")));
    options.push_back(option("vertex_deviation", "Deviation of the start", "",
                             "Standard deviation of these random numbers. 1 is what PEFT starts a prefix "
                             "with; 0.02 is this program's own choice.",
                             RealDomain{0, 10, false, true}, 0.02,
                             {{{"vertex_init", {"normal"}}, {"prefix_projection", {"false"}}}}));
    options.push_back(option(
        "simplex_head", "Heads", "",
        "Of labels: a head at each vertex, mixed layer by layer as the prefixes are, or one for all.",
        ChoiceDomain{{"mixed", "plain"}, {"One at each vertex", "One for all"}}, std::string("mixed")));
}

void addSamplingOptions(ParamSchema& options) {
    options.push_back(
        option("alpha_scope", "Points are drawn for", "",
               "What gets a point of its own while training: each row in each layer, each row, "
               "each layer, or each step.",
               ChoiceDomain{alphaScopeNames(), {"Each row and layer", "Each row", "Each layer", "Each step"}},
               std::string("observation_layer")));
    options.push_back(option("dirichlet_a", "Concentration", "",
                             "Of the Dirichlet distribution that points are drawn from: 1 is even on the "
                             "whole simplex, less goes to its corners, more to its middle.",
                             RealDomain{0.01, 1000, true}, 1.0));
    options.push_back(
        option("cosine_weight", "Weight of the cosine", "",
               "Pushes vertices apart: the weight, in the loss, of the squared cosine of two of "
               "them. It is reported whatever its weight; 0 is this program's own choice.",
               RealDomain{0, 1}, 0.0));
    options.push_back(option("simplex_dropout", "Dropout of the prefix", "",
                             "On the mixed prefix and on what the head reads, as P-tuning v2 has it.",
                             RealDomain{0, 0.9}, 0.1));
}

void addReadingOptions(ParamSchema& options) {
    options.push_back(
        option("val_mode", "Evaluation reads", "",
               "The middle of the simplex; several drawn points, with all their answers counted, which makes "
               "more of few rows; or the mean of their probabilities.",
               ChoiceDomain{{"midpoint", "stochastic", "ensemble"},
                            {"The middle", "Drawn points, all counted", "Drawn points, averaged"}},
               std::string("stochastic")));
    options.push_back(option("val_passes", "Passes of an evaluation", "",
                             "How many points are drawn for each row; 10 is this program's own choice.",
                             IntDomain{1, 1000, 1, true}, std::int64_t{10},
                             {{{"val_mode", {"stochastic", "ensemble"}}}}));
    options.push_back(
        option("test_mode", "The test reads", "",
               "What counts as the test's result. The middle and the averaged points are always reported, "
               "side by side.",
               ChoiceDomain{{"midpoint", "ensemble", "vertex", "random"},
                            {"The middle", "Drawn points, averaged", "One vertex", "One drawn point"}},
               std::string("midpoint")));
    options.push_back(option("test_passes", "Passes of the test", "",
                             "How many points are averaged; 10 is this program's own choice.",
                             IntDomain{1, 1000, 1, true}, std::int64_t{10}));
    options.push_back(option("test_vertex", "Vertex of the test", "", "Counted from 0.",
                             IntDomain{0, kMostVertices - 1}, std::int64_t{0},
                             {{{"test_mode", {"vertex"}}}}));
    options.push_back(option("map_loss", "Map the loss", "",
                             "When training is over, measure the loss all over the simplex and along its "
                             "edges, for training and evaluation rows, and write simplex_loss.json.",
                             BoolDomain{}, false));
    options.push_back(
        option("map_steps", "Fineness of the map", "",
               "Steps from one vertex to the next. Of three vertices the middle is on the map where "
               "3 divides it.",
               IntDomain{1, 100}, std::int64_t{9}, {{{"map_loss", {"true"}}}}));
    options.push_back(option("map_rows", "Rows of the map", "rows",
                             "Measure on the first of the training and evaluation rows only; 0 takes all.",
                             IntDomain{0, 100000000}, std::int64_t{200}, {{{"map_loss", {"true"}}}}));
}

SimplexSettings settingsOf(const ParamValues& values, std::uint64_t seed) {
    SimplexSettings settings;
    settings.coefficients = {values.integer("vertices"), alphaScopeFrom(values.text("alpha_scope")),
                             values.real("dirichlet_a")};
    settings.mixesHead = values.text("simplex_head") == "mixed";
    settings.dropout = values.real("simplex_dropout");
    settings.cosineWeight = values.real("cosine_weight");
    settings.validation = values.text("val_mode");
    settings.passes = values.integer("val_passes");
    settings.seed = seed;
    return settings;
}

/// Modules that are trained whole, without the head, which is the simplex's own.
std::vector<TrainedWeight> othersOf(const ModelSummary& model, const ParamValues& values) {
    return withoutHead(promptModules(model, values).value(), model);
}

/// Prefix subspaces; see SimplexAdapter. Vertices start independently of each other: of equal ones nothing
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
    addVertexOptions(options);
    addSamplingOptions(options);
    addReadingOptions(options);
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
    if (values.text("test_mode") == "vertex" && values.integer("test_vertex") >= vertices)
        problems.push_back({"test_vertex", "test_vertex " + std::to_string(values.integer("test_vertex")) +
                                               " is none of the " + std::to_string(vertices) +
                                               " vertices, which are counted from 0"});
    return problems;
}

std::int64_t PrefixSubspaceMethod::countParameters(const ModelSummary& model,
                                                   const ParamValues& values) const {
    std::int64_t prefix = 0;
    for (const EncoderTensor& each : prefixEncoder(model, values)->tensors())
        prefix += each.count();
    const std::int64_t vertices = values.integer("vertices");
    const std::int64_t heads = values.text("simplex_head") == "mixed" ? vertices : 1;
    return vertices * prefix + heads * countOf(headWeights(model), model) +
           countOf(othersOf(model, values), model);
}

std::unique_ptr<Adapter> PrefixSubspaceMethod::attach(LanguageModel& model, const ParamValues& values,
                                                      std::uint64_t seed) const {
    const ModelSummary& summary = model.summary();
    const std::string& init = values.text("vertex_init");
    const SimplexSettings settings = settingsOf(values, seed);
    std::vector<at::Tensor> words; // before anything stands in front of the texts
    if (init == "vocabulary")
        for (std::int64_t vertex = 0; vertex < settings.coefficients.vertices; ++vertex) {
            ParamValues start = values;
            start.set("tokens_init", std::string("vocabulary"));
            words.push_back(promptStart(model, PromptPlace::Layers, start, seedOfVertex(seed, vertex)));
        }
    auto adapter = std::make_unique<SimplexAdapter>(model, settings, prefixEncoder(summary, values),
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
