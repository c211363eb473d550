#include "core/data/row_store.h"

#include <utility>

namespace lathe {

RowStore::RowStore(std::string text, std::vector<RowPlace> places, std::unique_ptr<RowDecoder> decoder)
    : m_isInMemory(true),
      m_text(std::move(text)),
      m_ownPlaces(std::move(places)),
      m_places(m_ownPlaces),
      m_decoder(std::move(decoder)) {}

RowStore::RowStore(OpenFile text, std::unique_ptr<MappedFile> index, std::span<const RowPlace> places,
                   std::unique_ptr<RowDecoder> decoder)
    : m_isInMemory(false),
      m_file(std::move(text)),
      m_index(std::move(index)),
      m_places(places),
      m_decoder(std::move(decoder)) {}

Row RowStore::row(std::size_t index) const {
    LATHE_EXPECT(index < m_places.size());
    const RowPlace& place = m_places[index];
    if (m_isInMemory)
        return m_decoder->decode(std::string_view(m_text).substr(place.offset, place.size));
    std::string text(place.size, '\0');
    const auto size = m_file.readAt(place.offset, text);
    return size && *size == text.size() ? m_decoder->decode(text) : Row();
}

} // namespace lathe
