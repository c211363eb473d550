#pragma once

#include "core/base/files.h"
#include "core/engine/thread_executor.h"
#include "core/search/builtin_search.h"
#include "core/session/chat_session.h"
#include "core/session/model_download.h"
#include "core/session/model_library.h"
#include "core/session/project_session.h"
#include "core/session/settings.h"
#include "tests/core/session/scripted_generator.h"
#include "tests/widgets/shell/dataset_bench.h"
#include "widgets/shell/main_window.h"
#include "widgets/theme/theme.h"

#include <QApplication>
#include <QTemporaryDir>
#include <QTest>
#include <QTranslator>

#include <chrono>
#include <functional>

namespace lathe::test {

/// Only a broken window takes this long: it keeps a failing test from hanging.
constexpr int kPatienceMs = 20'000;

/// A small training: loss falls, accuracy rises, three samples at the start and at the end, an adapter folder
/// as the result; it ends where the study prunes its loss. "hold" makes it wait for a stop once half of the
/// steps are done.
class SmallTask final : public TrialTask {
public:
    Result<TrialResult> run(const ParamValues& values, TrialContext& context) override {
        const std::int64_t steps = values.integer("max_steps");
        TrialResult result;
        evaluate(0, context, result);
        for (std::int64_t step = 1; step <= steps; ++step) {
            if (values.flag("hold") && step > steps / 2)
                holdUntilStopped(context);
            if (context.stop.stop_requested())
                return Error{Error::Kind::Cancelled, {}, "Stopped"};
            const auto seconds = 0.01 * static_cast<double>(step);
            result.metrics["loss"] = 2.0 / static_cast<double>(step) + values.real("learning_rate");
            const Verdict verdict = context.report("loss", step, result.metrics["loss"], seconds);
            if (verdict == Verdict::Prune && step < steps) {
                result.steps = step;
                result.seconds = seconds;
                result.wasPruned = true;
                return result;
            }
            context.report("lr", step, values.real("learning_rate"), seconds);
            context.report("tokens_per_second", step, 1000, seconds);
            context.publish(TrialProgress{{}, "training", step, steps, 1});
            if (step == steps)
                evaluate(step, context, result);
        }
        result.steps = steps;
        result.seconds = 0.01 * static_cast<double>(steps);
        result.adapterFolder = context.folder / "adapter";
        LATHE_TRY(ensureWritableFolder(result.adapterFolder));
        LATHE_TRY(writeFileAtomically(result.adapterFolder / "adapter.bin", "weights"));
        return result;
    }

private:
    static void evaluate(std::int64_t step, TrialContext& context, TrialResult& result) {
        const bool isTrained = step > 0;
        result.metrics["eval_accuracy"] = isTrained ? 0.9 : 0.1;
        result.metrics["eval_loss"] = isTrained ? 0.2 : 2;
        context.report("eval_accuracy", step, result.metrics["eval_accuracy"], 0);
        context.report("eval_loss", step, result.metrics["eval_loss"], 0);
        context.publish(SampleText{{}, step, "Who has the ball?", isTrained ? "Anna" : "the the", "Anna"});
    }
    static void holdUntilStopped(TrialContext& context) {
        while (!context.stop.stop_requested()) {
            if (context.pause.isPaused()) {
                context.publish(TrialChange{{}, TrialState::Paused, {}});
                context.pause.waitWhilePaused(context.stop);
                context.publish(TrialChange{{}, TrialState::Running, {}});
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(1)); // the task's work, not a test's wait
        }
    }
};

inline ParamSchema smallSchema() {
    const TextDomain folder{TextDomain::Kind::Folder, false};
    ParamSchema schema{
        {"model", "model", "Base model", "", "", folder, std::string(), {}, false, false},
        {"hold", "model", "Hold", "", "", BoolDomain{}, false, {}, true, false},
        {"rank", "adapter", "Rank", "", "", IntDomain{1, 256, 1, true}, std::int64_t{8}, {}},
        {"learning_rate", "optimizer", "Learning rate", "", "", RealDomain{0, 1, true, true}, 1e-3, {}},
        {"prompt_template",
         "data",
         "Prompt template",
         "",
         "",
         TextDomain{},
         std::string("plain"),
         {},
         true,
         false},
        {"max_steps", "schedule", "Steps", "steps", "", IntDomain{1, 100000}, std::int64_t{40}, {}}};
    for (ParamSpec& field : dataFields())
        schema.push_back(std::move(field));
    return schema;
}

/// The real window over a real project in a temporary folder; only the training and the files are played.
class WindowBench {
public:
    /// `prepare` may put something into the project's folder before it is opened. `more`: fields of the
    /// recipe besides those of smallSchema().
    explicit WindowBench(const QString& settingsFile = {},
                         const std::function<void(const QString& project)>& prepare = {},
                         ParamSchema more = {})
        : m_more(std::move(more)),
          settings(settingsFile.isEmpty() ? m_folder.filePath("settings.ini") : settingsFile) {
        addBuiltinSamplers(m_samplers);
        addBuiltinPruners(m_pruners);
        library = std::make_unique<ModelLibrary>(settings, libraryParts());
        downloads = std::make_unique<ModelDownload>(settings, hubAccess());
        chat = std::make_unique<ChatSession>(scripted(script));
        dataset = std::make_unique<DatasetSession>(settings, datasetParts());
        project = std::make_unique<ProjectSession>(sessionParts());
        window = std::make_unique<MainWindow>(windowParts());
        window->show();
        if (prepare)
            prepare(m_folder.filePath("project"));
        project->open(m_folder.filePath("project"));
    }
    ~WindowBench() {
        window.reset();
        project.reset();
        library.reset();
        downloads.reset();
        chat.reset();
        dataset.reset();
        QApplication::removeTranslator(&m_translator);
    }

    [[nodiscard]] bool isReady() {
        return QTest::qWaitForWindowActive(window.get()) &&
               QTest::qWaitFor([this] { return project->isOpen(); }, kPatienceMs);
    }
    template <typename Widget = QWidget>
    [[nodiscard]] Widget* find(const char* name) const {
        auto* found = window->findChild<Widget*>(QLatin1String(name));
        if (found == nullptr)
            qWarning("there is no %s", name);
        return found;
    }
    [[nodiscard]] QString path(const char* relative) const { return m_folder.filePath(relative); }

    /// To whatever has the focus, as a person types.
    static void press(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        QWidget* target = QApplication::focusWidget();
        QTest::keyClick(target != nullptr ? target : QApplication::activeWindow(), key, modifiers);
    }

    /// The three actions: the window is there already; Enter on Try it now; Ctrl+Return.
    void startExample() {
        press(Qt::Key_Return);
        QVERIFY(QTest::qWaitFor([this] { return window->currentPage() == PageId::Recipe; }, kPatienceMs));
        press(Qt::Key_Return, Qt::ControlModifier);
        QVERIFY(QTest::qWaitFor([this] { return window->currentPage() == PageId::Live; }, kPatienceMs));
    }

private:
    SessionParts sessionParts() {
        SessionParts parts;
        parts.recipeSchema = smallSchema();
        parts.recipeSchema.insert(parts.recipeSchema.end(), m_more.begin(), m_more.end());
        parts.samplers = &m_samplers;
        parts.pruners = &m_pruners;
        parts.makeExecutor = [](EventHub& hub, std::size_t slots) {
            return std::make_unique<ThreadExecutor>(
                slots, [] { return std::make_unique<SmallTask>(); }, hub);
        };
        parts.preflight = [](const ParamValues& recipe) -> std::vector<Problem> {
            if (recipe.text("model") == "missing")
                return {{"model", "missing is not there; choose a folder with a model"}};
            return {};
        };
        parts.forecast = [](const ParamValues& recipe) -> Result<RecipeCost> {
            RecipeCost cost{recipe.integer("rank") * 1000, 1'000'000, 2e6};
            if (recipe.text("model") == "noted")
                cost.notes = {"dropout 0.1 is not applied"};
            return cost;
        };
        parts.exportFormats = {{"peft", "PEFT adapter", "A small folder that PEFT loads onto the base model"},
                               {"merged", "Merged model", "A whole model"}};
        parts.exportAdapter = [](const StudyReader&, const TrialRecord& trial,
                                 const std::filesystem::path& target,
                                 const std::string& format) -> Result<double> {
            std::error_code problem;
            if (format == "merged") // so that a test sees which form was asked for
                return inputError("format merged", "is not possible here");
            std::filesystem::copy(trial.adapterFolder, target, std::filesystem::copy_options::recursive,
                                  problem);
            if (problem)
                return ioError(target.string(), problem.message());
            return 0.0;
        };
        return parts;
    }
    WindowParts windowParts() {
        const ParamValues recipe{{"model", std::string("base")}};
        const ParamValues holding{{"model", std::string("base")}, {"hold", true}};
        return {*project,
                settings,
                theme,
                {{"first", "First example", "Learns at once", recipe},
                 {"holding", "Holding example", "Waits to be stopped", holding}},
                {},
                [] { return QStringLiteral("a small device"); },
                [this](const QString& language) { setLanguage(language); },
                [this] { return m_language; },
                QStringLiteral("1.2.3"),
                QStringLiteral("some libraries"),
                {},
                *library,
                *downloads,
                *chat,
                combineParts(),
                *dataset,
                {[](const ProfileOrder&, std::stop_token,
                    const ProfileParts::Progress&) -> Result<StepProfile> { return StepProfile(); }}};
    }
    static CombineParts combineParts() {
        CombineParts parts;
        parts.forecast = [](const CombineOrder&) -> Result<CombineForecast> {
            return CombineForecast{"base", 16, 4096, true, {}};
        };
        parts.combine = [](const CombineOrder& order, std::stop_token,
                           const CombineParts::Progress&) -> Result<CombineOutcome> {
            return CombineOutcome{{"base", 16, 4096, true, {}}, order.target, 0.0, "a row", 0};
        };
        return parts;
    }
    /// A folder's config.json holds the family, or why it cannot be read.
    static Result<ModelFacts> readFacts(const std::filesystem::path& folder) {
        const auto config = readFile(folder / "config.json");
        if (!config.has_value() || config->starts_with("bad"))
            return inputError(folder.string(), "is no model; choose a folder with a config.json");
        ModelFacts facts;
        facts.family = *config;
        facts.parameters = 12'345'678;
        facts.dtype = "bfloat16";
        facts.bytes = 25'000'000;
        facts.contextLength = 2048;
        facts.layers = 4;
        facts.hiddenSize = 256;
        facts.heads = 8;
        facts.keyValueHeads = 2;
        facts.vocabularySize = 32'000;
        facts.tokenizer = "BPE";
        facts.sites = {{"q_proj", 4, 256, 256}, {"v_proj", 4, 256, 64}};
        facts.places = {{"lora", "LoRA", {"q_proj", "v_proj"}}, {"full", "Full fine-tuning", {}}};
        facts.licence = "apache-2.0";
        facts.card = "A model for tests.";
        if (*config == "noted")
            facts.notes = {"dropout 0.1 is not applied"};
        return facts;
    }
    ModelLibraryParts libraryParts() {
        ModelLibraryParts parts;
        parts.readFacts = readFacts;
        parts.forecast = [this](const ParamValues& recipe) { return sessionParts().forecast(recipe); };
        parts.freeMemory = [] { return std::optional(1e9); };
        parts.hubCache = m_folder.filePath("hub").toStdString();
        return parts;
    }
    static HubAccess hubAccess() {
        HubAccess access;
        access.environment = [](const std::string&) { return std::optional<std::string>(); };
        return access;
    }
    void setLanguage(const QString& language) {
        m_language = language;
        QApplication::removeTranslator(&m_translator);
        if (language == "de" && m_translator.load(":/lathe/translations/lathe_de.qm"))
            QApplication::installTranslator(&m_translator);
    }

    ParamSchema m_more;
    QTemporaryDir m_folder;
    Registry<Sampler> m_samplers;
    Registry<Pruner> m_pruners;
    QTranslator m_translator;
    QString m_language = "en";

public:
    Settings settings;
    Theme theme{*qApp};
    std::unique_ptr<ModelLibrary> library;
    std::unique_ptr<ModelDownload> downloads;
    std::shared_ptr<Script> script = std::make_shared<Script>(); // shared with its generators
    std::unique_ptr<ChatSession> chat;
    std::unique_ptr<DatasetSession> dataset;
    std::unique_ptr<ProjectSession> project;
    std::unique_ptr<MainWindow> window;
};

} // namespace lathe::test
