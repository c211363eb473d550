#include "core/data/json_rows.h"

#include <array>

namespace lathe {

namespace {

/// The first lines of a text that are not blank, at most two.
std::vector<std::string_view> firstLines(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty() && lines.size() < 2) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (!isBlank(text.substr(0, end)))
            lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// JSON Lines: an object in each line.
class JsonLinesReader : public RowReader {
public:
    std::string_view id() const override { return "jsonl"; }

    std::span<const std::string_view> endings() const override {
        static constexpr std::array<std::string_view, 2> kEndings{".jsonl", ".ndjson"};
        return kEndings;
    }

    double claim(const FileSample& sample) const override {
        if (hasEnding(sample))
            return kByEnding;
        if (sample.ending != ".json")
            return 0;
        // Many a file of JSON Lines is called .json; in an object that goes over several lines the first is
        // none.
        std::vector<JsonMember> members;
        const auto lines = firstLines(sample.text);
        return lines.size() == 2 && scanJsonObject(lines[0], members) &&
                       lines[1][lines[1].find_first_not_of(" \t\r")] == '{'
                   ? kByContent
                   : 0;
    }

    Status read(const RowInput& input, RowSink& sink) const override {
        LATHE_ASSIGN(const auto window, input.openText(0));
        LineReader lines(*window);
        JsonRowJudge judge(sink);
        std::size_t blankFrom = 0; // blank lines at the end of the file are no rows
        while (true) {
            LATHE_ASSIGN(const auto line, lines.next());
            if (!line)
                return ok();
            if (isBlank(line->text) && !line->isTooLong) {
                blankFrom = blankFrom == 0 ? line->number : blankFrom;
                continue;
            }
            for (; blankFrom != 0 && blankFrom < line->number; ++blankFrom)
                sink.drop(blankFrom, "the line is empty");
            blankFrom = 0;
            if (line->isTooLong)
                sink.drop(line->number, "the line is longer than 32 MB");
            else if (judge.isUsable(line->text, line->number))
                LATHE_TRY(sink.keep(line->offset, line->text.size(), line->number));
        }
    }

    std::unique_ptr<RowDecoder> decoder(const DetectedFormat&,
                                        const std::vector<std::string>&) const override {
        return makeJsonDecoder();
    }
};

} // namespace

std::unique_ptr<RowReader> makeJsonLinesReader() { return std::make_unique<JsonLinesReader>(); }

} // namespace lathe
