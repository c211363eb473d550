#pragma once

#include "core/tasks/task.h"

#include <filesystem>

namespace lathe {

/// What is taken out of a generated text before it is compared.
struct AnswerExtraction {
    enum class By { Whole, FirstLine, LastNumber, FirstWord, LastWord, Pattern };
    enum class Which { First, Last };
    By by = By::Whole;
    std::vector<std::string> words; ///< FirstWord, LastWord: the accepted ones
    std::string pattern;            ///< Pattern: ECMAScript; its first group counts, or all of it
    Which which = Which::First;     ///< Pattern: which match
};
/// Empty where there is nothing to take. Of a text above 4,000 bytes a pattern sees the end alone, because
/// std::regex needs stack for every byte.
[[nodiscard]] std::string extractAnswer(std::string_view text, const AnswerExtraction& extraction);

/// A task as a user writes it into a JSON file; docs/manual.md shows one.
struct TaskDescription {
    enum class Compare {
        Normalised, ///< as normalisedAnswer()
        Exact,      ///< byte for byte
        Words,      ///< as bareAnswer()
        Number      ///< within the tolerance
    };
    std::string name;
    std::string summary;
    AnswerForm form = AnswerForm::Text;
    RowReading reading;
    std::string choicesColumn;        ///< Choice: where rows bring their own
    std::vector<std::string> choices; ///< Choice: the same for all rows
    AnswerExtraction extraction;
    bool isExpectedExtracted = false; ///< the right answer is taken out of its cell in the same way
    Compare compare = Compare::Normalised;
    double tolerance = 1e-3;
    std::vector<std::string> metrics;
    GenerationOptions generation;
};

/// Input error naming every mistake in the text, each with its place ("generation.beams 0 is below 1"), under
/// the name of `source`.
[[nodiscard]] Result<TaskDescription> taskDescriptionFrom(std::string_view json, const std::string& source);

[[nodiscard]] std::unique_ptr<Task> makeDescribedTask(TaskDescription description);

/// The task that a file describes. Io error if it cannot be read, else as taskDescriptionFrom().
[[nodiscard]] Result<std::unique_ptr<Task>> readTaskFile(const std::filesystem::path& file);

/// The built-in task of that id, or the one that a file whose name ends in .json describes. Input error
/// listing the ids there are.
[[nodiscard]] Result<std::unique_ptr<Task>> findTask(const Registry<Task>& registry,
                                                     const std::string& idOrFile);

/// The id by which a recipe names the task of its "task_file".
inline constexpr const char* kOwnTask = "own";

/// The task that a recipe's "task" names, or, for kOwnTask, its "task_file" describes. Errors as
/// readTaskFile(), and as the registry's.
[[nodiscard]] Result<std::unique_ptr<Task>> taskOf(const Registry<Task>& registry, const ParamValues& recipe);

} // namespace lathe
