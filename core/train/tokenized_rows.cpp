#include "core/train/tokenized_rows.h"

#include "core/base/files.h"
#include "core/data/data_record.h"
#include "core/data/splits.h"
#include "core/train/make_task.h"
#include "core/train/row_fields.h"

#include <algorithm>
#include <array>

namespace lathe {

namespace {

/// Another number makes what was kept before void: for when rows become other examples.
constexpr const char* kExampleVersion = "2";
/// Rows tokenized at once: enough to keep all cores busy, and some megabytes.
constexpr std::size_t kPieceRows = 4096;

constexpr std::array kOtherFields{
    "train_file", "eval_file", "test_file",        "eval_fraction", "test_fraction", "split",
    "data_seed",  "folds",     "split_column",     "fold",          "shots",         "shots_of",
    "shot_dev",   "dev_rows",  "shot_train_share", "max_bad_rows",  "data_fixes",    "packing"};

Result<std::string> hashOfFiles(const Tokenizer& tokenizer) {
    std::string hashes;
    for (const std::filesystem::path& file : tokenizer.files()) {
        LATHE_ASSIGN(const std::string content, readFile(file));
        hashes += sha256(content);
    }
    return hashes;
}

Result<std::string> keyFor(const RowRequest& request, std::span<const std::size_t> rows) {
    LATHE_ASSIGN(std::string text, hashOfFiles(request.tokenizer));
    text += std::string("|") + kExampleVersion + "|" + request.table.sha256 + "|" +
            formatInWords(request.table.format) + "|" + hashOfRows(rows);
    for (const ParamSpec& spec : recipeSchema())
        if (spec.group == "data" && changesTokens(spec.key))
            text += "|" + spec.key + "=" + toText(*request.recipe.find(spec.key));
    const RowReading reading = request.task.readingOf(request.table, request.view.reading);
    for (const std::string& part :
         {reading.prompt.withInput, reading.prompt.withoutInput, reading.prompt.answerColumn,
          reading.prompt.answerPrefix, reading.textColumn, reading.labels.text, reading.labels.pair,
          reading.labels.label, std::to_string(static_cast<int>(request.task.answerForm()))})
        text += "|" + std::to_string(part.size()) + ":" + part;
    for (const std::string& label : reading.labelNames)
        text += "|" + std::to_string(label.size()) + ":" + label;
    return sha256(text);
}

/// Examples, their rows as those of the whole table.
Result<ExampleSet> examplesOf(const RowRequest& request, std::span<const std::size_t> rows) {
    const bool isWhole = rows.size() == request.table.size();
    const Table some = isWhole ? Table() : selectedRows(request.table, rows);
    LATHE_ASSIGN(ExampleSet set,
                 request.task.makeExamples(isWhole ? request.table : some,
                                           request.task.readingOf(request.table, request.view.reading),
                                           request.tokenizer, request.view.examples));
    if (isWhole)
        set.dropped.erase(set.dropped.begin(),
                          set.dropped.begin() + static_cast<std::ptrdiff_t>(request.table.dropped.size()));
    for (Example& example : set.examples)
        example.row = rows[example.row];
    return set;
}

void append(ExampleFacts& facts, ExampleSet& set) {
    std::ranges::move(set.dropped, std::back_inserter(facts.dropped));
    facts.truncatedCount += set.truncatedCount;
    facts.labelNames = std::move(set.labelNames);
}

/// Whether each row becomes an example by itself, so that rows can be taken in pieces. Labels are: their
/// names must be known before, which they are for all but the training data.
bool isRowByRow(const RowRequest& request) {
    return isByHead(request.task.answerForm()) ? !request.view.reading.labelNames.empty()
                                               : !readsPlainText(request.task);
}

template <typename Add>
Result<ExampleFacts> inPieces(const RowRequest& request, std::span<const std::size_t> rows,
                              std::size_t pieceRows, Add add) {
    ExampleFacts facts;
    for (std::size_t begin = 0; begin < rows.size(); begin += pieceRows) {
        if (request.stop.stop_requested())
            return Error{Error::Kind::Cancelled, {}, "stopped; it can be resumed"};
        LATHE_ASSIGN(ExampleSet set,
                     examplesOf(request, rows.subspan(begin, std::min(pieceRows, rows.size() - begin))));
        for (Example& example : set.examples)
            LATHE_TRY(add(std::move(example)));
        append(facts, set);
    }
    return facts;
}

Result<StoredExamples> inMemory(const RowRequest& request, std::span<const std::size_t> rows) {
    LATHE_ASSIGN(ExampleSet set, examplesOf(request, rows));
    StoredExamples stored{ExampleList(std::move(set.examples)), {}};
    append(stored.facts, set);
    return stored;
}

} // namespace

bool changesTokens(const std::string& key) {
    return std::ranges::none_of(kOtherFields, [&key](const char* other) { return key == other; });
}

Result<StoredExamples> tokenizedRows(const RowRequest& request, std::span<const std::size_t> rows,
                                     const TokenCache& cache) {
    if (!cache.isOn())
        return inMemory(request, rows);
    LATHE_ASSIGN(const std::string key, keyFor(request, rows));
    if (auto stored = cache.find(key))
        return std::move(*stored);
    const auto store = [&](std::size_t pieceRows) {
        return cache.store(key, [&](ExampleFileWriter& writer) {
            return inPieces(request, rows, pieceRows,
                            [&writer](const Example& example) { return writer.add(example); });
        });
    };
    auto stored = store(isRowByRow(request) ? kPieceRows : std::max<std::size_t>(rows.size(), 1));
    // A piece without one usable row is an error that says nothing of the others: once more, all at once. A
    // folder that cannot be written costs the cache alone.
    if (stored || stored.error().kind == Error::Kind::Cancelled)
        return stored;
    return inMemory(request, rows);
}

} // namespace lathe
