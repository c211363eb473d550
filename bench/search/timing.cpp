#include "core/search/ask_tell.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <sstream>

using namespace lathe;

namespace {

struct Settings {
    std::string samplers = "tpe:1000,mads:1000,cma_es:1000,gp:300,auto:1000";
    int parameters = 10;
    int asks = 20;
};

StudySpec specOf(int parameters, std::int64_t trials) {
    StudySpec spec;
    for (int i = 0; i < parameters; ++i)
        spec.space.push_back({"x" + std::to_string(i), RealDomain{-5, 5}, {}});
    spec.trialCount = trials;
    return spec;
}

double rosenbrock(const ParamValues& values, int parameters) {
    double sum = 0;
    for (int i = 0; i + 1 < parameters; ++i) {
        const double a = values.real("x" + std::to_string(i));
        const double b = values.real("x" + std::to_string(i + 1));
        sum += 100 * std::pow(b - a * a, 2) + std::pow(1 - a, 2);
    }
    return sum;
}

Result<AskTell> searchOf(StudySpec spec, const std::string& id, SavedSearch saved) {
    Registry<Sampler> registry;
    addBuiltinSamplers(registry);
    LATHE_ASSIGN(std::unique_ptr<Sampler> sampler, registry.make(id));
    return AskTell::resume(std::move(spec), std::move(sampler), std::move(saved));
}

/// Finished trials and what the sampler remembers of them.
Result<SavedSearch> history(const StudySpec& spec, const std::string& id, std::int64_t trials,
                            int parameters) {
    LATHE_ASSIGN(AskTell search, searchOf(spec, id, {}));
    for (std::int64_t k = 0; k < trials; ++k) {
        LATHE_ASSIGN(const auto asked, search.ask(1));
        TrialReport report;
        report.value = rosenbrock(asked.front().values, parameters);
        LATHE_TRY(search.tell(asked.front().number, report));
    }
    SavedSearch saved;
    saved.trials.assign(search.trials().begin(), search.trials().end());
    saved.details.resize(saved.trials.size());
    saved.samplerState = search.samplerState();
    return saved;
}

/// Milliseconds of processor time of each ask after so many finished trials: what else runs does not count.
Result<std::vector<double>> timed(const std::string& id, std::int64_t trials, const Settings& settings) {
    const StudySpec spec = specOf(settings.parameters, trials + settings.asks);
    const bool hasMemory = id == "cma_es" || id == "mads"; // the others go on from any trials alike
    LATHE_ASSIGN(SavedSearch saved, history(spec, hasMemory ? id : "random", trials, settings.parameters));
    if (!hasMemory)
        saved.samplerState.clear();
    LATHE_ASSIGN(AskTell search, searchOf(spec, id, std::move(saved)));
    std::vector<double> times;
    for (int k = 0; k < settings.asks; ++k) {
        const std::clock_t began = std::clock();
        LATHE_ASSIGN(const auto asked, search.ask(1));
        times.push_back(1e3 * static_cast<double>(std::clock() - began) / CLOCKS_PER_SEC);
        TrialReport report;
        report.value = rosenbrock(asked.front().values, settings.parameters);
        LATHE_TRY(search.tell(asked.front().number, report));
    }
    return times;
}

Status run(const Settings& settings) {
    std::printf("sampler,trials,parameters,least_ms,median_ms,mean_ms,most_ms\n");
    std::fflush(stdout);
    std::istringstream stream(settings.samplers);
    for (std::string word; std::getline(stream, word, ',');) {
        const auto colon = word.find(':');
        const std::string id = word.substr(0, colon);
        const std::int64_t trials = colon == std::string::npos ? 1000 : std::stoll(word.substr(colon + 1));
        LATHE_ASSIGN(std::vector<double> times, timed(id, trials, settings));
        std::ranges::sort(times);
        double sum = 0;
        for (const double time : times)
            sum += time;
        std::printf("%s,%lld,%d,%.3f,%.3f,%.3f,%.3f\n", id.c_str(), static_cast<long long>(trials),
                    settings.parameters, times.front(), times[times.size() / 2],
                    sum / static_cast<double>(times.size()), times.back());
        std::fflush(stdout);
    }
    return ok();
}

} // namespace

int main(int argc, char** argv) {
    Settings settings;
    CLI::App app("Times asking for the next point after many finished trials; prints milliseconds of "
                 "processor time as CSV.");
    app.add_option("--samplers", settings.samplers, "ID:FINISHED TRIALS, with commas between them");
    app.add_option("--parameters", settings.parameters, "Reals that are searched")->check(CLI::Range(1, 60));
    app.add_option("--asks", settings.asks, "How many are timed")->check(CLI::Range(1, 10000));
    CLI11_PARSE(app, argc, argv);
    if (const Status done = run(settings); !done.has_value()) {
        std::fprintf(stderr, "%s\n", done.error().text().c_str());
        return 1;
    }
    return 0;
}
