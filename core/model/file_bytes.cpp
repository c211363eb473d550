#include "core/model/file_bytes.h"

#include "core/model/quoted.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <c10/core/ScalarType.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lathe {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little, "weights are mapped as they lie in the file");

namespace {

constexpr std::string_view kLfsPointer = "version https://git-lfs";

Error openError(const fs::path& path, const std::string& kind, int problem) {
    std::error_code ignored;
    if (problem == ENOENT && fs::is_symlink(path, ignored))
        return inputError(path.string(), "is a link to " + fs::read_symlink(path, ignored).string() +
                                             ", which is not there; download the model again");
    if (problem == ENOENT || problem == ENOTDIR)
        return inputError(path.string(), "there is no such file; name " + kind);
    return ioError(path.string(), std::string("cannot be opened: ") + std::strerror(problem));
}

/// The file's size. Input error unless it is a regular file with content.
Result<std::size_t> sizeOf(int file, const fs::path& path, const std::string& kind, std::size_t least) {
    struct stat status {};
    if (::fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
        return inputError(path.string(), "is not a regular file; name " + kind);
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size < std::max<std::size_t>(least, 1))
        return inputError(path.string(), "has " + std::to_string(size) + " bytes, " + kind +
                                             " has at least " + std::to_string(least) + "; get it again");
    return size;
}

bool isLfsPointer(std::span<const std::byte> bytes) {
    return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())
        .starts_with(kLfsPointer);
}

/// Elements from the first to the last in memory, both included; 0 if there are none.
std::int64_t reach(const TensorPlace& place) {
    std::int64_t last = 0;
    std::int64_t stride = 1;
    for (std::size_t i = place.shape.size(); i-- > 0;) {
        if (place.shape[i] == 0)
            return 0;
        last += (place.shape[i] - 1) * (place.strides.empty() ? stride : place.strides[i]);
        stride *= place.shape[i];
    }
    return last + 1;
}

} // namespace

FileBytes::~FileBytes() {
    if (m_owned)
        return;
    if (!m_bytes.empty())
        ::munmap(const_cast<std::byte*>(m_bytes.data()), m_bytes.size());
    if (m_file >= 0)
        ::close(m_file);
}

Result<FileBytes::Shared> FileBytes::map(const fs::path& path, const std::string& kind, std::size_t least) {
    const std::shared_ptr<FileBytes> bytes(new FileBytes);
    bytes->m_name = path.string();
    bytes->m_file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (bytes->m_file < 0)
        return openError(path, kind, errno);
    LATHE_ASSIGN(const std::size_t size, sizeOf(bytes->m_file, path, kind, least));
    // NORESERVE: a private writable mapping is else charged as if all of it were to be copied, and a model
    // larger than the memory could not be opened.
    void* mapped =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, bytes->m_file, 0);
    if (mapped == MAP_FAILED)
        return ioError(path.string(), std::string("cannot be mapped: ") + std::strerror(errno));
    bytes->m_bytes = std::span(static_cast<const std::byte*>(mapped), size);
    if (isLfsPointer(bytes->m_bytes))
        return inputError(path.string(),
                          "is a placeholder of Git LFS, not the weights; run \"git lfs pull\"");
    return Shared(bytes);
}

FileBytes::Shared FileBytes::of(std::span<const std::byte> content, std::string name) {
    const std::shared_ptr<FileBytes> bytes(new FileBytes);
    bytes->m_owned = std::make_unique<std::byte[]>(content.size());
    std::ranges::copy(content, bytes->m_owned.get());
    bytes->m_bytes = std::span<const std::byte>(bytes->m_owned.get(), content.size());
    bytes->m_name = std::move(name);
    return bytes;
}

Status FileBytes::checkStillWhole() const {
    if (m_owned)
        return ok();
    struct stat status {};
    if (::fstat(m_file, &status) != 0)
        return ioError(m_name, std::string("cannot be read any more: ") + std::strerror(errno));
    if (static_cast<std::size_t>(status.st_size) < m_bytes.size())
        return inputError(m_name, "had " + std::to_string(m_bytes.size()) +
                                      " bytes when it was opened and has " + std::to_string(status.st_size) +
                                      " now; get it again");
    return ok();
}

Result<at::Tensor> tensorAt(const FileBytes::Shared& bytes, const TensorPlace& place,
                            const std::string& name) {
    LATHE_TRY(bytes->checkStillWhole());
    const std::size_t elementSize = c10::elementSize(place.dtype);
    const std::size_t size = static_cast<std::size_t>(reach(place)) * elementSize;
    LATHE_EXPECT(place.offset <= bytes->all().size() && size <= bytes->all().size() - place.offset);
    const auto part = bytes->all().subspan(place.offset, size);
    if (place.dtype == at::ScalarType::Bool &&
        std::ranges::any_of(part, [](std::byte b) { return b > std::byte{1}; }))
        return inputError(bytes->name(), "stores other values than 0 and 1 in the boolean tensor " +
                                             inQuotes(name) + "; the file is damaged, get it again");
    const auto options = at::TensorOptions().dtype(place.dtype);
    if (part.empty())
        return at::empty(place.shape, options);
    if (reinterpret_cast<std::uintptr_t>(part.data()) % elementSize != 0) {
        at::Tensor copy = at::empty({reach(place)}, options);
        std::memcpy(copy.mutable_data_ptr(), part.data(), part.size());
        return place.strides.empty() ? copy.view(place.shape) : copy.as_strided(place.shape, place.strides);
    }
    void* data = const_cast<std::byte*>(part.data());
    const auto release = [keep = bytes](void*) {};
    return place.strides.empty() ? at::from_blob(data, place.shape, release, options)
                                 : at::from_blob(data, place.shape, place.strides, release, options);
}

std::optional<std::uint64_t> tensorBytes(std::span<const std::int64_t> shape, at::ScalarType dtype) {
    auto size = static_cast<std::int64_t>(c10::elementSize(dtype));
    bool isEmpty = false;
    for (const std::int64_t each : shape) {
        isEmpty = isEmpty || each == 0;
        if (__builtin_mul_overflow(size, std::max<std::int64_t>(each, 1), &size))
            return std::nullopt;
    }
    return isEmpty ? 0 : static_cast<std::uint64_t>(size);
}

} // namespace lathe
