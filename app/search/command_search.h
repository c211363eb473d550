#pragma once

#include "app/search/command_template.h"
#include "app/search/search_study.h"

#include <cstddef>
#include <filesystem>
#include <functional>

namespace lathe {

/// How a search runs its commands, and who is told.
struct CommandSearch {
    CommandTemplate command;
    std::size_t slots = 1;      ///< commands at the same time
    std::filesystem::path file; ///< saved before a command begins and after it ends; empty: nowhere
    std::function<bool()> shouldStop = [] { return false; }; ///< asked about each 20 ms
    std::function<void(std::int64_t number)> trialEnded = [](std::int64_t) {};
};

/// Why a search ended before its budget was used up.
struct CommandOutcome {
    bool wasStopped = false;
    std::string problem; ///< the sampler's, which has no more points
};

/// Runs a command for each point until the budget is used up: first the trials that are pending, as after a
/// crash, then new ones. On a stop the commands get SIGTERM, five seconds later SIGKILL, and their trials
/// stay pending. A command that fails is a failed trial with the reason. Blocks; error if the file cannot be
/// written or no process can be started, with nothing left running.
[[nodiscard]] Result<CommandOutcome> runCommands(SearchStudy& study, const CommandSearch& how);

} // namespace lathe
