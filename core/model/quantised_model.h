#pragma once

#include "core/kernels/quantisation.h"
#include "core/model/load_model.h"

namespace lathe {

/// loadModel() with the projections of the blocks, the table of tokens and a head over them that is not tied
/// to it kept in codes (packedIn()), as the quantisation says: packed while they are read, or, where the
/// files hold projections packed the same way, over the files' own bytes. None: all weights are ordinary
/// tensors, unpacked where the files hold codes. Input error too where the files hold codes of another kind,
/// where a weight is not finite, and for another device than the CPU or another dtype than float32 and
/// bfloat16.
[[nodiscard]] Result<std::unique_ptr<LanguageModel>> loadModel(const std::filesystem::path& folder,
                                                               const LoadOptions& options,
                                                               const BaseQuantisation& quantisation);

/// randomModel() whose weights are packed so.
[[nodiscard]] Result<std::unique_ptr<LanguageModel>> randomModel(const std::filesystem::path& folder,
                                                                 std::uint64_t seed,
                                                                 const LoadOptions& options,
                                                                 const BaseQuantisation& quantisation);

} // namespace lathe
