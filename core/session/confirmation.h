#pragma once

#include "core/analysis/seed_comparison.h"
#include "core/store/study_reader.h"
#include "core/store/study_writer.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

/// Whether the best trials of a study are better than each other by more than chance: each is run again with
/// several seeds, the same ones for all, as trials of a study of their own that is linked to the first.
namespace lathe {

/// The study that repeats the finalists, ready to be written by StudyWriter::createConfirmation() and to be
/// run like any study with queued trials.
struct ConfirmationPlan {
    StudySpec spec;
    std::vector<NewTrial> trials; ///< seed after seed, so that a study stopped early compares all finalists
};

/// The best `finalists` of the study's complete trials with different values, each with each seed; fewer if
/// there are no more. Input error if there is none, `finalists` is below 1, or a seed is missing or twice
/// there.
[[nodiscard]] Result<ConfirmationPlan> planConfirmation(const StudyRecord& study,
                                                        std::span<const TrialRecord> trials,
                                                        std::int64_t finalists,
                                                        std::span<const std::uint64_t> seeds);
/// The same for chosen trials of the study, whatever came of them. Contract: they are the study's.
[[nodiscard]] Result<ConfirmationPlan> planConfirmation(const StudyRecord& study,
                                                        std::span<const TrialRecord* const> finalists,
                                                        std::span<const std::uint64_t> seeds);

/// One finalist over its seeds.
struct ConfirmedTrial {
    TrialId origin;                  ///< the trial of the first study
    std::string name;                ///< "#3", as people know it
    std::vector<SeededValue> values; ///< of the repeats that are complete
    std::optional<double> mean;      ///< of the finite ones; nothing: there is none yet
};

struct Confirmation {
    std::vector<ConfirmedTrial> trials;      ///< best mean first
    std::vector<SeedComparison> comparisons; ///< of the first with each other one, in their order
    std::int64_t missing = 0;                ///< repeats that have not ended yet
};

/// What a confirmation study has found so far. `finalists`: the trials of the study that it confirms.
[[nodiscard]] Confirmation confirmationOf(const Objective& objective, std::span<const TrialRecord> finalists,
                                          std::span<const TrialRecord> repeats);

/// Of a study that has StudyRecord::confirms.
[[nodiscard]] Result<Confirmation> readConfirmation(const StudyReader& reader, const StudyRecord& study);

/// A line each: "#3 beats #7 by 0.012 ± 0.004 over 5 seeds", "#3 and #7 differ by …: within noise".
[[nodiscard]] std::vector<std::string> inWords(const Confirmation& confirmation);

} // namespace lathe
