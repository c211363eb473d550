#include "core/train/training_data.h"

namespace lathe {

namespace {

Result<ExampleSet> examplesOf(const std::string& file, const RecipeView& recipe, const Task& task,
                              const Tokenizer& tokenizer) {
    LATHE_ASSIGN(const Table table, readTable(file));
    auto examples = task.makeExamples(table, recipe.reading, tokenizer, recipe.examples);
    if (!examples.has_value() && examples.error().where.empty())
        return inputError(file, examples.error().message);
    return examples;
}

void noteLosses(const ExampleSet& set, const std::string& file, TrainingData& data) {
    const std::string name = std::filesystem::path(file).filename().string();
    for (const DroppedRow& row : set.dropped)
        data.dropped.push_back(name + ", line " + std::to_string(row.line) + " was left out: " + row.reason);
    data.truncatedCount += set.truncatedCount;
}

} // namespace

Result<TrainingData> loadTrainingData(const ParamValues& recipe, const Task& task, const Tokenizer& tokenizer,
                                      std::uint64_t seed) {
    RecipeView view(recipe);
    TrainingData data;
    data.padId = tokenizer.padId().value_or(tokenizer.eosId().value_or(0));
    const std::string trainFile = recipe.text("train_file");
    LATHE_ASSIGN(ExampleSet train, examplesOf(trainFile, view, task, tokenizer));
    noteLosses(train, trainFile, data);
    data.labelNames = view.reading.labelNames = train.labelNames;
    if (const std::string& evalFile = recipe.text("eval_file"); !evalFile.empty()) {
        LATHE_ASSIGN(ExampleSet eval, examplesOf(evalFile, view, task, tokenizer));
        noteLosses(eval, evalFile, data);
        data.train = std::move(train.examples);
        data.eval = std::move(eval.examples);
    } else {
        if (train.examples.size() < 2)
            return inputError(trainFile,
                              "has a single usable row; at least two are needed, one of them for evaluation");
        Split split = splitExamples(std::move(train.examples), recipe.real("eval_fraction"), seed);
        data.train = std::move(split.train);
        data.eval = std::move(split.held);
    }
    if (view.evalRows > 0 && data.eval.size() > static_cast<std::size_t>(view.evalRows))
        data.eval = data.eval.first(static_cast<std::size_t>(view.evalRows));
    return data;
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
