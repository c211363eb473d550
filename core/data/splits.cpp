#include "core/data/splits.h"

#include "core/base/files.h"
#include "core/base/random.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <random>

namespace lathe {

namespace {

/// Keeps the stream of shares apart from those other parts draw from the same seed.
constexpr std::uint64_t kSplitStream = 0x73706c6974; // "split"

using Rows = std::vector<std::size_t>;

/// What the functions below need of a request. Places are indices of the candidates.
struct Request {
    const Table& table;
    std::span<const std::size_t> candidates;
    const SplitOptions& options;

    [[nodiscard]] std::size_t size() const { return candidates.size(); }
    [[nodiscard]] Error error(const std::string& what) const {
        return inputError(table.source.string(), what);
    }
};

/// Which part each place belongs to.
enum class Part : std::uint8_t { Train, Dev, Test };

std::size_t wanted(double share, std::size_t count) {
    return static_cast<std::size_t>(std::llround(share * static_cast<double>(count)));
}

struct Wanted {
    std::size_t dev = 0;
    std::size_t test = 0;
};

/// At least one row of each part that is asked for, and one to train on.
Result<Wanted> wantedRows(const Request& request) {
    const std::size_t count = request.size();
    const std::size_t parts = request.options.testShare > 0 ? 3 : 2;
    if (count < parts)
        return request.error("has " + std::to_string(count) + " usable rows; at least " +
                             std::to_string(parts) + " are needed, one for each part");
    Wanted rows;
    rows.dev = std::clamp<std::size_t>(wanted(request.options.devShare, count), 1, count - parts + 1);
    if (request.options.testShare > 0)
        rows.test =
            std::clamp<std::size_t>(wanted(request.options.testShare, count), 1, count - rows.dev - 1);
    return rows;
}

Result<std::vector<std::string>> valuesOf(const Request& request) {
    const std::string& column = request.options.column;
    if (std::ranges::find(request.table.columns, column) == request.table.columns.end())
        return request.error("has no column \"" + column + "\" to split by; it has " +
                             joined(request.table.columns));
    std::vector<std::string> values;
    for (const std::size_t row : request.candidates) {
        const Row cells = request.table.row(row);
        const auto cell = cells.find(column);
        values.push_back(cell == cells.end() ? std::string() : cell->second);
    }
    return values;
}

/// Places of each value, in the order of the alphabet.
std::map<std::string, Rows> strataOf(const std::vector<std::string>& values) {
    std::map<std::string, Rows> strata;
    for (std::size_t place = 0; place < values.size(); ++place)
        strata[values[place]].push_back(place);
    return strata;
}

/// The same, each in the order of a shuffle of all. Without a column all are one.
Result<std::map<std::string, Rows>> shuffledStrata(const Request& request, const Rows& order) {
    if (request.options.column.empty())
        return std::map<std::string, Rows>{{"", order}};
    LATHE_ASSIGN(const auto values, valuesOf(request));
    std::map<std::string, Rows> strata;
    for (const std::size_t place : order)
        strata[values[place]].push_back(place);
    return strata;
}

/// `total` divided in proportion to the sizes, by largest remainders; the earlier wins a draw.
Rows quotas(const std::map<std::string, Rows>& strata, std::size_t total) {
    std::size_t all = 0;
    for (const auto& [value, places] : strata)
        all += places.size();
    Rows result;
    std::vector<std::pair<std::size_t, std::size_t>> remainders; // remainder, stratum
    for (const auto& [value, places] : strata) {
        remainders.emplace_back(places.size() * total % all, result.size());
        result.push_back(places.size() * total / all);
    }
    std::ranges::stable_sort(remainders, std::greater(), [](const auto& pair) { return pair.first; });
    std::size_t left = total - std::accumulate(result.begin(), result.end(), std::size_t{0});
    for (std::size_t i = 0; left > 0; ++i, --left)
        ++result[remainders[i].second];
    return result;
}

using Parts = std::vector<Part>;

Result<Parts> byRatio(const Request& request) {
    LATHE_ASSIGN(const Wanted rows, wantedRows(request));
    Rows order(request.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    Rng rng(mixSeed(request.options.seed, kSplitStream));
    rng.shuffle(std::span(order));
    Parts parts(request.size(), Part::Train);
    for (std::size_t i = 0; i < rows.dev + rows.test; ++i)
        parts[order[i]] = i < rows.dev ? Part::Dev : Part::Test;
    return parts;
}

Result<Parts> stratified(const Request& request) {
    LATHE_ASSIGN(const Wanted rows, wantedRows(request));
    LATHE_ASSIGN(const auto strata,
                 shuffledStrata(request, shuffledOrder(request.size(), request.options.seed)));
    const Rows dev = quotas(strata, rows.dev);
    const Rows both = quotas(strata, rows.dev + rows.test);
    Parts parts(request.size(), Part::Train);
    std::size_t stratum = 0;
    for (const auto& [value, places] : strata) {
        for (std::size_t i = 0; i < std::max(dev[stratum], both[stratum]); ++i)
            parts[places[i]] = i < dev[stratum] ? Part::Dev : Part::Test;
        ++stratum;
    }
    return parts;
}

/// Takes groups in the order drawn as long as each brings the part nearer to its size.
void takeGroups(std::vector<Rows>& groups, std::size_t size, Part part, Parts& parts) {
    std::size_t taken = 0;
    const auto take = [&](Rows& group) {
        for (const std::size_t place : group)
            parts[place] = part;
        taken += group.size();
        group.clear();
    };
    for (Rows& group : groups)
        if (!group.empty() && taken + group.size() / 2 <= size && taken < size)
            take(group);
    if (taken > 0)
        return;
    const auto smallest = std::ranges::min_element(groups, {}, [](const Rows& group) {
        return group.empty() ? std::numeric_limits<std::size_t>::max() : group.size();
    });
    if (smallest != groups.end())
        take(*smallest);
}

Result<Parts> byGroup(const Request& request) {
    LATHE_ASSIGN(const Wanted rows, wantedRows(request));
    LATHE_ASSIGN(const auto values, valuesOf(request));
    std::vector<Rows> sorted;
    for (auto& [value, places] : strataOf(values))
        sorted.push_back(places);
    const std::size_t needed = rows.test > 0 ? 3 : 2;
    if (sorted.size() < needed)
        return request.error("has " + std::to_string(sorted.size()) + " groups in the column \"" +
                             request.options.column + "\"; at least " + std::to_string(needed) +
                             " are needed, one for each part");
    std::vector<Rows> groups;
    for (const std::size_t group : shuffledOrder(sorted.size(), request.options.seed))
        groups.push_back(std::move(sorted[group]));
    Parts parts(request.size(), Part::Train);
    takeGroups(groups, rows.dev, Part::Dev, parts);
    if (rows.test > 0)
        takeGroups(groups, rows.test, Part::Test, parts);
    return parts;
}

Result<Part> partNamed(std::string name) {
    std::ranges::transform(name, name.begin(), [](unsigned char c) {
        return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    });
    for (const char* known : {"train", "training"})
        if (name == known)
            return Part::Train;
    for (const char* known : {"dev", "development", "validation", "valid", "val", "eval", "evaluation"})
        if (name == known)
            return Part::Dev;
    for (const char* known : {"test", "testing"})
        if (name == known)
            return Part::Test;
    return inputError("", "\"" + name + "\" is no part; write train, dev (validation, eval) or test");
}

Result<Parts> byColumn(const Request& request) {
    LATHE_ASSIGN(const auto values, valuesOf(request));
    Parts parts;
    for (std::size_t place = 0; place < values.size(); ++place) {
        const auto part = partNamed(values[place]);
        if (!part)
            return request.error("line " + std::to_string(request.table.line(request.candidates[place])) +
                                 ", column \"" + request.options.column + "\": " + part.error().message);
        parts.push_back(*part);
    }
    return parts;
}

Result<Parts> byFolds(const Request& request) {
    const SplitOptions& options = request.options;
    if (options.folds < 2 || options.fold >= options.folds || request.size() < options.folds)
        return request.error("cannot give fold " + std::to_string(options.fold) + " of " +
                             std::to_string(options.folds) + " out of " + std::to_string(request.size()) +
                             " usable rows; take at least 2 folds, at most as many as rows, and count "
                             "them from 0");
    Rows order = shuffledOrder(request.size(), options.seed);
    Parts parts(request.size(), Part::Train);
    if (options.testShare > 0) {
        const std::size_t test = std::min(std::max<std::size_t>(1, wanted(options.testShare, request.size())),
                                          request.size() - options.folds);
        for (std::size_t i = 0; i < test; ++i)
            parts[order[i]] = Part::Test;
        order.erase(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(test));
    }
    LATHE_ASSIGN(const auto strata, shuffledStrata(request, order));
    std::size_t position = 0;
    for (const auto& [value, places] : strata)
        for (const std::size_t place : places)
            if (position++ % options.folds == options.fold)
                parts[place] = Part::Dev;
    return parts;
}

/// How many of a stratum's K rows train where the development rows are cut out of them.
std::size_t trainingShots(std::size_t shots, double fraction) {
    return shots < 2 ? shots : std::clamp<std::size_t>(wanted(fraction, shots), 1, shots - 1);
}

/// Rows in the order drawn.
Result<SplitRows> fewShots(const Request& request) {
    const SplitOptions& options = request.options;
    const Rows order = shuffledOrder(request.size(), options.seed);
    if (options.perClass && options.column.empty())
        return request.error("needs the column of the labels to take shots of each");
    LATHE_ASSIGN(const auto strata, shuffledStrata(request, order));
    const std::size_t least = options.hasLargeDev ? 1 : 2;
    const std::size_t shots = options.perClass ? options.shots * strata.size() : options.shots;
    if (options.shots < least || shots + (options.hasLargeDev ? 1 : 0) > request.size())
        return request.error("has " + std::to_string(request.size()) + " usable rows; " +
                             std::to_string(shots) +
                             " shots cannot be taken of them with rows left to choose by; take at least " +
                             std::to_string(least) + " and fewer than there are");
    const Rows counts = options.perClass ? Rows(strata.size(), options.shots) : quotas(strata, shots);
    std::vector<bool> isTaken(request.size(), false);
    SplitRows rows;
    std::size_t stratum = 0;
    for (const auto& [value, places] : strata) {
        const std::size_t count = counts[stratum++];
        if (places.size() < count)
            return request.error("has " + std::to_string(places.size()) + " rows with the label \"" + value +
                                 "\", fewer than the " + std::to_string(count) + " shots");
        const std::size_t train = options.hasLargeDev ? count : trainingShots(count, options.trainFraction);
        for (std::size_t i = 0; i < count; ++i) {
            isTaken[places[i]] = true;
            (i < train ? rows.train : rows.dev).push_back(request.candidates[places[i]]);
        }
    }
    for (std::size_t i = 0; options.hasLargeDev && i < order.size() && rows.dev.size() < options.devRows; ++i)
        if (!isTaken[order[i]])
            rows.dev.push_back(request.candidates[order[i]]);
    return rows;
}

Result<Parts> partsOf(const Request& request) {
    switch (request.options.kind) {
    case SplitKind::Ratio:
        return byRatio(request);
    case SplitKind::Stratified:
        return stratified(request);
    case SplitKind::Group:
        return byGroup(request);
    case SplitKind::Column:
        return byColumn(request);
    case SplitKind::Folds:
    case SplitKind::FewShot:
        break;
    }
    return byFolds(request);
}

std::string describe(const SplitOptions& options) {
    std::string text = toString(options.kind) + "|" + std::to_string(options.seed) + "|";
    for (const double share : {options.devShare, options.testShare, options.trainFraction})
        text += csvNumber(share) + "|";
    text += options.column + "|";
    for (const std::size_t number : {options.folds, options.fold, options.shots, options.devRows})
        text += std::to_string(number) + "|";
    return text + (options.perClass ? "c" : "-") + (options.hasLargeDev ? "l" : "-");
}

/// Below the bound, each with the same chance: numbers of the last, incomplete run are drawn again.
std::size_t below(std::mt19937_64& rng, std::uint64_t bound) {
    const std::uint64_t end = std::mt19937_64::max() - std::mt19937_64::max() % bound;
    std::uint64_t drawn = rng();
    while (drawn >= end)
        drawn = rng();
    return static_cast<std::size_t>(drawn % bound);
}

} // namespace

std::vector<PartInfo> splitKinds() {
    return {{"ratio", "By shares", "Rows at random."},
            {"stratified", "By shares, stratified", "The same shares of each value of a column."},
            {"group", "By groups", "Rows with the same value of a column stay together."},
            {"column", "By a column", "A column names the part of each row."},
            {"folds", "Folds", "Each of k parts evaluates once."},
            {"few_shot", "Few shots", "A few rows train."}};
}

Result<SplitKind> splitKindFrom(const std::string& id) {
    const auto kinds = splitKinds();
    const auto found = std::ranges::find(kinds, id, &PartInfo::id);
    if (found == kinds.end()) {
        std::vector<std::string> ids;
        for (const PartInfo& kind : kinds)
            ids.push_back(kind.id);
        return inputError(id, "is no way to split data; choose one of " + joined(ids));
    }
    return static_cast<SplitKind>(found - kinds.begin());
}

std::string toString(SplitKind kind) { return splitKinds().at(static_cast<std::size_t>(kind)).id; }

std::vector<std::size_t> shuffledOrder(std::size_t count, std::uint64_t seed) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::mt19937_64 rng(seed);
    for (std::size_t i = count; i > 1; --i)
        std::swap(order[i - 1], order[below(rng, i)]);
    return order;
}

std::string hashOfRows(std::span<const std::size_t> rows) {
    std::string text;
    for (const std::size_t row : rows)
        text += std::to_string(row) + ",";
    return sha256(text);
}

Result<SplitRows> splitRows(const Table& table, std::span<const std::size_t> candidates,
                            const SplitOptions& options) {
    const Request request{table, candidates, options};
    SplitRows rows;
    if (options.kind == SplitKind::FewShot) {
        LATHE_ASSIGN(rows, fewShots(request));
    } else {
        LATHE_ASSIGN(const Parts parts, partsOf(request));
        for (std::size_t place = 0; place < parts.size(); ++place)
            (parts[place] == Part::Train ? rows.train
             : parts[place] == Part::Dev ? rows.dev
                                         : rows.test)
                .push_back(candidates[place]);
    }
    for (const auto& [part, name] : {std::pair(&rows.train, "train"), std::pair(&rows.dev, "evaluate")})
        if (part->empty())
            return request.error("leaves no row to " + std::string(name) + " on with the split \"" +
                                 toString(options.kind) + "\"; change its options");
    rows.hash =
        sha256("lathe split 1|" + table.sha256 + "|" + hashOfRows(candidates) + "|" + describe(options));
    return rows;
}

Table selectedRows(const Table& table, std::span<const std::size_t> rows) {
    Table selected;
    selected.source = table.source;
    selected.columns = table.columns;
    selected.sha256 = table.sha256;
    for (const std::size_t row : rows)
        selected.add(table.row(row), table.line(row));
    return selected;
}

} // namespace lathe
