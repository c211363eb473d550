#include "resources/examples/generator/scene.h"

#include <QtTest>

using namespace lathe;
using namespace lathe::examples;

class TestScene : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aNameIsRememberedAndDeclined() {
        Rng rng(1);
        Scene scene(m_lexicon, rng);
        scene.bind("A", Word{{"Anna", "f"}});
        QCOMPARE(scene.expand("{A} lost {A.his} hat. {A.He} asked {B:person}.").substr(0, 28),
                 std::string("Anna lost her hat. She asked"));
    }

    void choicesNestAndEveryOptionComes() {
        Rng rng(2);
        Scene scene(m_lexicon, rng);
        std::set<std::string> seen;
        for (int i = 0; i < 200; ++i)
            seen.insert(scene.expand("[a|b[c|d]|]"));
        QCOMPARE(seen, (std::set<std::string>{"", "a", "bc", "bd"}));
    }

    void articlesFollowTheWord_data() {
        QTest::addColumn<QString>("word");
        QTest::addColumn<QString>("expected");
        for (const auto& [word, expected] :
             {std::pair{"apple", "an apple"}, std::pair{"kite", "a kite"}, std::pair{"uniform", "a uniform"},
              std::pair{"honest", "an honest"}})
            QTest::newRow(word) << QString(word) << QString(expected);
    }
    void articlesFollowTheWord() {
        QFETCH(QString, word);
        QFETCH(QString, expected);
        Rng rng(3);
        Scene scene(m_lexicon, rng);
        scene.bind("T", Word{{word.toStdString()}, true});
        QCOMPARE(scene.expand("{T.a}"), expected.toStdString());
    }

    void pluralsFollowTheRulesOrTheList() {
        QCOMPARE(pluralOf("cherry"), std::string("cherries"));
        QCOMPARE(pluralOf("toy"), std::string("toys"));
        QCOMPARE(pluralOf("box"), std::string("boxes"));
        const auto& things = m_lexicon.category("thing");
        const auto knife = std::find_if(things.begin(), things.end(),
                                        [](const Word& word) { return word.text() == "knife"; });
        QVERIFY(knife != things.end());
        QCOMPARE(knife->forms[1], std::string("knives"));
    }

    void numbersAreSpelt() {
        QCOMPARE(numberWord(0), std::string("zero"));
        QCOMPARE(numberWord(13), std::string("thirteen"));
        QCOMPARE(numberWord(40), std::string("forty"));
        QCOMPARE(numberWord(72), std::string("seventy-two"));
        QCOMPARE(numberWord(100), std::string("a hundred"));
    }

    void noWordIsDrawnTwiceInAScene() {
        Rng rng(4);
        for (int repetition = 0; repetition < 50; ++repetition) {
            Scene scene(m_lexicon, rng);
            std::set<std::string> names;
            for (int i = 0; i < 10; ++i)
                names.insert(scene.expand("{:person}"));
            QCOMPARE(names.size(), std::size_t{10});
        }
    }

    void trainingNeverDrawsAHeldOutWordAndTestsPreferThem() {
        Rng rng(5);
        const auto& people = m_lexicon.category("person");
        std::set<std::string> heldOut;
        for (std::size_t i = 4; i < people.size(); i += 5)
            heldOut.insert(people[i].text());
        int drawnInTest = 0;
        for (int i = 0; i < 500; ++i) {
            Scene train(m_lexicon, rng, Part::Train);
            QVERIFY(!heldOut.contains(train.expand("{:person}")));
            Scene test(m_lexicon, rng, Part::Test);
            drawnInTest += heldOut.contains(test.expand("{:person}")) ? 1 : 0;
        }
        QVERIFY2(drawnInTest > 200, qPrintable(QString::number(drawnInTest)));
    }

private:
    const Lexicon m_lexicon;
};

QTEST_GUILESS_MAIN(TestScene)
#include "tst_scene.moc"
