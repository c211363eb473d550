#include "core/train/combine_adapters.h"

#include "core/adapter/adapter_hub_config.h"
#include "core/adapter/adapter_shelf.h"
#include "core/adapter/combine_lora.h"
#include "core/adapter/export_format.h"
#include "core/base/files.h"
#include "core/base/staged_folder.h"
#include "core/train/base_facts.h"
#include "core/train/export_check.h"
#include "core/train/export_record.h"
#include "core/train/threads.h"
#include "core/train/torch_guard.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace lathe {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

struct NamedMethod {
    const char* name;
    const char* label;
    LoraCombination method;
};
constexpr NamedMethod kMethods[] = {
    {"cat", "Concatenation: the exact sum", LoraCombination::Concatenation},
    {"svd", "SVD: nearest of a rank", LoraCombination::Svd},
    {"linear", "Linear", LoraCombination::Linear},
    {"ties", "TIES", LoraCombination::Ties},
    {"ties_svd", "TIES with SVD", LoraCombination::TiesSvd},
    {"dare_linear", "DARE", LoraCombination::DareLinear},
    {"dare_linear_svd", "DARE with SVD", LoraCombination::DareLinearSvd},
    {"dare_ties", "DARE and TIES", LoraCombination::DareTies},
    {"dare_ties_svd", "DARE and TIES with SVD", LoraCombination::DareTiesSvd},
    {"magnitude_prune", "Magnitude pruning", LoraCombination::MagnitudePrune},
    {"magnitude_prune_svd", "Magnitude pruning with SVD", LoraCombination::MagnitudePruneSvd}};

constexpr std::int64_t kLargestRank = 65536;
constexpr std::int64_t kLargestSeed = (std::int64_t{1} << 31) - 1;

Condition whenMethodHas(std::string_view part) {
    Condition condition{{{"method", {}}}};
    for (const NamedMethod& each : kMethods)
        if (std::string_view(each.name).find(part) != std::string_view::npos)
            condition.terms.front().anyOf.emplace_back(each.name);
    return condition;
}

/// Of ties, dare and magnitude_prune.
Condition whenEntriesAreDropped() {
    Condition condition = whenMethodHas("ties");
    std::vector<std::string>& names = condition.terms.front().anyOf;
    for (const char* part : {"dare_linear", "prune"}) {
        const Condition more = whenMethodHas(part);
        names.insert(names.end(), more.terms.front().anyOf.begin(), more.terms.front().anyOf.end());
    }
    return condition;
}

ParamSpec makeSpec(std::string key, std::string label, std::string help, Domain domain, ParamValue fallback,
                   Condition activeIf = {}) {
    ParamSpec spec{std::move(key),  "combination",     std::move(label),    {},
                   std::move(help), std::move(domain), std::move(fallback), std::move(activeIf)};
    spec.isSearchable = false;
    return spec;
}

LoraCombinationOptions combinationOptions(const ParamValues& given) {
    const ParamValues values = withDefaults(combineSchema(), given);
    LoraCombinationOptions options;
    for (const NamedMethod& each : kMethods)
        if (values.text("method") == each.name)
            options.method = each.method;
    options.rank = values.integer("rank");
    options.density = values.real("density");
    options.countsSigns = values.text("signs") == "frequency";
    options.seed = static_cast<std::uint64_t>(values.integer("seed"));
    return options;
}

/// One combination from the question to the folder in its place.
class Combination {
public:
    explicit Combination(const CombineRequest& request) : m_request(request) {}

    Status prepare() {
        LATHE_TRY(check(combineSchema(), m_request.options));
        if (m_request.adapters.size() < 2)
            return inputError("adapters", "are too few; choose at least two");
        std::set<fs::path> seen;
        for (const AdapterChoice& choice : m_request.adapters) {
            if (!seen.insert(choice.folder).second)
                return inputError(choice.folder.string(),
                                  "is given twice; give it once, with the weights added up");
            LATHE_TRY(read(choice.folder));
        }
        for (std::size_t i = 0; i < m_sets.size(); ++i)
            m_parts.push_back({&m_sets[i], m_request.adapters[i].strength});
        m_options = combinationOptions(m_request.options);
        m_options.stop = m_request.stop;
        m_options.onProgress = [this](std::uint64_t done, std::uint64_t total) {
            tell("combining", done, total);
        };
        LATHE_TRY(findBase());
        LATHE_TRY(checkLoraCombination(m_parts, m_options));
        const LoraSize size = combinedSize(m_parts, m_options);
        m_outlook.rank = size.rank;
        m_outlook.parameters = size.parameters;
        m_outlook.isExact = isExactCombination(m_parts, m_options);
        noteModules();
        return ok();
    }

    [[nodiscard]] const CombineOutlook& outlook() const { return m_outlook; }

    Result<CombineReport> run() {
        LATHE_ASSIGN(StagedFolder folder, StagedFolder::begin(m_request.target));
        LATHE_ASSIGN(const LoraSet combined, combineLoras(m_parts, m_options));
        LATHE_TRY(writeLoraSet(folder.path(), combined, m_outlook.model));
        m_report.outlook = m_outlook;
        m_report.weightError = combinationError(m_parts, combined);
        LATHE_TRY(compare(folder.path()));
        LATHE_ASSIGN(const std::string text, record());
        LATHE_TRY(writeFileAtomically(folder.path() / "lathe_combine.json", text));
        LATHE_TRY(folder.commit());
        m_report.folder = m_request.target;
        return m_report;
    }

private:
    Status read(const fs::path& folder) {
        constexpr const char* kAlone =
            "; only plain LoRA adapters become one file. Others can be on together in a chat or with several "
            "--adapter";
        if (isAdapterHubFolder(folder))
            return inputError(folder.string(),
                              std::string("holds bottlenecks, which are no sum of weights") + kAlone);
        auto set = readLoraSet(folder);
        if (!set)
            return inputError(folder.string(), "cannot be combined: " + set.error().text() + kAlone);
        LATHE_ASSIGN(const PeftFolder files, PeftFolder::read(folder));
        m_bases.push_back(files.config().value("base_model_name_or_path", std::string()));
        m_sets.push_back(std::move(*set));
        return ok();
    }

    /// The given one; else the one that all adapters name, by its whole name or by the last part of it.
    Status findBase() {
        m_outlook.model = m_request.model;
        if (!m_outlook.model.empty())
            return ok();
        const auto last = [](const std::string& name) {
            const fs::path plain = fs::path(name).lexically_normal();
            return (plain.has_filename() ? plain : plain.parent_path()).filename();
        };
        for (std::size_t i = 1; i < m_bases.size(); ++i)
            if (last(m_bases[i]) != last(m_bases.front()))
                return inputError(m_request.adapters[i].folder.string(),
                                  "was trained on the base model " + m_bases[i] + ", and " +
                                      m_request.adapters.front().folder.string() + " on " + m_bases.front() +
                                      "; only adapters of the same base model can be combined");
        std::error_code problem;
        for (const std::string& name : m_bases)
            if (!name.empty() && fs::exists(name, problem)) {
                m_outlook.model = name;
                return ok();
            }
        return inputError(m_bases.front().empty() ? "the base model" : m_bases.front(),
                          "is the base model of these adapters and not to be found on this disk; name its "
                          "folder (--model)");
    }

    void noteModules() {
        std::set<std::string> all;
        for (const LoraSet& set : m_sets)
            for (const auto& [module, product] : set.products)
                all.insert(module);
        for (std::size_t i = 0; i < m_sets.size(); ++i)
            if (const std::size_t own = m_sets[i].products.size(); own < all.size())
                m_outlook.notes.push_back(m_request.adapters[i].folder.string() + " adapts " +
                                          std::to_string(own) + " of " + std::to_string(all.size()) +
                                          " modules; the others are combined without it.");
    }

    /// All adapters at once with their weights against the written one, on one base.
    Status compare(const fs::path& folder) {
        tell("comparing", 0, 2);
        LATHE_ASSIGN(const ExportSource source,
                     ExportSource::open(m_outlook.model, m_request.adapters.front().folder));
        LATHE_ASSIGN(const at::ScalarType stored, storedDtype(m_outlook.model));
        LoadOptions options;
        options.dtype = m_checkDtype = checkDtype(source.summary(), stored);
        options.head = source.head();
        LATHE_ASSIGN(const auto model, loadModel(m_outlook.model, options));
        AdapterShelf shelf(*model);
        const ProbeRows rows = madeUpRows(model->summary());
        if (const Status together = shelf.choose({m_request.adapters, false}); !together) {
            m_report.comparedOn = "nothing: " + together.error().text();
            return shelf.choose(AdapterMix::only(folder)); // at least it fits
        }
        LATHE_ASSIGN(const auto sum, probeLogits(*model, rows, m_request.stop));
        tell("comparing", 1, 2);
        LATHE_TRY(shelf.choose(AdapterMix::only(folder)));
        LATHE_ASSIGN(const auto made, probeLogits(*model, rows, m_request.stop));
        m_report.difference = largestDifference(sum, made);
        m_report.comparedOn = rows.what;
        tell("comparing", 2, 2);
        return ok();
    }

    [[nodiscard]] Result<std::string> record() const {
        json sources = json::array();
        for (const AdapterChoice& choice : m_request.adapters) {
            LATHE_ASSIGN(const PeftFolder files, PeftFolder::read(choice.folder));
            LATHE_ASSIGN(const json hashes,
                         fileHashes({files.configPath(), files.tensorsPath()}, m_request.stop));
            sources.push_back(
                {{"name", baseName(choice.folder)}, {"weight", choice.strength}, {"sha256", hashes}});
        }
        json options = json::object();
        const ParamSchema schema = combineSchema();
        const ParamValues values = withDefaults(schema, m_request.options);
        for (const ParamSpec& spec : schema)
            if (isActive(spec.activeIf, schema, values))
                options[spec.key] = toText(*values.find(spec.key));
        const json difference = m_report.difference ? json(*m_report.difference) : json();
        const json whole{{"date", utcNow()},
                         {"lathe_version", m_request.programVersion},
                         {"base_model", baseName(m_outlook.model)},
                         {"options", options},
                         {"adapters", sources},
                         {"check",
                          {{"equal_by_mathematics", m_outlook.isExact},
                           {"largest_logit_difference", difference},
                           {"compared_on", m_report.comparedOn},
                           {"precision", dtypeName(m_checkDtype)},
                           {"lacking_share_of_the_sum", m_report.weightError}}}};
        return whole.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
    }

    void tell(const std::string& phase, std::uint64_t done, std::uint64_t total) const {
        if (m_request.onProgress)
            m_request.onProgress(phase, done, total);
    }

    const CombineRequest& m_request;
    std::vector<LoraSet> m_sets;
    std::vector<std::string> m_bases; ///< as the adapters name them
    std::vector<WeightedLora> m_parts;
    LoraCombinationOptions m_options;
    CombineOutlook m_outlook;
    CombineReport m_report;
    at::ScalarType m_checkDtype = at::kFloat;
};

} // namespace

ParamSchema combineSchema() {
    ChoiceDomain methods;
    for (const NamedMethod& each : kMethods) {
        methods.values.emplace_back(each.name);
        methods.labels.emplace_back(each.label);
    }
    return {
        makeSpec("method", "Method",
                 "Concatenation is exact and as large as all together. SVD makes it smaller. TIES and DARE "
                 "drop entries, so that adapters of different tasks disturb each other less.",
                 methods, std::string("cat")),
        makeSpec("rank", "Rank", "Of the result; 0: the largest of the adapters combined.",
                 IntDomain{0, kLargestRank}, std::int64_t{0}, whenMethodHas("svd")),
        makeSpec("density", "Density", "Share of entries that is kept of each adapter.",
                 RealDomain{0, 1, false, true}, 0.5, whenEntriesAreDropped()),
        makeSpec("signs", "Signs", "How TIES elects the sign of an entry that the adapters disagree about.",
                 ChoiceDomain{{"total", "frequency"}, {"By their sum", "By their number"}},
                 std::string("total"), whenMethodHas("ties")),
        makeSpec("seed", "Seed", "Of the entries that DARE drops at random.", IntDomain{0, kLargestSeed},
                 std::int64_t{0}, whenMethodHas("dare"))};
}

Result<CombineOutlook> combineOutlook(const CombineRequest& request) {
    return guarded("the combination", [&]() -> Result<CombineOutlook> {
        Combination combination(request);
        LATHE_TRY(combination.prepare());
        return combination.outlook();
    });
}

Result<CombineReport> combineAdapters(const CombineRequest& request) {
    loadCudaLibraries();
    useThreads(0);
    return guarded("the combination", [&]() -> Result<CombineReport> {
        Combination combination(request);
        LATHE_TRY(combination.prepare());
        return combination.run();
    });
}

} // namespace lathe
