#include "resources/examples/generator/data_sets.h"

#include "core/base/files.h"
#include "resources/examples/generator/facts.h"
#include "resources/examples/generator/sums.h"
#include "tests/support/shared_files.h"

#include <QtTest>

#include <algorithm>
#include <map>
#include <set>

using namespace lathe;
using namespace lathe::examples;

namespace {

std::vector<int> numbersIn(std::string_view text) {
    std::vector<int> numbers;
    bool isInside = false;
    for (char sign : text) {
        const bool isDigit = sign >= '0' && sign <= '9';
        if (isDigit && !isInside)
            numbers.push_back(0);
        if (isDigit)
            numbers.back() = numbers.back() * 10 + (sign - '0');
        isInside = isDigit;
    }
    return numbers;
}

bool hasAny(std::string_view text, std::initializer_list<std::string_view> phrases) {
    return std::any_of(phrases.begin(), phrases.end(),
                       [&](std::string_view phrase) { return text.find(phrase) != std::string_view::npos; });
}

/// What the words of a story ask for, read without the generator's help.
int solved(const std::string& story) {
    const std::vector<int> numbers = numbersIn(story);
    const bool isDifference = hasAny(story, {"left?", "How many more", " lost ", " sold ", " used "});
    return isDifference ? numbers.at(0) - numbers.at(1) : numbers.at(0) + numbers.at(1);
}

} // namespace

class TestDataSets : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        for (DataSet& set : makeDataSets(m_lexicon, {}))
            m_sets.emplace(set.name, std::move(set));
        QCOMPARE(m_sets.size(), std::size_t{3});
    }

    void theSameSeedGivesTheSameRows() {
        for (const DataSet& set : makeDataSets(m_lexicon, {})) {
            QCOMPARE(toJsonLines(set.train), toJsonLines(m_sets.at(set.name).train));
            QCOMPARE(toJsonLines(set.test), toJsonLines(m_sets.at(set.name).test));
        }
    }

    void theFilesOfTheRepositoryAreWhatTheGeneratorWrites() {
        for (const auto& [name, set] : m_sets) {
            QCOMPARE(toJsonLines(set.train), committed(name + ".train.jsonl"));
            QCOMPARE(toJsonLines(set.test), committed(name + ".test.jsonl"));
        }
    }

    void noTestRowIsATrainingRowInOtherWordOrder() {
        for (const auto& [name, set] : m_sets) {
            std::set<std::string> seen;
            for (const auto* rows : {&set.train, &set.test})
                for (const DataRow& row : *rows)
                    QVERIFY2(seen.insert(wordBag(row.input)).second, row.input.c_str());
        }
    }

    void wordOrderAndPunctuationDoNotMakeTextsDifferent() {
        QCOMPARE(wordBag("Tom ran. Ann sat!"), wordBag("ann sat, tom ran"));
        QVERIFY(wordBag("Tom ran.") != wordBag("Tom ran ran."));
    }

    void reviewsAreHalfGoodAndHalfBad() {
        for (const auto* rows : {&m_sets.at("sentiment").train, &m_sets.at("sentiment").test}) {
            std::map<std::string, std::size_t> counts;
            for (const DataRow& row : *rows)
                ++counts[row.output];
            QCOMPARE(counts.size(), std::size_t{2});
            QCOMPARE(counts.at("positive"), counts.at("negative"));
        }
    }

    void everyPassageHoldsItsAnswer() {
        const DataSet& set = m_sets.at("passage_qa");
        for (const auto* rows : {&set.train, &set.test})
            for (const DataRow& row : *rows) {
                const std::size_t question = row.input.rfind(". ");
                QVERIFY(question != std::string::npos && row.input.ends_with('?'));
                QVERIFY2(row.input.substr(0, question).find(row.output) != std::string::npos,
                         row.input.c_str());
            }
    }

    void noAnswerIsTooCommonAmongThePassages() {
        std::map<std::string, std::size_t> counts;
        for (const DataRow& row : m_sets.at("passage_qa").test)
            ++counts[row.output];
        for (const auto& [answer, count] : counts)
            QVERIFY2(count <= m_sets.at("passage_qa").test.size() / 20, answer.c_str());
    }

    void everyWordProblemIsSolvedRight() {
        const DataSet& set = m_sets.at("word_problems");
        for (const auto* rows : {&set.train, &set.test})
            for (const DataRow& row : *rows)
                QVERIFY2(std::to_string(solved(row.input)) == row.output, row.input.c_str());
    }

    void sumStoriesTellTheirNumbersAndTheTruth() {
        Rng rng(11);
        for (int i = 0; i < 500; ++i) {
            Scene scene(m_lexicon, rng);
            const SumStory sum = makeSumStory(scene);
            QCOMPARE(sum.result, sum.isSum ? sum.first + sum.second : sum.first - sum.second);
            QCOMPARE(numbersIn(sum.story), (std::vector<int>{sum.first, sum.second}));
            QCOMPARE(numbersIn(sum.full), std::vector<int>{sum.result});
        }
    }

    void questionsNameWhatTheirSentenceTells() {
        Rng rng(12);
        for (int i = 0; i < 500; ++i) {
            Scene scene(m_lexicon, rng);
            const Passage passage = makePassage(scene, 3);
            QCOMPARE(passage.sentences.size(), std::size_t{3});
            for (const AskedQuestion& question : passage.questions)
                QVERIFY2(question.full.find(question.answer) != std::string::npos, question.full.c_str());
        }
    }

    void theLastStatementOfAFactIsHeldOut() {
        for (const DataRow& row : m_sets.at("passage_qa").train)
            QVERIFY2(!hasAny(row.input, {" set off for the ", " earns a living as ", " grew up in "}),
                     row.input.c_str());
        QVERIFY(std::any_of(m_sets.at("passage_qa").test.begin(), m_sets.at("passage_qa").test.end(),
                            [](const DataRow& row) { return hasAny(row.input, {" set off for the "}); }));
    }

private:
    static std::string committed(const std::string& name) {
        return readFile(test::sourceFile("resources/examples/data/" + name)).value();
    }

    const Lexicon m_lexicon;
    std::map<std::string, DataSet> m_sets;
};

QTEST_GUILESS_MAIN(TestDataSets)
#include "tst_data_sets.moc"
