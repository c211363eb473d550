#include "core/data/delimited.h"
#include "core/data/row_reader.h"
#include "core/data/utf8.h"

#include <algorithm>
#include <array>
#include <set>

namespace lathe {

namespace {

class DelimitedDecoder : public RowDecoder {
public:
    DelimitedDecoder(Dialect dialect, std::vector<std::string> columns)
        : m_dialect(dialect), m_columns(std::move(columns)) {}

    Row decode(std::string_view text) const override {
        std::vector<DelimitedCell> cells;
        const DelimitedRecord record = readRecord(text, TextEnd::Final, m_dialect, cells);
        Row row;
        if (record.state == DelimitedRecord::State::Complete)
            for (std::size_t i = 0; i < std::min(cells.size(), m_columns.size()); ++i)
                row.emplace(m_columns[i], cellText(cells[i], m_dialect.quote));
        return row;
    }

private:
    Dialect m_dialect;
    std::vector<std::string> m_columns;
};

std::string count(std::size_t number, const char* thing) {
    return std::to_string(number) + " " + thing + (number == 1 ? "" : "s");
}

/// Goes through the records of one file.
class DelimitedRows {
public:
    DelimitedRows(const RowInput& input, TextWindow& window, RowSink& sink)
        : m_input(input),
          m_dialect{input.format.delimiter.value, input.format.quote.value},
          m_window(window),
          m_sink(sink) {}

    Status read() {
        if (!m_input.format.hasHeader.value)
            nameColumns(std::vector<DelimitedCell>(m_input.format.columnCount));
        while (true) {
            LATHE_ASSIGN(const bool isRecord, findRecord());
            if (!isRecord)
                return ok();
            LATHE_TRY(judge());
            const std::string_view passed = m_window.view().substr(0, m_record.size);
            m_line += static_cast<std::size_t>(std::count(passed.begin(), passed.end(), '\n'));
            m_window.advance(m_record.size);
            if (m_isInLongLine)
                LATHE_TRY(skipLongLine());
        }
    }

private:
    /// Makes the window long enough for the next record. False at the end of the text.
    Result<bool> findRecord() {
        TextEnd end = TextEnd::MayGoOn;
        while (true) {
            const std::string_view view = m_window.view();
            if (!view.empty())
                m_record =
                    readRecord(view, view.size() > kLargestRow ? TextEnd::Final : end, m_dialect, m_cells);
            if (!view.empty() && m_record.state != DelimitedRecord::State::NeedsMore)
                return true;
            if (end == TextEnd::Final)
                return false;
            LATHE_ASSIGN(const bool isLonger, m_window.grow());
            end = isLonger ? TextEnd::MayGoOn : TextEnd::Final;
        }
    }

    Status skipLongLine() {
        bool isLonger = true;
        std::size_t end = std::string_view::npos;
        while (isLonger && (end = m_window.view().find('\n')) == std::string_view::npos) {
            m_window.advance(m_window.view().size());
            LATHE_ASSIGN(isLonger, m_window.grow());
        }
        m_window.advance(end == std::string_view::npos ? m_window.view().size() : end + 1);
        m_isInLongLine = false;
        ++m_line;
        return ok();
    }

    Status judge() {
        if (m_record.state == DelimitedRecord::State::Complete && m_cells.size() == 1 &&
            !m_cells.front().isQuoted && isBlank(m_cells.front().text)) {
            m_blankFrom = m_blankFrom == 0 ? m_line : m_blankFrom; // at the end of the file they are no rows
            return ok();
        }
        for (; m_blankFrom != 0 && m_blankFrom < m_line; ++m_blankFrom)
            m_sink.drop(m_blankFrom, "the line is empty");
        m_blankFrom = 0;
        const std::string problem = problemOfRecord();
        if (m_columns == 0) {
            if (!problem.empty())
                return inputError(m_input.file.string(), "the header in line " + std::to_string(m_line) +
                                                             " cannot be used: " + problem);
            nameColumns(m_cells);
            return ok();
        }
        if (problem.empty())
            return m_sink.keep(m_window.position(), m_record.inside, m_line);
        m_sink.drop(m_line, problem);
        return ok();
    }

    /// Empty for a good one. After a broken one reading goes on at the next line, whatever its quotes
    /// enclose.
    std::string problemOfRecord() {
        const std::string_view text = m_window.view().substr(0, m_record.size);
        const bool isLong = std::find(text.begin(), text.begin() + std::ptrdiff_t(m_record.inside), '\n') !=
                            text.begin() + std::ptrdiff_t(m_record.inside);
        const bool isRagged = m_columns != 0 && m_cells.size() != m_columns;
        if (m_record.state != DelimitedRecord::State::Complete || (isRagged && isLong)) {
            const bool isOpen = m_record.state == DelimitedRecord::State::Open;
            const bool isBroken = m_record.state == DelimitedRecord::State::Broken;
            const std::size_t line = m_window.view().find('\n');
            m_record.size = line == std::string_view::npos ? m_window.view().size() : line + 1;
            m_isInLongLine = line == std::string_view::npos && m_record.size > kLargestRow;
            if (m_isInLongLine)
                return "the line is longer than 32 MB";
            return isOpen ? "a quote is not closed"
                   : isBroken
                       ? "something stands between a closing quote and the next delimiter"
                       : "a quote is not closed in its line, and the lines together have " + raggedness();
        }
        if (const auto bad = firstInvalidUtf8(text))
            return "not valid UTF-8 at byte " + std::to_string(*bad + 1);
        if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos)
            return "holds a NUL byte at byte " + std::to_string(zero + 1);
        if (isRagged)
            return "has " + raggedness();
        if (std::all_of(m_cells.begin(), m_cells.end(), [](const auto& cell) { return cell.text.empty(); }))
            return "the row is empty";
        return {};
    }

    std::string raggedness() const {
        return count(m_cells.size(), "cell") + " where " + count(m_columns, "column") + " are";
    }

    void nameColumns(const std::vector<DelimitedCell>& cells) {
        std::set<std::string> taken;
        for (const DelimitedCell& cell : cells) {
            std::string name = cellText(cell, m_dialect.quote);
            if (isBlank(name))
                name = "column" + std::to_string(taken.size() + 1);
            for (int twin = 2; taken.contains(name); ++twin) {
                m_sink.note("the column " + name + " is there twice; the second is called " + name + "_" +
                                std::to_string(twin),
                            m_line);
                name += "_" + std::to_string(twin);
            }
            m_sink.addColumn(name);
            taken.insert(std::move(name));
        }
        m_columns = cells.size();
    }

    const RowInput& m_input;
    Dialect m_dialect;
    TextWindow& m_window;
    RowSink& m_sink;
    std::vector<DelimitedCell> m_cells;
    DelimitedRecord m_record;
    std::size_t m_columns = 0; // 0: the header is still to come
    std::size_t m_line = 1;
    std::size_t m_blankFrom = 0;
    bool m_isInLongLine = false;
};

/// Cells between delimiters: comma-separated values (RFC 4180) and their kin.
class DelimitedReader : public RowReader {
public:
    DelimitedReader(std::string_view id, std::span<const std::string_view> endings, char usual)
        : m_id(id), m_endings(endings), m_usual(usual) {}

    std::string_view id() const override { return m_id; }
    std::span<const std::string_view> endings() const override { return m_endings; }

    double claim(const FileSample& sample) const override {
        if (hasEnding(sample))
            return kByEnding;
        if (sample.ending != ".txt" || m_usual != '\t')
            return 0;
        // Tables are called .txt too. Running text does not have the same number of tabs in each line.
        constexpr std::size_t kFewest = 5;
        ImportOptions tabs;
        tabs.delimiter = '\t';
        const DialectGuess guess = guessDialect(sample.text, '\t', tabs);
        return guess.columns > 1 && guess.records >= kFewest && guess.shareOfThese > kByEnding ? kByContent
                                                                                               : 0;
    }

    void detect(const FileSample& sample, const ImportOptions& options,
                DetectedFormat& format) const override {
        const DialectGuess guess = guessDialect(sample.text, m_usual, options);
        format.delimiter = guess.delimiter;
        format.quote = guess.quote;
        format.hasHeader = guess.hasHeader;
        format.columnCount = std::max<std::size_t>(guess.columns, 1);
    }

    Status read(const RowInput& input, RowSink& sink) const override {
        LATHE_ASSIGN(const auto window, input.openText(0));
        return DelimitedRows(input, *window, sink).read();
    }

    std::unique_ptr<RowDecoder> decoder(const DetectedFormat& format,
                                        const std::vector<std::string>& columns) const override {
        return std::make_unique<DelimitedDecoder>(Dialect{format.delimiter.value, format.quote.value},
                                                  columns);
    }

private:
    std::string_view m_id;
    std::span<const std::string_view> m_endings;
    char m_usual;
};

constexpr std::array<std::string_view, 1> kCsvEndings{".csv"};
constexpr std::array<std::string_view, 2> kTsvEndings{".tsv", ".tab"};

} // namespace

std::unique_ptr<RowReader> makeCsvReader() {
    return std::make_unique<DelimitedReader>("csv", kCsvEndings, ',');
}

std::unique_ptr<RowReader> makeTsvReader() {
    return std::make_unique<DelimitedReader>("tsv", kTsvEndings, '\t');
}

} // namespace lathe
