#include "core/base/files.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <unistd.h>
#include <utility>

namespace lathe {

namespace fs = std::filesystem;

namespace {

std::string systemReason() { return std::strerror(errno); }

constexpr std::array<std::uint32_t, 64> kRoundConstants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

void absorb(std::array<std::uint32_t, 8>& state, const unsigned char* block) {
    std::array<std::uint32_t, 64> w{};
    for (std::size_t i = 0; i < 16; ++i)
        w[i] = static_cast<std::uint32_t>(block[4 * i]) << 24U |
               static_cast<std::uint32_t>(block[4 * i + 1]) << 16U |
               static_cast<std::uint32_t>(block[4 * i + 2]) << 8U |
               static_cast<std::uint32_t>(block[4 * i + 3]);
    for (std::size_t i = 16; i < 64; ++i) {
        const std::uint32_t s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3U);
        const std::uint32_t s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10U);
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t i = 0; i < 64; ++i) {
        const std::uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
        const std::uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + kRoundConstants[i] + w[i];
        const std::uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
        const std::uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
    }
    const std::array<std::uint32_t, 8> mixed{a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < 8; ++i)
        state[i] += mixed[i];
}

Status writeAll(int file, std::string_view content, const fs::path& path) {
    while (!content.empty()) {
        const ssize_t written = ::write(file, content.data(), content.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return ioError(path.string(), "cannot be written: " + systemReason());
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return ok();
}

Status writeParts(int file, const NextPart& nextPart, const fs::path& path) {
    while (true) {
        LATHE_ASSIGN(const auto part, nextPart());
        if (!part)
            return ok();
        LATHE_TRY(writeAll(file, *part, path));
    }
}

} // namespace

Result<std::string> readFile(const fs::path& path) {
    std::error_code problem;
    if (fs::is_directory(path, problem))
        return ioError(path.string(), "is a folder, a file is needed");
    std::ifstream stream(path, std::ios::binary);
    if (!stream)
        return ioError(path.string(), "cannot be read: " + systemReason());
    std::ostringstream content;
    content << stream.rdbuf();
    if (stream.bad())
        return ioError(path.string(), "cannot be read: " + systemReason());
    return std::move(content).str();
}

Status writeFileAtomically(const fs::path& path, std::string_view content) {
    bool isDone = false;
    return writeFileAtomically(path, [&]() -> Result<std::optional<std::string_view>> {
        return std::exchange(isDone, true) ? std::nullopt : std::optional(content);
    });
}

Status writeFileAtomically(const fs::path& path, const NextPart& nextPart) {
    fs::path temporary = path;
    temporary += ".part" + std::to_string(::getpid());
    const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0)
        return ioError(path.string(), "cannot be written: " + systemReason());
    Status status = writeParts(file, nextPart, path);
    if (status.has_value() && ::fsync(file) != 0)
        status = ioError(path.string(), "cannot be written to disk: " + systemReason());
    ::close(file);
    if (status.has_value() && ::rename(temporary.c_str(), path.c_str()) != 0)
        status = ioError(path.string(), "cannot be replaced: " + systemReason());
    if (!status.has_value())
        ::unlink(temporary.c_str());
    return status;
}

Status ensureWritableFolder(const fs::path& folder) {
    std::error_code problem;
    fs::create_directories(folder, problem);
    if (problem)
        return ioError(folder.string(),
                       "cannot be created: " + problem.message() + "; choose another folder");
    const fs::path probe = folder / (".lathe-probe-" + std::to_string(::getpid()));
    const int file = ::open(probe.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (file < 0)
        return ioError(folder.string(), "cannot be written: " + systemReason() + "; choose another folder");
    ::close(file);
    ::unlink(probe.c_str());
    return ok();
}

std::string sha256(std::string_view content) {
    std::array<std::uint32_t, 8> state{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    const auto* bytes = reinterpret_cast<const unsigned char*>(content.data());
    const std::size_t whole = content.size() / 64;
    for (std::size_t i = 0; i < whole; ++i)
        absorb(state, bytes + 64 * i);
    std::array<unsigned char, 128> tail{};
    const std::size_t rest = content.size() - 64 * whole;
    std::copy_n(bytes + 64 * whole, rest, tail.begin());
    tail[rest] = 0x80;
    const std::size_t tailSize = rest < 56 ? 64 : 128;
    const std::uint64_t bits = 8 * static_cast<std::uint64_t>(content.size());
    for (std::size_t i = 0; i < 8; ++i)
        tail[tailSize - 1 - i] = static_cast<unsigned char>(bits >> (8 * i));
    for (std::size_t offset = 0; offset < tailSize; offset += 64)
        absorb(state, tail.data() + offset);
    std::array<char, 65> hex{};
    for (std::size_t i = 0; i < 8; ++i)
        std::snprintf(hex.data() + 8 * i, 9, "%08x", state[i]);
    return hex.data();
}

} // namespace lathe
