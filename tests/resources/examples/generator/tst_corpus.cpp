#include "resources/examples/generator/corpus.h"

#include "core/base/files.h"
#include "resources/examples/generator/data_sets.h"

#include <QtTest>

#include <set>

using namespace lathe;
using namespace lathe::examples;

namespace {

constexpr std::size_t kBytes = 1'000'000;

std::set<std::string> wordsOf(std::string_view text) {
    std::set<std::string> words;
    std::string word;
    for (char sign : text) {
        if (std::isalpha(static_cast<unsigned char>(sign)))
            word += static_cast<char>(std::tolower(static_cast<unsigned char>(sign)));
        else if (!word.empty())
            words.insert(std::exchange(word, {}));
    }
    return words;
}

} // namespace

class TestCorpus : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_corpus = makeCorpus(m_lexicon, {1, kBytes}); }

    void theSameSeedGivesTheSameBytes() {
        QCOMPARE(sha256(makeCorpus(m_lexicon, {1, kBytes})), sha256(m_corpus));
        QVERIFY(makeCorpus(m_lexicon, {2, kBytes}) != m_corpus);
    }

    void itEndsWithTheFirstDocumentPastTheWantedSize() {
        QVERIFY(m_corpus.size() >= kBytes - 1);
        QVERIFY(m_corpus.size() < kBytes + 4000);
        QVERIFY(m_corpus.ends_with('\n'));
    }

    void aMegabyteHasSomeThousandWords() {
        const std::size_t count = wordsOf(m_corpus).size();
        QVERIFY2(count >= 2000 && count <= 5000, qPrintable(QString::number(count)));
    }

    void noTemplateSignIsLeftInTheText() {
        QCOMPARE(m_corpus.find_first_of("{}[]|@"), std::string::npos);
        for (const char sign : m_corpus)
            QVERIFY((sign >= ' ' && sign <= '~') || sign == '\n');
    }

    void noArticleDisagreesWithItsNoun() {
        for (const char* wrong : {" a apple", " a orange", " an kite", " a old ", " an red ", " a owl"})
            QVERIFY2(m_corpus.find(wrong) == std::string::npos, wrong);
    }

    /// What the adapters are to learn must not be learnt before: neither the prompt's frame nor the bare
    /// labels.
    void theInstructionFormatIsNotInIt() {
        for (const char* phrase : {"Answer:", "positive", "negative"})
            QVERIFY2(m_corpus.find(phrase) == std::string::npos, phrase);
        for (const DataSet& set : makeDataSets(m_lexicon, {7, 10, 10}))
            QCOMPARE(m_corpus.find(set.train.front().instruction), std::string::npos);
    }

private:
    const Lexicon m_lexicon;
    std::string m_corpus;
};

QTEST_GUILESS_MAIN(TestCorpus)
#include "tst_corpus.moc"
