#include "core/tasks/task_file.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/tasks/json_fields.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <regex>

namespace lathe {

namespace {

using nlohmann::json;
using Names = std::vector<std::string>;

const Names kForms{"text", "label", "number", "choice", "loss"}; // as AnswerForm

const Names& metricsOf(AnswerForm form) {
    static const std::map<AnswerForm, Names> all{
        {AnswerForm::Text,
         {"accuracy", "macro_f1", "matthews", "exact_match", "token_f1", "rouge1", "rouge2", "rougeL", "bleu",
          "pearson", "spearman", "mse", "mae", "r2"}},
        {AnswerForm::Label, {"accuracy", "macro_f1", "f1", "matthews"}},
        {AnswerForm::Number, {"pearson", "spearman", "mse", "mae", "r2"}},
        {AnswerForm::Choice, {"accuracy", "accuracy_norm"}},
        {AnswerForm::Loss, {"perplexity", "loss"}}};
    return all.at(form);
}

void readColumns(JsonFields fields, TaskDescription& task) {
    fields.read("answer", task.reading.prompt.answerColumn);
    fields.read("text", task.reading.textColumn);
    task.reading.labels.text = task.reading.textColumn;
    fields.read("pair", task.reading.labels.pair);
    fields.read("label", task.reading.labels.label);
    fields.read("choices", task.choicesColumn);
    fields.finish();
}

void readPrompt(JsonFields& fields, TaskDescription& task) {
    std::string preset = "plain";
    fields.read("template", preset);
    auto prompt = findPromptTemplate(preset);
    if (prompt)
        task.reading.prompt = std::move(*prompt);
    else
        fields.note("template", "\"" + preset + "\" " + prompt.error().message);
    PromptTemplate& read = task.reading.prompt;
    if (fields.has("prompt") && fields.has("template"))
        fields.note("prompt", "and template are both there; give one of them");
    if (fields.has("prompt"))
        read = {"prompt", "", "", "output", " "};
    std::string text;
    fields.read("prompt", text);
    if (const Status checked = checkTemplateText(text); fields.has("prompt") && !checked.has_value())
        fields.note("prompt", checked.error().message);
    if (fields.has("prompt"))
        read.withInput = read.withoutInput = text;
    fields.read("answer_prefix", read.answerPrefix);
}

void checkPattern(JsonFields& fields, const std::string& pattern) {
    try {
        const std::regex compiled(pattern);
    } catch (const std::regex_error& reason) {
        fields.note("pattern", "is no regular expression: " + std::string(reason.what()));
    }
}

void readExtraction(JsonFields fields, TaskDescription& task) {
    auto by = static_cast<std::size_t>(task.extraction.by);
    fields.readChoice("by", {"whole", "first_line", "last_number", "first_word", "last_word", "pattern"}, by);
    task.extraction.by = static_cast<AnswerExtraction::By>(by);
    auto which = static_cast<std::size_t>(task.extraction.which);
    fields.readChoice("which", {"first", "last"}, which);
    task.extraction.which = static_cast<AnswerExtraction::Which>(which);
    fields.read("words", task.extraction.words);
    fields.read("pattern", task.extraction.pattern);
    fields.read("expected_too", task.isExpectedExtracted);
    using By = AnswerExtraction::By;
    const bool needsWords = task.extraction.by == By::FirstWord || task.extraction.by == By::LastWord;
    if (needsWords && task.extraction.words.empty())
        fields.note("words", "is missing; list the words that count");
    if (task.extraction.by == By::Pattern && task.extraction.pattern.empty())
        fields.note("pattern", "is missing; give a regular expression");
    checkPattern(fields, task.extraction.pattern);
    fields.finish();
}

void readCompare(JsonFields fields, TaskDescription& task) {
    auto by = static_cast<std::size_t>(task.compare);
    fields.readChoice("by", {"normalised", "exact", "words", "number"}, by);
    task.compare = static_cast<TaskDescription::Compare>(by);
    fields.read("tolerance", task.tolerance, 0, std::numeric_limits<double>::max());
    fields.finish();
}

void readGeneration(JsonFields fields, GenerationOptions& options) {
    constexpr std::int64_t kMostTokens = 1'000'000;
    fields.read("max_new_tokens", options.maxNewTokens, 1, kMostTokens);
    fields.read("beams", options.beams, 1, 64);
    fields.read("temperature", options.temperature, 0, 10);
    fields.read("top_k", options.topK, 0, kMostTokens);
    fields.read("top_p", options.topP, 0, 1);
    fields.read("min_p", options.minP, 0, 1);
    fields.read("repetition_penalty", options.repetitionPenalty, 0.01, 10);
    fields.read("no_repeat_ngram", options.noRepeatNgram, 0, 1000);
    fields.read("length_penalty", options.lengthPenalty, -10, 10);
    fields.read("stop", options.stopTexts);
    fields.finish();
}

void readMetrics(JsonFields& fields, TaskDescription& task) {
    const Names& possible = metricsOf(task.form);
    task.metrics = {possible.front()};
    fields.read("metrics", task.metrics);
    for (const std::string& name : task.metrics)
        if (std::ranges::find(possible, name) == possible.end())
            fields.note("metrics", "\"" + name + "\" is none of " + joined(possible));
}

void readChoices(JsonFields& fields, TaskDescription& task) {
    fields.read("labels", task.reading.labelNames);
    fields.read("choices", task.choices);
    for (const auto& [key, list] : {std::pair("labels", task.reading.labelNames), {"choices", task.choices}})
        if (list.size() == 1)
            fields.note(key, "has one entry; at least two are needed");
    const bool isChoice = task.form == AnswerForm::Choice;
    if (isChoice && task.choices.empty() == task.choicesColumn.empty())
        fields.note("choices",
                    "are to be listed, or columns.choices names the column that holds them: one of "
                    "both");
}

TaskDescription readTask(JsonFields& fields) {
    TaskDescription task;
    fields.read("name", task.name);
    fields.read("summary", task.summary);
    std::size_t form = 0;
    fields.readChoice("answer", kForms, form);
    task.form = static_cast<AnswerForm>(form);
    readPrompt(fields, task);
    readColumns(fields.inside("columns"), task);
    readChoices(fields, task);
    readExtraction(fields.inside("extract"), task);
    readCompare(fields.inside("compare"), task);
    readMetrics(fields, task);
    readGeneration(fields.inside("generation"), task.generation);
    fields.finish();
    return task;
}

} // namespace

Result<TaskDescription> taskDescriptionFrom(std::string_view text, const std::string& source) {
    json content;
    try {
        content = json::parse(text);
    } catch (const json::exception& reason) {
        return inputError(source, "is broken JSON: " + std::string(reason.what()));
    }
    std::vector<std::string> problems;
    JsonFields fields(content, "", problems);
    TaskDescription task = readTask(fields);
    if (problems.empty())
        return task;
    std::string all;
    for (const std::string& problem : problems)
        all += (all.empty() ? "" : "; ") + problem;
    return inputError(source, all);
}

Result<std::unique_ptr<Task>> readTaskFile(const std::filesystem::path& file) {
    LATHE_ASSIGN(const std::string content, readFile(file));
    LATHE_ASSIGN(TaskDescription task, taskDescriptionFrom(content, file.string()));
    return makeDescribedTask(std::move(task));
}

Result<std::unique_ptr<Task>> findTask(const Registry<Task>& registry, const std::string& idOrFile) {
    if (!idOrFile.ends_with(".json"))
        return registry.make(idOrFile);
    return readTaskFile(idOrFile);
}

Result<std::unique_ptr<Task>> taskOf(const Registry<Task>& registry, const ParamValues& recipe) {
    const auto text = [&](const std::string& key) {
        const ParamValue* value = recipe.find(key);
        return value == nullptr ? std::string() : toText(*value);
    };
    if (text("task") != kOwnTask)
        return registry.make(text("task"));
    if (text("task_file").empty())
        return inputError("task_file", "is missing; name the JSON file that describes the task");
    return readTaskFile(text("task_file"));
}

} // namespace lathe
