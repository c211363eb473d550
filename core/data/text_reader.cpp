#include "core/data/row_reader.h"
#include "core/data/utf8.h"

#include <algorithm>
#include <array>

namespace lathe {

namespace {

class TextDecoder : public RowDecoder {
public:
    Row decode(std::string_view row) const override {
        std::string text(row);
        std::size_t end = 0;
        for (std::size_t i = 0; i < text.size(); ++i)
            if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n')
                text[end++] = text[i];
        text.resize(end);
        return {{"text", std::move(text)}};
    }
};

bool hasBlankLineWithin(std::string_view text) {
    const std::size_t end = text.find_last_not_of(" \t\r\n\f\v");
    text = text.substr(0, end == std::string_view::npos ? 0 : end + 1);
    while (!text.empty()) {
        const std::size_t size = std::min(text.find('\n'), text.size());
        if (isBlank(text.substr(0, size)))
            return true;
        text.remove_prefix(std::min(size + 1, text.size()));
    }
    return false;
}

/// Collects lines to rows and drops what is no text.
class Paragraphs {
public:
    explicit Paragraphs(RowSink& sink) : m_sink(sink) {}

    Status finish() {
        const std::size_t line = std::exchange(m_line, 0);
        if (line == 0)
            return ok();
        if (m_problem.empty())
            return m_sink.keep(m_offset, static_cast<std::size_t>(m_end - m_offset), line);
        m_sink.drop(m_problemLine, std::exchange(m_problem, {}));
        return ok();
    }
    void add(const TextLine& line) {
        if (m_line == 0) {
            m_line = line.number;
            m_offset = line.offset;
        }
        m_end = line.offset + line.text.size();
        const std::string problem = problemOf(line);
        if (m_problem.empty() && !problem.empty()) {
            m_problem = problem;
            m_problemLine = line.number;
        }
    }

private:
    std::string problemOf(const TextLine& line) const {
        if (line.isTooLong || m_end - m_offset > kLargestRow)
            return "the row is longer than 32 MB";
        if (const auto bad = firstInvalidUtf8(line.text))
            return "not valid UTF-8 at byte " + std::to_string(*bad + 1) + " of the line";
        if (const std::size_t zero = line.text.find('\0'); zero != std::string_view::npos)
            return "holds a NUL byte at byte " + std::to_string(zero + 1) + " of the line";
        return {};
    }

    RowSink& m_sink;
    std::size_t m_line = 0; // of the row's beginning; 0: between rows
    std::uint64_t m_offset = 0;
    std::uint64_t m_end = 0;
    std::string m_problem;
    std::size_t m_problemLine = 0;
};

/// Plain text: a row is a paragraph between blank lines, or a line where the file has no blank lines.
class TextReader : public RowReader {
public:
    std::string_view id() const override { return "text"; }

    std::span<const std::string_view> endings() const override {
        static constexpr std::array<std::string_view, 1> kEndings{".txt"};
        return kEndings;
    }

    double claim(const FileSample& sample) const override { return hasEnding(sample) ? kByEnding : 0; }

    void detect(const FileSample& sample, const ImportOptions& options,
                DetectedFormat& format) const override {
        const bool isWhole = sample.extent == SampleExtent::Whole;
        format.isCutAtBlankLines =
            givenOr(options.isCutAtBlankLines, {hasBlankLineWithin(sample.text), isWhole ? 1 : 0.9});
    }

    Status read(const RowInput& input, RowSink& sink) const override {
        sink.addColumn("text");
        LATHE_ASSIGN(const auto window, input.openText(0));
        LineReader lines(*window);
        Paragraphs paragraphs(sink);
        while (true) {
            LATHE_ASSIGN(const auto line, lines.next());
            const bool isSeparator = line && isBlank(line->text) && !line->isTooLong;
            if (!line || isSeparator || !input.format.isCutAtBlankLines.value)
                LATHE_TRY(paragraphs.finish());
            if (!line)
                return ok();
            if (!isSeparator)
                paragraphs.add(*line);
        }
    }

    std::unique_ptr<RowDecoder> decoder(const DetectedFormat&,
                                        const std::vector<std::string>&) const override {
        return std::make_unique<TextDecoder>();
    }
};

} // namespace

std::unique_ptr<RowReader> makeTextReader() { return std::make_unique<TextReader>(); }

} // namespace lathe
