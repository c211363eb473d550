#include "core/model/cuda.h"

#include <ATen/Context.h>
#include <array>
#include <c10/core/CachingDeviceAllocator.h>
#include <dlfcn.h>
#include <string_view>

namespace lathe {

namespace {

constexpr const char* kNotInstalled =
    "libtorch_cuda and NVIDIA's libraries are not installed; packaging/setup --cuda fetches them";

std::string openCuda() {
    // libtorch_cuda's own search path finds NVIDIA's libraries, which lie in the folder beside torch's.
    for (const std::string name : std::array{"libc10_cuda.so", "libtorch_cuda.so"})
        if (dlopen(name.c_str(), RTLD_NOW | RTLD_GLOBAL) == nullptr) {
            const char* said = dlerror();
            const std::string problem = said == nullptr ? "" : said;
            if (problem.empty() || problem.starts_with(name + ": cannot open shared object file"))
                return kNotInstalled;
            return name + " cannot be opened (" + problem + "); packaging/setup --cuda fetches what it needs";
        }
    at::globalContext().setAllowTF32CuDNN(false); // LibTorch allows it in recurrent layers
    return "";
}

/// What stands between `before` and the next of " .," and a sentence's end; empty: not there.
std::string sizeAfter(std::string_view text, std::string_view before) {
    const std::size_t place = text.find(before);
    if (place == std::string_view::npos)
        return {};
    const std::string_view rest = text.substr(place + before.size());
    const std::size_t unit = rest.find("iB");
    return unit == std::string_view::npos || unit > 12 ? std::string()
                                                       : std::string(rest.substr(0, unit + 2));
}

} // namespace

const char* loadCudaLibraries() {
    static const std::string problem = openCuda();
    return problem.c_str();
}

void releaseUnusedCudaMemory() {
    if (!at::hasCUDA())
        return;
    if (c10::DeviceAllocator* allocator = c10::getDeviceAllocator(at::kCUDA); allocator->initialized())
        allocator->emptyCache();
}

bool isCudaMemoryProblem(const std::string& thrown) {
    return thrown.find("CUDA out of memory") != std::string::npos ||
           thrown.find("CUDA error: out of memory") != std::string::npos ||
           thrown.find("_STATUS_ALLOC_FAILED") != std::string::npos; // of cuBLAS, cuDNN and the like
}

std::string cudaMemoryMessage(const std::string& thrown) {
    const std::string wanted = sizeAfter(thrown, "Tried to allocate ");
    const std::string whole = sizeAfter(thrown, "total capacity of ");
    const std::string left = sizeAfter(thrown, " of which ");
    std::string text = "has not enough memory";
    if (!wanted.empty())
        text += ": " + wanted + " more were asked for";
    if (!left.empty() && !whole.empty())
        text += ", and " + left + " of its " + whole + " are free";
    return text + "; choose a smaller batch, shorter texts, bfloat16 or a smaller model";
}

} // namespace lathe
