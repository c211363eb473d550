#pragma once

#include "core/model/tensor_file.h"

namespace lathe {

/// Writes what torch.save() of a plain dictionary from names to tensors writes: a zip archive of stored
/// entries with a pickle of protocol 2, which torch.load(weights_only=True) reads. For the files of adapters,
/// which fit into memory; written atomically, and the same tensors give the same bytes. Input error: a dtype
/// that PyTorch has no storage class for here (named), 4 GiB or more.
[[nodiscard]] Status writeTorchFile(const std::filesystem::path& path,
                                    const std::vector<NamedTensor>& tensors);

} // namespace lathe
