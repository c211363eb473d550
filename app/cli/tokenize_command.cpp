#include "app/cli/command_set.h"
#include "app/cli/text_table.h"
#include "core/text/tokenizer.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>
#include <iterator>
#include <memory>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json;

struct TokenizeOptions {
    std::string model;
    std::string text;
    std::vector<std::int32_t> ids;
    bool withSpecialTokens = false;
};

/// Line breaks and the like as people can see them in a table.
std::string visible(std::string_view text) {
    std::string quoted = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
    return quoted.substr(1, quoted.size() - 2);
}

ExitCode encode(const TokenizeOptions& options, const Tokenizer& tokenizer, const Terminal& terminal) {
    std::string text = options.text;
    if (text == "-")
        text.assign(std::istreambuf_iterator<char>(std::cin), {});
    const auto encoding = tokenizer.encode(text, options.withSpecialTokens);
    if (!encoding)
        return terminal.refuse(encoding.error());
    Json answer{{"ids", encoding->ids}, {"tokens", Json::array()}, {"offsets", encoding->offsets}};
    std::vector<std::vector<std::string>> rows{{"Id", "Token", "Text"}};
    for (std::size_t i = 0; i < encoding->ids.size(); ++i) {
        const std::string token = tokenizer.tokenOf(encoding->ids[i]).value_or("");
        const auto [from, to] = encoding->offsets[i];
        answer["tokens"].push_back(token);
        rows.push_back({std::to_string(encoding->ids[i]), token, visible(text.substr(from, to - from))});
    }
    terminal.emit(answer);
    terminal.say(textTable(rows) + std::to_string(encoding->ids.size()) + " tokens");
    return ExitCode::Done;
}

ExitCode decode(const TokenizeOptions& options, const Tokenizer& tokenizer, const Terminal& terminal) {
    const auto text = tokenizer.decode(options.ids, !options.withSpecialTokens);
    if (!text)
        return terminal.refuse(text.error());
    terminal.emit({{"ids", options.ids}, {"text", *text}});
    terminal.say(*text);
    return ExitCode::Done;
}

ExitCode tokenize(const TokenizeOptions& options, const Terminal& terminal) {
    if (options.text.empty() == options.ids.empty())
        return terminal.refuse(
            inputError("tokenize", "needs either a text (- for standard input) or --decode with ids"));
    const auto tokenizer = Tokenizer::load(options.model);
    if (!tokenizer)
        return terminal.refuse(tokenizer.error());
    return options.ids.empty() ? encode(options, *tokenizer, terminal)
                               : decode(options, *tokenizer, terminal);
}

} // namespace

void addTokenizeCommand(CLI::App& root, CommandSet& commands) {
    auto options = std::make_shared<TokenizeOptions>(); // shared: std::function must be copyable
    CLI::App& command = commands.add(root, "tokenize", "Show a text's tokens, or the text of tokens");
    command.add_option("--model", options->model, "Model folder or tokenizer.json")
        ->required()
        ->type_name("PATH");
    command.add_option("text", options->text, "The text; - reads standard input");
    command.add_option("--decode", options->ids, "Token ids, separated by commas or spaces")->delimiter(',');
    command.add_flag("--special-tokens", options->withSpecialTokens,
                     "With what the tokenizer adds by itself, such as a begin token");
    commands.actions.emplace_back(
        &command, [options](const Terminal& terminal) { return tokenize(*options, terminal); });
}

} // namespace lathe
