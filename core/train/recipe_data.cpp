#include "core/data/prompt_template.h"
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

void addDataPart(ParamSchema& schema) {
    using Text = TextDomain;
    const Condition hasAnswers{{{"task", {"instruction", "classification"}}}};
    schema.push_back({"train_file",
                      "data",
                      "Training data",
                      "",
                      "A .jsonl, .json, .csv, .tsv, .txt or .parquet file, also as .gz. `lathe data FILE` shows how it is read.",
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
                      choiceOf(recipeTasks().list()),
                      std::string("instruction"),
                      {},
                      false,
                      false});
    schema.push_back({"prompt_template", "data", "Prompt template", "",
                      "How a row becomes a prompt and an answer.", choiceOf(promptTemplates()),
                      std::string("plain"), hasAnswers, false, true});
    schema.push_back({"text_column",
                      "data",
                      "Text column",
                      "",
                      "Column that holds the text.",
                      Text{Text::Kind::Plain, false},
                      std::string("text"),
                      {{{"task", {"text", "labels"}}}},
                      true,
                      false});
    schema.push_back({"pair_column",
                      "data",
                      "Second text",
                      "",
                      "Column that holds a second text, where labels are about pairs. Empty: there is none.",
                      Text{Text::Kind::Plain, true},
                      std::string(),
                      {{{"task", {"labels"}}}},
                      true,
                      false});
    schema.push_back({"label_column",
                      "data",
                      "Label column",
                      "",
                      "Column that holds the label.",
                      Text{Text::Kind::Plain, false},
                      std::string("label"),
                      {{{"task", {"labels"}}}},
                      true,
                      false});
    schema.push_back({"max_length",
                      "data",
                      "Longest sequence",
                      "tokens",
                      "Longer rows are cut and counted.",
                      IntDomain{8, 1048576, 1, true},
                      std::int64_t{256},
                      {},
                      false,
                      false});
    schema.push_back({"loss_on_prompt", "data", "Train on prompts too", "",
                      "Take the loss on the prompt as well as on the answer.", BoolDomain{}, false,
                      hasAnswers, true, true});
}

} // namespace lathe
