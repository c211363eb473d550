#include "core/data/prompt_template.h"
#include "core/tasks/task_file.h"
#include "core/train/recipe.h"
#include "core/train/recipe_import.h"
#include "core/train/recipe_parts.h"

namespace lathe {

ChoiceDomain choiceOf(const std::vector<PartInfo>& parts) {
    ChoiceDomain domain;
    for (const PartInfo& part : parts) {
        domain.values.push_back(part.id);
        domain.labels.push_back(part.label);
    }
    return domain;
}

namespace {

std::vector<std::string> tasksThat(bool (*holds)(const Task& task)) {
    std::vector<std::string> ids;
    for (const PartInfo& info : recipeTasks().list())
        if (holds(*recipeTasks().make(info.id).value()))
            ids.push_back(info.id);
    return ids;
}

ParamSpec columnField(const std::string& key, const std::string& label, const std::string& help,
                      Condition condition) {
    return {key,           "data",
            label,         "",
            help,          TextDomain{TextDomain::Kind::Plain, true},
            std::string(), std::move(condition),
            true,          false};
}

void addTemplateFields(ParamSchema& schema, const Condition& hasAnswers) {
    schema.push_back({"prompt_template", "data", "Prompt template", "",
                      "How a row becomes a prompt and an answer.", choiceOf(promptTemplates()),
                      std::string("plain"), hasAnswers, false, true});
    Condition isCustom = hasAnswers;
    isCustom.terms.push_back({"prompt_template", {kCustomTemplate}});
    schema.push_back({"template_text", "data", "Your prompt", "",
                      "{instruction}, {input}, {system} or any {column} stand for what the row has there, {{ "
                      "and }} for braces. The answer follows where the text ends.",
                      TextDomain{TextDomain::Kind::Multiline, false}, std::string(), isCustom, false, false});
    schema.push_back({"template_without_input", "data", "Your prompt without input", "",
                      "For rows without an input. Empty: the same as with one.",
                      TextDomain{TextDomain::Kind::Multiline, true}, std::string(), isCustom, true, false});
}

void addColumnFields(ParamSchema& schema, const Condition& hasAnswers) {
    const Condition hasTexts{{{"task", {"text", "labels", "regression"}}}};
    const Condition hasLabels{{{"task", {"labels", "regression"}}}};
    for (ParamSpec& field : std::vector<ParamSpec>{
             columnField("instruction_column", "Instruction column",
                         "Column that holds what is asked. Empty: found by its name.", hasAnswers),
             columnField(
                 "input_column", "Input column",
                 "Column that holds what the instruction is about. Empty: found by its name, if there "
                 "is one.",
                 hasAnswers),
             columnField("answer_column", "Answer column",
                         "Column that holds the answer. Empty: found by its name.", hasAnswers),
             columnField("system_column", "System column",
                         "Column that says how the model shall behave. Empty: found by its name, if there is "
                         "one.",
                         hasAnswers),
             columnField(
                 "conversation_column", "Conversation column",
                 "Column that holds whole conversations, as JSON lists of messages. Empty: found by its "
                 "content, if there is one.",
                 hasAnswers),
             columnField("chosen_column", "Chosen answer",
                         "Column that holds the better of two answers, which is the answer where there is no "
                         "other. Empty: found by its name, if there is one.",
                         hasAnswers),
             columnField(
                 "rejected_column", "Rejected answer",
                 "Column that holds the worse of two answers, which is not trained on. Empty: found by "
                 "its name, if there is one.",
                 hasAnswers),
             columnField("text_column", "Text column",
                         "Column that holds the text. Empty: found by its name.", hasTexts),
             columnField(
                 "pair_column", "Second text",
                 "Column that holds a second text, where labels are about pairs. Empty: there is none, "
                 "or, where the text column is empty too, found by its name.",
                 hasLabels),
             columnField("label_column", "Label column",
                         "Column that holds the label. Empty: found by its name or its few values.",
                         hasLabels)})
        schema.push_back(std::move(field));
}

} // namespace

void addDataPart(ParamSchema& schema) {
    using Text = TextDomain;
    const Condition hasAnswers{{{"task", tasksThat([](const Task& task) {
                                     return task.answerForm() == AnswerForm::Text ||
                                            task.answerForm() == AnswerForm::Choice;
                                 })}}};
    std::vector<PartInfo> tasks = recipeTasks().list();
    tasks.push_back({kOwnTask, "Own task", ""});
    schema.push_back({"train_file",
                      "data",
                      "Training data",
                      "",
                      "A .jsonl, .json, .csv, .tsv, .txt or .parquet file, also as .gz. `lathe data FILE` "
                      "shows how it is read.",
                      Text{Text::Kind::File, false},
                      std::string(),
                      {},
                      false,
                      false});
    addImportPart(schema);
    schema.push_back({"eval_file",
                      "data",
                      "Evaluation data",
                      "",
                      "Rows the model never trains on. Empty: some are put aside from the training data.",
                      Text{Text::Kind::File, true},
                      std::string(),
                      {},
                      false,
                      false});
    schema.push_back({"eval_fraction",
                      "data",
                      "Share put aside",
                      "",
                      "Share of the training rows kept for evaluation where no evaluation file is given.",
                      RealDomain{0, 0.9, false, true},
                      0.1,
                      {{{"eval_file", {""}}, {"split", {"ratio", "stratified", "group"}}}},
                      true,
                      false});
    addSplitPart(schema);
    schema.push_back({"task",
                      "data",
                      "Task",
                      "",
                      "Answers to instructions, labels, or plain text.",
                      choiceOf(tasks),
                      std::string("instruction"),
                      {},
                      false,
                      false});
    schema.push_back({"task_file",
                      "data",
                      "Task description",
                      "",
                      "A .json file that says what is asked and how answers are scored; see the manual.",
                      Text{Text::Kind::File, false},
                      std::string(),
                      {{{"task", {kOwnTask}}}},
                      false,
                      false});
    addTemplateFields(schema, hasAnswers);
    addColumnFields(schema, hasAnswers);
    schema.push_back({"max_length",
                      "data",
                      "Longest sequence",
                      "tokens",
                      "Longer rows are cut or left out, as the next field says, and counted.",
                      IntDomain{8, 1048576, 1, true},
                      std::int64_t{256},
                      {},
                      false,
                      false});
    schema.push_back(
        {"length_policy",
         "data",
         "Rows that are too long",
         "",
         "Cut the prompt from its beginning and keep the answer whole, cut the answer at its end, "
         "or leave the row out.",
         ChoiceDomain{{"cut_prompt", "cut_answer", "drop"},
                      {"Cut the prompt", "Cut the answer", "Leave them out"}},
         std::string("cut_answer"),
         {},
         true,
         true});
    schema.push_back({"packing", "data", "Pack short rows", "",
                      "Fill each sequence with as many rows as fit; they do not see each other. A step then "
                      "takes the batch size times the longest sequence in tokens.",
                      BoolDomain{}, false, hasAnswers, true, true});
    schema.push_back({"loss_on_prompt", "data", "Train on prompts too", "",
                      "Take the loss on the prompt as well as on the answer.", BoolDomain{}, false,
                      hasAnswers, true, true});
}

} // namespace lathe
