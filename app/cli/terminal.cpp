#include "app/cli/terminal.h"

#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <cstdio>

namespace lathe {

namespace {

template <typename... Arguments>
std::string printed(const char* format, Arguments... arguments) {
    std::array<char, 64> buffer{};
    std::snprintf(buffer.data(), buffer.size(), format, arguments...);
    return buffer.data();
}

void writeLine(std::FILE* file, std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), file);
    std::fputc('\n', file);
    std::fflush(file); // a pipe's reader follows along
}

const char* kindName(Error::Kind kind) {
    switch (kind) {
    case Error::Kind::Input:
        return "input";
    case Error::Kind::Io:
        return "io";
    case Error::Kind::Database:
        return "database";
    case Error::Kind::Memory:
        return "memory";
    case Error::Kind::Cancelled:
        return "cancelled";
    case Error::Kind::Internal:
        break;
    }
    return "internal";
}

} // namespace

void Terminal::say(std::string_view line) const {
    if (!isJson())
        writeLine(stdout, line);
}

void Terminal::emit(const nlohmann::ordered_json& object) const {
    if (isJson())
        writeLine(stdout, object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void Terminal::warn(std::string_view line) const { writeLine(stderr, line); }

ExitCode Terminal::fail(const Error& error, ExitCode code) const {
    warn("lathe: " + error.text());
    emit({{"error",
           {{"kind", kindName(error.kind)},
            {"where", error.where},
            {"message", error.message},
            {"exit_code", static_cast<int>(code)}}}});
    return code;
}

std::string shortNumber(double value) { return printed("%.4g", value); }

std::string percent(double share) { return printed("%.1f %%", 100 * share); }

std::string duration(double seconds) {
    const auto whole = std::llround(std::max(0.0, seconds));
    return whole < 3600 ? printed("%lld:%02lld", whole / 60, whole % 60)
                        : printed("%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
}

} // namespace lathe
