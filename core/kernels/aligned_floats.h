#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace lathe {

/// Numbers that begin at a multiple of 64 bytes, so that no vector of them lies across two cache lines.
class AlignedFloats {
public:
    AlignedFloats() = default;
    explicit AlignedFloats(std::size_t count) { resize(count); }

    /// Keeps what is there and fills with zeros.
    void resize(std::size_t count) { m_lines.resize((count + kPerLine - 1) / kPerLine); }
    /// At least so many; where it has to move, twice as many as before, so that it seldom does.
    void ensure(std::size_t count) {
        if (size() < count)
            resize(std::max(count, 2 * size()));
    }
    [[nodiscard]] std::size_t size() const { return m_lines.size() * kPerLine; }
    [[nodiscard]] float* data() { return reinterpret_cast<float*>(m_lines.data()); }
    [[nodiscard]] const float* data() const { return reinterpret_cast<const float*>(m_lines.data()); }

private:
    static constexpr std::size_t kPerLine = 16;
    struct alignas(64) Line {
        float numbers[kPerLine];
    };
    std::vector<Line> m_lines;
};

} // namespace lathe
