#include "core/train/recipe.h"

#include "core/adapter/parameter_budget.h"
#include "core/tasks/task_file.h"
#include "core/train/make_task.h"

namespace lathe {

const Registry<Task>& recipeTasks() {
    static const Registry<Task> registry = [] {
        Registry<Task> all;
        addBuiltinTasks(all);
        return all;
    }();
    return registry;
}

Result<std::unique_ptr<Task>> recipeTask(const ParamValues& values) { return taskOf(recipeTasks(), values); }

std::optional<NewHead> headFor(const ParamValues& values, std::int64_t labels, std::uint64_t seed) {
    const auto task = recipeTask(values);
    if (!task.has_value() || !isByHead(task.value()->answerForm()))
        return std::nullopt;
    const bool isNumber = task.value()->answerForm() == AnswerForm::Number;
    return NewHead{HeadKind::SequenceClassification, isNumber ? 1 : labels, seed};
}

Result<ParamValues> withMatchedSize(ParamValues values, const ModelSummary& model) {
    const std::int64_t target = values.integer("match_parameters");
    LATHE_ASSIGN(const auto method, adapterMethods().make(values.text("method")));
    if (target == 0 || method->sizeKey().empty()) // a study may search over methods without a size too
        return values;
    LATHE_ASSIGN(const SizeMatch match, matchParameters(*method, model, values, target));
    values.set(method->sizeKey(), match.size);
    return values;
}

namespace {

/// The template of the recipe, with the columns it names.
PromptTemplate promptOf(const ParamValues& values) {
    auto prompt = findPromptTemplate(values.text("prompt_template"));
    LATHE_EXPECT(prompt.has_value());
    PromptTemplate found =
        prompt->id == kCustomTemplate
            ? customTemplate(values.text("template_text"), values.text("template_without_input"))
            : std::move(*prompt);
    for (const auto& [role, key] :
         {std::pair(ColumnRole::Instruction, "instruction_column"),
          std::pair(ColumnRole::Input, "input_column"), std::pair(ColumnRole::Answer, "answer_column"),
          std::pair(ColumnRole::System, "system_column"),
          std::pair(ColumnRole::Conversation, "conversation_column"),
          std::pair(ColumnRole::Chosen, "chosen_column"), std::pair(ColumnRole::Rejected, "rejected_column")})
        if (const std::string& column = values.text(key); !column.empty())
            found.roles[role] = column;
    return found;
}

LengthPolicy lengthPolicyOf(const ParamValues& values) {
    const std::string& policy = values.text("length_policy");
    return policy == "cut_prompt" ? LengthPolicy::CutPrompt
           : policy == "drop"     ? LengthPolicy::Drop
                                  : LengthPolicy::CutAnswer;
}

} // namespace

std::optional<ParamValues> lighterRecipe(const ParamValues& recipe) {
    const std::int64_t rows = recipe.integer("batch_size");
    std::int64_t parts = 2; // its smallest divisor
    while (parts < rows && rows % parts != 0)
        ++parts;
    const std::int64_t batches = recipe.integer("gradient_accumulation") * parts;
    const Domain& allowed = findSpec(recipeSchema(), "gradient_accumulation")->domain;
    const bool canSplit = rows > 1 && !problemWith(allowed, batches).has_value();
    const bool isRecomputed =
        recipe.contains("recompute") && recipe.flag("recompute"); // old ones know it not
    if (!canSplit && isRecomputed)
        return std::nullopt;
    ParamValues lighter = recipe;
    lighter.set("recompute", true);
    if (!canSplit)
        return lighter;
    lighter.set("batch_size", rows / parts);
    lighter.set("gradient_accumulation", batches);
    return lighter;
}

RecipeView::RecipeView(const ParamValues& values)
    : modelFolder(values.text("model")),
      startsUntrained(values.text("init") == "random"),
      method(values.text("method")),
      taskId(values.text("task")),
      batchSize(values.integer("batch_size")),
      accumulation(values.integer("gradient_accumulation")),
      evalEvery(values.integer("eval_every")),
      evalRows(values.integer("eval_rows")),
      sampleEvery(values.integer("sample_every")),
      checkpointEvery(values.integer("checkpoint_every")) {
    const std::string& pairColumn = values.text("pair_column");
    reading = {promptOf(values),
               values.text("text_column"),
               {values.text("text_column"), pairColumn == kNoColumn ? std::string() : pairColumn,
                values.text("label_column")},
               {}};
    examples.maxLength = static_cast<std::size_t>(values.integer("max_length"));
    examples.lossOnPrompt = values.flag("loss_on_prompt");
    examples.lengthPolicy = lengthPolicyOf(values);
    isPacked = values.flag("packing");
}

} // namespace lathe
