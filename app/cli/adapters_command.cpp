#include "app/cli/command_set.h"
#include "app/cli/text_table.h"
#include "core/adapter/support_table.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace lathe {

namespace {

using Json = nlohmann::ordered_json;

/// Each reason once, by the number that stands for it in the table.
class Footnotes {
public:
    std::string numberOf(const std::string& reason) {
        const auto known = std::ranges::find(m_reasons, reason);
        const auto place = known - m_reasons.begin();
        if (known == m_reasons.end())
            m_reasons.push_back(reason);
        return "[" + std::to_string(place + 1) + "]";
    }
    [[nodiscard]] const std::vector<std::string>& reasons() const { return m_reasons; }

private:
    std::vector<std::string> m_reasons;
};

ExitCode showSupport(const Terminal& terminal) {
    const std::vector<SupportCell> cells = supportTable();
    Footnotes notes;
    std::vector<std::vector<std::string>> rows{{"architecture"}};
    Json answer = Json::array();
    for (const SupportCell& cell : cells) {
        if (std::ranges::find(rows.front(), cell.method) == rows.front().end())
            rows.front().push_back(cell.method);
        auto row = std::ranges::find(rows, cell.architecture, [](const auto& each) { return each.front(); });
        if (row == rows.end())
            row = rows.insert(rows.end(), {cell.architecture});
        row->push_back(cell.reason.empty() ? "yes" : notes.numberOf(cell.reason));
        answer.push_back({{"method", cell.method},
                          {"architecture", cell.architecture},
                          {"supported", cell.reason.empty()},
                          {"reason", cell.reason}});
    }
    std::string text = textTable(rows);
    for (std::size_t i = 0; i < notes.reasons().size(); ++i)
        text += "[" + std::to_string(i + 1) + "] " + notes.reasons()[i] + "\n";
    text.pop_back(); // say() ends the line
    terminal.say(text);
    terminal.emit({{"support", answer}});
    return ExitCode::Done;
}

} // namespace

void addAdaptersCommand(CLI::App& root, CommandSet& commands) {
    CLI::App& command =
        commands.add(root, "adapters", "Say which fine-tuning methods work on which families of models");
    commands.actions.emplace_back(&command, [](const Terminal& terminal) { return showSupport(terminal); });
}

} // namespace lathe
