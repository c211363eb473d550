#include "app/cli/adapter_flags.h"

#include "app/cli/terminal.h"

#include <CLI/CLI.hpp>

#include <charconv>
#include <cmath>
#include <system_error>

namespace lathe {

namespace fs = std::filesystem;

Result<AdapterChoice> parseAdapter(const std::string& text) {
    std::error_code problem;
    const auto sign = text.rfind('=');
    if (sign == std::string::npos || fs::exists(text, problem))
        return AdapterChoice{text, 1};
    const std::string number = text.substr(sign + 1);
    double strength = 0;
    const char* end = number.data() + number.size();
    const auto [rest, failure] = std::from_chars(number.data(), end, strength);
    if (failure != std::errc() || rest != end || !std::isfinite(strength))
        return inputError("--adapter", "\"" + text +
                                           "\" has no number behind the equals sign; write DIR or "
                                           "DIR=0.5");
    return AdapterChoice{text.substr(0, sign), strength};
}

Result<std::vector<AdapterChoice>> parseAdapters(const std::vector<std::string>& texts) {
    std::vector<AdapterChoice> choices;
    for (const std::string& text : texts) {
        LATHE_ASSIGN(choices.emplace_back(), parseAdapter(text));
    }
    return choices;
}

void addAdapterOption(CLI::App& command, std::vector<std::string>& adapters) {
    command
        .add_option(
            "--adapter", adapters,
            "Adapter folder (PEFT's format); several are put on in this order, the first nearest to "
            "the base. =STRENGTH makes it weaker or stronger: 1 as trained, 0 off, negative takes away")
        ->type_name("DIR[=STRENGTH]")
        ->allow_extra_args(false);
}

std::string describe(const MergeCheck& check) {
    return "Merged into the base, the logits differ by at most " + shortNumber(check.difference) + " on " +
           check.comparedOn +
           (check.isRestored ? "; taken out again, the base answers bit for bit as before."
                             : "; taken out again, the base does not answer as before: that is a bug.");
}

} // namespace lathe
