#pragma once

#include "app/cli/command_set.h"

namespace lathe {

/// "profile".
void addProfileCommand(CLI::App& root, CommandSet& commands);

} // namespace lathe
