#include "core/tasks/bootstrap.h"
#include "core/tasks/choices.h"
#include "core/tasks/paired.h"
#include "core/tasks/text_scores.h"

#include <QtTest>

#include <cmath>

using namespace lathe;

namespace {

RowVerdict judged(bool isCorrect) {
    RowVerdict verdict;
    verdict.isCorrect = isCorrect;
    return verdict;
}

std::vector<RowVerdict> judgedAll(const std::string& marks) {
    std::vector<RowVerdict> verdicts;
    for (const char mark : marks)
        verdicts.push_back(mark == '?' ? RowVerdict{} : judged(mark == '+'));
    return verdicts;
}

std::vector<RowVerdict> scored(const std::vector<double>& scores) {
    std::vector<RowVerdict> verdicts;
    for (const double score : scores) {
        verdicts.emplace_back();
        verdicts.back().scores["rouge1"] = score;
    }
    return verdicts;
}

MetricValue valueOf(const std::vector<RowVerdict>& verdicts, const std::string& name,
                    const IntervalOptions& options = {}) {
    return sumVerdicts(verdicts, answerMetricsOf({name}), options).front();
}

} // namespace

class TestVerdicts : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aProportionHasAWilsonInterval();
    void rowsWithoutAFigureAreNotCounted();
    void theBootstrapIsTheSameEverywhere();
    void theBootstrapCoversTheMean();
    void quantilesAreLinearBetweenNeighbours();
    void correlationsComeFromTheNumbers();
    void verdictsSurviveStorage();
    void brokenStoredVerdictsAreRefused();
    void mcNemarAgreesWithTheBinomial();
    void severalRightAnswersCountAsTheBest();
    void shortChoicesHaveNoAdvantageOnceNormalised();
    void choicesAreNamedByTextLetterOrNumber();
};

void TestVerdicts::aProportionHasAWilsonInterval() {
    const MetricValue value = valueOf(judgedAll("++-+-+++--"), "accuracy");
    QCOMPARE(value.value, 0.6);
    QCOMPARE(value.count, 10);
    QVERIFY(std::abs(value.low - wilsonInterval(6, 10).low) < 1e-12);
    QVERIFY(std::abs(value.high - wilsonInterval(6, 10).high) < 1e-12);
    IntervalOptions wide;
    wide.confidence = 0.99;
    QVERIFY(valueOf(judgedAll("++-+-+++--"), "accuracy", wide).low < value.low);
}

void TestVerdicts::rowsWithoutAFigureAreNotCounted() {
    const MetricValue value = valueOf(judgedAll("+?-?"), "accuracy");
    QCOMPARE(value.count, 2);
    QCOMPARE(value.value, 0.5);
    QCOMPARE(valueOf({}, "bleu").count, 0);
    QVERIFY(std::isnan(valueOf({}, "bleu").value));
    QVERIFY(std::isnan(valueOf(judgedAll("+-"), "spearman").low));
}

/// The numbers were computed apart from this program; a platform whose draws differ
/// would show other intervals for the same evaluation.
void TestVerdicts::theBootstrapIsTheSameEverywhere() {
    IntervalOptions options;
    options.seed = 7;
    options.resamples = 200;
    const auto first = valueOf(scored({0, 0.25, 0.5, 0.5, 0.75, 1, 1, 0.125}), "rouge1", options);
    const auto again = valueOf(scored({0, 0.25, 0.5, 0.5, 0.75, 1, 1, 0.125}), "rouge1", options);
    QCOMPARE(first.low, again.low);
    QCOMPARE(first.high, again.high);
    QCOMPARE(first.value, 0.515625);
    QCOMPARE(first.low, 0.328125);
    QCOMPARE(first.high, 0.765625);
    options.seed = 8;
    const auto other = valueOf(scored({0, 0.25, 0.5, 0.5, 0.75, 1, 1, 0.125}), "rouge1", options);
    QVERIFY(other.low != first.low || other.high != first.high);
}

/// Of 200 evenly spread scores the mean's standard error is 0.0204: the interval is about ± 1.96 of it.
void TestVerdicts::theBootstrapCoversTheMean() {
    std::vector<double> scores;
    for (int i = 0; i < 200; ++i)
        scores.push_back((i + 0.5) / 200);
    const MetricValue value = valueOf(scored(scores), "rouge1");
    const double error = std::sqrt(1.0 / 12 / 200);
    QVERIFY(std::abs(value.value - 0.5) < 1e-12);
    QVERIFY(std::abs((value.high - value.low) / (2 * 1.96 * error) - 1) < 0.1);
}

void TestVerdicts::quantilesAreLinearBetweenNeighbours() {
    const std::vector<double> sorted{1, 2, 4};
    QCOMPARE(quantile(sorted, 0), 1.0);
    QCOMPARE(quantile(sorted, 0.25), 1.5);
    QCOMPARE(quantile(sorted, 0.75), 3.0);
    QCOMPARE(quantile(sorted, 1), 4.0);
}

void TestVerdicts::correlationsComeFromTheNumbers() {
    std::vector<RowVerdict> verdicts(3);
    verdicts[0].parts["numbers"] = {1, 10};
    verdicts[1].parts["numbers"] = {2, 30};
    verdicts[2].parts["numbers"] = {3, 20};
    QCOMPARE(valueOf(verdicts, "spearman").value, 0.5);
    QCOMPARE(valueOf(verdicts, "mae").value, 54.0 / 3);
    verdicts[0].parts["labels"] = {1, 1};
    verdicts[1].parts["labels"] = {1, 0};
    verdicts[2].parts["labels"] = {0, -1};
    QCOMPARE(valueOf(verdicts, "f1").value, 2.0 / 3);
}

void TestVerdicts::verdictsSurviveStorage() {
    RowVerdict verdict;
    verdict.extracted = "größer \"42\"\n";
    verdict.expected = "42";
    verdict.isCorrect = false;
    verdict.scores = {{"rouge1", 1.0 / 3}, {"bleu", HUGE_VAL}};
    verdict.parts = {{"loss", {1e-300, 3}}, {"numbers", {}}};
    QVERIFY(verdictFromJson(toJson(verdict)).value() == verdict);
    QVERIFY(verdictFromJson(toJson(RowVerdict{})).value() == RowVerdict{});
    verdict.scores["bleu"] = std::nan("");
    QVERIFY(std::isnan(verdictFromJson(toJson(verdict)).value().scores.at("bleu")));
    verdict.extracted = "half a character \xC3";
    QVERIFY(verdictFromJson(toJson(verdict)).has_value());
}

void TestVerdicts::brokenStoredVerdictsAreRefused() {
    for (const char* text : {"", "[]", "{}", R"({"extracted": 1, "expected": "", "scores": {}, "parts": {}})",
                             R"({"extracted": "", "expected": "", "scores": {"a": "x"}, "parts": {}})"})
        QVERIFY2(!verdictFromJson(text).has_value(), text);
}

/// scipy.stats.binomtest(2, 10).pvalue and (100, 250).
void TestVerdicts::mcNemarAgreesWithTheBinomial() {
    const PairedComparison small = comparePaired(judgedAll("++--------++-?"), judgedAll("--++++++++++-+"));
    QCOMPARE(small.rows, 13);
    QCOMPARE(small.onlyFirst, 2);
    QCOMPARE(small.onlySecond, 8);
    QCOMPARE(small.bothRight, 2);
    QCOMPARE(small.bothWrong, 1);
    QVERIFY(std::abs(small.pValue - 0.109375) < 1e-12);
    const PairedComparison large = comparePaired(judgedAll(std::string(100, '+') + std::string(150, '-')),
                                                 judgedAll(std::string(100, '-') + std::string(150, '+')));
    QVERIFY(std::abs(large.pValue - 0.0018833009350761602) < 1e-12);
    QCOMPARE(comparePaired({}, {}).pValue, 1.0);
}

void TestVerdicts::severalRightAnswersCountAsTheBest() {
    const std::vector<std::string> names{"exact_match", "token_f1"};
    const RowVerdict verdict = scoredText("the Eiffel tower!", R"(["Paris", "Eiffel Tower"])", names);
    QCOMPARE(verdict.isCorrect, true);
    QCOMPARE(verdict.scores.at("token_f1"), 1.0);
    const RowVerdict part = scoredText("in Paris", R"({"text": ["Paris"], "answer_start": [3]})", names);
    QCOMPARE(part.isCorrect, false);
    QCOMPARE(part.scores.at("token_f1"), 2.0 / 3);
    QVERIFY(scoredText("Paris", "", names).scores.empty());
    QCOMPARE(scoredText("An  ANSWER, the.", "answer", names).isCorrect, true);
    QCOMPARE(scoredText("theme", "me", names).isCorrect, false);
}

void TestVerdicts::shortChoicesHaveNoAdvantageOnceNormalised() {
    Question question;
    question.choices = {"yes", "no, not at all"};
    question.expected = "no, not at all";
    ModelAnswer answer;
    answer.choices = {-2.0, -5.0};
    const RowVerdict verdict = judgeChoice(question, answer);
    QCOMPARE(verdict.extracted, "yes");
    QCOMPARE(verdict.isCorrect, false);
    QCOMPARE(verdict.scores.at("accuracy_norm"), 1.0);
}

void TestVerdicts::choicesAreNamedByTextLetterOrNumber() {
    const auto choices = choicesIn(R"({"text": ["red", "blue", "2"], "label": ["A", "B", "C"]})").value();
    QCOMPARE(choices.size(), std::size_t{3});
    QCOMPARE(choiceNamed("blue", choices).value(), "blue");
    QCOMPARE(choiceNamed("B", choices).value(), "blue");
    QCOMPARE(choiceNamed("0", choices).value(), "red");
    QCOMPARE(choiceNamed("2", choices).value(), "2");
    QCOMPARE(choiceNamed("D", choices).error().text(),
             "the answer \"D\" is none of the choices red, blue, 2");
    QVERIFY(!choicesIn("red, blue").has_value());
    QVERIFY(!choicesIn(R"(["red"])").has_value());
}

QTEST_GUILESS_MAIN(TestVerdicts)
#include "tst_verdicts.moc"
