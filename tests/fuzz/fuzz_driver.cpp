#include "tests/fuzz/fuzz_driver.h"

#include "tests/fuzz/allocation_guard.h"
#include "tests/fuzz/mutator.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <unistd.h>

// Sanitizers call this before they end the program; without them it is not there.
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));
// A finding of the undefined-behaviour sanitizer ends the run like any other.
extern "C" const char* __ubsan_default_options() { return "halt_on_error=1:print_stacktrace=1"; }

namespace lathe::fuzz {

namespace {

constexpr std::int64_t kBaseMemory = 64'000'000; // plus twice the input
constexpr unsigned kSecondsPerInput = 20;        // generous: a sanitizer on a busy machine is slow

struct Options {
    std::string target;
    std::uint64_t runs = 2000;
    std::uint64_t seed = 1;
    std::optional<std::string> input;
    std::string outFolder = ".";
};

/// What a signal handler has to know, which cannot be given anything.
struct Running {
    const char* program = "";
    const char* target = "";
    const std::string* input = nullptr;
    std::array<char, 1024> file{};
    bool isReported = false;
    std::uint64_t outcome = 0; // a hash of what outcome() was told of the input
};
Running g_running;

/// Writes the input and how to repeat it. Safe in a signal handler: no allocation.
void report(const char* reason) {
    if (g_running.input == nullptr || g_running.isReported)
        return;
    g_running.isReported = true;
    const int file = ::open(g_running.file.data(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file >= 0) {
        const ssize_t written = ::write(file, g_running.input->data(), g_running.input->size());
        static_cast<void>(written);
        ::close(file);
    }
    std::array<char, 2560> text{};
    const int length =
        std::snprintf(text.data(), text.size(), "\n%s: %s\nrepeat: %s --target %s --input %s\n",
                      g_running.target, reason, g_running.program, g_running.target, g_running.file.data());
    const ssize_t written =
        ::write(STDERR_FILENO, text.data(), static_cast<std::size_t>(std::max(length, 0)));
    static_cast<void>(written);
}

void onSignal(int signal) {
    report(signal == SIGALRM ? "took longer than 20 s" : "ended by a signal");
    std::signal(signal, SIG_DFL);
    ::raise(signal);
}

void onSanitizer() { report("ended by a sanitizer"); }

void onMemory(std::int64_t wanted) {
    std::array<char, 128> text{};
    std::snprintf(text.data(), text.size(), "wanted %lld bytes for an input of %zu",
                  static_cast<long long>(wanted), g_running.input->size());
    report(text.data());
    std::abort();
}

void watchForCrashes() {
    std::signal(SIGALRM, onSignal);
    if (__sanitizer_set_death_callback != nullptr) {
        __sanitizer_set_death_callback(onSanitizer);
        std::signal(SIGABRT, onSignal);
        return;
    }
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
        std::signal(signal, onSignal);
}

/// The most memory it took, less twice the input.
std::int64_t runOnce(const Target& target, const std::string& input) {
    g_running.input = &input;
    g_running.isReported = false;
    g_running.outcome = 0;
    const std::int64_t free = 2 * static_cast<std::int64_t>(input.size());
    ::alarm(kSecondsPerInput);
    guard::begin(free + kBaseMemory, onMemory);
    try {
        target.run(bytesOf(input));
    } catch (const std::exception& e) {
        report((std::string("threw ") + e.what()).c_str());
        std::abort();
    }
    const std::int64_t peak = guard::end();
    ::alarm(0);
    g_running.input = nullptr;
    return peak - free;
}

void fuzz(const Target& target, const Options& options) {
    const auto start = std::chrono::steady_clock::now();
    std::int64_t worst = 0;
    for (const std::string& seed : target.seeds)
        worst = std::max(worst, runOnce(target, seed));
    Mutator mutator(target.seeds, target.words, target.isText, options.seed);
    std::set<std::uint64_t> outcomes;
    for (std::uint64_t run = 0; run < options.runs; ++run) {
        std::string input = mutator.next();
        if (target.repair && mutator.chance(2))
            target.repair(input);
        worst = std::max(worst, runOnce(target, input));
        if (outcomes.insert(g_running.outcome).second)
            mutator.keep(std::move(input));
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::printf("%s: %llu runs with %zu outcomes in %.1f s, at most %.2f MB beyond twice the input\n",
                target.name.c_str(), static_cast<unsigned long long>(options.runs), outcomes.size(),
                seconds.count(), static_cast<double>(worst) / 1e6);
}

/// Nothing if the arguments are wrong.
std::optional<Options> parse(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; i += 2) {
        const std::string_view name = argv[i];
        if (i + 1 == argc)
            return std::nullopt;
        const char* value = argv[i + 1];
        if (name == "--target")
            options.target = value;
        else if (name == "--runs")
            options.runs = std::strtoull(value, nullptr, 10);
        else if (name == "--seed")
            options.seed = std::strtoull(value, nullptr, 10);
        else if (name == "--input")
            options.input = value;
        else if (name == "--out")
            options.outFolder = value;
        else
            return std::nullopt;
    }
    return options;
}

bool runTarget(const Target& target, const Options& options) {
    g_running.target = target.name.c_str();
    if (!options.input) {
        std::snprintf(g_running.file.data(), g_running.file.size(), "%s/failed-%s-%llu.bin",
                      options.outFolder.c_str(), target.name.c_str(),
                      static_cast<unsigned long long>(options.seed));
        fuzz(target, options);
        return true;
    }
    std::snprintf(g_running.file.data(), g_running.file.size(), "%s", options.input->c_str());
    std::ifstream file(*options.input, std::ios::binary);
    if (!file) {
        std::fprintf(stderr, "%s cannot be read\n", options.input->c_str());
        return false;
    }
    const std::string input{std::istreambuf_iterator<char>(file), {}};
    runOnce(target, input);
    std::printf("%s: survived %s\n", target.name.c_str(), options.input->c_str());
    return true;
}

} // namespace

void outcome(std::string_view text) {
    bool isQuoted = false;
    for (const char c : text) {
        isQuoted = isQuoted != (c == '"');
        if (!isQuoted && (c < '0' || c > '9'))
            g_running.outcome =
                (g_running.outcome ^ static_cast<unsigned char>(c)) * 0x100000001b3U; // FNV-1a
    }
}

int runFuzzer(int argc, char** argv, const std::vector<Target>& targets) {
    const auto options = parse(argc, argv);
    if (!options) {
        std::fprintf(stderr,
                     "usage: %s [--target NAME] [--runs N] [--seed S] [--input FILE] [--out FOLDER]\n",
                     argv[0]);
        return 2;
    }
    g_running.program = argv[0];
    watchForCrashes();
    bool isFound = false;
    for (const Target& target : targets)
        if (options->target.empty() || options->target == target.name) {
            isFound = true;
            if (!runTarget(target, *options))
                return 2;
        }
    if (!isFound)
        std::fprintf(stderr, "there is no target %s\n", options->target.c_str());
    return isFound ? 0 : 2;
}

} // namespace lathe::fuzz
