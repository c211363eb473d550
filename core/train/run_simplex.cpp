#include "core/base/files.h"
#include "core/base/random.h"
#include "core/train/training_run.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

/// What a run does where its adapter is a simplex, and how it goes back to its best state.

namespace lathe {

namespace {

constexpr const char* kPassesFile = "simplex_validation.jsonl";
constexpr const char* kLossFile = "simplex_loss.json";
constexpr std::uint64_t kValidation = 0x76616c69; // "vali"
constexpr std::uint64_t kTest = 0x74657374;       // "test"

/// "eval_accuracy" of the test rows is "test_accuracy", or "test_midpoint_accuracy".
std::string testName(const std::string& metric, const std::string& reading) {
    return "test_" + reading + (metric.starts_with("eval_") ? metric.substr(5) : metric);
}

} // namespace

SimplexAdapter* TrainingRun::simplex() const { return dynamic_cast<SimplexAdapter*>(m_adapter.get()); }

std::optional<RowScores> TrainingRun::validated() {
    publishPhase("evaluating");
    const RowsToScore rows = rowsOf(m_data.eval);
    if (SimplexAdapter* own = simplex()) {
        const std::uint64_t stream =
            mixSeed(mixSeed(m_context.seed, kValidation), static_cast<std::uint64_t>(m_position.step));
        return scoreSimplex(rows, *own, {m_recipe.text("val_mode"), m_recipe.integer("val_passes"), stream});
    }
    const auto scores = scoreExamples(rows.model, rows.examples, rows.batchSize, rows.padId, rows.stop,
                                      activations(), rows.threads);
    return scores ? std::optional(RowScores{m_task->score(*scores), {}, {}}) : std::nullopt;
}

/// Step 0 is no state of training.
void TrainingRun::keepIfBest(const std::map<std::string, double>& metrics) {
    if (!m_best || m_position.step == 0)
        return;
    const auto valueOf = [&metrics](const std::string& name) {
        const auto found = metrics.find(name);
        return found == metrics.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
    };
    const std::string metric = m_task->objective().metric;
    if (m_best->offer({valueOf(metric), valueOf("eval_loss"), m_position.step}))
        report("best_step", static_cast<double>(m_position.step));
}

/// A line for each evaluation; those of a run that is resumed from before are left out.
Status TrainingRun::notePasses(const std::vector<std::map<std::string, double>>& passes) const {
    const auto path = m_context.folder / kPassesFile;
    std::string kept;
    if (m_position.step > 0)
        if (const auto before = readFile(path); before.has_value()) {
            std::istringstream lines(*before);
            for (std::string line; std::getline(lines, line);)
                if (const auto entry = nlohmann::json::parse(line, nullptr, false);
                    entry.is_object() && entry.value("step", m_position.step) < m_position.step)
                    kept += line + "\n";
        }
    const nlohmann::json line{
        {"step", m_position.step}, {"mode", m_recipe.text("val_mode")}, {"passes", passes}};
    return writeFileAtomically(path, kept + line.dump() + "\n");
}

Status TrainingRun::mapLoss() {
    SimplexAdapter* own = simplex();
    if (own == nullptr || own->vertexCount() == 1 || !m_recipe.flag("map_loss") || m_isPruned)
        return ok();
    publishPhase("mapping the loss");
    const auto map = mapSimplexLoss(rowsOf(m_data.train), rowsOf(m_data.eval), *own,
                                    {m_recipe.integer("map_steps"), m_recipe.integer("map_rows")});
    if (!map)
        return leaveOff();
    return writeFileAtomically(m_context.folder / kLossFile, *map);
}

/// Once, with what is saved. Of a simplex the middle and the averaged points are told side by side.
Status TrainingRun::test() {
    if (m_data.test.empty() || m_isPruned)
        return ok();
    publishPhase("testing");
    const RowsToScore rows = rowsOf(m_data.test);
    SimplexAdapter* own = simplex();
    if (own == nullptr) {
        const auto scores = scoreExamples(rows.model, rows.examples, rows.batchSize, rows.padId, rows.stop,
                                          nullptr, rows.threads);
        if (!scores)
            return leaveOff();
        for (const auto& [metric, value] : m_task->score(*scores))
            report(testName(metric, ""), value);
        return ok();
    }
    const std::uint64_t stream = mixSeed(m_context.seed, kTest);
    const std::int64_t passes = m_recipe.integer("test_passes");
    std::vector<std::pair<std::string, SimplexReading>> readings{
        {"", {m_recipe.text("test_mode"), passes, stream, m_recipe.integer("test_vertex")}}};
    if (own->vertexCount() > 1) {
        readings.push_back({"midpoint_", {"midpoint"}});
        readings.push_back({"ensemble_", {"ensemble", passes, stream}});
    }
    for (const auto& [name, reading] : readings) {
        const auto scores = scoreSimplex(rows, *own, reading);
        if (!scores)
            return leaveOff();
        for (const auto& [metric, value] : scores->metrics)
            report(testName(metric, name), value);
    }
    return ok();
}

void TrainingRun::reportSimplex() {
    const SimplexAdapter* own = simplex();
    if (const auto cosine = own == nullptr ? std::nullopt : own->cosine())
        report("vertex_cosine", *cosine);
}

/// Tensors that a resumed run needs besides parameters and optimiser.
std::vector<NamedTensor> TrainingRun::furtherState() const {
    std::vector<NamedTensor> all = m_adapter->state();
    if (m_best)
        for (NamedTensor& each : m_best->state())
            all.push_back(std::move(each));
    return all;
}

} // namespace lathe
