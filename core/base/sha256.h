#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace lathe {

/// SHA-256 (FIPS 180-4) of content that comes in pieces. Uses the processor's own instructions where it has
/// them.
class Sha256 {
public:
    void add(std::string_view piece);
    /// The hex digest of all pieces. The object is used up.
    [[nodiscard]] std::string hexDigest();

private:
    std::array<std::uint32_t, 8> m_state{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<unsigned char, 64> m_rest{}; // what does not fill a block yet
    std::uint64_t m_size = 0;
};

/// Hex digest of SHA-256: names data and models by their content.
[[nodiscard]] std::string sha256(std::string_view content);

} // namespace lathe
