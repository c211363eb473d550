#include "core/tasks/builtin_tasks.h"

#include <algorithm>

namespace lathe {

Result<Table> Task::readRows(const std::filesystem::path& file) const { return readTable(file); }

RowReading Task::usualReading() const {
    const auto prompt = findPromptTemplate("plain");
    LATHE_EXPECT(prompt.has_value());
    return {prompt.value()};
}

RowReading Task::readingOf(const Table& table, RowReading given) const {
    given.prompt = settledFor(table, std::move(given.prompt));
    given.labels = columnsIn(table, std::move(given.labels));
    given.textColumn = textColumnIn(table, given.textColumn);
    return given;
}

Result<RowPreview> Task::previewRow(const Table& table, std::size_t row, const RowReading& reading,
                                    const Tokenizer& tokenizer, const ExampleOptions& options) const {
    RowReading own = readingOf(table, reading);
    own.labels.isNumber = answerForm() == AnswerForm::Number;
    return isByHead(answerForm()) ? previewLabel(table, row, own.labels, own.labelNames, tokenizer, options)
                                  : previewInstruction(table, row, own.prompt, tokenizer, options);
}

void addBuiltinTasks(Registry<Task>& registry) {
    registry.add({"instruction", "Instructions", "Follow an instruction; the loss is taken on the answer."},
                 makeInstructionTask);
    registry.add({"classification", "Classification", "Answer with one of a few labels."},
                 makeClassificationTask);
    registry.add({"labels", "Labels of texts",
                  "Tell labels apart by a head that is trained along; for encoders and decoders."},
                 makeLabelTask);
    registry.add({"regression", "Numbers of texts",
                  "Tell a number by a head that is trained along; for encoders and decoders."},
                 makeRegressionTask);
    registry.add({"text", "Plain text", "Continue text; the loss is taken on every token."}, makeTextTask);
    registry.add({"question_answering", "Questions", "Answer shortly; exact match and F1 of words."},
                 makeQuestionAnsweringTask);
    registry.add({"summarisation", "Summaries", "Tell a text in short; ROUGE."}, makeSummarisationTask);
    registry.add({"translation", "Translation", "Say a text in another language; BLEU."},
                 makeTranslationTask);
    registry.add({"multiple_choice", "Multiple choice",
                  "Choose among the texts of the column \"choices\" by their likelihood."},
                 makeChoiceTask);
    addGlueTasks(registry);
    addMathTasks(registry);
    addCommonsenseTasks(registry);
}

} // namespace lathe
