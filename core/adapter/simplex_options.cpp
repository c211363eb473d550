#include "core/adapter/simplex_options.h"

#include <algorithm>

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
                                "Adapters, and heads, that are trained together as the corners of a simplex. "
                                "One is the plain adapter; 3 is this program's own choice.",
                                IntDomain{1, kMostVertices}, std::int64_t{3});
    vertices.isAdvanced = false;
    options.push_back(std::move(vertices));
    options.push_back(option(
        "simplex_head", "Heads", "",
        "Of labels: a head at each vertex, mixed layer by layer as the adapters are, or one for all.",
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

} // namespace

ParamSchema simplexOptions() {
    ParamSchema options;
    addVertexOptions(options);
    addSamplingOptions(options);
    addReadingOptions(options);
    return options;
}

SimplexSettings simplexSettings(const ParamValues& values, std::uint64_t seed) {
    SimplexSettings settings;
    settings.coefficients = {values.integer("vertices"), alphaScopeFrom(values.text("alpha_scope")),
                             values.real("dirichlet_a")};
    settings.mixesHead = values.text("simplex_head") == "mixed";
    settings.cosineWeight = values.real("cosine_weight");
    settings.validation = values.text("val_mode");
    settings.passes = values.integer("val_passes");
    settings.seed = seed;
    return settings;
}

std::vector<Problem> simplexProblems(const ParamValues& values) {
    const std::int64_t vertices = values.integer("vertices");
    if (values.text("test_mode") != "vertex" || values.integer("test_vertex") < vertices)
        return {};
    return {{"test_vertex", "test_vertex " + std::to_string(values.integer("test_vertex")) +
                                " is none of the " + std::to_string(vertices) +
                                " vertices, which are counted from 0"}};
}

std::int64_t countSimplexHeads(const ModelSummary& model, const ParamValues& values) {
    const std::int64_t heads = values.text("simplex_head") == "mixed" ? values.integer("vertices") : 1;
    return heads * countOf(headWeights(model), model);
}

std::vector<Problem> textProblems(const ModelSummary& model, const std::string& label) {
    if (model.takesVirtualTokens)
        return {};
    return {{"method", label + " draws a point for each text, and a " + model.architecture +
                           " model reads one text and writes another; choose a method without a simplex"}};
}

Result<std::vector<Site>> sitesInLayers(std::vector<Site> sites) {
    std::erase_if(sites, [](const Site& site) { return site.layer < 0; });
    if (sites.empty())
        return inputError("target_modules",
                          "names nothing that lies in a layer, and a simplex is mixed layer "
                          "by layer; name projections of the layers");
    return sites;
}

} // namespace lathe
