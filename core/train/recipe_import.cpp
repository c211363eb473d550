#include "core/train/recipe_import.h"

#include "core/train/recipe_parts.h"

#include <algorithm>
#include <map>

namespace lathe {

namespace {

constexpr const char* kAuto = "auto";

ParamSpec choice(const char* key, const char* label, const char* help, std::vector<std::string> values,
                 std::vector<std::string> labels) {
    values.insert(values.begin(), kAuto);
    labels.insert(labels.begin(), "Automatic");
    return {
        key, "data", label, "", help, ChoiceDomain{std::move(values), std::move(labels)}, std::string(kAuto),
        {},  true,   false};
}

const std::map<std::string, char>& delimiters() {
    static const std::map<std::string, char> signs{
        {"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}, {"pipe", '|'}};
    return signs;
}

} // namespace

void addImportPart(ParamSchema& schema) {
    schema.push_back(choice("data_format", "Format", "What kind of file the training data is.",
                            {"jsonl", "json", "csv", "tsv", "text", "parquet"},
                            {"JSON Lines", "JSON", "CSV", "TSV", "Plain text", "Parquet"}));
    schema.push_back(choice("data_encoding", "Encoding",
                            "How the training data's letters are written as bytes.",
                            {"utf-8", "utf-16le", "utf-16be", "windows-1252", "latin-1"},
                            {"UTF-8", "UTF-16 LE", "UTF-16 BE", "Windows-1252", "Latin-1"}));
    schema.push_back(choice("data_delimiter", "Delimiter",
                            "What stands between the columns of a CSV or TSV file.",
                            {"comma", "semicolon", "tab", "pipe"}, {"Comma", "Semicolon", "Tab", "Pipe"}));
    schema.push_back(choice("data_header", "Header",
                            "Whether the first line of a CSV or TSV file names the columns.", {"yes", "no"},
                            {"First line", "None"}));
}

const std::vector<std::string>& importKeys() {
    static const std::vector<std::string> keys{"data_format", "data_encoding", "data_delimiter",
                                               "data_header"};
    return keys;
}

ImportOptions importOptionsOf(const ParamValues& recipe) {
    ImportOptions options;
    if (const std::string& format = recipe.text("data_format"); format != kAuto)
        options.reader = format;
    options.encoding = encodingNamed(recipe.text("data_encoding"));
    if (const auto sign = delimiters().find(recipe.text("data_delimiter")); sign != delimiters().end())
        options.delimiter = sign->second;
    if (const std::string& header = recipe.text("data_header"); header != kAuto)
        options.hasHeader = header == "yes";
    return options;
}

Result<Table> readTrainingFile(const ParamValues& recipe, const Task& task) {
    const bool isAllGuessed = std::ranges::all_of(
        importKeys(), [&recipe](const std::string& key) { return recipe.text(key) == kAuto; });
    const std::string& file = recipe.text("train_file");
    if (isAllGuessed)
        return task.readRows(file);
    LATHE_ASSIGN(Table table, importTable(file, importOptionsOf(recipe)));
    if (table.size() == 0)
        return inputError(file,
                          "has no usable row where it is read as the recipe says" +
                              (table.dropped.empty() ? std::string() : ": " + table.dropped.front().reason));
    return table;
}

} // namespace lathe
