#include "core/hub/hub_blob.h"

#include "core/base/files.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace lathe {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kReadSize = 1 << 20;
constexpr mode_t kFileMode = 0644;

Error diskError(const fs::path& path) {
    return ioError(path.string(), std::string("cannot be written (") + std::strerror(errno) +
                                      "); make room on the disk or check its permissions");
}

Status makeFolder(const fs::path& folder) {
    std::error_code problem;
    fs::create_directories(folder, problem);
    if (problem)
        return ioError(folder.string(), "cannot be made (" + problem.message() +
                                            "); check the permissions of the Hub cache or set HF_HUB_CACHE");
    return ok();
}

bool hasSize(const fs::path& path, std::uint64_t size) {
    std::error_code problem;
    return fs::is_regular_file(path, problem) && fs::file_size(path, problem) == size && !problem;
}

/// The way from a file of the snapshot to its blob: one step up for each folder it lies in.
fs::path linkTarget(const HubFile& file) {
    fs::path target = "../..";
    for (const char c : file.path)
        if (c == '/')
            target /= "..";
    return target / "blobs" / file.hash;
}

/// Puts the link, or where the disk has none the file itself, in place at once.
Status showInSnapshot(const HubPlace& place, const HubFile& file) {
    const fs::path pointer = place.snapshot() / file.path;
    LATHE_TRY(makeFolder(pointer.parent_path()));
    std::error_code problem;
    if (place.hasLinks) {
        const fs::path fresh = pointer.string() + ".link";
        fs::remove(fresh, problem);
        fs::create_symlink(linkTarget(file), fresh, problem);
        if (!problem)
            fs::rename(fresh, pointer, problem);
        if (!problem)
            return ok();
    }
    fs::rename(place.blob(file), pointer, problem);
    if (problem)
        return ioError(pointer.string(), "cannot be put into the Hub cache (" + problem.message() + ")");
    return ok();
}

Result<int> takeLock(const HubPlace& place, const HubFile& file) {
    const fs::path folder = place.root / ".locks" / hubFolderName(place.model);
    LATHE_TRY(makeFolder(folder));
    const fs::path path = folder / (file.hash + ".lock");
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
    if (descriptor < 0)
        return diskError(path);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        ::close(descriptor);
        return ioError(file.path, "is being downloaded by another program; wait until that has ended");
    }
    return descriptor;
}

} // namespace

std::uint64_t presentBytes(const HubPlace& place, const HubFile& file) {
    if (hasSize(place.snapshot() / file.path, file.size) || hasSize(place.blob(file), file.size))
        return file.size;
    std::error_code problem;
    const std::uint64_t begun = fs::file_size(place.partial(file), problem);
    return problem || begun > file.size ? 0 : begun;
}

Status prepareHubPlace(const HubPlace& place) {
    LATHE_TRY(makeFolder(place.folder() / "blobs"));
    LATHE_TRY(makeFolder(place.snapshot()));
    const fs::path tag = place.root / "CACHEDIR.TAG";
    std::error_code problem;
    if (fs::exists(tag, problem))
        return ok();
    return writeFileAtomically(tag, "Signature: 8a477f597d28d172789f06886806bc55\n"
                                    "# This folder is a cache of the Hugging Face hub; backup programs leave "
                                    "it out.\n# See https://bford.info/cachedir/\n");
}

Result<bool> linkPresentFile(const HubPlace& place, const HubFile& file) {
    if (hasSize(place.snapshot() / file.path, file.size))
        return true;
    if (!hasSize(place.blob(file), file.size))
        return false;
    LATHE_TRY(showInSnapshot(place, file));
    return true;
}

Status writeHubRef(const HubPlace& place, const std::string& revision) {
    if (isHubCommit(revision))
        return ok();
    const fs::path path = place.folder() / "refs" / revision;
    LATHE_TRY(makeFolder(path.parent_path()));
    return writeFileAtomically(path, place.commit);
}

HubBlob::HubBlob(HubPlace place, HubFile file, int lock)
    : m_place(std::move(place)), m_file(std::move(file)), m_lock(lock) {}

HubBlob::HubBlob(HubBlob&& other) noexcept
    : m_place(std::move(other.m_place)),
      m_file(std::move(other.m_file)),
      m_hash(std::move(other.m_hash)),
      m_size(other.m_size),
      m_lock(std::exchange(other.m_lock, -1)),
      m_descriptor(std::exchange(other.m_descriptor, -1)) {}

HubBlob::~HubBlob() {
    if (m_descriptor >= 0)
        ::close(m_descriptor);
    if (m_lock >= 0)
        ::close(m_lock); // the lock file stays, as huggingface_hub leaves it: removing it would race
}

Result<HubBlob> HubBlob::open(const HubPlace& place, const HubFile& file, const std::stop_token& stop) {
    LATHE_ASSIGN(const int lock, takeLock(place, file));
    HubBlob blob(place, file, lock);
    blob.m_descriptor = ::open(place.partial(file).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
    if (blob.m_descriptor < 0)
        return diskError(place.partial(file));
    LATHE_TRY(blob.readWhatIsThere(stop));
    return blob;
}

/// Git names a small file by SHA-1 of "blob <length>\0<content>", a large one is named by its SHA-256.
void HubBlob::startHash() {
    const bool isGit = m_file.hash.size() == 40;
    m_hash =
        std::make_unique<QCryptographicHash>(isGit ? QCryptographicHash::Sha1 : QCryptographicHash::Sha256);
    if (isGit)
        m_hash->addData(QByteArray("blob ") + QByteArray::number(qulonglong{m_file.size}) + '\0');
    m_size = 0;
}

Status HubBlob::readWhatIsThere(const std::stop_token& stop) {
    startHash();
    std::string buffer(kReadSize, '\0');
    while (!stop.stop_requested()) {
        const ssize_t got = ::read(m_descriptor, buffer.data(), buffer.size());
        if (got < 0)
            return diskError(m_place.partial(m_file));
        if (got == 0)
            return m_size > m_file.size ? restart() : ok();
        m_hash->addData(QByteArrayView(buffer.data(), got));
        m_size += static_cast<std::uint64_t>(got);
    }
    return Error{Error::Kind::Cancelled, {}, "Stopped"};
}

Status HubBlob::append(QByteArrayView part) {
    if (m_size + static_cast<std::uint64_t>(part.size()) > m_file.size)
        return discarded("the Hub sends more than the " + std::to_string(m_file.size) +
                         " bytes it announced");
    m_hash->addData(part);
    while (!part.isEmpty()) {
        const ssize_t written = ::write(m_descriptor, part.data(), static_cast<std::size_t>(part.size()));
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return diskError(m_place.partial(m_file));
        m_size += static_cast<std::uint64_t>(written);
        part = part.sliced(written);
    }
    return ok();
}

Status HubBlob::restart() {
    if (::ftruncate(m_descriptor, 0) != 0 || ::lseek(m_descriptor, 0, SEEK_SET) != 0)
        return diskError(m_place.partial(m_file));
    startHash();
    return ok();
}

Error HubBlob::discarded(const std::string& why) {
    std::error_code problem;
    fs::remove(m_place.partial(m_file), problem);
    return inputError(m_file.path, why + "; what was downloaded of it is deleted: start again");
}

Status HubBlob::finish() {
    if (m_size != m_file.size)
        return discarded("has " + std::to_string(m_size) + " bytes instead of " +
                         std::to_string(m_file.size));
    if (const QByteArray hash = m_hash->result().toHex(); hash.toStdString() != m_file.hash)
        return discarded("has the hash " + hash.left(12).toStdString() + "… instead of " +
                         m_file.hash.substr(0, 12) + "…");
    if (::fsync(m_descriptor) != 0)
        return diskError(m_place.partial(m_file));
    std::error_code problem;
    fs::rename(m_place.partial(m_file), m_place.blob(m_file), problem);
    if (problem)
        return ioError(m_place.blob(m_file).string(), "cannot be written (" + problem.message() + ")");
    return showInSnapshot(m_place, m_file);
}

} // namespace lathe
