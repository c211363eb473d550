#pragma once

#include "core/adapter/allocating_adapter.h"
#include "core/adapter/allocation.h"
#include "core/adapter/lora.h"
#include "core/adapter/peft_extras.h"
#include "core/adapter/proxies.h"
#include "core/adapter/shortcuts.h"

namespace lathe {

/// Who gets how much, and when it is decided.
enum class AllocationMode {
    Dynamic, ///< modules are on or off, chosen anew while it trains
    Static,  ///< chosen once
    Ranks,   ///< every module has a rank in proportion to its score, from the start
    Uniform  ///< the control: LoRA of one rank at all projections, with the same number of parameters
};

/// What a score is divided by: nothing, or the square root or the number of the module's parameters.
enum class ScoreNorm { None, Root, Size };

struct HeteroSettings {
    AllocationMode mode = AllocationMode::Dynamic;
    std::int64_t rank = 8;
    double alpha = 16;
    double dropout = 0;
    double shortcutAlpha = 4;
    ShortcutSettings shortcuts;
    ProxySettings proxy;
    ScoreNorm norm = ScoreNorm::None;
    AllocationBudget budget;
    AllocationSchedule schedule;
    double hysteresis = 0;
    std::uint64_t tieSeed = 0;
    std::int64_t leastRank = 0, mostRank = 64; ///< of Ranks
    bool keepsScale =
        true; ///< where a rank differs from `rank`, alpha follows it, so that alpha / rank stays
    std::int64_t allowedParameters = 0; ///< what the budget comes to, by allowedParameters()
};

/// A module before it is built.
struct HeteroPlace {
    Site site; ///< of a projection; of a shortcut nothing but its layer and its width
    std::string name, kind;
    bool isShortcut = false;
    std::int64_t rank = 8;
    double alpha = 16;
};

/// HeteroLoRA, Zhang et al. 2024 (arXiv:2406.14956): LoRA modules and LoRA-adapted shortcut connections, of
/// which a budget is on at a time; a proxy scores them on training data, and the best stay on. What is off
/// computes nothing, and neither it nor its moments move. A fresh adapter is all on.
class HeteroLoraAdapter final : public Adapter, public AllocatingAdapter {
public:
    /// A ~ U(-1/√in, 1/√in) from the seed, B = 0. Contract: the sites are the model's.
    HeteroLoraAdapter(LanguageModel& model, HeteroSettings settings, std::vector<HeteroPlace> places,
                      PeftExtras extras, std::uint64_t seed);

    void prepare(TrainingProbe& probe) override;
    bool beforeStep(std::int64_t step, TrainingProbe& probe) override;
    [[nodiscard]] std::map<std::string, std::string> records() const override;
    [[nodiscard]] Status restoreRecords(const std::map<std::string, std::string>& records) override;
    [[nodiscard]] bool canScale() const override {
        return Adapter::canScale() && !(m_settings.shortcuts.isAsReleased && hasShortcuts());
    }
    /// PEFT's folder of the LoRA modules that are on. Shortcuts that are on are in files of their own beside.
    [[nodiscard]] Status save(const std::filesystem::path& folder,
                              const AdapterOrigin& origin) const override;

    [[nodiscard]] const HeteroModules& modules() const { return m_modules; }
    [[nodiscard]] const HeteroSettings& settings() const { return m_settings; }
    /// Numbers in the modules that are on.
    [[nodiscard]] std::int64_t enabledParameters() const;

private:
    void build();
    void buildModule(const HeteroPlace& place, std::size_t number);
    void placeShortcuts();
    [[nodiscard]] bool hasShortcuts() const;
    [[nodiscard]] std::vector<AllocationCandidate> candidates() const;
    void score(TrainingProbe& probe, Proxy proxy);
    void choose(std::int64_t step, bool isRandom, TrainingProbe& probe);
    void distributeRanks(TrainingProbe& probe);
    void note(std::int64_t step, TrainingProbe& probe);
    void warnOfTies(TrainingProbe& probe) const;

    HeteroSettings m_settings;
    std::vector<HeteroPlace> m_places;
    PeftExtras m_extras;
    std::uint64_t m_seed;
    HeteroModules m_modules;
    Rng m_ties;
    std::int64_t m_step = 0;  ///< of the last choice
    bool m_hasChosen = false; ///< by score
    bool m_hasWarned = false; ///< of ties
    std::string m_history;    ///< lines of JSON
};

/// The numbers that a budget of these modules comes to: of modules, as many times the mean size of their
/// kind.
[[nodiscard]] std::int64_t allowedParameters(std::span<const HeteroPlace> places,
                                             const AllocationBudget& budget);

/// The shortcuts of an adapter's folder are in this file, their tensors in the other.
inline constexpr const char* kShortcutsFile = "shortcuts.json";
inline constexpr const char* kShortcutTensorsFile = "shortcuts.safetensors";
/// Files of records().
inline constexpr const char* kAllocationFile = "allocation.json";
inline constexpr const char* kAllocationHistoryFile = "allocation_history.jsonl";

/// Path of a shortcut: that of its block and its kind.
[[nodiscard]] std::string shortcutName(const ModelSummary& model, std::int64_t layer,
                                       const std::string& kind);

/// Attaches a folder with shortcuts as save() left it. Errors as AdapterMethod::load().
[[nodiscard]] Result<std::unique_ptr<Adapter>> loadHeteroLora(LanguageModel& model, const PeftFolder& folder,
                                                              const std::filesystem::path& path);

/// Why other programs cannot have what is in the folder; empty: there are no shortcuts in it.
[[nodiscard]] std::string shortcutsObstacle(const std::filesystem::path& folder);

/// allocation.json of these modules. `step`: of the last choice; `ties`: state of its random numbers.
[[nodiscard]] std::string allocationJson(const HeteroSettings& settings, const AllocationLimits& limits,
                                         const HeteroModules& modules, std::int64_t step,
                                         const std::string& ties);
/// A line of the history.
[[nodiscard]] std::string allocationLine(const HeteroModules& modules, std::int64_t step, std::int64_t epoch);
/// What allocation.json says goes into the modules. Input error where it is malformed or of other modules.
struct AllocationState {
    std::int64_t step = 0;
    std::string ties;
};
[[nodiscard]] Result<AllocationState> readAllocation(const std::string& text, const HeteroModules& modules);

} // namespace lathe
