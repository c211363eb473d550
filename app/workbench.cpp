#include "app/workbench.h"

#include "app/builtin_parts.h"
#include "app/dataset_functions.h"
#include "app/example_files.h"
#include "app/languages.h"
#include "app/model_facts.h"
#include "app/project_folder.h"
#include "app/reported_metrics.h"
#include "app/shared_cores.h"
#include "app/trial_export.h"
#include "core/base/machine_memory.h"
#include "core/engine/thread_executor.h"
#include "core/session/chat_session.h"
#include "core/session/dataset_session.h"
#include "core/session/model_download.h"
#include "core/session/model_library.h"
#include "core/session/project_session.h"
#include "core/session/settings.h"
#include "core/session/text.h"
#include "core/train/combine_adapters.h"
#include "core/train/evaluation.h"
#include "core/train/inference.h"
#include "core/train/make_task.h"
#include "core/train/profile_training.h"
#include "core/train/text_generator.h"
#include "widgets/shell/main_window.h"
#include "widgets/theme/theme.h"

#include <QApplication>
#include <QFileInfo>
#include <QLibraryInfo>
#include <QTimer>

#include <algorithm>
#include <array>
#include <clocale>
#include <utility>

namespace lathe {

namespace {

struct ExampleText {
    const char* id;
    const char* title;
    const char* description;
};
// clang-format off
constexpr std::array kExampleTexts = {
    ExampleText{"passage_qa", QT_TRANSLATE_NOOP("Examples", "Answers from a passage"),
                QT_TRANSLATE_NOOP("Examples", "Reads a short passage and answers a question about it in a word or two.")},
    ExampleText{"sentiment", QT_TRANSLATE_NOOP("Examples", "Sentiment of reviews"),
                QT_TRANSLATE_NOOP("Examples", "Tells whether a short review is positive or negative.")},
    ExampleText{"word_problems", QT_TRANSLATE_NOOP("Examples", "Word problems"),
                QT_TRANSLATE_NOOP("Examples", "Solves small sums told as stories and answers with a number.")},
};
// clang-format on

ExampleCard cardOf(const std::string& id, ParamValues recipe) {
    const auto known =
        std::ranges::find_if(kExampleTexts, [&id](const ExampleText& text) { return id == text.id; });
    if (known == kExampleTexts.end())
        return {toQString(id), toQString(id), {}, std::move(recipe)};
    return {toQString(id), known->title, known->description, std::move(recipe)};
}

/// What "Try it now" opens comes first.
Result<QVector<ExampleCard>> readExamples(const ParamSchema& schema) {
    LATHE_ASSIGN(const std::filesystem::path folder, findExamples());
    QVector<ExampleCard> cards;
    for (const std::string& id : exampleIds(folder)) {
        LATHE_ASSIGN(ParamValues recipe, readExample(folder, id, schema));
        const bool isFirst = id == kFirstExample;
        cards.insert(isFirst ? 0 : cards.size(), cardOf(id, std::move(recipe)));
    }
    return cards;
}

QString describeDevice() {
    const DeviceReport report = deviceReport();
    QStringList devices;
    for (const std::string& device : report.devices)
        devices << toQString(device);
    return QStringLiteral("%1  ·  %2  ·  %3 ×")
        .arg(devices.join(QStringLiteral(", ")), toQString(report.cpuCapability))
        .arg(report.threads);
}

QString libraryVersions() {
    return QStringLiteral("Qt %1 (LGPL)\nLibTorch (BSD)\nQCustomPlot 2.1 (GPL)\nSQLite (public domain)\n"
                          "Hugging Face tokenizers (Apache 2.0)\nnlohmann/json (MIT), CLI11 (BSD)")
        .arg(QLatin1String(qVersion()));
}

std::unique_ptr<Executor> makeExecutor(EventHub& hub, std::size_t slots) {
    return std::make_unique<ThreadExecutor>(
        slots,
        sharingCores([desk = makePackDesk()] { return makeTrainingTask({tokenCacheFolder()}, desk); }, slots),
        hub);
}

Result<RecipeCost> costOf(const ParamValues& recipe) {
    LATHE_ASSIGN(RecipeForecast cost, forecast(recipe));
    RecipeCost result{cost.trainableParameters, cost.baseParameters, cost.memoryBytes, std::move(cost.notes)};
    for (const PlaceForecast& place : cost.places)
        result.places.push_back({place.name, place.column, place.layer, place.isFeedForward, place.isOn});
    return result;
}

ModelLibraryParts makeLibraryParts() {
    ModelLibraryParts parts;
    parts.readFacts = readModelFacts;
    parts.forecast = costOf;
    parts.freeMemory = availableMemory;
    if (const auto examples = findExamples(); examples.has_value())
        parts.builtIn = pathText(*examples / "base_model");
    parts.hubCache = hubCacheRoot(processEnvironment());
    return parts;
}

Result<std::unique_ptr<TextGenerator>> openGenerator(const std::filesystem::path& model,
                                                     const AdapterMix& mix) {
    return openTextGenerator(model, mix);
}

HubAccess makeHubAccess() {
    HubAccess access;
    access.userAgent = "lathe/" LATHE_VERSION;
    return access;
}

Result<double> exportTrial(const StudyReader& reader, const TrialRecord& trial,
                           const std::filesystem::path& target, const std::string& format) {
    LATHE_ASSIGN(ExportRequest request, exportRequest(reader, trial));
    request.target = target;
    request.format = format;
    LATHE_ASSIGN(const ExportReport report, exportTrained(request));
    return report.difference;
}

CombineForecast forecastOf(const CombineOutlook& outlook) {
    return {outlook.model, outlook.rank, outlook.parameters, outlook.isExact, outlook.notes};
}

CombineRequest combineRequest(const CombineOrder& order) {
    CombineRequest request;
    request.adapters = order.adapters;
    request.options = order.options;
    request.target = order.target;
    request.programVersion = LATHE_VERSION;
    return request;
}

Result<CombineOutcome> combine(const CombineOrder& order, std::stop_token stop,
                               const CombineParts::Progress& progress) {
    CombineRequest request = combineRequest(order);
    request.stop = std::move(stop);
    request.onProgress = progress;
    LATHE_ASSIGN(const CombineReport report, combineAdapters(request));
    return CombineOutcome{forecastOf(report.outlook), report.folder, report.difference, report.comparedOn,
                          report.weightError};
}

CombineParts makeCombineParts() {
    CombineParts parts;
    parts.schema = combineSchema();
    parts.forecast = [](const CombineOrder& order) -> Result<CombineForecast> {
        LATHE_ASSIGN(const CombineOutlook outlook, combineOutlook(combineRequest(order)));
        return forecastOf(outlook);
    };
    parts.combine = combine;
    return parts;
}

Result<StepProfile> profileSteps(const ProfileOrder& order, std::stop_token stop,
                                 const ProfileParts::Progress& progress) {
    ProfileRequest request;
    request.recipe = order.recipe;
    request.steps = order.steps;
    request.tokenCache = {tokenCacheFolder()};
    request.stop = std::move(stop);
    request.onProgress = progress;
    return profileTraining(request);
}

SessionParts makeSessionParts(const BuiltinParts& builtin) {
    SessionParts parts;
    parts.recipeSchema = builtin.recipeSchema;
    parts.samplers = &builtin.samplers;
    parts.pruners = &builtin.pruners;
    parts.makeExecutor = makeExecutor;
    parts.preflight = preflight;
    parts.lighterRecipe = lighterRecipe;
    parts.forecast = costOf;
    parts.reportedMetrics = [&builtin](const ParamValues& recipe) {
        return reportedMetrics(builtin.tasks, recipe);
    };
    parts.exportFormats = exportFormatList();
    parts.exportAdapter = exportTrial;
    parts.runEvaluation = runEvaluation;
    parts.readingSchema = readingSchema();
    return parts;
}

} // namespace

struct Workbench::Content {
    Content(QApplication& application, const QString& settingsFile)
        : settings(settingsFile),
          theme(application),
          languages(application),
          library(settings, makeLibraryParts()),
          downloads(settings, makeHubAccess()),
          builtin(makeBuiltinParts()),
          dataset(settings, makeDatasetParts(builtin.recipeSchema)) {
        languages.choose(settings.language.value());
        Result<QVector<ExampleCard>> read = readExamples(builtin.recipeSchema);
        if (read.has_value())
            examples = std::move(read).value();
        else
            examplesProblem = toQString(read.error().text());
    }

    [[nodiscard]] WindowParts windowParts() {
        return {*project,
                settings,
                theme,
                examples,
                examplesProblem,
                describeDevice,
                [this](const QString& language) { languages.choose(language); },
                [this] { return languages.current(); },
                QStringLiteral(LATHE_VERSION),
                libraryVersions(),
                {},
                library,
                downloads,
                chat,
                makeCombineParts(),
                dataset,
                {profileSteps}};
    }

    Settings settings;
    Theme theme;
    Languages languages;
    ModelLibrary library;
    ModelDownload downloads;
    ChatSession chat{openGenerator};
    const BuiltinParts builtin;
    DatasetSession dataset;
    QVector<ExampleCard> examples;
    QString examplesProblem;
    std::unique_ptr<ProjectSession> project;
    std::unique_ptr<MainWindow> window; // it refers to all of the above
    QObject relay;                      // context of what outlives a window
};

Workbench::Workbench(QApplication& application, const QString& settingsFile, const QString& projectFolder)
    : m_content(std::make_unique<Content>(application, settingsFile)) {
    const QString remembered = m_content->settings.projectFolder.value();
    openProject(!projectFolder.isEmpty() ? projectFolder
                : !remembered.isEmpty()  ? remembered
                                         : pathText(defaultProjectFolder()));
}

Workbench::~Workbench() = default;

MainWindow& Workbench::window() const { return *m_content->window; }
ProjectSession& Workbench::project() const { return *m_content->project; }
Settings& Workbench::settings() const { return m_content->settings; }
DatasetSession& Workbench::dataset() const { return m_content->dataset; }

void Workbench::openProject(const QString& folder) {
    m_content->window.reset();
    m_content->project = std::make_unique<ProjectSession>(makeSessionParts(m_content->builtin));
    m_content->window = std::make_unique<MainWindow>(m_content->windowParts());
    // Queued: the window that asks for another project is destroyed by it.
    QObject::connect(
        m_content->window.get(), &MainWindow::projectWanted, &m_content->relay,
        [this](const QString& next) {
            m_content->settings.projectFolder.set(next);
            openProject(next);
        },
        Qt::QueuedConnection);
    QObject::connect(m_content->window.get(), &MainWindow::closed, &m_content->relay, &QApplication::quit);
    m_content->window->show();
    m_content->project->open(folder);
}

int runWorkbench(int argc, char** argv) {
    QApplication application(argc, argv);
    // QApplication takes over the environment's locale; files and SQL need points in their numbers.
    std::setlocale(LC_NUMERIC, "C");
    QApplication::setApplicationName(QStringLiteral("lathe"));
    QApplication::setApplicationDisplayName(QStringLiteral("Lathe"));
    QApplication::setApplicationVersion(QStringLiteral(LATHE_VERSION));
    QApplication::setQuitOnLastWindowClosed(false); // between two projects there is no window
    QApplication::setDesktopFileName(QStringLiteral("lathe"));
    const QStringList arguments = QApplication::arguments(); // without Qt's own
    const auto flag = arguments.indexOf(QStringLiteral("--project"));
    const bool isGiven = flag >= 0 && flag + 1 < arguments.size();
    const Workbench workbench(application, {},
                              isGiven ? QFileInfo(arguments[flag + 1]).absoluteFilePath() : QString());
    return QApplication::exec();
}

} // namespace lathe
