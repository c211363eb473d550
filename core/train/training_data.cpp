#include "core/train/training_data.h"

#include "core/train/data_loader.h"

#include <algorithm>

namespace lathe {

namespace {

constexpr std::size_t kNamedRows = 20;

std::string rowCount(std::size_t count) { return std::to_string(count) + (count == 1 ? " row" : " rows"); }

} // namespace

Result<TrainingData> loadTrainingData(const ParamValues& recipe, const Task& task, const Tokenizer& tokenizer,
                                      std::uint64_t seed, const TokenCacheSettings& cache,
                                      const std::stop_token& stop) {
    return DataLoader(recipe, task, tokenizer, seed, TokenCache(cache), stop).load();
}

std::vector<std::string> dataWarnings(const DataRecord& record) {
    std::vector<std::string> lines;
    std::size_t dropped = 0;
    std::size_t cut = 0;
    for (const FileRecord& file : record.files) {
        const std::string name = std::filesystem::path(file.path).filename().string();
        for (const DroppedRow& row : file.firstDropped)
            if (lines.size() < kNamedRows)
                lines.push_back(name + ", line " + std::to_string(row.line) + " was left out: " + row.reason);
        dropped += file.dropped.total();
        cut += file.truncated;
    }
    if (dropped > lines.size())
        lines.push_back(std::to_string(dropped - lines.size()) + " more rows were left out");
    for (const FileRecord& file : record.files)
        if (file.leftOut > 0)
            lines.push_back(rowCount(file.leftOut) + " of " +
                            std::filesystem::path(file.path).filename().string() +
                            " left out by the fixes asked for");
    if (cut > 0)
        lines.push_back(std::to_string(cut) + " rows were cut at the longest sequence");
    lines.insert(lines.end(), record.warnings.begin(), record.warnings.end());
    return lines;
}

Batch batchOf(const ExampleList& examples, std::span<const std::size_t> indices, std::int32_t padId) {
    std::vector<Example> chosen;
    for (const std::size_t index : indices)
        chosen.push_back(examples[index]);
    std::vector<const Example*> rows;
    for (const Example& example : chosen)
        rows.push_back(&example);
    return makeBatch(rows, padId);
}

} // namespace lathe
