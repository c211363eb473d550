#pragma once

#include "core/model/cuda.h" // whoever sets the threads opens the libraries, too

#include <cstdint>

namespace lathe {

/// Sets the tensor library's threads for the calling thread; 0 takes one for each core this process may use.
/// From then on numbers below fp32's normal range (1.2e-38) count as 0 in it and in the threads it starts.
void useThreads(std::int64_t count);

/// While it lives the calling thread's parallel loops have at least so many threads.
class MoreThreads {
public:
    explicit MoreThreads(std::int64_t count);
    MoreThreads(const MoreThreads&) = delete;
    MoreThreads& operator=(const MoreThreads&) = delete;
    ~MoreThreads();

private:
    int m_before;
};

/// While it lives memory that is freed stays with the process, up to 512 MB, so that each training step takes
/// what the one before has left; else the system takes it away and fills it with zeros again, which costs a
/// small model's step a tenth of its time. The system gets what is free when the last one goes: a trial that
/// ends takes nothing from those beside it. To be made before what it is there for.
class KeptMemory {
public:
    KeptMemory();
    KeptMemory(const KeptMemory&) = delete;
    KeptMemory& operator=(const KeptMemory&) = delete;
    ~KeptMemory();
};

} // namespace lathe
