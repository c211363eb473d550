#pragma once

#include "core/base/result.h"
#include "core/data/import_format.h"
#include "core/data/row.h"
#include "core/data/text_window.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// The beginning of a file, on which its format is guessed.
struct FileSample {
    std::string ending; ///< of the file name, in lower case, with its dot, without .gz
    std::string text;   ///< in UTF-8, without byte order mark
    SampleExtent extent = SampleExtent::Whole;
};

/// Takes what a reader finds in a file. Line numbers count from 1.
class RowSink {
public:
    virtual ~RowSink() = default;

    /// A column that was not there before is added at the end of the list.
    virtual void addColumn(const std::string& name) = 0;
    /// A row whose bytes are a part of the text.
    [[nodiscard]] virtual Status keep(std::uint64_t offset, std::size_t size, std::size_t line) = 0;
    /// A row that the reader wrote itself, as the text that its decoder reads.
    [[nodiscard]] virtual Status keepWritten(std::string_view row, std::size_t line) = 0;
    virtual void drop(std::size_t line, std::string reason) = 0;
    /// The same text is counted, with the line of its first time.
    virtual void note(std::string text, std::size_t line) = 0;
};

/// What a reader is given.
struct RowInput {
    std::filesystem::path file;
    const DetectedFormat& format;
    /// The text from its position `from` on. May be called several times.
    std::function<Result<std::unique_ptr<TextWindow>>(std::uint64_t from)> openText;
    std::stop_token stop;
    std::function<void(double share)> onShareDone; ///< for readers that do not read the text
};

/// Turns the bytes of one row into its cells. May be used by several threads at once.
class RowDecoder {
public:
    virtual ~RowDecoder() = default;
    [[nodiscard]] virtual Row decode(std::string_view row) const = 0;
};

/// One format of data files. Every row is kept or dropped with its line and a reason.
class RowReader {
public:
    virtual ~RowReader() = default;

    [[nodiscard]] virtual std::string_view id() const = 0;
    /// Of file names, each with its dot.
    [[nodiscard]] virtual std::span<const std::string_view> endings() const = 0;
    /// How sure it is that a file is of this format, from 0 to 1. A known ending alone gives 0.9.
    [[nodiscard]] virtual double claim(const FileSample& sample) const = 0;
    /// Fills in what the format of such a file leaves open; what `options` gives stands.
    virtual void detect(const FileSample& sample, const ImportOptions& options, DetectedFormat& format) const;
    /// True where rows are kept by keepWritten() instead of keep().
    [[nodiscard]] virtual bool writesRows() const { return false; }
    /// Input error for what makes the file as a whole unusable. Cancelled if it was asked to stop.
    [[nodiscard]] virtual Status read(const RowInput& input, RowSink& sink) const = 0;
    [[nodiscard]] virtual std::unique_ptr<RowDecoder>
    decoder(const DetectedFormat& format, const std::vector<std::string>& columns) const = 0;

protected:
    static constexpr double kByEnding = 0.9;
    static constexpr double kByContent = 0.95;
    [[nodiscard]] bool hasEnding(const FileSample& sample) const;
};

/// All readers; the list is where a new one is registered.
[[nodiscard]] std::span<const std::unique_ptr<RowReader>> builtinReaders();
/// Null if there is none of that id.
[[nodiscard]] const RowReader* readerNamed(std::string_view id);

// The makers of the readers, each in its own file.
[[nodiscard]] std::unique_ptr<RowReader> makeJsonLinesReader();
[[nodiscard]] std::unique_ptr<RowReader> makeJsonArrayReader();
[[nodiscard]] std::unique_ptr<RowReader> makeJsonColumnsReader();
[[nodiscard]] std::unique_ptr<RowReader> makeCsvReader();
[[nodiscard]] std::unique_ptr<RowReader> makeTsvReader();
[[nodiscard]] std::unique_ptr<RowReader> makeTextReader();
[[nodiscard]] std::unique_ptr<RowReader> makeParquetReader();

} // namespace lathe
