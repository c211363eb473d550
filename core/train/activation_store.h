#pragma once

#include "core/base/result.h"

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace lathe {

/// A fast hash in four lanes of 64 bits, for content that nobody forges.
class FastHash {
public:
    void add(std::span<const std::byte> bytes);
    [[nodiscard]] std::array<std::uint64_t, 4> lanes() const { return m_lanes; }
    [[nodiscard]] std::uint64_t short64() const;

private:
    std::array<std::uint64_t, 4> m_lanes{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0,
                                         0x082efa98ec4e6c89}; // digits of pi
};

/// What a text is found by: a hash of its tokens.
struct RowHash {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    friend auto operator<=>(const RowHash&, const RowHash&) = default;
};

/// What a store has room for.
struct ActivationPlan {
    std::string key; ///< hex: a hash of all that decides what the rows come to
    std::size_t bytesPerToken = 0;
    std::map<RowHash, std::uint64_t> tokens; ///< of each row

    [[nodiscard]] std::uint64_t bytes() const;
};

/// Numbers of known length for each row, put once and read often: in memory, or in a mapped file that other
/// runs and processes share and that outlives them. All members may be called from several threads; whoever
/// puts a row that is there already changes nothing.
class ActivationStore {
public:
    [[nodiscard]] static std::shared_ptr<ActivationStore> inMemory(ActivationPlan plan);
    /// Opens the file of this plan, or makes it, its room reserved on the disk. A file that is cut or of
    /// another plan is made anew, and `wasDamaged` says so. Io error where it cannot be written.
    [[nodiscard]] static Result<std::shared_ptr<ActivationStore>> inFile(ActivationPlan plan,
                                                                         const std::filesystem::path& file);

    ActivationStore(const ActivationStore&) = delete;
    ActivationStore& operator=(const ActivationStore&) = delete;
    ~ActivationStore();

    /// Empty: it was not put, is not planned, or is damaged in the file. Valid as long as the store.
    [[nodiscard]] std::span<const std::byte> find(const RowHash& row);
    /// Contract: as many bytes as planned. A row that is not planned is left out.
    void put(const RowHash& row, std::span<const std::byte> content);

    [[nodiscard]] const ActivationPlan& plan() const { return m_plan; }
    [[nodiscard]] bool isInFile() const { return m_mapped != nullptr; }
    [[nodiscard]] bool wasDamaged() const { return m_wasDamaged; }
    /// Rows of the file that were found damaged, to be made again.
    [[nodiscard]] std::size_t damagedRows() const { return m_damagedRows; }

private:
    /// Unknown: in a file, not looked at yet.
    enum class State : std::uint8_t { Unknown, Absent, Filling, Ready };
    struct Place {
        std::uint64_t offset = 0;
        std::uint64_t bytes = 0;
        std::size_t number = 0;
    };

    explicit ActivationStore(ActivationPlan plan);
    [[nodiscard]] Status map(const std::filesystem::path& file);
    [[nodiscard]] bool isSound() const;
    [[nodiscard]] std::string header() const;
    [[nodiscard]] Status create(const std::filesystem::path& file) const;
    [[nodiscard]] std::uint64_t* checksum(const Place& place) const;
    void look(const Place& place);

    ActivationPlan m_plan;
    std::map<RowHash, Place> m_places;
    std::vector<std::atomic<State>> m_states; // by number
    std::mutex m_looking;                     // one thread at a time reads a row of a file for the first time
    std::unique_ptr<std::byte[]> m_owned;
    std::byte* m_data = nullptr; // of the rows
    std::byte* m_mapped = nullptr;
    std::size_t m_mappedBytes = 0;
    bool m_wasDamaged = false;
    std::atomic<std::size_t> m_damagedRows = 0;
};

/// Where such files are, and how much they may take together.
struct ActivationFolder {
    std::filesystem::path path; ///< empty: nowhere
    std::uint64_t maxBytes = 0;

    [[nodiscard]] std::filesystem::path fileOf(const std::string& key) const;
    /// Removes the files that have not been used for longest until `bytes` more fit. False where they cannot,
    /// or where the disk would be nearly full; nothing is removed then.
    [[nodiscard]] bool makeRoom(std::uint64_t bytes) const;
};

} // namespace lathe
