#include "app/example_files.h"
#include "app/patient_threads.h"
#include "app/workbench.h"
#include "bench/measuring.h"
#include "core/base/cores.h"
#include "core/base/files.h"
#include "core/session/project_session.h"
#include "core/store/study_reader.h"
#include "core/text/tokenizer.h"
#include "core/train/batch_source.h"
#include "core/train/make_task.h"
#include "core/train/training_data.h"
#include "widgets/charts/live_chart.h"
#include "widgets/charts/qcp.h"
#include "widgets/pages/recipe_page.h"
#include "widgets/shell/main_window.h"

#include <CLI/CLI.hpp>
#include <QApplication>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QTemporaryDir>
#include <QTimer>
#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace {

using namespace lathe;
using nlohmann::json;

constexpr std::uint64_t kSeed = 42;
constexpr int kTickMs = 5;
constexpr int kPatienceMs = 600'000;

struct Options {
    std::int64_t steps = 150;
    std::int64_t skipped = 10; ///< first steps, in which memory is made ready
    int rounds = 3;
    int hertz = 30; ///< of each live chart
    std::int64_t threads = 0;
    int width = 1440, height = 900;
};

/// Seconds of training at each step, as the run reports them with its loss.
using Clocked = std::map<std::int64_t, double>;

/// The built-in example without what is done between steps; at its end it evaluates a few rows.
ParamValues exampleRecipe(const Options& options) {
    const ParamSchema& schema = recipeSchema();
    ParamValues recipe =
        withDefaults(schema, readExample(findExamples().value(), kFirstExample, schema).value());
    for (const char* every : {"eval_every", "sample_every", "checkpoint_every"})
        recipe.set(every, std::int64_t{0});
    recipe.set("eval_rows", std::int64_t{4});
    recipe.set("max_steps", options.steps);
    recipe.set("threads", options.threads);
    return recipe;
}

/// Tokens of the steps that are timed, padding left out.
double timedTokens(const ParamValues& recipe, const Options& options) {
    const RecipeView view(recipe);
    const auto task = recipeTask(recipe).value();
    const Tokenizer tokenizer = Tokenizer::load(view.modelFolder).value();
    const TrainingData data = loadTrainingData(recipe, *task, tokenizer, kSeed).value();
    BatchSource batches(data.train, view, *task, kSeed);
    double tokens = 0;
    for (std::int64_t step = 1; step <= options.steps; ++step)
        for (std::int64_t i = 0; i < view.accumulation; ++i) {
            const auto real = static_cast<double>(batches.next(data.padId).realTokens);
            tokens += step > options.skipped ? real : 0;
        }
    return tokens;
}

/// By the engine's task alone: no window, no database.
Clocked trainBare(const ParamValues& recipe) {
    const QTemporaryDir folder;
    Clocked clocked;
    TrialContext context;
    context.id = TrialId{1};
    context.seed = kSeed;
    context.folder = folder.path().toStdString();
    context.publish = [](const Event&) {};
    context.report = [&clocked](std::string_view metric, std::int64_t step, double, double seconds) {
        if (metric == "loss")
            clocked[step] = seconds;
        return Verdict::Continue;
    };
    Result<TrialResult> result = makeTrainingTask()->run(recipe, context);
    if (!result.has_value()) {
        std::cerr << result.error().text() << '\n';
        std::exit(1);
    }
    return clocked;
}

/// Times between two ticks of a timer on the GUI thread, in milliseconds.
class Gaps {
public:
    Gaps() {
        m_timer.setTimerType(Qt::PreciseTimer);
        m_timer.setInterval(kTickMs);
        QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] {
            m_all.push_back(static_cast<double>(m_clock.nsecsElapsed()) / 1e6);
            m_clock.start();
        });
    }
    void start() {
        m_clock.start();
        m_timer.start();
    }
    void stop() { m_timer.stop(); }
    [[nodiscard]] double worst() const { return m_all.empty() ? 0 : *std::ranges::max_element(m_all); }
    [[nodiscard]] double quantile(double share) {
        std::ranges::sort(m_all);
        return m_all.empty() ? 0
                             : m_all[static_cast<std::size_t>(share * static_cast<double>(m_all.size() - 1))];
    }

private:
    QTimer m_timer;
    QElapsedTimer m_clock;
    std::vector<double> m_all;
};

/// Waits in the event loop until `isDone`.
bool waitFor(const std::function<bool()>& isDone) {
    QElapsedTimer clock;
    clock.start();
    QEventLoop loop;
    QTimer look;
    QObject::connect(&look, &QTimer::timeout, &loop, [&] {
        if (isDone() || clock.hasExpired(kPatienceMs))
            loop.quit();
    });
    look.start(50);
    loop.exec();
    return isDone();
}

/// Draws each live chart anew as soon as it has not been drawn for a while, so that it is drawn so many times
/// a second, whether or not a point came; and counts.
class Redraws {
public:
    Redraws(const MainWindow& window, int hertz) : m_hertz(hertz) {
        for (const LiveChart* chart : window.findChildren<LiveChart*>())
            m_charts.push_back({chart, {}});
        for (Chart& each : m_charts)
            QObject::connect(each.chart->plot(), &QCustomPlot::afterReplot, &m_timer, [this, &each] {
                ++m_count;
                each.drawn.start();
            });
        m_timer.setTimerType(Qt::PreciseTimer);
        m_timer.setInterval(kTickMs);
        QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] {
            for (const Chart& each : m_charts)
                if (each.chart->isVisible() &&
                    (!each.drawn.isValid() || each.drawn.hasExpired(1000 / m_hertz)))
                    each.chart->plot()->replot(QCustomPlot::rpQueuedReplot);
        });
    }
    void start() {
        m_count = 0;
        if (m_hertz > 0)
            m_timer.start();
    }
    void stop() { m_timer.stop(); }
    [[nodiscard]] std::int64_t count() const { return m_count; }

private:
    struct Chart {
        const LiveChart* chart = nullptr;
        QElapsedTimer drawn;
    };
    int m_hertz;
    std::vector<Chart> m_charts; // its members stay where they are
    QTimer m_timer;
    std::int64_t m_count = 0;
};

struct Windowed {
    Clocked clocked;
    double gapP95 = 0, gapMax = 0;
    double replots = 0; ///< per second, of all charts
};

/// In the window, whose live charts are drawn anew so many times a second, whether or not a point came.
Windowed trainInWindow(const ParamValues& recipe, const Options& options) {
    const QTemporaryDir folder;
    Workbench workbench(*qApp, folder.filePath("settings.ini"), folder.filePath("project"));
    MainWindow& window = workbench.window();
    window.resize(options.width, options.height);
    ProjectSession& project = workbench.project();
    waitFor([&project] { return project.isOpen(); });
    Windowed result;
    window.showPage(PageId::Live);
    Redraws redraws(window, options.hertz);
    auto* page = window.findChild<RecipePage*>();
    page->setRecipe(recipe, QStringLiteral("load"));
    page->start();
    waitFor([&project] { return !project.activeStudies().isEmpty(); });
    QElapsedTimer clock;
    clock.start();
    Gaps gaps;
    gaps.start();
    redraws.start();
    waitFor([&project] { return project.activeStudies().isEmpty(); });
    gaps.stop();
    redraws.stop();
    result.replots = 1000.0 * static_cast<double>(redraws.count()) / static_cast<double>(clock.elapsed());
    result.gapP95 = gaps.quantile(0.95);
    result.gapMax = gaps.worst();
    const auto reader = StudyReader::open(project.database().toStdString());
    for (const MetricPoint& point : reader->points(project.runs().row(0).trial.id).value())
        if (point.name == "loss")
            result.clocked[point.step] = point.seconds;
    return result;
}

double secondsOf(const Clocked& clocked, const Options& options) {
    return clocked.at(options.steps) - clocked.at(options.skipped);
}

json measure(const Options& options) {
    const ParamValues recipe = exampleRecipe(options);
    const double tokens = timedTokens(recipe, options);
    std::vector<double> bare, windowed, p95, most;
    json rounds = json::array();
    for (int round = -1; round < options.rounds; ++round) { // the first one warms up
        const double alone = secondsOf(trainBare(recipe), options);
        const Windowed shown = trainInWindow(recipe, options);
        const double seconds = secondsOf(shown.clocked, options);
        if (round < 0)
            continue;
        bare.push_back(tokens / alone);
        windowed.push_back(tokens / seconds);
        p95.push_back(shown.gapP95);
        most.push_back(shown.gapMax);
        rounds.push_back({{"bare_tokens_per_second", tokens / alone},
                          {"window_tokens_per_second", tokens / seconds},
                          {"ratio", alone / seconds},
                          {"gap_p95_ms", shown.gapP95},
                          {"gap_max_ms", shown.gapMax},
                          {"replots_per_second", shown.replots}});
    }
    return {{"benchmark", "window_load"},
            {"platform", QGuiApplication::platformName().toStdString()},
            {"cores", availableCores()},
            {"steps", options.steps - options.skipped},
            {"charts_hz", options.hertz},
            {"bare_tokens_per_second", bench::median(bare)},
            {"window_tokens_per_second", bench::median(windowed)},
            {"ratio", bench::median(windowed) / bench::median(bare)},
            {"gap_p95_ms", bench::median(p95)},
            {"gap_max_ms", *std::ranges::max_element(most)},
            {"rounds", std::move(rounds)}};
}

} // namespace

/// Prints one JSON object.
int main(int argc, char** argv) {
    lathe::startAgainWithPatientThreads(argv, environ);
    Options options;
    CLI::App app(
        "Trains the built-in example in the window, its charts replotting, and without one, in turns");
    app.add_option("--steps", options.steps, "Optimiser steps")->check(CLI::Range(20, 100000));
    app.add_option("--rounds", options.rounds, "Rounds of both sides")->check(CLI::Range(1, 100));
    app.add_option("--hertz", options.hertz, "Times a second each live chart is drawn; 0: as points come")
        ->check(CLI::Range(0, 200));
    app.add_option("--threads", options.threads, "Of the training; 0: all cores");
    app.add_option("--width", options.width, "Of the window");
    app.add_option("--height", options.height, "Of the window");
    CLI11_PARSE(app, argc, argv);
    int qtArguments = 1;
    QApplication application(qtArguments, argv);
    std::setlocale(LC_NUMERIC, "C"); // as the program does
    QApplication::setQuitOnLastWindowClosed(false);
    std::cout << measure(options).dump(2) << '\n';
    return 0;
}
