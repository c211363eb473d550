#include "tests/fuzz/allocation_guard.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <limits>
#include <malloc.h>
#include <new>

namespace lathe::fuzz::guard {

namespace {

constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

// Global because operator new is; atomic because LibTorch's threads allocate too.
std::atomic<std::int64_t> g_live{0};
std::atomic<std::int64_t> g_peak{0};
std::atomic<std::int64_t> g_limit{kNoLimit};
std::int64_t g_start = 0;
void (*g_exceeded)(std::int64_t) = nullptr;

void checkLimit(std::size_t size) {
    const std::int64_t limit = g_limit.load();
    if (limit == kNoLimit)
        return;
    constexpr auto kLargest = static_cast<std::size_t>(kNoLimit / 2);
    const std::int64_t wanted = g_live.load() + static_cast<std::int64_t>(std::min(size, kLargest));
    if (wanted > limit) {
        g_limit = kNoLimit; // the report may allocate
        g_exceeded(wanted - g_start);
    }
}

void* counted(void* memory) {
    if (memory == nullptr)
        throw std::bad_alloc();
    const auto size = static_cast<std::int64_t>(::malloc_usable_size(memory));
    const std::int64_t live = g_live.fetch_add(size) + size;
    if (std::int64_t peak = g_peak.load(); live > peak)
        g_peak.compare_exchange_strong(peak, live);
    return memory;
}

} // namespace

void* allocate(std::size_t size) {
    checkLimit(size);
    return counted(std::malloc(std::max<std::size_t>(size, 1)));
}

void* allocate(std::size_t size, std::align_val_t alignment) {
    checkLimit(size);
    const auto step = static_cast<std::size_t>(alignment);
    return counted(std::aligned_alloc(step, (std::max<std::size_t>(size, 1) + step - 1) / step * step));
}

void release(void* memory) noexcept {
    if (memory != nullptr)
        g_live -= static_cast<std::int64_t>(::malloc_usable_size(memory));
    std::free(memory);
}

void begin(std::int64_t bytes, void (*exceeded)(std::int64_t wanted)) {
    g_exceeded = exceeded;
    g_start = g_live.load();
    g_peak = g_start;
    g_limit = g_start + bytes;
}

std::int64_t end() {
    g_limit = kNoLimit;
    return g_peak.load() - g_start;
}

} // namespace lathe::fuzz::guard

namespace guard = lathe::fuzz::guard;

void* operator new(std::size_t size) { return guard::allocate(size); }
void* operator new[](std::size_t size) { return guard::allocate(size); }
void* operator new(std::size_t size, std::align_val_t alignment) { return guard::allocate(size, alignment); }
void* operator new[](std::size_t size, std::align_val_t alignment) {
    return guard::allocate(size, alignment);
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
    try {
        return guard::allocate(size);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}
void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept { return operator new(size, tag); }
void operator delete(void* memory) noexcept { guard::release(memory); }
void operator delete[](void* memory) noexcept { guard::release(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { guard::release(memory); }
void operator delete[](void* memory, std::size_t /*size*/) noexcept { guard::release(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept { guard::release(memory); }
void operator delete[](void* memory, std::align_val_t /*alignment*/) noexcept { guard::release(memory); }
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
    guard::release(memory);
}
void operator delete[](void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
    guard::release(memory);
}
void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept { guard::release(memory); }
void operator delete[](void* memory, const std::nothrow_t& /*tag*/) noexcept { guard::release(memory); }
