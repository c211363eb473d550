#pragma once

#include "core/base/files.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/tensor.h>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace lathe::test {

/// The container read as its description tells, apart from the reader of the program.
struct Container {
    struct Tensor {
        std::vector<std::uint64_t> sizes; // ggml's order: the fastest first
        std::uint32_t type = 0;
        std::uint64_t offset = 0;
    };
    std::map<std::string, std::string> values; // as text
    std::map<std::string, Tensor> tensors;
    std::string bytes;
    std::size_t data = 0;

    explicit Container(const std::filesystem::path& file) : bytes(readFile(file).value()) {
        need(bytes.substr(0, 4) == "GGUF", "magic");
        m_at = 4;
        need(take<std::uint32_t>() == 3, "version");
        const auto tensorCount = take<std::uint64_t>();
        const auto valueCount = take<std::uint64_t>();
        for (std::uint64_t i = 0; i < valueCount; ++i) {
            const std::string key = text();
            values[key] = value(take<std::uint32_t>());
        }
        for (std::uint64_t i = 0; i < tensorCount; ++i) {
            Tensor& tensor = tensors[text()];
            const auto dimensions = take<std::uint32_t>();
            for (std::uint32_t d = 0; d < dimensions; ++d)
                tensor.sizes.push_back(take<std::uint64_t>());
            tensor.type = take<std::uint32_t>();
            tensor.offset = take<std::uint64_t>();
        }
        data = (m_at + 31) / 32 * 32;
        for (std::size_t at = m_at; at < data; ++at)
            need(bytes[at] == '\0', "padding of the header");
        need(bytes.size() % 32 == 0, "padding of the data");
    }

    /// [slow, fast], as a matrix.
    [[nodiscard]] at::Tensor matrix(const std::string& name) const {
        const Tensor& tensor = tensors.at(name);
        need(tensor.type == 0 && tensor.sizes.size() == 2 && tensor.offset % 32 == 0, name.c_str());
        std::vector<float> numbers(tensor.sizes[0] * tensor.sizes[1]);
        need(data + tensor.offset + numbers.size() * sizeof(float) <= bytes.size(), "inside the file");
        std::memcpy(numbers.data(), bytes.data() + data + tensor.offset, numbers.size() * sizeof(float));
        return at::tensor(numbers).view(
            {static_cast<std::int64_t>(tensor.sizes[1]), static_cast<std::int64_t>(tensor.sizes[0])});
    }

private:
    static void need(bool isSo, const char* what) {
        if (!isSo)
            throw std::runtime_error(std::string("wrong: ") + what);
    }
    template <typename T>
    T take() {
        T number{};
        std::memcpy(&number, bytes.data() + m_at, sizeof number);
        m_at += sizeof number;
        return number;
    }
    std::string text() {
        const auto size = take<std::uint64_t>();
        m_at += size;
        return bytes.substr(m_at - size, size);
    }
    std::string value(std::uint32_t type) {
        if (type == 8)
            return text();
        if (type == 6)
            return std::to_string(take<float>());
        need(type == 4, "a type that is not expected");
        return std::to_string(take<std::uint32_t>());
    }
    std::size_t m_at = 0;
};

} // namespace lathe::test
