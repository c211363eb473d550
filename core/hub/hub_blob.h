#pragma once

#include "core/hub/hub_download.h"

#include <QByteArrayView>
#include <QCryptographicHash>

#include <memory>

/// The disk's side of a download: blob, link, ref, and the lock that keeps other programs off meanwhile.
namespace lathe {

/// Where a commit of a model lies in the cache.
struct HubPlace {
    std::filesystem::path root;
    std::string model;
    std::string commit;
    bool hasLinks = true; ///< false: files lie in the snapshot itself, as HF_HUB_DISABLE_SYMLINKS asks for

    [[nodiscard]] std::filesystem::path folder() const { return root / hubFolderName(model); }
    [[nodiscard]] std::filesystem::path snapshot() const { return folder() / "snapshots" / commit; }
    [[nodiscard]] std::filesystem::path blob(const HubFile& file) const {
        return folder() / "blobs" / file.hash;
    }
    [[nodiscard]] std::filesystem::path partial(const HubFile& file) const {
        return folder() / "blobs" / (file.hash + ".incomplete");
    }
};

/// Bytes of the file that need not be fetched: all of them, or what an interrupted download left.
[[nodiscard]] std::uint64_t presentBytes(const HubPlace& place, const HubFile& file);

/// Makes the cache's folders and its CACHEDIR.TAG. Io error if that cannot be done.
[[nodiscard]] Status prepareHubPlace(const HubPlace& place);

/// Makes a file that lies in the cache complete appear in the snapshot. Answers whether it did.
[[nodiscard]] Result<bool> linkPresentFile(const HubPlace& place, const HubFile& file);

/// refs/<revision> = the commit, written last: a name that leads to a complete snapshot.
[[nodiscard]] Status writeHubRef(const HubPlace& place, const std::string& revision);

/// A file on its way into the cache. Holds the file's lock while it lives.
class HubBlob {
public:
    /// Goes on with what an interrupted download left. Io error if another program is fetching it, or the
    /// disk refuses.
    [[nodiscard]] static Result<HubBlob> open(const HubPlace& place, const HubFile& file,
                                              const std::stop_token& stop);
    HubBlob(HubBlob&& other) noexcept;
    HubBlob& operator=(HubBlob&&) = delete;
    ~HubBlob();

    [[nodiscard]] std::uint64_t size() const { return m_size; }
    /// Io error if the disk is full or gone; Input error, and the partial file is gone, if there is more than
    /// the file has.
    [[nodiscard]] Status append(QByteArrayView part);
    [[nodiscard]] Status restart();
    /// Checks length and hash, syncs, renames and links. Input error, and the partial file is gone, if the
    /// content is not what the Hub announced.
    [[nodiscard]] Status finish();

private:
    HubBlob(HubPlace place, HubFile file, int lock);
    [[nodiscard]] Status readWhatIsThere(const std::stop_token& stop);
    void startHash();
    [[nodiscard]] Error discarded(const std::string& why);

    HubPlace m_place;
    HubFile m_file;
    std::unique_ptr<QCryptographicHash> m_hash;
    std::uint64_t m_size = 0;
    int m_lock = -1;
    int m_descriptor = -1;
};

} // namespace lathe
