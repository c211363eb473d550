#include "core/kernels/cuda_kernel.h"

#include "core/base/contract.h"

#include <c10/util/Exception.h>
#include <dlfcn.h>
#include <string>

namespace lathe {

namespace {

constexpr unsigned kThreadsOfABlock = 256;

template <typename F>
bool find(void* library, const char* name, F& function) {
    function = reinterpret_cast<F>(dlsym(library, name));
    return function != nullptr;
}

} // namespace

/// What is used of NVIDIA's interfaces "NVRTC" and "CUDA Driver API"; their results are 0 where all is well.
struct CudaKernel::Driver {
    int (*createProgram)(void** program, const char* source, const char* name, int headers,
                         const char* const* contents, const char* const* names) = nullptr;
    int (*compileProgram)(void* program, int options, const char* const* texts) = nullptr;
    int (*codeSize)(void* program, std::size_t* size) = nullptr;
    int (*code)(void* program, char* text) = nullptr;
    int (*destroyProgram)(void** program) = nullptr;
    int (*loadLibrary)(void** library, const void* code, void*, void**, unsigned, void*, void**,
                       unsigned) = nullptr;
    int (*kernelOf)(void** kernel, void* library, const char* name) = nullptr;
    int (*launchKernel)(void* function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                        unsigned sharedBytes, void* stream, void** arguments, void** extra) = nullptr;
    bool isThere = false;

    static const Driver& get() {
        static const Driver driver = open();
        return driver;
    }

    /// PTX, which the driver makes code for its GPU of; empty: it cannot be compiled.
    [[nodiscard]] std::string compiled(const char* source) const {
        void* program = nullptr;
        if (createProgram(&program, source, "kernel.cu", 0, nullptr, nullptr) != 0)
            return {};
        std::size_t size = 0;
        std::string text;
        if (compileProgram(program, 0, nullptr) == 0 && codeSize(program, &size) == 0) {
            text.resize(size);
            if (code(program, text.data()) != 0)
                text.clear();
        }
        destroyProgram(&program);
        return text;
    }

private:
    static Driver open() {
        Driver driver;
        // It links NVRTC and the driver and lies beside libtorch_cuda, so that both are found as LibTorch
        // finds them.
        void* library = dlopen("libcaffe2_nvrtc.so", RTLD_NOW | RTLD_LOCAL);
        driver.isThere = library != nullptr && find(library, "nvrtcCreateProgram", driver.createProgram) &&
                         find(library, "nvrtcCompileProgram", driver.compileProgram) &&
                         find(library, "nvrtcGetPTXSize", driver.codeSize) &&
                         find(library, "nvrtcGetPTX", driver.code) &&
                         find(library, "nvrtcDestroyProgram", driver.destroyProgram) &&
                         find(library, "cuLibraryLoadData", driver.loadLibrary) &&
                         find(library, "cuLibraryGetKernel", driver.kernelOf) &&
                         find(library, "cuLaunchKernel", driver.launchKernel);
        return driver;
    }
};

std::unique_ptr<const CudaKernel> CudaKernel::compile(const char* source, const char* name) {
    const Driver& driver = Driver::get();
    const std::string code = driver.isThere ? driver.compiled(source) : std::string();
    void* library = nullptr;
    void* kernel = nullptr;
    if (code.empty() ||
        driver.loadLibrary(&library, code.c_str(), nullptr, nullptr, 0, nullptr, nullptr, 0) != 0 ||
        driver.kernelOf(&kernel, library, name) != 0)
        return nullptr;
    return std::unique_ptr<const CudaKernel>(new CudaKernel(driver, kernel)); // loaded for good
}

void CudaKernel::start(long long threads, void** arguments) const {
    const long long blocks = (threads + kThreadsOfABlock - 1) / kThreadsOfABlock;
    LATHE_EXPECT(blocks <= 0x7fffffffLL);
    if (blocks == 0)
        return;
    const int problem = m_driver.launchKernel(m_function, static_cast<unsigned>(blocks), 1, 1,
                                              kThreadsOfABlock, 1, 1, 0, nullptr, arguments, nullptr);
    TORCH_CHECK(problem == 0, "a kernel could not be started: CUDA driver error ", problem); // as LibTorch's
}

} // namespace lathe
