#include "widgets/pages/prediction_details.h"

#include <QLabel>
#include <QTest>
#include <QTextEdit>

using namespace lathe;

class TestPredictionDetails : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatWasComparedIsMarkedInTheAnswer_data();
    void whatWasComparedIsMarkedInTheAnswer();
    void rowIsShownWhole();
    void otherAnswerStandsBeside();
    void modelsWordsAreNoHtml();
};

void TestPredictionDetails::whatWasComparedIsMarkedInTheAnswer_data() {
    QTest::addColumn<QString>("answer");
    QTest::addColumn<QString>("extracted");
    QTest::addColumn<QString>("before"); ///< what stands in front of the mark
    QTest::newRow("the last number") << "5 + 7 = 12, so 12"
                                     << "12"
                                     << "5 + 7 = 12, so ";
    QTest::newRow("the first word") << "true, it is true"
                                    << "true"
                                    << "";
    QTest::newRow("in the middle") << "It is B."
                                   << "B"
                                   << "It is ";
}

void TestPredictionDetails::whatWasComparedIsMarkedInTheAnswer() {
    QFETCH(QString, answer);
    QFETCH(QString, extracted);
    QFETCH(QString, before);
    const QString html = markedAnswer(answer, extracted, "#ffee00");
    QVERIFY2(html.startsWith(before + "<span style=\"background-color:#ffee00"), qPrintable(html));
    QVERIFY(html.contains(">" + extracted + "</span>"));
    QCOMPARE(html.count("<span"), 1);
    QCOMPARE(markedAnswer("as it is", "as it is", "#ffee00"), "as it is");
    QCOMPARE(markedAnswer("yes", "no", "#ffee00"), "yes");
}

void TestPredictionDetails::rowIsShownWhole() {
    PredictionDetails details;
    const PredictionRecord row{4, 6, "Is it?\nSay so.", "yes", "No, it is not", "no", false, "", "{}"};
    details.show(&row, nullptr, {});
    QCOMPARE(details.findChild<QLabel*>("predictionHeadingLabel")->text(), "Row 5, line 6 of the file");
    const QString text = details.findChild<QTextEdit*>("predictionText")->toPlainText();
    for (const char* part : {"Is it?\nSay so.", "yes", "No, it is not", "✗ wrong"})
        QVERIFY2(text.contains(QString::fromUtf8(part)), part);
    details.show(nullptr, nullptr, {});
    QVERIFY(details.findChild<QTextEdit*>("predictionText")->toPlainText().isEmpty());
}

void TestPredictionDetails::otherAnswerStandsBeside() {
    PredictionDetails details;
    const PredictionRecord row{0, 1, "Is it?", "yes", "yes", "yes", true, "", "{}"};
    const PredictionRecord other{0, 1, "Is it?", "yes", "never", "never", false, "", "{}"};
    details.show(&row, &other, "the base");
    const QString text = details.findChild<QTextEdit*>("predictionText")->toPlainText();
    QVERIFY(text.contains("Answer of “the base”") && text.contains("never"));
}

void TestPredictionDetails::modelsWordsAreNoHtml() {
    PredictionDetails details;
    const PredictionRecord row{0, 1, "<b>bold</b>", "<i>", "<img src=x>", "<img src=x>", false, "", "{}"};
    details.show(&row, nullptr, {});
    const QString text = details.findChild<QTextEdit*>("predictionText")->toPlainText();
    QVERIFY(text.contains("<b>bold</b>") && text.contains("<img src=x>"));
}

QTEST_MAIN(TestPredictionDetails)
#include "tst_prediction_details.moc"
