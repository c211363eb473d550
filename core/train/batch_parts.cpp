#include "core/train/batch_parts.h"

#include "core/base/contract.h"
#include "core/model/transformer.h"

#include <algorithm>

namespace lathe {

namespace {

/// Of a part: with fewer, the cost of the calls outweighs that of waiting for each other in every operation.
constexpr std::size_t kFewestTokens = 64;

template <typename Number>
std::vector<Number> cut(const std::vector<Number>& whole, std::size_t begin, std::size_t end) {
    if (whole.empty())
        return {};
    return {whole.begin() + static_cast<std::ptrdiff_t>(begin),
            whole.begin() + static_cast<std::ptrdiff_t>(end)};
}

Batch rowsOf(const Batch& batch, std::size_t begin, std::size_t end) {
    Batch part;
    part.rows = end - begin;
    part.length = batch.length;
    const std::size_t from = begin * batch.length;
    const std::size_t to = end * batch.length;
    part.ids = cut(batch.ids, from, to);
    part.labels = cut(batch.labels, from, to);
    part.mask = cut(batch.mask, from, to);
    part.typeIds = cut(batch.typeIds, from, to);
    part.textLabels = cut(batch.textLabels, begin, end);
    part.textNumbers = cut(batch.textNumbers, begin, end);
    part.isPacked = batch.isPacked;
    part.realTokens = static_cast<std::size_t>(std::ranges::count(part.mask, std::uint8_t{1}));
    for (std::size_t place = 0; place < part.labels.size(); ++place)
        if (place % batch.length != 0 && part.labels[place] != kIgnoreLabel)
            ++part.labelledTokens;
    return part;
}

} // namespace

bool readsPartsAlike(const LanguageModel& model) {
    const auto* transformer = dynamic_cast<const TransformerModel*>(&model);
    if (transformer == nullptr || !model.device().is_cpu())
        return false;
    const auto& rope = transformer->spec().rope;
    return !rope || (rope->type != RopeSpec::Type::Dynamic && rope->type != RopeSpec::Type::LongRope);
}

std::size_t partsWorth(const Batch& batch, std::int64_t threads) {
    const std::size_t most = std::min(batch.rows, batch.realTokens / kFewestTokens);
    return std::clamp<std::size_t>(static_cast<std::size_t>(std::max<std::int64_t>(threads, 1)), 1,
                                   std::max<std::size_t>(most, 1));
}

std::int64_t realTokensOf(const Batch& batch, std::size_t row) {
    const auto begin = batch.mask.begin() + static_cast<std::ptrdiff_t>(row * batch.length);
    return std::count(begin, begin + static_cast<std::ptrdiff_t>(batch.length), std::uint8_t{1});
}

std::vector<Batch> splitBatch(const Batch& batch, std::size_t parts) {
    LATHE_EXPECT(parts >= 1 && parts <= batch.rows);
    std::vector<std::size_t> before{0}; // tokens before each row, and at the end
    for (std::size_t row = 0; row < batch.rows; ++row)
        before.push_back(before.back() + static_cast<std::size_t>(realTokensOf(batch, row)));
    std::vector<Batch> all;
    std::size_t begin = 0;
    while (all.size() + 1 < parts) {
        const auto distance = [&](std::size_t row) { // of a cut before it from where it should be
            const std::size_t is = before[row] * parts, due = (all.size() + 1) * batch.realTokens;
            return is > due ? is - due : due - is;
        };
        const std::size_t last = batch.rows - (parts - all.size() - 1); // each part behind needs a row
        std::size_t end = begin + 1;
        while (end < last && distance(end + 1) < distance(end))
            ++end;
        all.push_back(rowsOf(batch, begin, end));
        begin = end;
    }
    all.push_back(rowsOf(batch, begin, batch.rows));
    return all;
}

} // namespace lathe
