#include "core/base/files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

using namespace lathe;
namespace fs = std::filesystem;

namespace {

std::size_t entriesIn(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

} // namespace

class TestFiles : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void writtenTextReadsBack() {
        const test::TempFolder folder;
        const std::string content("a\0b\r\nü", 7);
        QVERIFY(writeFileAtomically(folder / "text", content).has_value());
        QCOMPARE(readFile(folder / "text").value(), content);
    }

    void writingReplacesTheOldFileAndLeavesNoOther() {
        const test::TempFolder folder;
        folder.write("text", "a long text that was there before");
        QVERIFY(writeFileAtomically(folder / "text", "new").has_value());
        QCOMPARE(readFile(folder / "text").value(), std::string("new"));
        QCOMPARE(entriesIn(folder.path()), std::size_t{1});
    }

    void aFailedWriteNamesTheFileAndLeavesNothingBehind() {
        const test::TempFolder folder;
        folder.write("target/inside", "stays");
        const Status status = writeFileAtomically(folder / "target", "new");
        QVERIFY(!status.has_value());
        QCOMPARE(status.error().kind, Error::Kind::Io);
        QCOMPARE(status.error().where, (folder / "target").string());
        QCOMPARE(readFile(folder / "target/inside").value(), std::string("stays"));
        QCOMPARE(entriesIn(folder.path()), std::size_t{1});
    }

    void aMissingFolderIsAnIoError() {
        const test::TempFolder folder;
        QCOMPARE(writeFileAtomically(folder / "no/text", "x").error().kind, Error::Kind::Io);
        QCOMPARE(readFile(folder / "no/text").error().kind, Error::Kind::Io);
    }

    void aFolderIsNotReadAsAFile() {
        const test::TempFolder folder;
        const Result<std::string> content = readFile(folder.path());
        QVERIFY(!content.has_value());
        QVERIFY(content.error().message.find("is a folder") != std::string::npos);
    }

    void aWritableFolderIsMadeWithItsParents() {
        const test::TempFolder folder;
        QVERIFY(ensureWritableFolder(folder / "a/b/c").has_value());
        QVERIFY(fs::is_directory(folder / "a/b/c"));
        QCOMPARE(entriesIn(folder / "a/b/c"), std::size_t{0});
        QVERIFY(ensureWritableFolder(folder / "a/b/c").has_value());
    }

    void aFolderThatCannotBeIsAnIoError() {
        const test::TempFolder folder;
        folder.write("file", "x");
        const Status status = ensureWritableFolder(folder / "file/below");
        QVERIFY(!status.has_value());
        QCOMPARE(status.error().kind, Error::Kind::Io);
    }

    void sha256FollowsTheStandard_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("digest");
        // FIPS 180-4 examples, then the lengths around the padding's edges (values of Python's hashlib).
        const auto row = [](const char* name, const QByteArray& text, const char* digest) {
            QTest::newRow(name) << text << QByteArray(digest);
        };
        row("empty", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        row("abc", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        row("448 bits", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
        row("a million", QByteArray(1'000'000, 'a'),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
        row("55", QByteArray(55, 'a'), "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
        row("56", QByteArray(56, 'a'), "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
        row("63", QByteArray(63, 'a'), "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34");
        row("64", QByteArray(64, 'a'), "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
        row("65", QByteArray(65, 'a'), "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0");
        row("119", QByteArray(119, 'a'), "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb");
        row("120", QByteArray(120, 'a'), "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c");
    }

    void sha256FollowsTheStandard() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, digest);
        QCOMPARE(sha256(text.toStdString()), digest.toStdString());
    }
};

QTEST_GUILESS_MAIN(TestFiles)
#include "tst_files.moc"
