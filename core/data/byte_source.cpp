#include "core/data/byte_source.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <zlib.h>

namespace lathe {

namespace fs = std::filesystem;

namespace {

std::int64_t changedNs(const struct stat& facts) {
    return facts.st_mtim.tv_sec * 1'000'000'000LL + facts.st_mtim.tv_nsec;
}

class PlainBytes : public ByteSource {
public:
    PlainBytes(const OpenFile& file, std::uint64_t from) : m_file(file), m_at(from) {}

    Result<std::size_t> read(std::span<char> into) override {
        LATHE_ASSIGN(const std::size_t size, m_file.readAt(m_at, into));
        m_at += size;
        return size;
    }
    std::uint64_t taken() const override { return m_at; }

private:
    const OpenFile& m_file;
    std::uint64_t m_at;
};

class GunzippedBytes : public ByteSource {
public:
    GunzippedBytes(const OpenFile& file, std::string name) : m_bytes(file, 0), m_name(std::move(name)) {
        constexpr int kGzipOnly = 16; // added to the window's size in bits
        m_isReady = inflateInit2(&m_stream, MAX_WBITS + kGzipOnly) == Z_OK;
    }
    GunzippedBytes(const GunzippedBytes&) = delete;
    GunzippedBytes& operator=(const GunzippedBytes&) = delete;
    ~GunzippedBytes() override { inflateEnd(&m_stream); }

    Result<std::size_t> read(std::span<char> into) override {
        if (!m_isReady)
            return Error{Error::Kind::Memory, m_name, "cannot be decompressed: not enough memory"};
        m_stream.next_out = reinterpret_cast<Bytef*>(into.data());
        m_stream.avail_out = static_cast<uInt>(into.size());
        while (m_stream.avail_out > 0 && !m_isAtEnd)
            LATHE_TRY(step());
        return into.size() - m_stream.avail_out;
    }
    std::uint64_t taken() const override { return m_bytes.taken() - m_stream.avail_in; }

private:
    Status step() {
        if (m_stream.avail_in == 0) {
            LATHE_ASSIGN(const std::size_t size, m_bytes.read(m_input));
            m_stream.next_in = reinterpret_cast<Bytef*>(m_input.data());
            m_stream.avail_in = static_cast<uInt>(size);
            m_isAtEnd = size == 0;
            if (m_isAtEnd && m_isInside)
                return inputError(m_name, "ends inside the compressed data; the file is cut off");
            if (m_isAtEnd)
                return ok();
        }
        m_isInside = true;
        const int status = inflate(&m_stream, Z_NO_FLUSH);
        if (status == Z_STREAM_END) {
            m_isInside = false;
            inflateReset(&m_stream);
        } else if (status != Z_OK && status != Z_BUF_ERROR) {
            return inputError(m_name,
                              "is not a sound gzip file: " +
                                  std::string(m_stream.msg != nullptr ? m_stream.msg : "broken data"));
        }
        return ok();
    }

    PlainBytes m_bytes;
    std::string m_name;
    std::array<char, 65536> m_input{};
    z_stream m_stream{};
    bool m_isReady = false;
    bool m_isInside = true; // of a member; an empty file is not a gzip file
    bool m_isAtEnd = false;
};

} // namespace

OpenFile::OpenFile(OpenFile&& other) noexcept
    : m_path(std::move(other.m_path)),
      m_descriptor(std::exchange(other.m_descriptor, -1)),
      m_size(other.m_size),
      m_changedNs(other.m_changedNs) {}

OpenFile& OpenFile::operator=(OpenFile&& other) noexcept {
    std::swap(m_path, other.m_path);
    std::swap(m_descriptor, other.m_descriptor);
    std::swap(m_size, other.m_size);
    std::swap(m_changedNs, other.m_changedNs);
    return *this;
}

OpenFile::~OpenFile() {
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

Result<OpenFile> OpenFile::forReading(const fs::path& file) {
    OpenFile opened;
    opened.m_path = file;
    opened.m_descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat facts {};
    if (opened.m_descriptor < 0 || ::fstat(opened.m_descriptor, &facts) != 0)
        return inputError(file.string(), std::string("cannot be read: ") + std::strerror(errno));
    if (!S_ISREG(facts.st_mode))
        return inputError(file.string(), "is a folder or a device, a file is needed");
    opened.m_size = static_cast<std::uint64_t>(facts.st_size);
    opened.m_changedNs = changedNs(facts);
    return opened;
}

Result<std::size_t> OpenFile::readAt(std::uint64_t offset, std::span<char> into) const {
    std::size_t done = 0;
    while (done < into.size()) {
        const ssize_t size =
            ::pread(m_descriptor, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return ioError(m_path.string(), std::string("cannot be read: ") + std::strerror(errno));
        if (size == 0)
            break;
        done += static_cast<std::size_t>(size);
    }
    return done;
}

bool OpenFile::isUnchanged() const {
    struct stat facts {};
    return ::fstat(m_descriptor, &facts) == 0 && static_cast<std::uint64_t>(facts.st_size) == m_size &&
           changedNs(facts) == m_changedNs;
}

std::unique_ptr<ByteSource> plainBytes(const OpenFile& file, std::uint64_t from) {
    return std::make_unique<PlainBytes>(file, from);
}

std::unique_ptr<ByteSource> gunzippedBytes(const OpenFile& file, std::string name) {
    return std::make_unique<GunzippedBytes>(file, std::move(name));
}

} // namespace lathe
