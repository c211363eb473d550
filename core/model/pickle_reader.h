#pragma once

#include "core/model/pickle_machine.h"

#include <map>

namespace lathe {

/// The tensors of a state_dict by name, as indices of Unpickled::tensors. Where the top level has none, the
/// dictionary under "state_dict", "model_state_dict", "model" or "module" is taken. Values that are no
/// tensors are left out. Input error: not a dictionary, no tensors in it, a tensor under a key that is not
/// text.
[[nodiscard]] Result<std::map<std::string, std::size_t>> pickledTensors(const Unpickled& objects,
                                                                        const std::string& where);

} // namespace lathe
