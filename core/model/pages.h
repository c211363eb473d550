#pragma once

#include <cstddef>
#include <span>

namespace lathe {

/// Gives back the memory of a mapped file's pages that lie in this part wholly; they are read anew when they
/// are needed again. Contract: nobody has written to it. (Of memory that is not mapped the content is lost.)
void letGoOfPages(std::span<const std::byte> part);

} // namespace lathe
