#include "core/model/zip_archive.h"

#include "tests/support/checkpoint_bytes.h"

#include <QtTest>

using namespace lathe;
using test::ZipItem;
using test::zipOf;

namespace {

FileBytes::Shared bytesOf(const std::string& content) {
    return FileBytes::of(std::as_bytes(std::span(content.data(), content.size())), "some.bin");
}

std::string contentOf(const ZipArchive& archive, std::string_view name) {
    const auto part = archive.content(*archive.find(name));
    return {reinterpret_cast<const char*>(part.data()), part.size()};
}

std::vector<ZipItem> sample() {
    return {{"a/data.pkl", "hello"}, {"a/data/0", std::string(100, 'x')}, {"a/data/empty", ""}, {"a/", ""}};
}

/// The sample with one entry changed.
template <typename Change>
std::string changed(Change change) {
    auto items = sample();
    change(items[1]);
    return zipOf(items);
}

/// The same bytes with those at `position` from the end replaced.
std::string patched(std::string file, std::size_t fromEnd, const std::string& with) {
    return file.replace(file.size() - fromEnd, with.size(), with);
}

} // namespace

class TestZipArchive : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void entriesAreFoundByName();
    void sizesMayStandBehindTheData();
    void aCommentMayFollow();
    void hostileArchivesAreRefused_data();
    void hostileArchivesAreRefused();
    void everyTruncationIsRefused();
};

void TestZipArchive::entriesAreFoundByName() {
    for (const bool zip64 : {false, true}) {
        const auto archive = ZipArchive::open(bytesOf(zipOf(sample(), zip64)));
        QVERIFY2(archive.has_value(), archive.has_value() ? "" : archive.error().text().c_str());
        QCOMPARE(archive->entries().size(), std::size_t{4});
        QCOMPARE(contentOf(*archive, "a/data.pkl"), std::string("hello"));
        QCOMPARE(contentOf(*archive, "a/data/0"), std::string(100, 'x'));
        QCOMPARE(contentOf(*archive, "a/data/empty"), std::string());
        QVERIFY(archive->find("a/data") == nullptr);
    }
    QVERIFY(ZipArchive::open(bytesOf(zipOf({})))->entries().empty());
}

void TestZipArchive::sizesMayStandBehindTheData() {
    const auto file = changed([](ZipItem& item) { item.flags = 8, item.localSize = 0; });
    const auto archive = ZipArchive::open(bytesOf(file));
    QVERIFY2(archive.has_value(), archive.has_value() ? "" : archive.error().text().c_str());
    QCOMPARE(contentOf(*archive, "a/data/0"), std::string(100, 'x'));
}

void TestZipArchive::aCommentMayFollow() {
    const std::string file = patched(zipOf(sample()), 2, test::raw(std::uint16_t{5})) + "hello";
    QVERIFY(ZipArchive::open(bytesOf(file)).has_value());
}

void TestZipArchive::hostileArchivesAreRefused_data() {
    QTest::addColumn<std::string>("content");
    QTest::addColumn<std::string>("says");
    const auto row = [](const char* name, const std::string& content, const char* says) {
        QTest::newRow(name) << content << std::string(says);
    };
    const std::string good = zipOf(sample());
    const std::string wide = zipOf(sample(), true);
    row("empty", "", "end record is missing");
    row("no archive", std::string(1000, 'x'), "end record is missing");
    row("deflated", changed([](ZipItem& item) { item.method = 8; }),
        "compressed entry \"a/data/0\" (method 8)");
    row("encrypted", changed([](ZipItem& item) { item.flags = 1; }), "encrypted entry \"a/data/0\"");
    row("a bomb", changed([](ZipItem& item) { item.plainSize = 4'000'000'000; }),
        "100 bytes that claims to hold 4000000000");
    row("local size", changed([](ZipItem& item) { item.localSize = 99; }), "own header disagrees (99 bytes)");
    row("local size of none", changed([](ZipItem& item) { item.localSize = 0; }), "own header disagrees");
    row("local name", changed([](ZipItem& item) { item.localName = "a/data/1"; }),
        "own header names it \"a/data/1\"");
    row("overlap",
        changed([](ZipItem& item) { item.packedSize = item.plainSize = 120, item.localSize = 120; }),
        "entries that overlap: \"a/data/0\"");
    row("the same data twice", changed([](ZipItem& item) {
            item = {"a/data.pkl", "hello"};
            item.localOffset = 0;
        }),
        "overlap");
    row("the same name twice", changed([](ZipItem& item) { item.name = "a/data.pkl"; }),
        "two entries named \"a/data.pkl\"");
    row("outside", changed([](ZipItem& item) { item.localOffset = 1'000'000; }),
        "without a header at byte 1000000");
    row("longer than the file",
        changed([](ZipItem& item) { item.packedSize = item.plainSize = 70'000, item.localSize = 70'000; }),
        "70000 bytes at byte 45, outside");
    row("parent folder", changed([](ZipItem& item) { item.name = "a/../../x"; }),
        "\"a/../../x\", which leads out");
    row("absolute", changed([](ZipItem& item) { item.name = "/etc/passwd"; }), "which leads out");
    row("drive", changed([](ZipItem& item) { item.name = "c:x"; }), "which leads out");
    row("backslash", changed([](ZipItem& item) { item.name = "..\\x"; }), "which leads out");
    row("no name", changed([](ZipItem& item) { item.name = ""; }), "which leads out");
    row("link", changed([](ZipItem& item) { item.unixMode = 0120777; }), "\"a/data/0\" that is a link");
    row("bytes behind", good + "x", "end record is missing");
    row("too many entries", patched(good, 12, test::raw(std::uint16_t{500})), "500 entries do not fit");
    row("more entries than there are", patched(patched(good, 12, test::raw(std::uint16_t{5})), 14, "\5"),
        "truncated directory");
    row("fewer entries than there are", patched(good, 12, test::raw(std::uint16_t{3})),
        "behind the 3 entries");
    row("directory outside", patched(good, 6, test::raw(std::uint32_t{100'000})), "at byte 100000, outside");
    row("directory too long", patched(good, 10, test::raw(std::uint32_t{100'000})), "100000 bytes");
    row("wide end outside", patched(wide, 34, test::raw(~std::uint64_t{0})), "zip64 end record outside");
    row("wide directory outside", patched(wide, 22 + 20 + 8, test::raw(~std::uint64_t{0} - 5)),
        "18446744073709551610, outside");
    row("wide directory too long", patched(wide, 22 + 20 + 16, test::raw(~std::uint64_t{0})),
        "outside of its");
    row("wide count", patched(wide, 22 + 20 + 24, test::raw(std::uint64_t{1} << 60U)), "entries do not fit");
    row("no wide field", patched(zipOf({{"a", ""}}), 22 + 1 + 4, "\xff\xff\xff\xff"),
        "without its zip64 sizes");
    auto wideItems = sample();
    wideItems[1].packedSize = wideItems[1].plainSize = ~std::uint64_t{0};
    row("wide size", zipOf(wideItems, true), "18446744073709551615 bytes at byte 45, outside");
}

void TestZipArchive::hostileArchivesAreRefused() {
    QFETCH(std::string, content);
    QFETCH(std::string, says);
    const auto archive = ZipArchive::open(bytesOf(content));
    QVERIFY(!archive.has_value());
    QCOMPARE(archive.error().kind, Error::Kind::Input);
    QCOMPARE(archive.error().where, std::string("some.bin"));
    QVERIFY2(archive.error().message.find(says) != std::string::npos, archive.error().message.c_str());
}

void TestZipArchive::everyTruncationIsRefused() {
    for (const bool zip64 : {false, true}) {
        const std::string whole = zipOf(sample(), zip64);
        for (std::size_t length = 0; length < whole.size(); ++length)
            QVERIFY2(!ZipArchive::open(bytesOf(whole.substr(0, length))).has_value(),
                     qPrintable(QString::number(length)));
    }
}

QTEST_GUILESS_MAIN(TestZipArchive)
#include "tst_zip_archive.moc"
