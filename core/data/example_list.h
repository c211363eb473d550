#pragma once

#include "core/data/examples.h"

#include <memory>
#include <vector>

namespace lathe {

/// Where examples are kept: in memory, or in a mapped file. Reading is allowed from several threads at once.
class ExampleSource {
public:
    ExampleSource() = default;
    ExampleSource(const ExampleSource&) = delete;
    ExampleSource& operator=(const ExampleSource&) = delete;
    virtual ~ExampleSource() = default;

    [[nodiscard]] virtual std::size_t size() const = 0;
    /// Contract: index < size().
    [[nodiscard]] virtual Example at(std::size_t index) const = 0;
    /// Tokens of an example, without reading it.
    [[nodiscard]] virtual std::size_t length(std::size_t index) const = 0;
    /// The row it was made of, without reading it.
    [[nodiscard]] virtual std::size_t row(std::size_t index) const = 0;
};

/// Some of the examples of a source, in an order of their own. Cheap to copy: the source is shared, because
/// several parts of one split are views of it.
class ExampleList {
public:
    ExampleList() = default;
    ExampleList(std::vector<Example> examples);
    explicit ExampleList(std::shared_ptr<const ExampleSource> source);

    [[nodiscard]] std::size_t size() const { return m_places.size(); }
    [[nodiscard]] bool empty() const { return m_places.empty(); }
    [[nodiscard]] Example operator[](std::size_t index) const { return m_source->at(m_places.at(index)); }
    [[nodiscard]] std::size_t length(std::size_t index) const { return m_source->length(m_places.at(index)); }
    [[nodiscard]] std::size_t row(std::size_t index) const { return m_source->row(m_places.at(index)); }
    /// Those at the indices, in their order.
    [[nodiscard]] ExampleList select(std::span<const std::size_t> indices) const;
    /// The first `count`, or all where there are fewer.
    [[nodiscard]] ExampleList first(std::size_t count) const;

private:
    std::shared_ptr<const ExampleSource> m_source;
    std::vector<std::size_t> m_places;
};

} // namespace lathe
