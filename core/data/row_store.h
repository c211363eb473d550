#pragma once

#include "core/data/byte_source.h"
#include "core/data/cache_file.h"
#include "core/data/row.h"
#include "core/data/row_reader.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace lathe {

/// The rows of one file, each decoded when it is asked for; large files stay on disk. Immutable: may be used
/// by several threads at once.
class RowStore {
public:
    /// All in memory.
    RowStore(std::string text, std::vector<RowPlace> places, std::unique_ptr<RowDecoder> decoder);
    /// The rows are read from `text`; `places` lie in `index`.
    RowStore(OpenFile text, std::unique_ptr<MappedFile> index, std::span<const RowPlace> places,
             std::unique_ptr<RowDecoder> decoder);

    [[nodiscard]] std::size_t size() const { return m_places.size(); }
    /// Contract: index < size(). Empty where the file cannot be read any more.
    [[nodiscard]] Row row(std::size_t index) const;
    [[nodiscard]] std::size_t line(std::size_t index) const { return m_places[index].line; }
    /// False once the file with the rows was changed in place: its rows are not those that were counted.
    [[nodiscard]] bool isUnchanged() const { return m_isInMemory || m_file.isUnchanged(); }

private:
    bool m_isInMemory;
    std::string m_text;
    std::vector<RowPlace> m_ownPlaces;
    OpenFile m_file;
    std::unique_ptr<MappedFile> m_index;
    std::span<const RowPlace> m_places;
    std::unique_ptr<RowDecoder> m_decoder;
};

} // namespace lathe
