#include "core/session/core_sentence.h"

#include <QTranslator>
#include <QtTest>

using namespace lathe;

namespace {

/// Answers what it is asked for in capitals, so that a test sees what was looked up.
class LoudTranslator final : public QTranslator {
public:
    QString translate(const char* context, const char* text, const char*, int) const override {
        return QString::fromUtf8(context) == u"CoreSentence" ? QString::fromUtf8(text).toUpper() : QString();
    }
    bool isEmpty() const override { return false; }
};

} // namespace

class TestCoreSentence : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everySentenceKnowsItselfWithItsParts() {
        for (const char* sentence : knownCoreSentences())
            QCOMPARE(coreSentence(sentence), QString::fromUtf8(sentence));
    }

    void partsStayAndWordsAreTranslated_data() {
        QTest::addColumn<QString>("english");
        QTest::addColumn<QString>("shown");
        QTest::newRow("median") << "0.71 at step 40 is worse than the median 0.66 of 6 trials"
                                << "0.71 AT STEP 40 IS WORSE THAN THE MEDIAN 0.66 OF 6 TRIALS";
        QTest::newRow("percentile") << "0.7 at step 4 is worse than the 25th percentile 0.6 of 1 trial"
                                    << "0.7 AT STEP 4 IS WORSE THAN THE 25TH PERCENTILE 0.6 OF 1 TRIAL";
        QTest::newRow("percent signs") << "a%2b at step 3 is not a number"
                                       << "a%2b AT STEP 3 IS NOT A NUMBER";
        QTest::newRow("within another") << "not trained: rank <= 4 does not hold: rank is 8"
                                        << "NOT TRAINED: rank <= 4 DOES NOT HOLD: rank is 8";
        QTest::newRow("expression") << "column 13: rnk is not known here; did you mean rank?"
                                    << "COLUMN 13: rnk IS NOT KNOWN HERE; DID YOU MEAN rank?";
        QTest::newRow("types") << "\"+\" needs a number, this is a text"
                               << "\"+\" NEEDS A NUMBER, THIS IS A TEXT";
        QTest::newRow("two") << "ended by hand; something else"
                             << "ENDED BY HAND; something else";
        QTest::newRow("unknown") << "disk full"
                                 << "disk full";
    }

    void partsStayAndWordsAreTranslated() {
        QFETCH(QString, english);
        QFETCH(QString, shown);
        LoudTranslator loud;
        QCoreApplication::installTranslator(&loud);
        const QString found = coreSentence(english.toStdString());
        QCoreApplication::removeTranslator(&loud);
        QCOMPARE(found, shown);
    }
};

QTEST_GUILESS_MAIN(TestCoreSentence)
#include "tst_core_sentence.moc"
