#include "core/data/row_reader.h"

#include <algorithm>
#include <array>

namespace lathe {

std::span<const std::unique_ptr<RowReader>> builtinReaders() {
    // Where two are equally sure of a file, the first is taken.
    static const std::array<std::unique_ptr<RowReader>, 7> readers{
        makeJsonLinesReader(), makeJsonArrayReader(), makeJsonColumnsReader(), makeCsvReader(),
        makeTsvReader(),       makeTextReader(),      makeParquetReader()};
    return readers;
}

const RowReader* readerNamed(std::string_view id) {
    const auto readers = builtinReaders();
    const auto found =
        std::find_if(readers.begin(), readers.end(), [id](const auto& reader) { return reader->id() == id; });
    return found == readers.end() ? nullptr : found->get();
}

void RowReader::detect(const FileSample&, const ImportOptions&, DetectedFormat&) const {}

bool RowReader::hasEnding(const FileSample& sample) const {
    const auto known = endings();
    return std::find(known.begin(), known.end(), sample.ending) != known.end();
}

} // namespace lathe
