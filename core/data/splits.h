#pragma once

#include "core/base/registry.h"
#include "core/data/table.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace lathe {

/// How rows are divided.
enum class SplitKind {
    Ratio,      ///< shares of all rows
    Stratified, ///< shares of the rows of each value of a column
    Group,      ///< shares; rows that share a column's value stay together
    Column,     ///< a column says which part a row belongs to
    Folds,      ///< one of k equal parts is the development part, the others train
    FewShot     ///< a few rows train, and few or many choose
};
/// "ratio", "stratified", "group", "column", "folds", "few_shot", with labels.
[[nodiscard]] std::vector<PartInfo> splitKinds();
/// Input error listing the known ids.
[[nodiscard]] Result<SplitKind> splitKindFrom(const std::string& id);
[[nodiscard]] std::string toString(SplitKind kind);

struct SplitOptions {
    SplitKind kind = SplitKind::Ratio;
    std::uint64_t seed = 0;
    double devShare = 0.1;
    double testShare = 0;
    std::string column; ///< of groups, of the part's name, or of labels (folds and few shots: empty: none)
    std::size_t folds = 5;
    std::size_t fold = 0;    ///< from 0
    std::size_t shots = 100; ///< K rows; with `perClass` of each label
    bool perClass = false;
    /// False: the development rows are cut out of the K; true: they are the next `devRows` of the shuffled
    /// rows, as UniPELT (Mao et al. 2022, arXiv:2110.07577) has them.
    bool hasLargeDev = false;
    double trainFraction = 0.5; ///< of the K, where they are cut
    std::size_t devRows = 1000;
};

/// Row numbers of each part, ascending; those of few shots in the order drawn.
struct SplitRows {
    std::vector<std::size_t> train;
    std::vector<std::size_t> dev;
    std::vector<std::size_t> test;
    /// SHA-256 of the data's hash, the rows there were to choose from and the options: equal on every
    /// machine.
    std::string hash;
};

/// Divides the candidate rows of a table. All draws but those of Ratio, whose stream is older, shuffle by
/// Fisher and Yates over std::mt19937_64, whose numbers the C++ standard fixes. Input error: a column that is
/// missing, a part that would be empty, more shots than rows, a part's name that is not known.
[[nodiscard]] Result<SplitRows> splitRows(const Table& table, std::span<const std::size_t> candidates,
                                          const SplitOptions& options);

/// 0 … count-1 in an order that the seed chooses: for i from count-1 down to 1 an element trades places with
/// the one at a number below i+1, drawn from std::mt19937_64 by rejection.
[[nodiscard]] std::vector<std::size_t> shuffledOrder(std::size_t count, std::uint64_t seed);

/// SHA-256 over row numbers, for records that would grow too long by listing them.
[[nodiscard]] std::string hashOfRows(std::span<const std::size_t> rows);

/// A table of some rows of another, in the order given.
[[nodiscard]] Table selectedRows(const Table& table, std::span<const std::size_t> rows);

} // namespace lathe
