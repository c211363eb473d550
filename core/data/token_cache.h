#pragma once

#include "core/data/example_file.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace lathe {

/// Where tokenized data is kept, and how much of it.
struct TokenCacheSettings {
    std::filesystem::path folder; ///< empty: nothing is kept
    std::uint64_t maxBytes = std::uint64_t{8} << 30U;
};

/// $XDG_CACHE_HOME/lathe/tokens, by default ~/.cache/lathe/tokens. Everything in it can be made again.
[[nodiscard]] std::filesystem::path tokenCacheFolder();

/// Tokenized data on disk, one file for each key, so that the trials of a study tokenize once. Several
/// processes may use one folder: files appear by renaming, and a removed file stays readable for whoever has
/// it open. What cannot be read or written costs time, never a run.
class TokenCache {
public:
    explicit TokenCache(TokenCacheSettings settings) : m_settings(std::move(settings)) {}

    [[nodiscard]] bool isOn() const { return !m_settings.folder.empty(); }
    /// `key`: a hash in hex. A broken file is removed; one that is found counts as used now.
    [[nodiscard]] std::optional<StoredExamples> find(const std::string& key) const;
    /// Stores what `write` adds, then removes the files that have not been used for longest until all fit
    /// into the bound, and what crashed processes left. `write` returns the facts to keep; its error is
    /// passed on. The result is open even where the bound is too small to keep it.
    [[nodiscard]] Result<StoredExamples>
    store(const std::string& key, const std::function<Result<ExampleFacts>(ExampleFileWriter&)>& write) const;

private:
    [[nodiscard]] std::filesystem::path fileOf(const std::string& key) const;
    void removeOldest() const;

    TokenCacheSettings m_settings;
};

} // namespace lathe
