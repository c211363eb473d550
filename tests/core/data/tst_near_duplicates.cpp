#include "core/base/random.h"
#include "core/data/near_duplicates.h"
#include "core/data/text_key.h"

#include <QtTest>

#include <set>

using namespace lathe;

namespace {

std::string randomText(Rng& rng, std::size_t words) {
    std::string text;
    for (std::size_t i = 0; i < words; ++i)
        text += "w" + std::to_string(rng.integer(0, 4999)) + " ";
    return text;
}

/// With some words of the text replaced.
std::string changed(const std::string& text, Rng& rng, std::size_t words) {
    std::vector<std::string> parts;
    for (const QString& part : QString::fromStdString(text).split(' ', Qt::SkipEmptyParts))
        parts.push_back(part.toStdString());
    for (std::size_t i = 0; i < words; ++i)
        parts[static_cast<std::size_t>(rng.integer(0, static_cast<std::int64_t>(parts.size()) - 1))] = "new";
    std::string result;
    for (const std::string& part : parts)
        result += part + " ";
    return result;
}

std::set<std::string> triples(const std::string& text) {
    const QStringList words = QString::fromStdString(text).split(' ', Qt::SkipEmptyParts);
    std::set<std::string> all;
    for (qsizetype i = 0; i + 2 < words.size(); ++i)
        all.insert((words[i] + " " + words[i + 1] + " " + words[i + 2]).toStdString());
    return all;
}

double likeness(const std::set<std::string>& left, const std::set<std::string>& right) {
    std::size_t both = 0;
    for (const std::string& triple : left)
        both += right.contains(triple) ? 1 : 0;
    return static_cast<double>(both) / static_cast<double>(left.size() + right.size() - both);
}

std::vector<NearDuplicate> search(const std::vector<std::string>& texts) {
    NearDuplicates all;
    for (std::size_t row = 0; row < texts.size(); ++row)
        all.add(row, texts[row]);
    return all.find([&texts](std::size_t row) { return texts[row]; }, {}).value();
}

} // namespace

class TestNearDuplicates : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void findsWhatComparingAllPairsFinds();
    void manyRowsOfOnePatternStayLinear();
    void shortTextsMustBeEqual();
    void stopIsObeyed();
    void normalisedTexts_data();
    void normalisedTexts();
    void keysTellTextsApart();
};

void TestNearDuplicates::findsWhatComparingAllPairsFinds() {
    Rng rng(7);
    std::vector<std::string> texts;
    for (int i = 0; i < 80; ++i) {
        texts.push_back(randomText(rng, 60));
        texts.push_back(changed(texts.back(), rng, static_cast<std::size_t>(i % 6)));
    }
    std::vector<std::set<std::string>> sets;
    for (const std::string& text : texts)
        sets.push_back(triples(text));
    std::set<std::size_t> expected;
    for (std::size_t row = 0; row < texts.size(); ++row)
        for (std::size_t earlier = 0; earlier < row; ++earlier)
            if (likeness(sets[row], sets[earlier]) >= NearDuplicates::kThreshold)
                expected.insert(row);
    QVERIFY(expected.size() > 20 && expected.size() < 75);
    std::set<std::size_t> actual;
    for (const NearDuplicate& pair : search(texts)) {
        QVERIFY(pair.earlier < pair.row);
        QVERIFY(std::abs(pair.likeness - likeness(sets[pair.row], sets[pair.earlier])) < 1e-12);
        actual.insert(pair.row);
    }
    QCOMPARE(actual, expected);
}

void TestNearDuplicates::manyRowsOfOnePatternStayLinear() {
    Rng rng(3);
    const std::string pattern = randomText(rng, 40);
    std::vector<std::string> texts;
    for (int i = 0; i < 700; ++i)
        texts.push_back(pattern + randomText(rng, 14)); // alike, but below the threshold
    std::size_t reads = 0;
    NearDuplicates all;
    for (std::size_t row = 0; row < texts.size(); ++row)
        all.add(row, texts[row]);
    const auto found = all.find(
        [&](std::size_t row) {
            ++reads;
            return texts[row];
        },
        {});
    QVERIFY(found.has_value());
    QVERIFY2(reads < 40 * texts.size(), qPrintable(QString::number(reads)));
}

void TestNearDuplicates::shortTextsMustBeEqual() {
    const auto found = search({"yes", "no", "Yes.", "", "two words", "two  WORDS"});
    QCOMPARE(found.size(), 2U);
    QCOMPARE(found[0].row, 2U);
    QCOMPARE(found[0].earlier, 0U);
    QCOMPARE(found[1].row, 5U);
}

void TestNearDuplicates::stopIsObeyed() {
    NearDuplicates all;
    all.add(0, "a b c d");
    std::stop_source stop;
    stop.request_stop();
    const auto found = all.find([](std::size_t) { return std::string(); }, stop.get_token());
    QCOMPARE(found.error().kind, Error::Kind::Cancelled);
}

void TestNearDuplicates::normalisedTexts_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("spaced");
    QTest::addColumn<QString>("plain");
    QTest::newRow("case and space") << " A  b\t\nC "
                                    << "a b c"
                                    << "a b c";
    QTest::newRow("punctuation") << "Don't, \u201Cplease\u201D \u2026 1.5!"
                                 << "don't, \u201Cplease\u201D \u2026 1.5!"
                                 << "don t please 1 5";
    QTest::newRow("letters") << "\u00C4\u00D6\u00DC \u0416\u0419 \u03A3\u0391 \u0141 \u00D7"
                             << "\u00E4\u00F6\u00FC \u0436\u0439 \u03C3\u03B1 \u0142 \u00D7"
                             << "\u00E4\u00F6\u00FC \u0436\u0439 \u03C3\u03B1 \u0142 \u00D7";
    QTest::newRow("hard space") << "a\u00A0b\u3000c"
                                << "a b c"
                                << "a b c";
}

void TestNearDuplicates::normalisedTexts() {
    QFETCH(QString, text);
    QFETCH(QString, spaced);
    QFETCH(QString, plain);
    const std::string given = text.toStdString();
    QCOMPARE(normalised(given, Likeness::Exact), given);
    QCOMPARE(QString::fromStdString(normalised(given, Likeness::CaseAndSpace)), spaced);
    QCOMPARE(QString::fromStdString(normalised(given, Likeness::Punctuation)), plain);
}

void TestNearDuplicates::keysTellTextsApart() {
    std::set<TextKey> keys;
    std::string text;
    for (int i = 0; i < 200; ++i) {
        keys.insert(keyOf(text));
        keys.insert(keyOf(text + '\0'));
        text += static_cast<char>('a' + i % 7);
    }
    QCOMPARE(keys.size(), 400U);
    QVERIFY(keyOf("") == TextKey{});
    // MurmurHash3_x64_128 of "hello" with seed 0, as the reference implementation gives it.
    QCOMPARE(keyOf("hello").high, 0xcbd8a7b341bd9b02ULL);
    QCOMPARE(keyOf("hello").low, 0x5b1e906a48ae1d19ULL);
}

QTEST_GUILESS_MAIN(TestNearDuplicates)
#include "tst_near_duplicates.moc"
