#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace lathe {

/// An adapter's folder, and how much of it counts.
struct AdapterChoice {
    std::filesystem::path folder;
    double strength = 1; ///< 1: as trained, 0: as if it were not there; negative takes away what was learnt
    bool operator==(const AdapterChoice&) const = default;
};

/// The adapters that a model is to have on at once.
struct AdapterMix {
    std::vector<AdapterChoice> adapters; ///< the first is nearest to the base
    bool isMerged = false;               ///< folded into the base's weights instead of computed beside them
    bool operator==(const AdapterMix&) const = default;

    /// One adapter as trained; an empty folder: none.
    [[nodiscard]] static AdapterMix only(const std::filesystem::path& folder) {
        return folder.empty() ? AdapterMix{} : AdapterMix{{{folder, 1}}, false};
    }
};

/// What folding adapters into the weights of a base changes.
struct MergeCheck {
    double difference = 0;   ///< largest absolute one of a logit, beside the base and folded in
    bool isRestored = false; ///< with them taken out again the base answers bit for bit as before
    std::string comparedOn;  ///< "2 made-up rows of 16 tokens"
};

} // namespace lathe
