#pragma once

#include "core/base/registry.h"
#include "core/data/table.h"

#include <string>
#include <vector>

namespace lathe {

/// How a row becomes a prompt and an answer. In the texts, {column} stands for a column's value; {{ and }}
/// for braces.
struct PromptTemplate {
    std::string id;
    std::string withInput;    ///< used where the row's `input` column is there and not empty
    std::string withoutInput; ///< used otherwise
    std::string answerColumn; ///< "output"
    /// Put between prompt and answer, and counted as part of the answer: " " where the prompt ends in a word,
    /// because tokenizers join a space to the word behind it, so that a prompt ending in a space would be
    /// tokenized differently with and without an answer. Empty where the prompt ends in a line break.
    std::string answerPrefix;
};

/// The presets: "plain" (short, for small models and small context lengths), "alpaca" (Alpaca without
/// trailing spaces), "llm-adapters-train" and "llm-adapters-eval" (byte for byte those of the LLM-Adapters
/// recipes, Hu et al. 2023, arXiv:2304.01933, which differ from each other in white space).
[[nodiscard]] std::vector<PartInfo> promptTemplates();
/// Input error listing the known ids.
[[nodiscard]] Result<PromptTemplate> findPromptTemplate(const std::string& id);

/// The two halves of a training text; `answer` begins with the template's answerPrefix.
struct RenderedPrompt {
    std::string prompt;
    std::string answer;
};
/// The template's prompt for this row alone, for a row without an answer. Input error naming a column the row
/// lacks, or what is wrong with the braces.
[[nodiscard]] Result<std::string> renderPrompt(const PromptTemplate& prompt, const Row& row);
/// As renderPrompt(), and an input error if the answer's column is missing.
[[nodiscard]] Result<RenderedPrompt> render(const PromptTemplate& prompt, const Row& row);

/// Input error at the first row that lacks a column the template needs; names line, column and the columns it
/// has.
[[nodiscard]] Status checkColumns(const Table& table, const PromptTemplate& prompt);

} // namespace lathe
