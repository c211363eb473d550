#include "core/data/json_cursor.h"
#include "core/data/json_rows.h"

#include <algorithm>
#include <array>

namespace lathe {

namespace {

/// Each column is read by a window of its own.
constexpr std::size_t kMostColumns = 64;

struct Column {
    std::string key; // as it is written, in quotes
    std::string name;
    std::uint64_t from = 0; // the place behind its opening bracket
    std::unique_ptr<TextWindow> window = {};
    std::unique_ptr<JsonCursor> cursor = {};
    bool isAtEnd = false;
};

/// JSON with an object of lists, one a column: the rows are written anew, each as an object. The line of a
/// row is its number.
class JsonColumnsReader : public RowReader {
public:
    std::string_view id() const override { return "json-columns"; }

    std::span<const std::string_view> endings() const override {
        static constexpr std::array<std::string_view, 1> kEndings{".json"};
        return kEndings;
    }

    double claim(const FileSample& sample) const override {
        return hasEnding(sample) && jsonShapeOf(sample.text).kind == JsonShape::Kind::Columns ? kByContent
                                                                                              : 0;
    }

    bool writesRows() const override { return true; }

    Status read(const RowInput& input, RowSink& sink) const override {
        LATHE_ASSIGN(std::vector<Column> columns, findColumns(input, sink));
        for (Column& column : columns) {
            LATHE_ASSIGN(column.window, input.openText(column.from));
            column.cursor = std::make_unique<JsonCursor>(*column.window);
            LATHE_ASSIGN(const char first, column.cursor->peek());
            column.isAtEnd = first == ']';
        }
        JsonRowJudge judge(sink);
        for (std::size_t number = 1;; ++number) {
            const auto ended = std::find_if(columns.begin(), columns.end(),
                                            [](const Column& column) { return column.isAtEnd; });
            const std::string shortest = ended == columns.end() ? std::string() : ended->name;
            if (std::all_of(columns.begin(), columns.end(),
                            [](const Column& column) { return column.isAtEnd; }))
                return ok();
            LATHE_ASSIGN(const std::string row, nextRow(columns, input.file.string()));
            if (!shortest.empty())
                sink.drop(number,
                          "the column " + shortest + " has only " + std::to_string(number - 1) + " values");
            else if (judge.isUsable(row, number))
                LATHE_TRY(sink.keepWritten(row, number));
        }
    }

    std::unique_ptr<RowDecoder> decoder(const DetectedFormat&,
                                        const std::vector<std::string>&) const override {
        return makeJsonDecoder();
    }

private:
    static Result<std::vector<Column>> findColumns(const RowInput& input, RowSink& sink) {
        const std::string file = input.file.string();
        LATHE_ASSIGN(const auto window, input.openText(0));
        JsonCursor cursor(*window);
        std::vector<Column> columns;
        LATHE_ASSIGN(char next, cursor.peek());
        while (next == '{' || next == ',') {
            cursor.take();
            LATHE_ASSIGN(const auto key, cursor.key());
            LATHE_ASSIGN(next, cursor.peek());
            if (!key || next != ':')
                break;
            cursor.take();
            LATHE_ASSIGN(const char opening, cursor.peek());
            if (opening == '[')
                columns.push_back({quotedJson(*key), *key, cursor.position() + 1});
            else
                sink.note("\"" + *key + "\" is no list and is not read", cursor.line());
            LATHE_TRY(cursor.value());
            LATHE_ASSIGN(next, cursor.peek());
        }
        const bool isClosed = next == '}';
        if (isClosed)
            cursor.take();
        LATHE_ASSIGN(const char rest, cursor.peek());
        if (!isClosed || rest != '\0')
            return inputError(file, "is no sound object of lists: it breaks off or goes on at line " +
                                        std::to_string(cursor.line()));
        if (columns.empty() || columns.size() > kMostColumns)
            return inputError(file, "has " + std::to_string(columns.size()) +
                                        " lists side by side, from 1 to 64 are read; write it as JSON Lines");
        return columns;
    }

    /// A value of each column that has one left, as an object.
    static Result<std::string> nextRow(std::vector<Column>& columns, const std::string& file) {
        std::string row;
        for (Column& column : columns) {
            if (column.isAtEnd)
                continue;
            LATHE_ASSIGN(const auto value, column.cursor->value());
            if (!value)
                return inputError(file,
                                  "ends inside the column " + column.name + ": a closing bracket is missing");
            row += (row.empty() ? "{" : ", ") + column.key + ": ";
            row += value->text;
            LATHE_ASSIGN(const char next, column.cursor->peek());
            column.isAtEnd = next != ',';
            if (!column.isAtEnd)
                column.cursor->take();
        }
        return row + "}";
    }
};

} // namespace

std::unique_ptr<RowReader> makeJsonColumnsReader() { return std::make_unique<JsonColumnsReader>(); }

} // namespace lathe
