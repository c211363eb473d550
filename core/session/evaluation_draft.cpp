#include "core/session/evaluation_draft.h"

#include <array>
#include <charconv>
#include <limits>

namespace lathe {

namespace fs = std::filesystem;

namespace {

std::string textIn(const ParamValues& values, const char* key) {
    const ParamValue* value = values.find(key);
    return value == nullptr ? std::string() : toText(*value);
}

std::string lastPart(const fs::path& path) {
    return (path.has_filename() ? path : path.parent_path()).filename().string();
}

/// Runs call their folder "adapter" or "model": the folder above tells which run it is.
std::string adapterName(const fs::path& folder) {
    const std::string name = lastPart(folder);
    const fs::path above = folder.parent_path();
    return name == "adapter" || name == "model"
               ? above.parent_path().filename().string() + " " + lastPart(above)
               : name;
}

std::string strengthText(double strength) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), strength).ptr;
    return {text.data(), end};
}

ParamSpec makeSpec(std::string key, std::string group, std::string label, std::string unit, std::string help,
                   Domain domain, ParamValue fallback) {
    ParamSpec spec{std::move(key),  std::move(group),  std::move(label),    std::move(unit),
                   std::move(help), std::move(domain), std::move(fallback), {}};
    spec.isSearchable = false;
    return spec;
}

constexpr std::int64_t kMostRows = 100'000'000;
constexpr std::int64_t kMostBatch = 4096;
constexpr std::int64_t kMostTokens = 1'000'000;
constexpr std::int64_t kMostBeams = 64;

} // namespace

ParamSchema evaluationFormSchema(std::span<const ParamSpec> reading) {
    // May be empty: what is missing is said when the evaluation is to start, not before anything was typed.
    ParamSchema schema{makeSpec("data", "rows", "Data file", "", "Its rows are asked, one after the other.",
                                TextDomain{TextDomain::Kind::File, true}, std::string())};
    for (ParamSpec field : reading) {
        field.group = "rows";
        field.isSearchable = false;
        schema.push_back(std::move(field));
    }
    schema.push_back(makeSpec("rows", "rows", "Rows", "rows",
                              "Only the first so many rows are asked; 0: all.", IntDomain{0, kMostRows},
                              std::int64_t{0}));
    schema.push_back(makeSpec("max_new_tokens", "answers", "Longest answer", "tokens",
                              "An answer ends after so many tokens; 0: as the task has it.",
                              IntDomain{0, kMostTokens}, std::int64_t{0}));
    schema.push_back(makeSpec("beams", "answers", "Beams", "",
                              "Above 1, follows so many likely answers at once; 0: as the task has it.",
                              IntDomain{0, kMostBeams}, std::int64_t{0}));
    schema.push_back(makeSpec("batch_size", "answers", "Rows at a time", "rows",
                              "More are faster, as long as the memory does.", IntDomain{1, kMostBatch},
                              std::int64_t{8}));
    schema.push_back(makeSpec("seed", "answers", "Seed", "",
                              "Of tokens that are drawn, and of the intervals.",
                              IntDomain{0, std::numeric_limits<std::int32_t>::max()}, std::int64_t{0}));
    return schema;
}

EvaluationSpec evaluationFromForm(const ParamValues& values, std::span<const ParamSpec> reading) {
    EvaluationSpec spec;
    spec.dataFile = values.text("data");
    for (const ParamSpec& field : reading) {
        const ParamValue* value = values.find(field.key);
        if (value == nullptr || !isActive(field.activeIf, reading, values))
            continue;
        if (field.key == "task")
            spec.task = toText(*value);
        else
            spec.reading.set(field.key, *value);
    }
    for (const char* key : {"max_new_tokens", "beams"})
        if (values.integer(key) > 0)
            spec.generation.set(key, values.integer(key));
    spec.rowLimit = values.integer("rows");
    spec.batchSize = values.integer("batch_size");
    spec.seed = static_cast<std::uint64_t>(values.integer("seed"));
    return spec;
}

EvaluationSpec evaluationOf(const TrialRecord& trial, std::span<const ParamSpec> reading) {
    EvaluationSpec spec;
    spec.model = textIn(trial.values, "model");
    std::error_code problem;
    if (fs::exists(trial.adapterFolder / "config.json", problem))
        spec.model = trial.adapterFolder;
    else
        spec.adapters = AdapterMix::only(trial.adapterFolder);
    spec.task = textIn(trial.values, "task");
    spec.dataFile = textIn(trial.values, "eval_file");
    for (const ParamSpec& field : reading)
        if (const ParamValue* value = trial.values.find(field.key); value != nullptr && field.key != "task")
            spec.reading.set(field.key, *value);
    return spec;
}

std::string usualName(const EvaluationSpec& spec) {
    std::string who;
    for (const AdapterChoice& adapter : spec.adapters.adapters) {
        who += (who.empty() ? "" : ", ") + adapterName(adapter.folder);
        if (adapter.strength != 1)
            who += " (" + strengthText(adapter.strength) + ")";
    }
    if (who.empty())
        who = adapterName(spec.model);
    return who + " on " + spec.dataFile.stem().string();
}

} // namespace lathe
