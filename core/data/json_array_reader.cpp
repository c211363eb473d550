#include "core/data/json_cursor.h"
#include "core/data/json_rows.h"

#include <array>

namespace lathe {

namespace {

constexpr std::array<std::string_view, 1> kEndings{".json"};

std::string missingBracket(std::size_t line) {
    return "ends inside the row that begins at line " + std::to_string(line) +
           ": a closing bracket is missing";
}

/// JSON with a list of objects: the file is the list, or an object with the list in one of its members.
class JsonArrayReader : public RowReader {
public:
    std::string_view id() const override { return "json"; }
    std::span<const std::string_view> endings() const override { return kEndings; }

    double claim(const FileSample& sample) const override {
        const JsonShape shape = jsonShapeOf(sample.text);
        const bool isSure =
            shape.kind == JsonShape::Kind::Array || shape.kind == JsonShape::Kind::ArrayInObject;
        if (hasEnding(sample))
            return isSure ? kByContent : kByEnding;
        // A file of JSON Lines each of which is a list has a second line that begins as the first does.
        const std::size_t second = sample.text.find_first_not_of(" \t\r\n", sample.text.find('\n'));
        const bool isOneList = second == std::string::npos || sample.text[second] != '[';
        return sample.ending == ".jsonl" && shape.isListOfObjects && isOneList ? kByContent : 0;
    }

    void detect(const FileSample& sample, const ImportOptions& options,
                DetectedFormat& format) const override {
        const JsonShape shape = jsonShapeOf(sample.text);
        const double sureness = shape.kind == JsonShape::Kind::ArrayInObject ? 0.8 : 1;
        format.arrayKey = givenOr(options.arrayKey, {shape.arrayKey, sureness});
    }

    Status read(const RowInput& input, RowSink& sink) const override {
        LATHE_ASSIGN(const auto window, input.openText(0));
        JsonCursor cursor(*window);
        const std::string file = input.file.string();
        LATHE_ASSIGN(const char first, cursor.peek());
        if (first == '{' && !input.format.arrayKey.value.empty())
            LATHE_TRY(readMembers(cursor, file, input.format.arrayKey.value, sink));
        else if (first == '[')
            LATHE_TRY(readRows(cursor, file, sink));
        else
            return inputError(file,
                              "does not begin with '['; a .json file must hold an array of objects (one "
                              "object a line is the ending .jsonl)");
        LATHE_ASSIGN(const char rest, cursor.peek());
        if (rest != '\0')
            return inputError(file,
                              "goes on after the end of the array at line " + std::to_string(cursor.line()));
        return ok();
    }

    std::unique_ptr<RowDecoder> decoder(const DetectedFormat&,
                                        const std::vector<std::string>&) const override {
        return makeJsonDecoder();
    }

private:
    /// From the opening bracket to behind the closing one.
    static Status readRows(JsonCursor& cursor, const std::string& file, RowSink& sink) {
        JsonRowJudge judge(sink);
        cursor.take();
        LATHE_ASSIGN(char next, cursor.peek());
        while (next != ']') {
            const std::size_t line = cursor.line();
            LATHE_ASSIGN(const auto row, cursor.value());
            if (!row)
                return inputError(file, missingBracket(line));
            if (row->isTooLong)
                sink.drop(line, "the row is longer than 32 MB");
            else if (judge.isUsable(row->text, line))
                LATHE_TRY(sink.keep(row->offset, row->text.size(), line));
            LATHE_ASSIGN(next, cursor.peek());
            if (next == '}')
                return inputError(file, "has a '}' too many at line " + std::to_string(cursor.line()));
            if (next == ',') {
                cursor.take();
                LATHE_ASSIGN(next, cursor.peek());
                if (next == '\0')
                    return inputError(file, missingBracket(cursor.line()));
                if (next == ']')
                    sink.drop(cursor.line(), "broken JSON: nothing stands behind the last comma");
            }
        }
        cursor.take();
        return ok();
    }

    /// From the opening brace to behind the closing one.
    static Status readMembers(JsonCursor& cursor, const std::string& file, const std::string& arrayKey,
                              RowSink& sink) {
        cursor.take();
        bool isFound = false;
        LATHE_ASSIGN(char next, cursor.peek());
        while (next != '}') {
            LATHE_ASSIGN(const auto key, cursor.key());
            LATHE_ASSIGN(next, cursor.peek());
            if (!key || next != ':')
                return inputError(
                    file, "has no name and colon where a member of the object should begin, at line " +
                              std::to_string(cursor.line()));
            cursor.take();
            LATHE_ASSIGN(next, cursor.peek());
            if (*key == arrayKey && next == '[' && !isFound) {
                LATHE_TRY(readRows(cursor, file, sink));
                isFound = true;
            } else {
                sink.note("\"" + *key + "\" beside the rows is not read", cursor.line());
                LATHE_TRY(skipValue(cursor, file));
            }
            LATHE_ASSIGN(next, cursor.peek());
            if (next == ',') {
                cursor.take();
                LATHE_ASSIGN(next, cursor.peek());
            } else if (next != '}') {
                return inputError(file, missingBracket(cursor.line()));
            }
        }
        cursor.take();
        return isFound ? ok() : Status(inputError(file, "has no list with the name " + arrayKey));
    }

    static Status skipValue(JsonCursor& cursor, const std::string& file) {
        const std::size_t line = cursor.line();
        LATHE_ASSIGN(const auto skipped, cursor.value());
        return skipped ? ok() : Status(inputError(file, missingBracket(line)));
    }
};

} // namespace

std::unique_ptr<RowReader> makeJsonArrayReader() { return std::make_unique<JsonArrayReader>(); }

} // namespace lathe
