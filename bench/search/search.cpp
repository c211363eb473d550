#include "bench/search/problems.h"
#include "core/params/param_schema.h"
#include "core/search/ranking.h"
#include "core/search/sampler.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>

using namespace lathe;

namespace {

constexpr std::array kMarks = {25, 50, 100, 200, 400, 1000};

struct Settings {
    std::string samplers = "auto";
    std::string problems;
    std::string group;
    std::string startsFile;
    std::vector<std::string> options;
    int seeds = 5;
    int firstSeed = 0;
    int budget = 200;
};

using Starts = std::map<std::pair<std::string, int>, ParamValues>; // by problem and seed

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> words;
    std::istringstream stream(text);
    for (std::string word; std::getline(stream, word, ',');)
        words.push_back(word);
    return words;
}

/// Lines of "problem seed {values as JSON}".
Result<Starts> readStarts(const std::string& path) {
    Starts starts;
    std::ifstream file(path);
    if (!path.empty() && !file)
        return inputError(path, "cannot be read");
    std::string name;
    int seed = 0;
    for (std::string json; file >> name >> seed && std::getline(file, json);) {
        LATHE_ASSIGN(ParamValues values, paramValuesFromJson(json));
        starts[{name, seed}] = std::move(values);
    }
    return starts;
}

Result<ParamValues> optionsOf(const Sampler& sampler, const std::vector<std::string>& texts) {
    ParamValues values;
    const ParamSchema schema = sampler.options();
    for (const std::string& text : texts) {
        const auto equals = text.find('=');
        const ParamSpec* spec = findSpec(schema, text.substr(0, equals));
        if (spec == nullptr || equals == std::string::npos)
            continue; // for another of the samplers
        LATHE_ASSIGN(ParamValue value, parseValue(*spec, text.substr(equals + 1)));
        values.set(spec->key, std::move(value));
    }
    return values;
}

/// One search from its first trial to its budget; prints the best feasible loss at every mark.
Status search(const bench::SearchProblem& problem, const std::string& id, int seed, const Settings& settings,
              const ParamValues& start) {
    Registry<Sampler> registry;
    addBuiltinSamplers(registry);
    LATHE_ASSIGN(const std::unique_ptr<Sampler> sampler, registry.make(id));
    StudySpec spec;
    spec.space = problem.space;
    spec.seed = static_cast<std::uint64_t>(seed);
    spec.trialCount = settings.budget;
    spec.fixed = start;
    LATHE_ASSIGN(spec.samplerOptions, optionsOf(*sampler, settings.options));
    std::vector<ObservedTrial> trials;
    double best = std::numeric_limits<double>::infinity();
    double seconds = 0;
    for (std::int64_t number = 0; number < settings.budget; ++number) {
        Rng rng(mixSeed(spec.seed * 7919 + 1, static_cast<std::uint64_t>(number)));
        const auto began = std::chrono::steady_clock::now();
        LATHE_ASSIGN(ParamValues values, sampler->ask({spec, trials}, rng));
        seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
        const bench::Outputs outputs = problem.evaluate(values);
        ObservedTrial trial{number, std::move(values), TrialState::Complete, outputs.loss};
        trial.constraints = outputs.constraints;
        if (violationOf(trial) == 0)
            best = std::min(best, outputs.loss);
        trials.push_back(std::move(trial));
        if (std::ranges::find(kMarks, number + 1) != kMarks.end())
            std::printf("%s,%s,%d,%lld,%.9g,%.3f\n", problem.name.c_str(), id.c_str(), seed,
                        static_cast<long long>(number + 1), best,
                        1e3 * seconds / static_cast<double>(number + 1));
    }
    std::fflush(stdout);
    return ok();
}

Status run(const Settings& settings) {
    LATHE_ASSIGN(const Starts starts, readStarts(settings.startsFile));
    const std::vector<std::string> wanted = split(settings.problems);
    std::printf("problem,sampler,seed,evaluations,best,ms_per_ask\n");
    for (const bench::SearchProblem& problem : bench::searchProblems()) {
        const bool isWanted = wanted.empty() ? settings.group.empty() || settings.group == problem.group
                                             : std::ranges::find(wanted, problem.name) != wanted.end();
        if (!isWanted)
            continue;
        for (const std::string& id : split(settings.samplers))
            for (int seed = settings.firstSeed; seed < settings.firstSeed + settings.seeds; ++seed) {
                const auto start = starts.find({problem.name, seed});
                LATHE_TRY(search(problem, id, seed, settings,
                                 start == starts.end() ? ParamValues() : start->second));
            }
    }
    return ok();
}

} // namespace

int main(int argc, char** argv) {
    Settings settings;
    CLI::App app("Runs samplers on test problems; prints the best loss so far as CSV.");
    app.add_option("--samplers", settings.samplers, "Ids, with commas between them");
    app.add_option("--problems", settings.problems,
                   "Names, with commas between them; none: all of the group");
    app.add_option("--group", settings.group, "standard, constrained or further; none: all");
    app.add_option("--starts", settings.startsFile, "Lines of: problem, seed, first point as JSON");
    app.add_option("--option", settings.options, "KEY=VALUE of a sampler");
    app.add_option("--seeds", settings.seeds, "How many");
    app.add_option("--first-seed", settings.firstSeed, "The first one");
    app.add_option("--budget", settings.budget, "Evaluations of a search");
    CLI11_PARSE(app, argc, argv);
    if (const Status done = run(settings); !done.has_value()) {
        std::fprintf(stderr, "%s\n", done.error().text().c_str());
        return 1;
    }
    return 0;
}
