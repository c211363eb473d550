#include "core/base/random.h"
#include "core/data/table.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <algorithm>

using namespace lathe;

namespace {

constexpr int kFiles = 300;

/// What is written as one row: text that may go over several lines, and whether a reader can use it.
struct Unit {
    std::string text;
    bool isGood = true;
};

/// A file whose rows are known because they were written one by one: the count that the import is held
/// against.
struct Malformed {
    std::string name;
    std::string content;
    std::vector<std::size_t> lines; // where each row begins
    std::size_t good = 0;
};

class Generator {
public:
    explicit Generator(std::uint64_t seed) : m_random(seed) {}

    Malformed file(int number) {
        m_isHuge = number % 100 == 1;
        switch (number % 5) {
        case 0:
            return lines("m.jsonl", "", &Generator::jsonUnit);
        case 1:
            return lines("m.csv", "first,second,third", &Generator::csvUnit);
        case 2:
            return lines("m.tsv", "first\tsecond\tthird", &Generator::tsvUnit);
        case 3:
            return array();
        default:
            return paragraphs();
        }
    }

private:
    std::size_t below(std::size_t limit) {
        return static_cast<std::size_t>(m_random.integer(0, static_cast<std::int64_t>(limit) - 1));
    }
    bool chance(std::size_t times) { return below(times) == 0; }

    std::string word() {
        static const std::vector<std::string> kWords{
            "plain",    "two words", "caf\xC3\xA9", "\xF0\x9F\x98\x80", "\xD0\x96\xD0\xB8\xD0\xB2", "it's",
            "a; b | c", "0"};
        if (m_isHuge && chance(40)) {
            m_isHuge = false;
            return std::string(10'000'000, 'x');
        }
        return kWords[below(kWords.size())] + std::to_string(below(1000));
    }

    /// Bytes that make a row unusable whatever stands around them.
    std::string poison() {
        static const std::vector<std::string> kPoisons{"1\xFF"
                                                       "1",
                                                       std::string("1\0"
                                                                   "1",
                                                                   3),
                                                       "1\xC0\x80"
                                                       "1",
                                                       "1\xED\xA0\x80"
                                                       "1",
                                                       "1\xE2\x82"
                                                       "1",
                                                       "1\x80"
                                                       "1"};
        return kPoisons[below(kPoisons.size())];
    }

    Unit jsonUnit() {
        switch (below(12)) {
        case 0:
            return {R"({"first":")" + word() + R"(")", false}; // no brace
        case 1:
            return {R"({"first":")" + word() + R"("} tail)", false};
        case 2:
            return {R"({"first":)" + word() + "}", false};
        case 3:
            return {R"(["a list", 1])", false};
        case 4:
            return {R"({"first":")" + poison() + R"("})", false};
        case 5:
            return {R"({"first":null,"second":""})", false};
        case 6:
            return {R"({"first":"1","first":")" + word() + R"("})"};
        case 7:
            return {R"({"first":{"deep":[{"er":[1,"}]"]}]},"second":[]})"};
        case 8:
            return {R"({"first":"open)", false};
        case 9:
            return {"{}", false};
        default:
            return {R"({"first":")" + word() + R"(","third":1.5e3})"};
        }
    }

    Unit csvUnit() {
        switch (below(12)) {
        case 0:
            return {word() + "," + word(), false};
        case 1:
            return {"1,2,3," + word(), false};
        case 2:
            return {"\"closed\" and more," + word() + ",3", false};
        case 3:
            return {"\"open," + word() + ",3", false};
        case 4:
            return {poison() + ",2,3", false};
        case 5:
            return {",,", false};
        case 6:
            return {"\"" + word() + "\nsecond line\n\",2,\"a \"\"b\"\"\""};
        case 7:
            return {"\"" + word() + ", with comma\",,\"\""};
        case 8:
            return {word() + " \"inside\"," + word() + ",3"};
        default:
            return {word() + "," + word() + "," + word()};
        }
    }

    Unit tsvUnit() {
        switch (below(8)) {
        case 0:
            return {word() + "\t" + word(), false};
        case 1:
            return {"1\t2\t3\t" + word(), false};
        case 2:
            return {poison() + "\t2\t3", false};
        case 3:
            return {"\t\t", false};
        case 4:
            return {"\"" + word() + "\" , he said\t\"\t3"};
        default:
            return {word() + "\t" + word() + ", and\t" + word()};
        }
    }

    void append(Malformed& file, const std::string& text) {
        file.content += text;
        m_line += static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    }

    void addUnit(Malformed& file, const Unit& unit) {
        file.lines.push_back(m_line);
        file.good += unit.isGood ? 1 : 0;
        append(file, unit.text);
    }

    Malformed lines(const char* name, const std::string& header, Unit (Generator::*next)()) {
        Malformed file{name, {}, {}, 0};
        m_line = 1;
        const std::string ending = chance(3) ? "\r\n" : "\n";
        if (chance(4))
            file.content = "\xEF\xBB\xBF";
        if (!header.empty())
            append(file, header + ending);
        const std::size_t count = 1 + below(60);
        for (std::size_t i = 0; i < count; ++i) {
            if (chance(15)) {
                addUnit(file, {"", false}); // a blank line among rows is a row that is lost
                append(file, ending);
            }
            addUnit(file, (this->*next)());
            append(file, ending);
        }
        if (chance(3)) // at the end blank lines are none
            append(file, ending + ending);
        else if (chance(2))
            file.content.resize(file.content.size() - ending.size());
        return file;
    }

    Malformed array() {
        Malformed file{"m.json", {}, {}, 0};
        m_line = 1;
        const bool isWithin = chance(3);
        append(file, isWithin ? "{\"version\": 1,\n\"data\": [" : "[\n");
        const std::size_t count = 1 + below(60);
        for (std::size_t i = 0; i < count; ++i) {
            if (i > 0)
                append(file, chance(2) ? "," : " ,\n  ");
            Unit unit = jsonUnit();
            const bool isClosed = unit.isGood || !unit.text.starts_with('{') || unit.text.ends_with('}');
            // The first is sound, so that the file is seen to be a list of objects; an element that does not
            // close would take the others with it, which is another test.
            if (i == 0 || !isClosed)
                unit = {"{\n  \"first\": \"" + word() + "\"\n}"};
            addUnit(file, unit);
        }
        append(file, isWithin ? "]\n}\n" : "\n]\n");
        return file;
    }

    Malformed paragraphs() {
        Malformed file{"m.txt", {}, {}, 0};
        m_line = 1;
        const std::size_t count = 2 + below(60);
        for (std::size_t i = 0; i < count; ++i) {
            if (i > 0)
                append(file, chance(2) ? "\n\n" : "\r\n \t\r\n\n");
            const bool isGood = !chance(4);
            // A bad row is one line, so that its line is where it begins.
            addUnit(file, isGood ? Unit{word() + "\n" + word()} : Unit{word() + poison(), false});
        }
        return file;
    }

    Rng m_random;
    std::size_t m_line = 1;
    bool m_isHuge = false;
};

} // namespace

/// Rows in = rows used + rows dropped, for files that are broken in every way we know of.
class TestMalformedFiles : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyRowIsKeptOrDroppedWithItsReason();

private:
    test::TempFolder m_folder;
};

void TestMalformedFiles::everyRowIsKeptOrDroppedWithItsReason() {
    std::size_t rowsIn = 0;
    std::size_t rowsDropped = 0;
    for (int number = 0; number < kFiles; ++number) {
        const Malformed file = Generator(static_cast<std::uint64_t>(number)).file(number);
        ImportOptions options;
        options.encoding = TextEncoding::Utf8;
        options.memoryLimit = number % 3 == 0 ? 0 : 100'000'000;
        options.cacheFolder = m_folder / "cache";
        if (file.name != "m.json" && file.name != "m.jsonl") {
            options.delimiter = file.name == "m.csv" ? ',' : '\t';
            options.quote = file.name == "m.csv" ? '"' : '\0';
            options.hasHeader = true;
        }
        const auto table = importTable(m_folder.write(file.name, file.content), options);
        const QByteArray what = QByteArray("file ") + QByteArray::number(number);
        QVERIFY2(table.has_value(), table ? "" : (what + ": " + table.error().text().c_str()).constData());
        std::vector<std::size_t> lines;
        for (std::size_t i = 0; i < table->size(); ++i) {
            lines.push_back(table->line(i));
            QVERIFY2(!table->row(i).empty(), what.constData());
        }
        for (const DroppedRow& row : table->dropped) {
            lines.push_back(row.line);
            QVERIFY2(!row.reason.empty(), what.constData());
        }
        std::sort(lines.begin(), lines.end());
        QVERIFY2(lines == file.lines, (what + ": the lines of the rows differ").constData());
        QVERIFY2(table->size() == file.good,
                 (what + ": " + QByteArray::number(static_cast<qulonglong>(table->size())) + " rows used, " +
                  QByteArray::number(static_cast<qulonglong>(file.good)) + " are good")
                     .constData());
        QCOMPARE(table->size() + table->droppedCount(), file.lines.size());
        rowsIn += file.lines.size();
        rowsDropped += table->droppedCount();
    }
    QVERIFY(rowsIn > 5000 && rowsDropped > 1500);
}

QTEST_GUILESS_MAIN(TestMalformedFiles)
#include "tst_malformed_files.moc"
