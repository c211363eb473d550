#include "core/data/prompt_template.h"

#include "core/base/text.h"

#include <algorithm>
#include <span>

namespace lathe {

namespace {

struct Preset {
    PartInfo info;
    PromptTemplate prompt;
};

const std::string kTask = "Below is an instruction that describes a task";
const std::string kRequest = "Write a response that appropriately completes the request.";
const std::string kHeader = kTask + ". " + kRequest;
const std::string kHeaderWithInput =
    kTask + ", paired with an input that provides further context. " + kRequest;
const std::string kIndent(16, ' ');

/// The three blocks of an Alpaca prompt; `gap` stands between them.
std::string alpacaBlocks(const std::string& indent, const std::string& gap, bool hasInput) {
    std::string text = indent + "### Instruction:\n" + indent + "{instruction}" + gap;
    if (hasInput)
        text += indent + "### Input:\n" + indent + "{input}" + gap;
    return text + indent + "### Response:\n" + indent;
}

const std::vector<Preset>& presets() {
    static const std::vector<Preset> all{
        {{"plain", "Plain", "Instruction, input and \"Answer:\"; few tokens, for small models"},
         {"plain", "{instruction}\n\n{input}\n\nAnswer:", "{instruction}\n\nAnswer:", "output", " "}},
        {{"alpaca", "Alpaca", "The Alpaca prompt without trailing spaces"},
         {"alpaca", kHeaderWithInput + "\n\n" + alpacaBlocks("", "\n\n", true),
          kHeader + "\n\n" + alpacaBlocks("", "\n\n", false), "output", ""}},
        {{"llm-adapters-train", "LLM-Adapters, training", "Byte for byte what LLM-Adapters trains with"},
         {"llm-adapters-train",
          kHeaderWithInput + " \n\n" + alpacaBlocks(kIndent, "\n" + kIndent + "\n", true),
          kHeader + "  \n\n" + alpacaBlocks(kIndent, "\n" + kIndent + "\n", false), "output", ""}},
        {{"llm-adapters-eval", "LLM-Adapters, evaluation", "Byte for byte what LLM-Adapters evaluates with"},
         {"llm-adapters-eval", kHeaderWithInput + "\n\n" + alpacaBlocks(kIndent, "\n\n", true),
          kHeader + " \n\n" + alpacaBlocks(kIndent, "\n\n", false), "output", ""}},
    };
    return all;
}

/// A template cut at its braces: texts and column names in turn.
struct Piece {
    bool isColumn = false;
    std::string text;
};

Result<std::vector<Piece>> cutTemplate(const std::string& id, std::string_view source) {
    std::vector<Piece> pieces(1);
    for (std::size_t i = 0; i < source.size(); ++i) {
        const char sign = source[i];
        const bool isDoubled = i + 1 < source.size() && source[i + 1] == sign;
        if ((sign != '{' && sign != '}') || isDoubled) {
            pieces.back().text += sign;
            i += (sign == '{' || sign == '}') ? 1 : 0;
            continue;
        }
        const std::size_t end = source.find('}', i);
        if (sign == '}' || end == std::string_view::npos || end == i + 1)
            return inputError(id, "has a single '" + std::string(1, sign) + "' at position " +
                                      std::to_string(i + 1) +
                                      "; write {column} for a column and {{ or }} for a brace");
        pieces.push_back({true, std::string(source.substr(i + 1, end - i - 1))});
        pieces.emplace_back();
        i = end;
    }
    return pieces;
}

Error missingColumn(const std::string& where, const std::string& column, const Row& row) {
    std::vector<std::string> names;
    for (const auto& [name, value] : row)
        names.push_back(name);
    return inputError(where, "has no column \"" + column + "\"; its columns are " +
                                 (names.empty() ? "none" : joined(names)));
}

const std::string& sourceFor(const PromptTemplate& prompt, const Row& row) {
    const auto input = row.find("input");
    return input != row.end() && !input->second.empty() ? prompt.withInput : prompt.withoutInput;
}

} // namespace

std::vector<PartInfo> promptTemplates() {
    std::vector<PartInfo> infos;
    for (const Preset& preset : presets())
        infos.push_back(preset.info);
    return infos;
}

Result<PromptTemplate> findPromptTemplate(const std::string& id) {
    std::vector<std::string> ids;
    for (const Preset& preset : presets()) {
        if (preset.info.id == id)
            return preset.prompt;
        ids.push_back(preset.info.id);
    }
    return inputError("prompt template " + id, "is not known; choose one of " + joined(ids));
}

Result<std::string> renderPrompt(const PromptTemplate& prompt, const Row& row) {
    LATHE_ASSIGN(const auto pieces, cutTemplate(prompt.id, sourceFor(prompt, row)));
    std::string text;
    for (const Piece& piece : pieces) {
        const auto column = piece.isColumn ? row.find(piece.text) : row.end();
        if (piece.isColumn && column == row.end())
            return missingColumn("the row", piece.text, row);
        text += piece.isColumn ? column->second : piece.text;
    }
    return text;
}

Result<RenderedPrompt> render(const PromptTemplate& prompt, const Row& row) {
    LATHE_ASSIGN(std::string text, renderPrompt(prompt, row));
    const auto answer = row.find(prompt.answerColumn);
    if (answer == row.end())
        return missingColumn("the row", prompt.answerColumn, row);
    return RenderedPrompt{std::move(text), prompt.answerPrefix + answer->second};
}

Status checkColumns(const Table& table, const PromptTemplate& prompt) {
    for (std::size_t i = 0; i < table.size(); ++i) {
        const auto rendered = render(prompt, table.row(i));
        if (!rendered)
            return inputError(table.source.string() + ", line " + std::to_string(table.line(i)),
                              rendered.error().message);
    }
    return ok();
}

} // namespace lathe
