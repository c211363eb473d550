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
};

/// The presets: "plain" ("{instruction}\n{input}\nAnswer:"-like, short, for small models), "alpaca"
/// (adapters.md 12.1 "clean Alpaca"), "llm-adapters-train", "llm-adapters-eval" (byte-exact,
/// adapters.md 12.1).
[[nodiscard]] std::vector<PartInfo> promptTemplates();
/// Input error listing the known ids.
[[nodiscard]] Result<PromptTemplate> findPromptTemplate(const std::string& id);

struct RenderedPrompt {
    std::string prompt;
    std::string answer;
};
/// Input error naming a column the row lacks.
[[nodiscard]] Result<RenderedPrompt> render(const PromptTemplate& prompt, const Row& row);

} // namespace lathe
