// Imports a data file and prints how long it took and what memory it cost, as one JSON object.

#include "core/base/random.h"
#include "core/data/table.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>

namespace {

using namespace lathe;
using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// A value of /proc/self/status, in bytes.
std::int64_t statusBytes(const std::string& key) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(key + ":"))
            return std::stoll(line.substr(key.size() + 1)) * 1024;
    return 0;
}

/// The longest time between a request to stop and the answer, at moments spread over an import.
double longestCancel(const std::string& file, const ImportOptions& options, int times, double wholeSeconds) {
    double longest = 0;
    for (int i = 0; i < times; ++i) {
        std::filesystem::remove_all(options.cacheFolder);
        std::stop_source stop;
        Clock::time_point asked;
        const std::jthread asking([&] {
            std::this_thread::sleep_for(std::chrono::duration<double>(wholeSeconds * (i + 0.5) / times));
            asked = Clock::now();
            stop.request_stop();
        });
        const auto table = importTable(file, options, {}, stop.get_token());
        if (!table && table.error().kind == Error::Kind::Cancelled)
            longest = std::max(longest, secondsSince(asked));
    }
    return longest;
}

double microsecondsPerRow(const Table& table) {
    constexpr int kRows = 100'000;
    Rng random(1);
    std::size_t cells = 0;
    const auto begin = Clock::now();
    for (int i = 0; i < kRows; ++i)
        cells +=
            table
                .row(static_cast<std::size_t>(random.integer(0, static_cast<std::int64_t>(table.size()) - 1)))
                .size();
    return cells > 0 ? 1e6 * secondsSince(begin) / kRows : 0;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app("Times the import of a data file.");
    std::string file;
    ImportOptions options;
    std::string cache;
    int cancels = 0;
    bool isAgain = false;
    app.add_option("--file", file)->required();
    app.add_option("--cache", cache)->required();
    app.add_option("--cancel", cancels, "Also cancel it so many times");
    app.add_flag("--again", isAgain, "Also read rows at random");
    CLI11_PARSE(app, argc, argv);
    options.cacheFolder = cache;
    const std::int64_t before = statusBytes("VmRSS");
    const auto begin = Clock::now();
    const auto table = importTable(file, options);
    const double seconds = secondsSince(begin);
    if (!table) {
        std::fprintf(stderr, "%s\n", table.error().text().c_str());
        return 1;
    }
    nlohmann::ordered_json result{{"rows", table->size()},
                                  {"dropped", table->droppedCount()},
                                  {"seconds", seconds},
                                  {"growth_bytes", statusBytes("VmHWM") - before}};
    if (isAgain)
        result["microseconds_per_row"] = microsecondsPerRow(*table);
    if (cancels > 0) {
        result["cancels"] = cancels;
        result["longest_cancel_seconds"] = longestCancel(file, options, cancels, seconds);
    }
    std::printf("%s\n", result.dump().c_str());
    return 0;
}
