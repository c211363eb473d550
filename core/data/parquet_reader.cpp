#include "core/data/json_rows.h"
#include "core/text/rust/lathe_parquet.h"

#include <array>

namespace lathe {

namespace {

constexpr std::string_view kMagic = "PAR1";

/// A text that the Rust library gave, released with its owner.
class GivenText {
public:
    GivenText() = default;
    GivenText(const GivenText&) = delete;
    GivenText& operator=(const GivenText&) = delete;
    ~GivenText() { lathe_text_free_string(m_content); }

    [[nodiscard]] LatheTextString* out() { return &m_content; }
    [[nodiscard]] std::string_view view() const {
        return m_content.size == 0 ? std::string_view() : std::string_view(m_content.data, m_content.size);
    }

private:
    LatheTextString m_content{nullptr, 0};
};

struct CloseParquet {
    void operator()(LatheParquet* reader) const { lathe_parquet_free(reader); }
};
using ParquetFile = std::unique_ptr<LatheParquet, CloseParquet>;

Error unreadable(const std::string& file, const GivenText& error) {
    return inputError(file, "is not a sound Parquet file: " + std::string(error.view()));
}

/// Parquet, by the official Rust crate, which hands the rows over as JSON. The line of a row is its number.
class ParquetReader : public RowReader {
public:
    std::string_view id() const override { return "parquet"; }

    std::span<const std::string_view> endings() const override {
        static constexpr std::array<std::string_view, 1> kEndings{".parquet"};
        return kEndings;
    }

    double claim(const FileSample& sample) const override {
        return sample.text.starts_with(kMagic) ? 1 : hasEnding(sample) ? kByEnding : 0;
    }

    bool writesRows() const override { return true; }

    Status read(const RowInput& input, RowSink& sink) const override {
        const std::string file = input.file.string();
        GivenText error;
        LatheParquet* opened = nullptr;
        if (lathe_parquet_open({file.data(), file.size()}, &opened, error.out()) != LATHE_TEXT_OK)
            return unreadable(file, error);
        const ParquetFile parquet(opened);
        const std::uint64_t all = lathe_parquet_row_count(parquet.get());
        JsonRowJudge judge(sink);
        std::size_t number = 0;
        while (true) {
            constexpr std::size_t kEnoughBytes = 1'000'000;
            GivenText lines;
            std::size_t rows = 0;
            if (input.stop.stop_requested())
                return Error{Error::Kind::Cancelled, file, "the import was cancelled"};
            if (lathe_parquet_next(parquet.get(), kEnoughBytes, lines.out(), &rows, error.out()) !=
                LATHE_TEXT_OK)
                return unreadable(file, error);
            if (rows == 0)
                break;
            LATHE_TRY(addRows(lines.view(), judge, sink, number));
            input.onShareDone(static_cast<double>(number) /
                              static_cast<double>(std::max<std::uint64_t>(all, 1)));
        }
        if (number != all)
            return inputError(file, "promises " + std::to_string(all) + " rows and holds " +
                                        std::to_string(number));
        return ok();
    }

    std::unique_ptr<RowDecoder> decoder(const DetectedFormat&,
                                        const std::vector<std::string>&) const override {
        return makeJsonDecoder();
    }

private:
    static Status addRows(std::string_view lines, JsonRowJudge& judge, RowSink& sink, std::size_t& number) {
        while (!lines.empty()) {
            const std::size_t end = lines.find('\n');
            const std::string_view row = lines.substr(0, end);
            lines.remove_prefix(end + 1);
            ++number;
            if (row.size() > kLargestRow)
                sink.drop(number, "the row is longer than 32 MB");
            else if (judge.isUsable(row, number))
                LATHE_TRY(sink.keepWritten(row, number));
        }
        return ok();
    }
};

} // namespace

std::unique_ptr<RowReader> makeParquetReader() { return std::make_unique<ParquetReader>(); }

} // namespace lathe
