#include "core/data/example_list.h"

#include <algorithm>
#include <numeric>

namespace lathe {

namespace {

class ExamplesInMemory final : public ExampleSource {
public:
    explicit ExamplesInMemory(std::vector<Example> examples) : m_examples(std::move(examples)) {}

    std::size_t size() const override { return m_examples.size(); }
    Example at(std::size_t index) const override { return m_examples.at(index); }
    std::size_t length(std::size_t index) const override { return m_examples.at(index).ids.size(); }
    std::size_t row(std::size_t index) const override { return m_examples.at(index).row; }

private:
    std::vector<Example> m_examples;
};

} // namespace

ExampleList::ExampleList(std::vector<Example> examples)
    : ExampleList(std::make_shared<const ExamplesInMemory>(std::move(examples))) {}

ExampleList::ExampleList(std::shared_ptr<const ExampleSource> source) : m_source(std::move(source)) {
    m_places.resize(m_source->size());
    std::iota(m_places.begin(), m_places.end(), std::size_t{0});
}

ExampleList ExampleList::select(std::span<const std::size_t> indices) const {
    ExampleList chosen;
    chosen.m_source = m_source;
    chosen.m_places.reserve(indices.size());
    for (const std::size_t index : indices)
        chosen.m_places.push_back(m_places.at(index));
    return chosen;
}

ExampleList ExampleList::first(std::size_t count) const {
    ExampleList chosen = *this;
    chosen.m_places.resize(std::min(count, m_places.size()));
    return chosen;
}

} // namespace lathe
