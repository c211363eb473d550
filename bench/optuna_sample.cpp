// Writes a project with a study of every kind of parameter, value and state, and exports it:
// bench/check_optuna compares the two files through Optuna.
#include "core/base/random.h"
#include "core/store/optuna_export.h"
#include "core/store/study_writer.h"
#include "core/store/trial_table_file.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace lathe {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kTrials = 200;
constexpr std::int64_t kPoints = 50;

StudySpec sampleSpec() {
    StudySpec spec;
    spec.name = "every kind, \"quoted\" ä";
    spec.kind = "study";
    spec.fixed = {{"method", std::string("lora")},
                  {"batch_size", std::int64_t{8}},
                  {"use_dora", false},
                  {"rank", std::int64_t{8}},
                  {"alpha", 16.0},
                  {"lr", 1e-3},
                  {"width", std::int64_t{64}},
                  {"dropout", 0.0},
                  {"warmup", 0.1}};
    spec.space = {{"method", ChoiceDomain{{"lora", "ia3"}, {}, false}, {}},
                  {"rank", IntDomain{2, 64, 1, true}, {{{"method", {"lora"}}}}},
                  {"width", IntDomain{8, 100, 16, false}, {}},
                  {"lr", RealDomain{1e-6, 1e-2, true, false}, {}},
                  {"dropout", RealDomain{0, 0.5, false, true}, {}},
                  {"warmup", RealDomain{0, 0.35, false, true, 0.1}, {}},
                  {"batch_size", ChoiceDomain{{"4", "8", "16"}, {}, true}, {}},
                  {"use_dora", BoolDomain{}, {{{"method", {"lora"}}}}}};
    spec.trialCount = kTrials;
    return spec;
}

ParamValues sampleRecipe(Rng& rng) {
    ParamValues recipe = sampleSpec().fixed;
    recipe.set("method", std::string(rng.integer(0, 1) == 0 ? "lora" : "ia3"));
    recipe.set("rank", rng.integer(2, 64));
    recipe.set("width", 8 + 16 * rng.integer(0, 5));
    recipe.set("lr", std::exp(std::log(1e-6) + rng.uniform() * std::log(1e4)));
    recipe.set("dropout", 0.5 * (1 - rng.uniform()));
    recipe.set("warmup", std::array{0.1, 0.2, 0.3}[static_cast<std::size_t>(rng.integer(0, 2))]);
    recipe.set("batch_size", std::int64_t{4} << rng.integer(0, 2));
    recipe.set("use_dora", rng.integer(0, 1) == 0);
    return recipe;
}

double sampleValue(std::int64_t number, std::int64_t step, Rng& rng) {
    constexpr std::array kSpecial{std::nan(""), HUGE_VAL, -HUGE_VAL, 5e-324, -1.7976931348623157e308, 0.0};
    if ((number + step) % 23 == 0)
        return kSpecial[static_cast<std::size_t>((number + step) / 23) % kSpecial.size()];
    return std::ldexp(rng.normal(), static_cast<int>(rng.integer(-300, 300)));
}

Status addTrial(StudyWriter& writer, StudyId study, std::int64_t number, Rng& rng) {
    constexpr std::array kStates{TrialState::Complete, TrialState::Complete,    TrialState::Pruned,
                                 TrialState::Failed,   TrialState::Cancelled,   TrialState::Running,
                                 TrialState::Queued,   TrialState::Interrupted, TrialState::Complete};
    const TrialState state = kStates[static_cast<std::size_t>(number) % kStates.size()];
    const NewTrial trial{study, number, sampleRecipe(rng), ~static_cast<std::uint64_t>(number)};
    LATHE_ASSIGN(const TrialId id, writer.createTrial(trial));
    std::vector<Event> events;
    if (state != TrialState::Queued)
        events.emplace_back(TrialChange{id, TrialState::Running, ""});
    for (std::int64_t step = 1; step <= kPoints && state != TrialState::Queued; ++step) {
        events.emplace_back(MetricPoint{id, "eval_loss", 10 * step, sampleValue(number, step, rng), 0.5});
        events.emplace_back(MetricPoint{id, "eval_accuracy", 10 * step, rng.uniform(), 0.5});
    }
    events.emplace_back(TrialChange{id, state, state == TrialState::Failed ? "out of \"memory\", ä" : ""});
    LATHE_TRY(writer.append(events));
    return state == TrialState::Complete ? writer.finishTrial(id, 10 * kPoints, 12.5, {}) : ok();
}

Status writeSample(const fs::path& folder) {
    std::error_code problem;
    fs::create_directories(folder, problem);
    LATHE_ASSIGN(StudyWriter writer, StudyWriter::open(folder / "lathe.db"));
    LATHE_ASSIGN(const StudyId study, writer.createStudy(sampleSpec()));
    Rng rng(7);
    for (std::int64_t number = 0; number < kTrials; ++number)
        LATHE_TRY(addTrial(writer, study, number, rng));
    LATHE_ASSIGN(const StudyReader reader, StudyReader::open(folder / "lathe.db"));
    LATHE_ASSIGN(const StudyContent content, reader.content(study));
    LATHE_TRY(writeOptunaFile(content, folder / "study.db", Existing::Refuse));
    return writeTrialTable(trialTableJson(content), folder / "study.json", Existing::Refuse);
}

} // namespace

} // namespace lathe

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "bench_optuna_sample FOLDER: writes study.db and study.json into it\n");
        return 2;
    }
    const lathe::Status status = lathe::writeSample(argv[1]);
    if (!status.has_value())
        std::fprintf(stderr, "%s\n", status.error().text().c_str());
    return status.has_value() ? 0 : 1;
}
