#pragma once

#include "app/cli/command_set.h"

namespace lathe {

/// "prune-adapter".
void addPruneCommand(CLI::App& root, CommandSet& commands);

} // namespace lathe
