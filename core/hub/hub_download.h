#pragma once

#include "core/hub/hub_cache.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

/// Download of one model into the Hub's cache. Source: the Hub's HTTP API as huggingface_hub uses it.
namespace lathe {

/// Whether the user has switched downloads on. Without that nothing here opens a connection.
enum class DownloadConsent { Refused, Given };

struct HubAccess {
    DownloadConsent consent = DownloadConsent::Refused;
    EnvironmentLookup environment = processEnvironment(); ///< endpoint, cache, token, offline flags, proxies
    std::string userAgent = "lathe";
    std::chrono::milliseconds timeout{10'000};   ///< without a byte
    std::chrono::milliseconds retryPause{1'000}; ///< before the first repetition
    /// Bytes free on the disk of a folder. Empty: what the system says.
    std::function<std::uintmax_t(const std::filesystem::path&)> freeBytes;
};

/// Whether a connection may be made. Input error telling what forbids it.
[[nodiscard]] Status mayDownload(const HubAccess& access);

struct HubFile {
    std::string path; ///< in the model's folder
    std::uint64_t size = 0;
    std::string hash; ///< SHA-256, or git's SHA-1 of a blob; the name of the blob in the cache
};

/// What a download will fetch.
struct HubPlan {
    HubName model;
    std::string commit;
    std::filesystem::path root; ///< of the cache
    std::vector<HubFile> files; ///< of the model, those Lathe reads
    std::uint64_t bytes = 0;    ///< of all files
    std::uint64_t missing = 0;  ///< bytes that are not in the cache yet
    std::uint64_t free = 0;     ///< bytes free on the cache's disk

    [[nodiscard]] bool fits() const { return missing <= free; }
};

struct HubProgress {
    std::uint64_t done = 0; ///< bytes of all files, those that were there already included
    std::uint64_t total = 0;
    std::string file; ///< the one being fetched
};

/// Asks the Hub for the model's files and the disk for its room. Blocks, in any thread but the GUI's. Errors:
/// what mayDownload() says; no such model, revision or permission; no network; a reply that cannot be right;
/// a model without the files Lathe reads; Cancelled.
[[nodiscard]] Result<HubPlan> planHubDownload(const HubName& model, const HubAccess& access,
                                              const std::stop_token& stop);

/// Fetches what is missing and answers the snapshot's folder. What was fetched stays when it is stopped or
/// fails, and the next call goes on from there. A file whose length or hash is wrong is deleted and reported.
/// Blocks as planHubDownload(); `progress` is called in the same thread, about ten times a second.
[[nodiscard]] Result<std::filesystem::path>
downloadHubModel(const HubPlan& plan, const HubAccess& access,
                 const std::function<void(const HubProgress&)>& progress, const std::stop_token& stop);

/// "1.2 GB", in units of 1024 as QLocale::DataSizeTraditionalFormat has them: the window shows the same.
[[nodiscard]] std::string sizeText(std::uint64_t bytes);

} // namespace lathe
