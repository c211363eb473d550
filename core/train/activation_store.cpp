#include "core/train/activation_store.h"

#include "core/base/contract.h"
#include "core/base/files.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lathe {

namespace fs = std::filesystem;

namespace {

constexpr const char* kEnding = ".activations";
constexpr std::string_view kMagic = "LATHEAC1";
constexpr std::size_t kKeyBytes = 64;
constexpr std::size_t kHead = kMagic.size() + kKeyBytes + 2 * sizeof(std::uint64_t);
constexpr std::size_t kEntry = 4 * sizeof(std::uint64_t); // both hashes, bytes, checksum
constexpr std::size_t kAlignment = 64;
/// What other programs still find on the disk.
constexpr std::uint64_t kSparedBytes = std::uint64_t{1} << 30U;

std::uint64_t mixed(std::uint64_t lane, std::uint64_t word) {
    return std::rotl((lane ^ word) * 0x9e3779b97f4a7c15, 29);
}

std::uint64_t aligned(std::uint64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

std::uint64_t hashOf(std::span<const std::byte> bytes) {
    FastHash hash;
    hash.add(bytes);
    return std::max<std::uint64_t>(1, hash.short64()); // 0 stands for a row that is not there
}

void append(std::string& text, std::uint64_t value) {
    text.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

struct UsedFile {
    fs::path path;
    fs::file_time_type used;
    std::uint64_t bytes = 0;
};

} // namespace

void FastHash::add(std::span<const std::byte> bytes) {
    constexpr std::size_t kBlock = 4 * sizeof(std::uint64_t);
    std::array<std::uint64_t, 4> words{};
    std::size_t at = 0;
    for (; at + kBlock <= bytes.size(); at += kBlock) {
        std::memcpy(words.data(), bytes.data() + at, kBlock);
        for (std::size_t i = 0; i < 4; ++i)
            m_lanes[i] = mixed(m_lanes[i], words[i]);
    }
    words = {};
    if (at < bytes.size())
        std::memcpy(words.data(), bytes.data() + at, bytes.size() - at);
    for (std::size_t i = 0; i < 4; ++i) // the length too: zeros at the end count
        m_lanes[i] = mixed(mixed(m_lanes[i], words[i]), bytes.size() + i);
}

std::uint64_t FastHash::short64() const {
    std::uint64_t all = 0;
    for (const std::uint64_t lane : m_lanes)
        all = mixed(all, lane);
    return all;
}

std::uint64_t ActivationPlan::bytes() const {
    std::uint64_t sum = 0;
    for (const auto& [row, count] : tokens)
        sum += aligned(count * bytesPerToken);
    return sum;
}

ActivationStore::ActivationStore(ActivationPlan plan)
    : m_plan(std::move(plan)), m_states(m_plan.tokens.size()) {
    Place place;
    for (const auto& [row, count] : m_plan.tokens) {
        place.bytes = count * m_plan.bytesPerToken;
        m_places.emplace_hint(m_places.end(), row, place);
        place.offset += aligned(place.bytes);
        ++place.number;
    }
}

ActivationStore::~ActivationStore() {
    if (m_mapped != nullptr)
        ::munmap(m_mapped, m_mappedBytes);
}

std::shared_ptr<ActivationStore> ActivationStore::inMemory(ActivationPlan plan) {
    std::shared_ptr<ActivationStore> store(new ActivationStore(std::move(plan)));
    store->m_owned.reset(new std::byte[store->m_plan.bytes()]); // pages come when they are written
    store->m_data = store->m_owned.get();
    for (auto& state : store->m_states)
        state = State::Absent;
    return store;
}

/// The start of the file, whose rows are not there yet.
std::string ActivationStore::header() const {
    std::string text(kMagic);
    text += m_plan.key;
    text.resize(kMagic.size() + kKeyBytes);
    append(text, m_plan.bytesPerToken);
    append(text, m_places.size());
    for (const auto& [row, place] : m_places) {
        append(text, row.first);
        append(text, row.second);
        append(text, place.bytes);
        append(text, 0);
    }
    text.resize(aligned(text.size()));
    return text;
}

Status ActivationStore::create(const fs::path& file) const {
    const std::string start = header();
    fs::path part = file;
    part += ".part" + std::to_string(::getpid());
    LATHE_TRY(writeFileAtomically(part, start));
    const int descriptor = ::open(part.c_str(), O_RDWR | O_CLOEXEC);
    // Reserved at once: to write into a hole of a mapped file on a full disk would end the program.
    const int problem =
        descriptor < 0 ? errno
                       : ::posix_fallocate(descriptor, 0, static_cast<off_t>(start.size() + m_plan.bytes()));
    if (descriptor >= 0)
        ::close(descriptor);
    std::error_code failed;
    if (problem == 0)
        fs::rename(part, file, failed);
    if (problem == 0 && !failed)
        return ok();
    fs::remove(part, failed);
    return ioError(file.string(), std::string("cannot be made: ") + std::strerror(problem));
}

Status ActivationStore::map(const fs::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
    struct stat facts {};
    if (descriptor < 0 || ::fstat(descriptor, &facts) != 0) {
        const int problem = errno;
        if (descriptor >= 0)
            ::close(descriptor);
        return ioError(file.string(), std::string("cannot be opened: ") + std::strerror(problem));
    }
    m_mappedBytes = static_cast<std::size_t>(facts.st_size);
    void* mapped = m_mappedBytes == 0
                       ? MAP_FAILED
                       : ::mmap(nullptr, m_mappedBytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    const int problem = errno;
    ::futimens(descriptor, nullptr); // used now
    ::close(descriptor);
    if (mapped == MAP_FAILED)
        return ioError(file.string(), std::string("cannot be mapped: ") + std::strerror(problem));
    m_mapped = static_cast<std::byte*>(mapped);
    m_data = m_mapped + header().size();
    return ok();
}

/// Whether the mapped file is of this plan. What its rows hold is looked at when they are asked for.
bool ActivationStore::isSound() const {
    const std::string wanted = header();
    if (m_mappedBytes != wanted.size() + m_plan.bytes() || std::memcmp(m_mapped, wanted.data(), kHead) != 0)
        return false;
    constexpr std::size_t kFixed = kEntry - sizeof(std::uint64_t); // but the checksum
    for (std::size_t i = 0; i < m_places.size(); ++i)
        if (std::memcmp(m_mapped + kHead + i * kEntry, wanted.data() + kHead + i * kEntry, kFixed) != 0)
            return false;
    return true;
}

Result<std::shared_ptr<ActivationStore>> ActivationStore::inFile(ActivationPlan plan, const fs::path& file) {
    std::shared_ptr<ActivationStore> store(new ActivationStore(std::move(plan)));
    std::error_code problem;
    if (fs::exists(file, problem)) {
        if (store->map(file).has_value() && store->isSound())
            return store;
        if (store->m_mapped != nullptr)
            ::munmap(std::exchange(store->m_mapped, nullptr), store->m_mappedBytes);
        store->m_wasDamaged = true;
        fs::remove(file, problem);
    }
    LATHE_TRY(store->create(file));
    LATHE_TRY(store->map(file));
    return store;
}

std::uint64_t* ActivationStore::checksum(const Place& place) const {
    return reinterpret_cast<std::uint64_t*>(m_mapped + kHead + (place.number + 1) * kEntry -
                                            sizeof(std::uint64_t));
}

/// What a crash or a disk has made of a row shows here, once.
void ActivationStore::look(const Place& place) {
    const std::lock_guard lock(m_looking);
    std::atomic<State>& state = m_states[place.number];
    if (state != State::Unknown)
        return;
    const std::uint64_t expected = *checksum(place);
    const bool isThere = expected != 0;
    const bool isWhole = isThere && hashOf({m_data + place.offset, place.bytes}) == expected;
    m_damagedRows += isThere && !isWhole ? 1 : 0;
    state = isWhole ? State::Ready : State::Absent;
}

std::span<const std::byte> ActivationStore::find(const RowHash& row) {
    const auto found = m_places.find(row);
    if (found == m_places.end())
        return {};
    const Place& place = found->second;
    if (m_states[place.number] == State::Unknown)
        look(place);
    if (m_states[place.number] != State::Ready)
        return {};
    return {m_data + place.offset, place.bytes};
}

void ActivationStore::put(const RowHash& row, std::span<const std::byte> content) {
    const auto found = m_places.find(row);
    if (found == m_places.end())
        return;
    const Place& place = found->second;
    LATHE_EXPECT(content.size() == place.bytes);
    State expected = State::Absent;
    if (!m_states[place.number].compare_exchange_strong(expected, State::Filling))
        return;
    std::ranges::copy(content, m_data + place.offset);
    if (m_mapped != nullptr)
        *checksum(place) = hashOf(content);
    m_states[place.number] = State::Ready;
}

fs::path ActivationFolder::fileOf(const std::string& key) const { return path / (key + kEnding); }

bool ActivationFolder::makeRoom(std::uint64_t bytes) const {
    std::error_code problem;
    if (path.empty() || bytes > maxBytes || !ensureWritableFolder(path).has_value())
        return false;
    std::vector<UsedFile> files;
    std::uint64_t taken = 0;
    for (fs::directory_iterator it(path, problem), end; !problem && it != end; it.increment(problem))
        if (std::error_code gone; it->path().extension() == kEnding && it->is_regular_file(gone)) {
            files.push_back({it->path(), it->last_write_time(gone), it->file_size(gone)});
            taken += files.back().bytes;
        }
    const std::uint64_t surplus = taken + bytes > maxBytes ? taken + bytes - maxBytes : 0;
    const fs::space_info disk = fs::space(path, problem);
    if (problem || disk.available + surplus < bytes + kSparedBytes)
        return false;
    std::ranges::sort(files, {}, &UsedFile::used);
    std::uint64_t removed = 0;
    for (const UsedFile& file : files) {
        if (removed >= surplus)
            break;
        fs::remove(file.path, problem);
        removed += file.bytes;
    }
    return true;
}

} // namespace lathe
