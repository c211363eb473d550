#include "core/base/files.h"
#include "core/data/table.h"
#include "tests/fuzz/fuzz_driver.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <cstdio>
#include <cstdlib>

using namespace lathe;

namespace {

/// Imports the input as a file of that ending, in memory and from disk, and reads all its rows: both must
/// find the same.
class ImportTarget {
public:
    explicit ImportTarget(std::string ending) : m_ending(std::move(ending)) {}

    void operator()(std::span<const std::byte> bytes) const {
        static const test::TempFolder s_folder;
        const auto file = s_folder.write("fuzzed" + m_ending, fuzz::textOf(bytes));
        ImportOptions onDisk;
        onDisk.memoryLimit = 0;
        onDisk.cacheFolder = s_folder / "cache";
        const auto held = importTable(file, {});
        const auto stored = importTable(file, onDisk);
        std::filesystem::remove_all(onDisk.cacheFolder);
        if (held.has_value() != stored.has_value())
            fail("one of memory and disk refuses the file");
        if (!held) {
            fuzz::outcome(held.error().message);
            return;
        }
        if (held->size() != stored->size() || held->droppedCount() != stored->droppedCount())
            fail("memory and disk count differently");
        for (std::size_t i = 0; i < held->size(); ++i)
            if (held->row(i) != stored->row(i) || held->line(i) != stored->line(i))
                fail("memory and disk hold different rows");
        for (const DroppedRow& row : held->dropped)
            fuzz::outcome(row.reason);
    }

private:
    static void fail(const char* what) {
        std::fprintf(stderr, "%s\n", what);
        std::abort();
    }

    std::string m_ending;
};

std::vector<std::string> parquetFiles() {
    std::vector<std::string> files;
    for (const char* name : {"none", "snappy", "gzip", "zstd", "lz4"})
        if (auto content =
                readFile(test::sourceFile(std::string("tests/data/golden/parquet/") + name + ".parquet")))
            files.push_back(std::move(*content));
    return files;
}

const std::vector<std::string> kCsvFiles{
    "name,text,n\r\nx,\"a, \"\"b\"\"\r\nsecond\",1\r\ny,plain \"q\",2\r\n,,\r\nz,\xC3\xA9,3",
    "a;b\n1,5;x\n2,5;y\n",
    "\xEF\xBB\xBF"
    "a\tb\n\"q\" x\t1\n\n2\n"};
const std::vector<std::string> kJsonLines{"{\"a\":\"x\\n\\u00e9\\ud83d\\ude00\",\"b\":[1,{\"c\":null}]}\n{"
                                          "\"a\":1,\"a\":2.5e3}\r\n\n{\"b\":\"\xC3\xA9\"}\n",
                                          "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}\n"};
const std::vector<std::string> kJsonFiles{"[\n{\"a\":\"]},[\"},\n{\"a\":{\"b\":[]}} , {}\n]\n",
                                          "{\"v\":1,\"data\":[{\"a\":1},{\"a\":\"2\"}],\"z\":[]}",
                                          "{\"a\":[1,\"x\"],\"b\":[[],{\"c\":2}]}", "{\"a\":1}\n{\"a\":2}\n"};

} // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> jsonWords{"null", "{",  "}", "[", "]",  "-1",
                                             "1e9",  "\"", ":", ",", "\n", "\\"};
    const std::vector<std::string> csvWords{"\"",       "\"\"",         ",",    "\t", ";", "\r\n", "\n\n",
                                            "\xFF\xFE", "\xEF\xBB\xBF", "\xE9", "\\"};
    return fuzz::runFuzzer(argc, argv,
                           {{"csv", ImportTarget(".csv"), kCsvFiles, csvWords},
                            {"jsonl", ImportTarget(".jsonl"), kJsonLines, jsonWords, {}, true},
                            {"json", ImportTarget(".json"), kJsonFiles, jsonWords, {}, true},
                            {"text", ImportTarget(".txt"), {"a\r\nb\n\n\nc \xC3\xA9\n \nd"}, csvWords},
                            {"parquet", ImportTarget(".parquet"), parquetFiles(), {"PAR1"}}});
}
