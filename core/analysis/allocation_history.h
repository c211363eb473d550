#pragma once

#include "core/analysis/chart_data.h"
#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lathe {

/// A module of a network that may be given adapter parameters, or not.
struct AllocatedModule {
    std::string name;
    std::string kind; ///< "v_proj"; of a shortcut "shortcut_sa"
    std::int64_t layer = 0;
    bool isShortcut = false;
    std::int64_t rank = 0;
    double alpha = 0;
    std::optional<std::int64_t> parameters; ///< that it takes while it is on; nothing: not recorded
    bool operator==(const AllocatedModule&) const = default;
};

/// One decision on who is on. Both vectors are parallel to AllocationHistory::modules.
struct Reallocation {
    std::int64_t step = 0;
    double epoch = 0;
    std::vector<double> scores; ///< larger = rather on; NaN: not scored
    std::vector<bool> isOn;
    bool operator==(const Reallocation&) const = default;
};

/// How the parameters of an adapter wandered over the modules of a network while it was trained.
struct AllocationHistory {
    std::string proxy, normalisation, scope;
    std::string budget; ///< as recorded
    std::vector<AllocatedModule> modules;
    std::vector<Reallocation> reallocations; ///< in the order they were made
    bool operator==(const AllocationHistory&) const = default;
};

/// Input error if a reallocation does not tell of every module, or a module has no place of its own in the
/// picture of layers and kinds.
[[nodiscard]] Status check(const AllocationHistory& history);

/// What a picture of layers × kinds needs: its columns, and who is where.
struct AllocationGrid {
    struct Column {
        std::string kind;
        bool isShortcut = false;
        bool operator==(const Column&) const = default;
    };
    std::vector<Column> columns;                     ///< as they come first, shortcuts behind the others
    std::vector<std::int64_t> layers;                ///< ascending; a row each
    std::vector<std::optional<std::size_t>> modules; ///< row-major; nothing: the layer has no such module
    [[nodiscard]] std::optional<std::size_t> at(std::size_t row, std::size_t column) const {
        return modules[row * columns.size() + column];
    }
    bool operator==(const AllocationGrid&) const = default;
};
[[nodiscard]] AllocationGrid allocationGrid(const AllocationHistory& history);

/// Of each reallocation, the share of those on that were off before it: 0 keeps all, 1 replaces all. The
/// first one, and one with nobody on, have 0.
[[nodiscard]] std::vector<double> churn(const AllocationHistory& history);
/// Of each module, the share of reallocations that left it on; 0 where there are none.
[[nodiscard]] std::vector<double> onFrequency(const AllocationHistory& history);
[[nodiscard]] std::size_t countOn(const Reallocation& reallocation);
/// Parameters of the modules that are on; nothing where one of them has no count. Contract: `index` is one.
[[nodiscard]] std::optional<std::int64_t> parametersInUse(const AllocationHistory& history,
                                                          std::size_t index);
/// The share of scored modules whose score another one has too: above 1/2, chance decides more than the
/// scores do.
[[nodiscard]] double tiedShare(const Reallocation& reallocation);

/// A line "churn" over the steps, in percent.
[[nodiscard]] ChartData churnChart(const AllocationHistory& history);

} // namespace lathe
