#include "core/data/examples.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace lathe {

namespace {

std::string cell(const Row& row, const std::string& column) {
    const auto it = row.find(column);
    return it == row.end() ? std::string() : it->second;
}

Status requireColumns(const Table& table, const LabelColumns& columns) {
    for (const std::string& column : {columns.text, columns.pair, columns.label})
        if (!column.empty() && std::ranges::find(table.columns, column) == table.columns.end())
            return inputError(table.source.string(),
                              "has no column \"" + column + "\"; its columns are " + joined(table.columns));
    return ok();
}

std::optional<long long> wholeNumber(const std::string& text) {
    long long value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() ? std::optional(value)
                                                                           : std::nullopt;
}

std::vector<std::string> labelsIn(const Table& table, const std::string& column) {
    std::set<std::string> found;
    for (std::size_t i = 0; i < table.size(); ++i) {
        const Row row = table.row(i);
        if (const std::string label = cell(row, column); !label.empty())
            found.insert(label);
    }
    std::vector<std::string> names(found.begin(), found.end());
    if (std::ranges::all_of(names, [](const std::string& name) { return wholeNumber(name).has_value(); }))
        std::ranges::sort(names, {}, [](const std::string& name) { return *wholeNumber(name); });
    return names;
}

Result<Encoding> encode(const std::string& text, const std::string& pair, bool isPair,
                        const Tokenizer& tokenizer) {
    return isPair ? tokenizer.encodePair(text, pair, true) : tokenizer.encode(text, true);
}

/// Takes tokens of the texts away until the sequence fits: from the end, and of a pair from the longer text,
/// as tokenizers do ("longest first"). What the tokenizer added stays.
void cut(Encoding& encoding, std::size_t maxLength) {
    while (encoding.ids.size() > maxLength) {
        std::array<std::size_t, 2> counts{};
        std::array<std::size_t, 2> ends{};
        for (std::size_t i = 0; i < encoding.ids.size(); ++i)
            if (encoding.specialMask[i] == 0) {
                const std::size_t part = encoding.typeIds[i] == 0 ? 0 : 1;
                ++counts[part];
                ends[part] = i;
            }
        const std::size_t part = counts[1] > counts[0] ? 1 : 0;
        if (counts[part] == 0)
            return;
        const auto place = static_cast<std::ptrdiff_t>(ends[part]);
        encoding.ids.erase(encoding.ids.begin() + place);
        encoding.offsets.erase(encoding.offsets.begin() + place);
        encoding.specialMask.erase(encoding.specialMask.begin() + place);
        encoding.typeIds.erase(encoding.typeIds.begin() + place);
    }
}

/// One row. An error's message is why it must be dropped.
Result<Example> labelExample(const Row& row, const LabelColumns& columns,
                             const std::vector<std::string>& names, const Tokenizer& tokenizer,
                             const ExampleOptions& options, bool& isTruncated) {
    const std::string text = cell(row, columns.text);
    const std::string label = cell(row, columns.label);
    const std::string pair = columns.pair.empty() ? std::string() : cell(row, columns.pair);
    if (text.empty())
        return inputError("", "the column \"" + columns.text + "\" is empty");
    if (label.empty())
        return inputError("", "the column \"" + columns.label + "\" is empty");
    const auto name = std::ranges::find(names, label);
    if (name == names.end())
        return inputError("", "the label \"" + label + "\" is none of " + joined(names));
    LATHE_ASSIGN(Encoding encoding, encode(text, pair, !columns.pair.empty(), tokenizer));
    isTruncated = encoding.ids.size() > options.maxLength;
    cut(encoding, options.maxLength);
    if (encoding.ids.empty() || encoding.ids.size() > options.maxLength)
        return inputError("", "it leaves no token of the text");
    Example example;
    example.ids = std::move(encoding.ids);
    example.labels.assign(example.ids.size(), kIgnoreLabel);
    example.textLabel = static_cast<std::int32_t>(name - names.begin());
    example.typeIds = std::move(encoding.typeIds);
    example.answer = label;
    return example;
}

} // namespace

Result<ExampleSet> makeLabelExamples(const Table& table, const LabelColumns& columns,
                                     std::vector<std::string> labelNames, const Tokenizer& tokenizer,
                                     const ExampleOptions& options) {
    LATHE_TRY(requireColumns(table, columns));
    ExampleSet set;
    set.dropped = table.dropped;
    set.labelNames = labelNames.empty() ? labelsIn(table, columns.label) : std::move(labelNames);
    if (set.labelNames.size() < 2)
        return inputError(table.source.string(), "has " + std::to_string(set.labelNames.size()) +
                                                     " label in the column \"" + columns.label +
                                                     "\"; at least two are needed to tell texts apart");
    for (std::size_t i = 0; i < table.size(); ++i) {
        bool isTruncated = false;
        auto example = labelExample(table.row(i), columns, set.labelNames, tokenizer, options, isTruncated);
        if (!example) {
            set.dropped.push_back({table.line(i), example.error().message});
            continue;
        }
        example->row = i;
        set.truncatedCount += isTruncated ? 1 : 0;
        set.examples.push_back(std::move(*example));
    }
    if (set.examples.empty())
        return inputError(table.source.string(), "gives no training example; the first problem is in line " +
                                                     std::to_string(set.dropped.front().line) + ": " +
                                                     set.dropped.front().reason);
    return set;
}

} // namespace lathe
