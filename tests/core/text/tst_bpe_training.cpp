#include "core/text/tokenizer.h"

#include "tests/support/temp_folder.h"

#include <nlohmann/json.hpp>

#include <QtTest>

#include <array>
#include <random>

using namespace lathe;
using nlohmann::json;

namespace {

constexpr std::size_t kBytes = 256;

/// Lines of made-up words, some much more frequent than others, with numbers between; the same on every
/// machine.
std::string corpus(std::uint32_t seed, int lines) {
    std::mt19937 rng(seed);
    std::string text;
    for (int line = 0; line < lines; ++line) {
        for (int word = 0; word < 12; ++word) {
            std::mt19937 letters((rng() % 60) * (rng() % 60));
            for (unsigned i = 0, length = 2 + letters() % 7; i < length; ++i)
                text += static_cast<char>('a' + letters() % 26);
            text += rng() % 9 == 0 ? " " + std::to_string(rng() % 5000) + " " : " ";
        }
        text += line % 10 == 0 ? "<end> größer 😀\n" : "\n";
    }
    return text;
}

BpeTraining small(std::size_t vocabularySize = 600) {
    BpeTraining options;
    options.vocabularySize = vocabularySize;
    options.specialTokens = {"<pad>", "<begin>", "<end>"};
    return options;
}

/// Any bytes that are UTF-8: every plane, controls and NUL included.
std::string anyText(std::mt19937& rng) {
    std::u32string points;
    for (unsigned i = 0, length = rng() % 60; i < length; ++i) {
        const char32_t limit = std::array<char32_t, 4>{0x80, 0x800, 0x10000, 0x110000}[rng() % 4];
        const char32_t point = rng() % limit;
        points += point >= 0xD800 && point < 0xE000 ? U' ' : point;
    }
    return QString::fromUcs4(points.data(), static_cast<qsizetype>(points.size())).toStdString();
}

} // namespace

class TestBpeTraining : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void specialTokensComeFirst();
    void vocabularyHasTheAskedSize();
    void everyTextSurvivesTheRoundTrip();
    void longWordsAreNoTrap();
    void digitsStandAlone();
    void digitsMayStayTogether();
    void specialTokensInTheTextTeachNothing();
    void sameFilesGiveTheSameBytes();
    void littleTextGivesFewerEntries();
    void faultsAreToldInOneSentence_data();
    void faultsAreToldInOneSentence();

private:
    Tokenizer trained(const BpeTraining& options) const;

    test::TempFolder m_folder;
    std::vector<std::filesystem::path> m_files;
};

void TestBpeTraining::initTestCase() {
    m_files = {m_folder.write("a.txt", corpus(1, 400)), m_folder.write("b.txt", corpus(2, 200))};
}

Tokenizer TestBpeTraining::trained(const BpeTraining& options) const {
    Result<std::string> text = trainByteLevelBpe(m_files, options);
    if (!text)
        qFatal("%s", text.error().text().c_str());
    Result<Tokenizer> tokenizer = Tokenizer::fromJson(*text);
    if (!tokenizer)
        qFatal("%s", tokenizer.error().text().c_str());
    return std::move(tokenizer).value();
}

void TestBpeTraining::specialTokensComeFirst() {
    const Tokenizer tokenizer = trained(small());
    QCOMPARE(tokenizer.tokenOf(0), std::optional<std::string>("<pad>"));
    QCOMPARE(tokenizer.tokenOf(1), std::optional<std::string>("<begin>"));
    QCOMPARE(tokenizer.tokenOf(2), std::optional<std::string>("<end>"));
    QCOMPARE(tokenizer.padId(), std::optional(0));
    const std::vector<std::int32_t> ids = tokenizer.encode("<begin>a<end>", true)->ids;
    QCOMPARE(ids.size(), std::size_t{3});
    QCOMPARE(ids.front(), 1);
    QCOMPARE(ids.back(), 2);
    QCOMPARE(tokenizer.decode(ids, true).value(), std::string("a"));
}

void TestBpeTraining::vocabularyHasTheAskedSize() {
    QCOMPARE(trained(small(600)).vocabularySize(), std::size_t{600});
    QCOMPARE(trained(small(kBytes + 3)).vocabularySize(), kBytes + 3);
}

void TestBpeTraining::everyTextSurvivesTheRoundTrip() {
    const Tokenizer tokenizer = trained(small());
    std::mt19937 rng(7);
    for (int round = 0; round < 300; ++round) {
        const std::string text = anyText(rng);
        const Result<Encoding> encoding = tokenizer.encode(text, true);
        QVERIFY(encoding);
        QCOMPARE(tokenizer.decode(encoding->ids, false).value(), text);
        // Tokens of one character share its range; none leaves a gap.
        std::size_t reached = 0;
        for (const auto& [from, to] : encoding->offsets) {
            QVERIFY(from <= reached && to >= reached && to <= text.size());
            reached = to;
        }
        QCOMPARE(reached, text.size());
    }
}

void TestBpeTraining::longWordsAreNoTrap() {
    // Merging one word in quadratic time would take minutes here.
    const std::string text(200'000, 'q');
    const Tokenizer tokenizer = trained(small());
    QCOMPARE(tokenizer.decode(tokenizer.encode(text, false)->ids, false).value(), text);
}

void TestBpeTraining::digitsStandAlone() {
    const Tokenizer tokenizer = trained(small());
    QCOMPARE(tokenizer.encode("4711", false)->ids.size(), std::size_t{4});
    for (std::int32_t id = 0; id < static_cast<std::int32_t>(tokenizer.vocabularySize()); ++id) {
        const std::string token = tokenizer.tokenOf(id).value();
        const bool hasDigit = token.find_first_of("0123456789") != std::string::npos;
        QVERIFY2(!hasDigit || token.size() == 1, token.c_str());
    }
}

void TestBpeTraining::digitsMayStayTogether() {
    BpeTraining options = small(2000);
    options.splitDigits = false;
    QVERIFY(trained(options).encode("4711", false)->ids.size() < 4);
}

void TestBpeTraining::specialTokensInTheTextTeachNothing() {
    QVERIFY(!trained(small(2000)).idOf("end>"));
    BpeTraining withoutNames = small(2000);
    withoutNames.specialTokens.clear();
    const Tokenizer tokenizer = trained(withoutNames);
    QVERIFY(tokenizer.idOf("end") || tokenizer.idOf("<end"));
}

void TestBpeTraining::sameFilesGiveTheSameBytes() {
    BpeTraining options = small(1500);
    options.threads = 1;
    const std::string once = trainByteLevelBpe(m_files, options).value();
    for (const std::size_t threads : {1, 2, 5, 0}) {
        options.threads = threads;
        QVERIFY(trainByteLevelBpe(m_files, options).value() == once);
    }
    const json content = json::parse(once);
    QCOMPARE(content["model"]["vocab"].size(), std::size_t{1500});
    QCOMPARE(content["model"]["merges"].size(), 1500 - kBytes - 3);
}

void TestBpeTraining::littleTextGivesFewerEntries() {
    const std::vector files{m_folder.write("little.txt", "one word one word")};
    const Result<std::string> text = trainByteLevelBpe(files, small(5000));
    QVERIFY(text);
    const std::size_t size = Tokenizer::fromJson(*text)->vocabularySize();
    QVERIFY(size > kBytes + 3 && size < kBytes + 20);
}

void TestBpeTraining::faultsAreToldInOneSentence_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QStringList>("specials");
    QTest::addColumn<int>("size");
    QTest::addColumn<QString>("words");
    const QStringList none;
    QTest::newRow("no file") << "" << none << 500 << "no file is given";
    QTest::newRow("missing file") << "missing.txt" << none << 500 << "missing.txt: No such file";
    QTest::newRow("folder") << "." << none << 500 << "Is a directory";
    QTest::newRow("empty file") << "empty.txt" << none << 500 << "empty.txt: the file is empty";
    QTest::newRow("broken text") << "broken.txt" << none << 500 << "broken.txt: line 2 is not valid UTF-8";
    QTest::newRow("too small") << "a.txt" << QStringList{"<pad>"} << 256
                               << "vocabulary size 256 is below the 256 bytes and 1 special tokens";
    QTest::newRow("empty name") << "a.txt" << QStringList{""} << 500 << "a special token is empty";
    QTest::newRow("same name") << "a.txt" << QStringList{"<x>", "<x>"} << 500
                               << "special token <x> is listed twice";
}

void TestBpeTraining::faultsAreToldInOneSentence() {
    QFETCH(QString, file);
    QFETCH(QStringList, specials);
    QFETCH(int, size);
    QFETCH(QString, words);
    m_folder.write("empty.txt", "");
    m_folder.write("broken.txt", "fine\nnot \xFF fine\n");
    std::vector<std::filesystem::path> files;
    if (!file.isEmpty())
        files.push_back(m_folder / file.toStdString());
    BpeTraining options;
    options.vocabularySize = static_cast<std::size_t>(size);
    for (const QString& special : specials)
        options.specialTokens.push_back(special.toStdString());
    const Result<std::string> text = trainByteLevelBpe(files, options);
    QVERIFY(!text);
    QVERIFY(text.error().kind == Error::Kind::Input);
    QVERIFY2(QString::fromStdString(text.error().text()).contains(words), text.error().text().c_str());
}

QTEST_GUILESS_MAIN(TestBpeTraining)
#include "tst_bpe_training.moc"
