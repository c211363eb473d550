#pragma once

#include "core/model/pickle_state.h"

namespace lathe {

/// What the whitelisted functions do when a pickle calls them. Input error for anything else that is called.
[[nodiscard]] Result<PickleValue> callPickled(PickleState& state, const PickleValue& function,
                                              const PickleValue& arguments);

/// The storage that a persistent id ('storage', type, key, location, count) stands for.
[[nodiscard]] Result<PickleValue> pickledStorage(PickleState& state, const PickleValue& id);

} // namespace lathe
