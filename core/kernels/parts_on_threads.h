#pragma once

#include <cstdint>
#include <functional>

namespace lathe {

/// work(0) … work(count - 1), each part on one of LibTorch's threads, which then compute its operators alone;
/// on the calling thread one after the other where there is one thread, or where it is already in such a
/// part. An exception comes out of the call. Here and not as at::parallel_for() at the caller's: that is a
/// template, which compiles to a plain loop wherever OpenMP is not switched on.
void partsOnThreads(std::int64_t count, const std::function<void(std::int64_t)>& work);

} // namespace lathe
