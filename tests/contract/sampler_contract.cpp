#include "tests/contract/sampler_contract.h"

#include "core/search/allowed_sampler.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace lathe::test {

namespace {

constexpr std::int64_t kTrials = 60;

/// Every kind of domain, in an order where conditions come before what decides about them.
StudySpec spaceOfEveryKind() {
    StudySpec spec;
    spec.fixed = {{"schedule", std::string("cosine")}};
    spec.space = {
        {"alpha", RealDomain{1, 64, false, false}, {{{"method", {"lora"}}, {"rank", {"2", "4", "8"}}}}},
        {"rank", IntDomain{1, 8, 1, false}, {{{"method", {"lora"}}}}},
        {"method", ChoiceDomain{{"lora", "full", "prefix"}, {}, false}, {}},
        {"bf16", BoolDomain{}, {}},
        {"width", IntDomain{1, 4096, 1, true}, {}},
        {"batch_size", IntDomain{3, 60, 7, false}, {}}, // 60 is not on the grid
        {"length", IntDomain{16, 1000, 16, true}, {}},
        {"learning_rate", RealDomain{1e-6, 1, true, true}, {}},
        {"dropout", RealDomain{0, 0.5, false, true}, {}},
        {"share", RealDomain{0.1, 0.95, false, false, 0.1}, {}}, // 0.95 is not on the grid
        {"one_point", RealDomain{0.25, 0.25, false, false}, {}},
        {"warmup", IntDomain{0, 10, 1, false}, {{{"schedule", {"cosine", "linear"}}}}},
        {"power", RealDomain{1, 4, false, false}, {{{"schedule", {"polynomial"}}}}},
    };
    spec.trialCount = kTrials;
    return spec;
}

/// A smooth bowl, so that samplers that learn have something to learn from.
double objectiveOf(const ParamValues& point) {
    const ParamValue* rate = point.find("learning_rate");
    return rate == nullptr ? 1.0 : std::pow(std::log10(*std::get_if<double>(rate)) + 3, 2);
}

ObservedTrial observed(std::int64_t number, ParamValues point, const StudySpec& spec) {
    const double objective = objectiveOf(point);
    ObservedTrial trial{number, std::move(point), TrialState::Complete, objective};
    if (number % 5 == 1)
        trial = {number, std::move(trial.values), TrialState::Failed, std::nullopt};
    else if (number % 5 == 2)
        trial = {number, std::move(trial.values), TrialState::Running, std::nullopt};
    else if (number % 5 == 3)
        trial.state = TrialState::Pruned;
    else if (number % 20 == 4)
        trial.objective = std::numeric_limits<double>::quiet_NaN();
    if (trial.objective && !spec.furtherObjectives.empty())
        trial.furtherObjectives = {trial.values.real("dropout")};
    return trial;
}

/// Asks until `count` trials are there. False with the message in `problem` if the sampler cannot answer.
bool runUntil(std::int64_t count, Sampler& sampler, const StudySpec& spec, std::vector<ObservedTrial>& trials,
              std::string& problem) {
    while (static_cast<std::int64_t>(trials.size()) < count) {
        const auto number = static_cast<std::int64_t>(trials.size());
        Rng rng(mixSeed(spec.seed, static_cast<std::uint64_t>(number)));
        Result<ParamValues> point = sampler.ask({spec, trials}, rng);
        if (!point.has_value()) {
            problem = "trial " + std::to_string(number) + ": " + point.error().text();
            return false;
        }
        trials.push_back(observed(number, std::move(point).value(), spec));
    }
    return true;
}

/// About a sixth of the space is left.
StudySpec spaceWithRules() {
    StudySpec spec = spaceOfEveryKind();
    spec.forbidden = {"method == 'lora' and rank > 4 and batch_size > 16", "bf16 and learning_rate > 0.01",
                      "not bf16 and method == 'prefix'"};
    for (SearchDimension& dimension : spec.space)
        if (dimension.key == "warmup") {
            dimension.atLeast = "batch_size / 30";
            dimension.atMost = "batch_size / 5";
        }
    spec.derived = {{"scale", "2 * rank", IntDomain{1, 12}}};
    return spec;
}

/// The rules of spaceWithRules() once more, without an expression. "" or the one that is broken.
std::string brokenRule(const ParamValues& point) {
    const ParamValue* rank = point.find("rank");
    const std::int64_t rankValue = rank == nullptr ? 0 : std::get<std::int64_t>(*rank);
    const std::int64_t batch = point.integer("batch_size");
    if (rankValue > 4 && batch > 16)
        return "the first combination";
    if (point.flag("bf16") && point.real("learning_rate") > 0.01)
        return "the second combination";
    if (!point.flag("bf16") && point.text("method") == "prefix")
        return "the third combination";
    if (rankValue * 2 > 12)
        return "the derived value's domain";
    const double warmup = point.real("warmup");
    return warmup * 30 < static_cast<double>(batch) || warmup * 5 > static_cast<double>(batch) ? "a bound"
                                                                                               : "";
}

bool meets(const SearchDimension& dimension, const StudySpec& spec, const ParamValues& point) {
    for (const Condition::Term& term : dimension.activeIf.terms) {
        const ParamValue* value = point.contains(term.key) ? point.find(term.key) : spec.fixed.find(term.key);
        if (value == nullptr || std::ranges::find(term.anyOf, toText(*value)) == term.anyOf.end())
            return false;
    }
    return true;
}

} // namespace

std::string SamplerContract::pointsLieInTheirDomains() const {
    const StudySpec spec = spaceOfEveryKind();
    const auto sampler = m_make();
    std::vector<ObservedTrial> trials;
    std::string problem;
    runUntil(kTrials, *sampler, spec, trials, problem);
    for (const ObservedTrial& trial : trials)
        for (const auto& [key, value] : trial.values.map()) {
            const auto dimension = std::ranges::find(spec.space, key, &SearchDimension::key);
            if (dimension == spec.space.end())
                return key + " is not searched";
            if (const auto wrong = problemWith(dimension->domain, value))
                return key + " " + *wrong;
        }
    return problem;
}

std::string SamplerContract::conditionsDecideWhichKeysAreThere() const {
    const StudySpec spec = spaceOfEveryKind();
    const auto sampler = m_make();
    std::vector<ObservedTrial> trials;
    std::string problem;
    runUntil(kTrials, *sampler, spec, trials, problem);
    std::size_t withRank = 0;
    for (const ObservedTrial& trial : trials) {
        withRank += trial.values.contains("rank") ? 1 : 0;
        for (const SearchDimension& dimension : spec.space)
            if (trial.values.contains(dimension.key) != meets(dimension, spec, trial.values))
                return dimension.key + " in " + toJson(trial.values);
    }
    if (problem.empty() && (withRank == 0 || withRank == trials.size()))
        return "the condition of rank never changed";
    return problem;
}

std::string SamplerContract::logarithmicRangesAreSearchedInTheLogarithm() const {
    StudySpec spec;
    spec.space = {{"rate", RealDomain{1e-6, 1, true, false}, {}},
                  {"width", IntDomain{1, 1'000'000, 1, true}, {}}};
    spec.samplerOptions = {{"levels", std::int64_t{12}}}; // so that a grid has points enough
    const auto sampler = m_make();
    std::vector<ObservedTrial> trials;
    std::string problem;
    runUntil(kTrials, *sampler, spec, trials, problem);
    std::array<std::size_t, 3> rates{};
    std::array<std::size_t, 3> widths{};
    for (const ObservedTrial& trial : trials) {
        ++rates[std::min<std::size_t>(
            2, static_cast<std::size_t>((std::log10(trial.values.real("rate")) + 6) / 2))];
        ++widths[std::min<std::size_t>(2,
                                       static_cast<std::size_t>(std::log10(trial.values.real("width")) / 2))];
    }
    for (const auto& counts : {rates, widths}) // a search that is not logarithmic leaves a hundredth there
        if (counts[0] + counts[1] < trials.size() / 3)
            return "the lower two thirds of the range got only " + std::to_string(counts[0] + counts[1]) +
                   " points";
    return problem;
}

std::string SamplerContract::theSameSeedGivesTheSamePoints() const {
    const StudySpec spec = spaceOfEveryKind();
    std::vector<ObservedTrial> first;
    std::vector<ObservedTrial> second;
    std::string problem;
    runUntil(kTrials, *m_make(), spec, first, problem);
    runUntil(kTrials, *m_make(), spec, second, problem);
    for (std::size_t i = 0; problem.empty() && i < first.size(); ++i)
        if (first[i].values != second[i].values)
            problem = "trial " + std::to_string(i) + " differs";
    return problem;
}

namespace {

/// What is wrong with searches that another sampler goes on with, compared to one without a pause.
std::string differenceAfterPauses(const SamplerContract::Factory& make, const StudySpec& spec,
                                  std::initializer_list<std::int64_t> pauses) {
    std::vector<ObservedTrial> whole;
    std::string problem;
    runUntil(kTrials, *make(), spec, whole, problem);
    for (const std::int64_t pause : pauses) {
        std::vector<ObservedTrial> trials;
        const auto before = make();
        runUntil(pause, *before, spec, trials, problem);
        const auto after = make();
        if (const Status restored = after->restore(before->state()); !restored.has_value())
            return restored.error().text();
        runUntil(kTrials, *after, spec, trials, problem);
        for (std::size_t i = 0; problem.empty() && i < whole.size(); ++i)
            if (trials[i].values != whole[i].values)
                problem = "trial " + std::to_string(i) + " differs after a pause at " + std::to_string(pause);
    }
    return problem;
}

} // namespace

std::string SamplerContract::aResumedSearchEqualsOneWithoutPause() const {
    return differenceAfterPauses(m_make, spaceOfEveryKind(), {0, 1, 17, kTrials - 1});
}

std::string SamplerContract::severalObjectivesAreSearchedOrRefused() const {
    StudySpec spec = spaceOfEveryKind();
    spec.furtherObjectives = {{"second", true}};
    if (m_make()->knowsSeveralObjectives())
        return differenceAfterPauses(m_make, spec, {17});
    Rng rng(1);
    const Result<ParamValues> point = m_make()->ask({spec, {}}, rng);
    if (point.has_value())
        return "it answers, and looks at one objective only";
    const std::string problem = point.error().text();
    return problem.find("one objective, this study has 2; choose one of auto, random") == std::string::npos
               ? problem
               : "";
}

std::string SamplerContract::anEmptySpaceGivesAnEmptyPoint() const {
    const StudySpec spec;
    Rng rng(1);
    const Result<ParamValues> point = m_make()->ask({spec, {}}, rng);
    if (!point.has_value())
        return point.error().text();
    return point->map().empty() ? "" : "there is a value for nothing searched";
}

std::string SamplerContract::forbiddenPointsAreNeverProposed() const {
    constexpr std::int64_t kRuledTrials = 24;
    const StudySpec spec = spaceWithRules();
    const auto guarded = [this] { return makeAllowedSampler(m_make()); };
    std::vector<ObservedTrial> whole;
    std::string problem;
    const auto first = guarded();
    if (!runUntil(kRuledTrials, *first, spec, whole, problem))
        return problem;
    for (const ObservedTrial& trial : whole)
        if (const std::string rule = brokenRule(trial.values); !rule.empty())
            return "trial " + std::to_string(trial.number) + " breaks " + rule + ": " + toJson(trial.values);
    for (const std::int64_t pause : {std::int64_t{3}, std::int64_t{17}}) {
        std::vector<ObservedTrial> trials;
        const auto before = guarded();
        runUntil(pause, *before, spec, trials, problem);
        const auto after = guarded();
        if (const Status restored = after->restore(before->state()); !restored.has_value())
            return restored.error().text();
        runUntil(kRuledTrials, *after, spec, trials, problem);
        for (std::size_t i = 0; problem.empty() && i < whole.size(); ++i)
            if (trials[i].values != whole[i].values)
                problem = "trial " + std::to_string(i) + " differs after a pause at " + std::to_string(pause);
    }
    return problem;
}

} // namespace lathe::test
