#include "core/adapter/heterolora_options.h"

#include "core/adapter/adapter_options.h"
#include "core/adapter/proxies.h"
#include "core/adapter/shortcuts.h"
#include "core/adapter/targets.h"

namespace lathe {

namespace {

const Condition kSwitching{{{"allocation", {"dynamic", "static"}}}};
const Condition kDynamic{{{"allocation", {"dynamic"}}}};
const Condition kRanks{{{"allocation", {"ranks"}}}};
const Condition kScored{{{"allocation", {"dynamic", "static", "ranks"}}}};
const Condition kWithShortcuts{
    {{"shortcuts", {"all", "residual", "cross", "residual_1", "residual_2", "shortcut_sa", "shortcut_ffn"}}}};

ParamSpec option(std::string key, std::string label, std::string help, Domain domain, ParamValue fallback,
                 Condition activeIf = {}, std::string unit = {}) {
    return {std::move(key),
            "adapter",
            std::move(label),
            std::move(unit),
            std::move(help),
            std::move(domain),
            std::move(fallback),
            std::move(activeIf),
            true,
            true};
}

void addWho(ParamSchema& options) {
    ParamSpec mode = option(
        "allocation", "Allocation",
        "Which modules get the budget: chosen again and again while training, or once before it; or all of "
        "them, with ranks in proportion to their scores, or, as the control, with one rank and the same "
        "number of parameters.",
        ChoiceDomain{allocationNames(), {"Dynamic", "Static", "Ranks by score", "Uniform (control)"}},
        std::string("dynamic"));
    mode.isAdvanced = false;
    options.push_back(std::move(mode));
    ParamSpec proxy = option(
        "proxy", "Score",
        "What a module's worth is guessed from. The norm of its gradient is usual; \"Random\" is the control "
        "that any other choice has to beat.",
        ChoiceDomain{proxyNames(),
                     {"Gradient norm", "SNIP", "SynFlow", "Product sensitivity", "Weight times gradient",
                      "Output test", "Random (control)"}},
        std::string("grad_norm"), kScored);
    proxy.isAdvanced = false;
    options.push_back(std::move(proxy));
}

void addBudget(ParamSchema& options) {
    ParamSpec share = option("budget_share", "Budget",
                             "Share of the modules, or of their parameters, that is on at a time.",
                             RealDomain{0, 1, false, true}, 0.25);
    share.isAdvanced = false;
    options.push_back(std::move(share));
    options.push_back(option("budget_unit", "Budget counts",
                             "Modules, as published, or parameters, which is fair where modules differ in "
                             "size.",
                             ChoiceDomain{{"modules", "parameters"}, {"Modules", "Parameters"}},
                             std::string("parameters")));
    options.push_back(option("budget_parameters", "Budget in parameters",
                             "Most parameters in modules that are on; 0: the share counts.",
                             IntDomain{0, std::int64_t{1} << 40}, std::int64_t{0},
                             {{{"budget_unit", {"parameters"}}}}, "parameters"));
    options.push_back(option("budget_scope", "Rankings",
                             "LoRA modules and shortcuts compete with each other, or each kind has its own "
                             "budget.",
                             ChoiceDomain{{"combined", "separated"}, {"One for all", "One for each kind"}},
                             std::string("combined"), kSwitching));
    options.push_back(option("score_norm", "Divide scores by",
                             "Nothing, as published, or the size of the module, or its square root.",
                             ChoiceDomain{{"none", "root", "size"}, {"Nothing", "Root of the size", "Size"}},
                             std::string("none"), kScored));
}

void addWhen(ParamSchema& options) {
    options.push_back(option("allocation_period", "Choose anew every",
                             "Share of an epoch between two choices; 0.2 is usual.",
                             RealDomain{0, 100, false, true}, 0.2, kDynamic, "epochs"));
    options.push_back(option("allocation_steps", "The same in steps",
                             "Steps between two choices; 0: the share of an epoch counts.",
                             IntDomain{0, 1000000}, std::int64_t{0}, kDynamic, "steps"));
    options.push_back(option("allocation_warmup", "Warm-up of the allocation",
                             "Steps before the first choice.", IntDomain{0, 1000000}, std::int64_t{0},
                             kSwitching, "steps"));
    options.push_back(option("warmup_choice", "Meanwhile",
                             "What is on during the warm-up: everything, or a random choice within the "
                             "budget.",
                             ChoiceDomain{{"all", "random"}, {"Everything", "A random choice"}},
                             std::string("all"), kSwitching));
    options.push_back(
        option("freeze_after", "Freeze after",
               "Share of the steps after which nothing is chosen any more; 0.5 to 0.7 gives the "
               "chosen modules time to learn.",
               RealDomain{0, 1, false, true}, 1.0, kDynamic));
    options.push_back(option("hysteresis", "Hysteresis",
                             "A module takes another's place only with a score that is better by this much.",
                             RealDomain{0, 1000, false, false}, 0.0, kDynamic, "%"));
    options.push_back(option("tie_seed", "Seed of ties",
                             "Of the random choice between modules with the same score.",
                             IntDomain{0, 1000000}, std::int64_t{0}, kSwitching));
}

void addHow(ParamSchema& options) {
    options.push_back(
        option("score_batches", "Batches for scores",
               "Batches of the training data that the scores are taken on, always the same. 32 is "
               "published; 0 is as many, but while it trains only so many that scoring adds about "
               "a tenth to the time.",
               IntDomain{0, 10000}, std::int64_t{0}, kScored, "batches"));
    options.push_back(option(
        "score_probes", "Random B",
        "While B is 0, SNIP, SynFlow and the product say nothing: they are averaged over "
        "so many random B, which are put back. 0: B as it is, as published.",
        IntDomain{0, 64}, std::int64_t{4},
        {{{"allocation", {"dynamic", "static", "ranks"}}, {"proxy", {"snip", "synflow", "product"}}}}));
    options.push_back(option("alpha_tolerance", "Tolerance",
                             "How much worse the model may answer in the output test.",
                             RealDomain{0, 1, false, false}, 0.01,
                             {{{"allocation", {"dynamic", "static", "ranks"}}, {"proxy", {"alpha_test"}}}}));
}

void addShortcuts(ParamSchema& options) {
    options.push_back(option(
        "shortcuts", "Shortcuts",
        "Low-rank connections in the residual stream that compete for the budget too: around the parts of a "
        "layer, or from one layer to the next. They cannot be exported or merged.",
        ChoiceDomain{
            {"none", "all", "residual", "cross", "residual_1", "residual_2", "shortcut_sa", "shortcut_ffn"},
            {"None", "All", "Around both parts", "Across layers", "Around the attention",
             "Around the feed-forward part", "Layer input to output", "Feed-forward input to the next"}},
        std::string("none")));
    options.push_back(option("shortcut_alpha", "Alpha of shortcuts",
                             "Scale of the shortcuts: alpha / rank. A quarter of the modules' is published.",
                             RealDomain{0, 4096, false, true}, 4.0, kWithShortcuts));
    options.push_back(option("shortcut_norm", "Norm their inputs",
                             "Divide what a shortcut reads by its root mean square.", BoolDomain{}, false,
                             kWithShortcuts));
    options.push_back(option("shortcuts_as_released", "As released",
                             "Norm the stream a second time behind each shortcut, as the authors' program "
                             "does; for models with norms behind their parts. It changes the model from the "
                             "start.",
                             BoolDomain{}, false, kWithShortcuts));
}

void addRanks(ParamSchema& options) {
    options.push_back(option("rank_least", "Least rank", "Of a module; with 0 it may get no adapter.",
                             IntDomain{0, 1024}, std::int64_t{0}, kRanks));
    options.push_back(option("rank_most", "Largest rank", "Of a module.", IntDomain{1, 1024, 1, true},
                             std::int64_t{64}, kRanks));
    options.push_back(option("keep_scale", "Keep the scale",
                             "Where a module's rank is another, alpha follows it, so that alpha / rank stays "
                             "the same; else alpha stays.",
                             BoolDomain{}, true, {{{"allocation", {"ranks", "uniform"}}}}));
}

} // namespace

const std::vector<std::string>& allocationNames() {
    static const std::vector<std::string> names{"dynamic", "static", "ranks", "uniform"};
    return names;
}

std::vector<std::string> shortcutKinds(const std::string& choice) {
    if (choice == "none")
        return {};
    if (choice == "all")
        return {shortcutNames().begin(), shortcutNames().end()};
    if (choice == "residual")
        return {"residual_1", "residual_2"};
    if (choice == "cross")
        return {"shortcut_sa", "shortcut_ffn"};
    return {choice};
}

ParamSchema heteroOptions() {
    ParamSchema options{rankOption(), alphaOption(), dropoutOption()};
    for (ParamSpec& target : targetOptions())
        options.push_back(std::move(target));
    addWho(options);
    addBudget(options);
    addWhen(options);
    addHow(options);
    addShortcuts(options);
    addRanks(options);
    options.push_back(biasOption());
    options.push_back(modulesToSaveOption());
    return options;
}

} // namespace lathe
