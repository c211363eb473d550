#include "core/search/ask_tell.h"
#include "core/search/gaussian_process.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

using namespace lathe;

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

struct Settings {
    std::string data;
    std::string samplers = "auto,mads,tpe,gp,random";
    int seeds = 20;
    int firstSeed = 0;
    int budget = 50;
    bool isServing = false;
};

/// A number of the search and the values it stands for.
struct Input {
    std::string key;
    double low = 0;
    double high = 1;
    bool isWhole = true;
};

/// Real trainings with LoRA: where they were, and their losses.
struct Trainings {
    std::vector<Input> inputs;
    MatrixXd x; ///< [inputs, n], in [0, 1]
    VectorXd loss;
};

std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> words;
    std::istringstream stream(line.substr(0, line.find('\r')));
    for (std::string word; std::getline(stream, word, ',');)
        words.push_back(word);
    return words;
}

/// 0, 1e-4, 1e-3, … as 1, 2, 3, …
double dropoutCode(double dropout) { return dropout == 0 ? 1 : std::round(std::log10(dropout)) + 6; }

/// The searches' own coding: powers of two, dropout by its place in a list; alpha as such where the learning
/// rate is searched too, else as a multiple of the rank.
Result<Trainings> read(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    if (!file || !std::getline(file, line))
        return inputError(path, "cannot be read");
    const std::vector<std::string> names = split(line);
    std::vector<std::map<std::string, double>> rows;
    while (std::getline(file, line)) {
        const std::vector<std::string> words = split(line);
        if (words.size() != names.size())
            return inputError(path, "a row has " + std::to_string(words.size()) + " values, not " +
                                        std::to_string(names.size()));
        rows.emplace_back();
        for (std::size_t i = 0; i < names.size(); ++i)
            rows.back()[names[i]] = std::strtod(words[i].c_str(), nullptr);
    }
    const bool hasRate =
        std::ranges::any_of(rows, [&rows](auto& row) { return row["log10_lr"] != rows.front()["log10_lr"]; });
    Trainings made;
    made.inputs = {{"rank_code", 1, hasRate ? 8.0 : 5.0}, {"dropout_code", 1, hasRate ? 6.0 : 5.0}};
    made.inputs.push_back({hasRate ? "alpha" : "alpha_over_rank", 1, 64});
    if (hasRate)
        made.inputs.push_back({"log10_lr", -6, -3, false});
    made.x.resize(static_cast<Index>(made.inputs.size()), static_cast<Index>(rows.size()));
    made.loss.resize(made.x.cols());
    for (Index p = 0; p < made.x.cols(); ++p) {
        auto& row = rows[static_cast<std::size_t>(p)];
        const std::vector<double> values = {std::log2(row["rank"]) - 1, dropoutCode(row["dropout"]),
                                            hasRate ? row["alpha"] : row["alpha"] / row["rank"],
                                            row["log10_lr"]};
        for (Index i = 0; i < made.x.rows(); ++i) {
            const Input& input = made.inputs[static_cast<std::size_t>(i)];
            made.x(i, p) = (values[static_cast<std::size_t>(i)] - input.low) / (input.high - input.low);
        }
        made.loss[p] = row["validation_loss"];
    }
    return made;
}

/// The mean of a Gaussian process through the trainings: what one would bring on average anywhere.
class Surrogate {
public:
    explicit Surrogate(const Trainings& trainings)
        : m_mean(trainings.loss.mean()),
          m_spread(std::sqrt((trainings.loss.array() - m_mean).square().mean())),
          m_process(makeProcess(trainings)) {}

    [[nodiscard]] double at(const VectorXd& point) const {
        return m_mean + m_spread * m_process.at(point).mean[0];
    }

private:
    [[nodiscard]] GaussianProcess makeProcess(const Trainings& trainings) const {
        const VectorXd y = (trainings.loss.array() - m_mean) / m_spread;
        const std::vector<bool> isChoice(trainings.inputs.size(), false);
        return {trainings.x, y, isChoice, GaussianProcess::fit(trainings.x, y, isChoice)};
    }

    double m_mean;
    double m_spread;
    GaussianProcess m_process;
};

StudySpec specOf(const Trainings& trainings, const Settings& settings, int seed) {
    StudySpec spec;
    for (const Input& input : trainings.inputs) {
        const Domain domain = input.isWhole
                                  ? Domain(IntDomain{static_cast<std::int64_t>(input.low),
                                                     static_cast<std::int64_t>(input.high), 1, false})
                                  : Domain(RealDomain{input.low, input.high});
        spec.space.push_back({input.key, domain, {}});
    }
    spec.trialCount = settings.budget;
    spec.seed = static_cast<std::uint64_t>(seed);
    return spec;
}

VectorXd pointOf(const Trainings& trainings, const ParamValues& values) {
    VectorXd point(static_cast<Index>(trainings.inputs.size()));
    for (Index i = 0; i < point.size(); ++i) {
        const Input& input = trainings.inputs[static_cast<std::size_t>(i)];
        const double value =
            input.isWhole ? static_cast<double>(values.integer(input.key)) : values.real(input.key);
        point[i] = (value - input.low) / (input.high - input.low);
    }
    return point;
}

Result<double> bestOf(const Trainings& trainings, const Surrogate& surrogate, const std::string& id, int seed,
                      const Settings& settings) {
    Registry<Sampler> registry;
    addBuiltinSamplers(registry);
    LATHE_ASSIGN(std::unique_ptr<Sampler> sampler, registry.make(id));
    LATHE_ASSIGN(AskTell search, AskTell::make(specOf(trainings, settings, seed), std::move(sampler)));
    double best = std::numeric_limits<double>::infinity();
    while (search.left() > 0) {
        LATHE_ASSIGN(const auto asked, search.ask(1));
        TrialReport report;
        report.value = surrogate.at(pointOf(trainings, asked.front().values));
        best = std::min(best, *report.value);
        LATHE_TRY(search.tell(asked.front().number, report));
    }
    return best;
}

/// One line of numbers in, one loss out.
void serve(const Trainings& trainings, const Surrogate& surrogate) {
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream stream(line);
        VectorXd point(static_cast<Index>(trainings.inputs.size()));
        for (Index i = 0; i < point.size(); ++i) {
            const Input& input = trainings.inputs[static_cast<std::size_t>(i)];
            double value = input.low;
            stream >> value;
            point[i] = (value - input.low) / (input.high - input.low);
        }
        std::printf("%.10g\n", surrogate.at(point));
        std::fflush(stdout);
    }
}

Status run(const Settings& settings) {
    LATHE_ASSIGN(const Trainings trainings, read(settings.data));
    const Surrogate surrogate(trainings);
    if (settings.isServing) {
        for (const Input& input : trainings.inputs)
            std::printf("%s %g %g %d ", input.key.c_str(), input.low, input.high, input.isWhole ? 1 : 0);
        std::printf("\n");
        std::fflush(stdout);
        serve(trainings, surrogate);
        return ok();
    }
    double own = std::numeric_limits<double>::infinity();
    for (Index p = 0; p < trainings.x.cols(); ++p)
        own = std::min(own, surrogate.at(trainings.x.col(p)));
    std::printf("sampler,seed,best\nown trace (%lld),0,%.7f\n", static_cast<long long>(trainings.x.cols()),
                own);
    for (const std::string& id : split(settings.samplers))
        for (int seed = settings.firstSeed; seed < settings.firstSeed + settings.seeds; ++seed) {
            LATHE_ASSIGN(const double best, bestOf(trainings, surrogate, id, seed, settings));
            std::printf("%s,%d,%.7f\n", id.c_str(), seed, best);
            std::fflush(stdout);
        }
    return ok();
}

} // namespace

int main(int argc, char** argv) {
    Settings settings;
    CLI::App app("Searches over a surrogate of real trainings with LoRA; prints the best losses as CSV.");
    app.add_option("data", settings.data,
                   "CSV with rank, dropout, alpha, log10_lr and validation_loss of trainings")
        ->required();
    app.add_option("--samplers", settings.samplers, "Ids, with commas between them");
    app.add_option("--seeds", settings.seeds, "How many");
    app.add_option("--first-seed", settings.firstSeed, "The first one");
    app.add_option("--budget", settings.budget, "Trainings of a search")->check(CLI::Range(1, 100000));
    app.add_flag("--serve", settings.isServing,
                 "Answer points on standard input, after a line of the inputs");
    CLI11_PARSE(app, argc, argv);
    if (const Status done = run(settings); !done.has_value()) {
        std::fprintf(stderr, "%s\n", done.error().text().c_str());
        return 1;
    }
    return 0;
}
