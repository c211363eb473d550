#include "core/params/study_spec.h"
#include "tests/core/params/sample_schema.h"

#include <QtTest>

using namespace lathe;

namespace {

const ParamSchema kSchema = test::sampleSchema();

Domain domainOf(std::string_view text) { return parseSearchDimension(kSchema, text).value().domain; }

} // namespace

class TestSearchSpace : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRangeTakesTheTypeOfItsParameter() {
        QVERIFY(domainOf("rank=4..64") == Domain(IntDomain{4, 64, 1, false}));
        QVERIFY(domainOf("dropout=0..0.5") == Domain(RealDomain{0, 0.5, false, false}));
    }

    void aRangeMayBeLogarithmic() {
        QVERIFY(domainOf("learning_rate=1e-5..1e-2:log") == Domain(RealDomain{1e-5, 1e-2, true, false}));
        QVERIFY(domainOf("rank=1..64:log") == Domain(IntDomain{1, 64, 1, true}));
    }

    void wholeNumbersMayComeInSteps() {
        QVERIFY(domainOf("rank=8..64:step=8") == Domain(IntDomain{8, 64, 8, false}));
        QVERIFY(domainOf("rank=8..64:step=8:log") == Domain(IntDomain{8, 64, 8, true}));
        QVERIFY(domainOf("batch_size=4..32") == Domain(IntDomain{4, 32, 2, false})); // the parameter's own
    }

    void realsMayComeInSteps() {
        QVERIFY(domainOf("dropout=0..0.5:step=0.1") == Domain(RealDomain{0, 0.5, false, false, 0.1}));
        QVERIFY(domainOf("dropout=0..0.5:step=0.2") == Domain(RealDomain{0, 0.5, false, false, 0.2}));
    }

    void theOpenEndOfTheParameterStaysOpen() {
        QVERIFY(domainOf("learning_rate=0..0.1") == Domain(RealDomain{0, 0.1, false, true}));
    }

    void aListOfNumbersIsOrderedAndNormalised() {
        QVERIFY(domainOf("rank=4,8,16") == Domain(ChoiceDomain{{"4", "8", "16"}, {}, true}));
        QVERIFY(domainOf("learning_rate=1e-4,0.00030") ==
                Domain(ChoiceDomain{{"0.0001", "0.0003"}, {}, true}));
    }

    void aListOfChoicesKeepsItsValues() {
        QVERIFY(domainOf("method=lora,full") == Domain(ChoiceDomain{{"lora", "full"}, {}, false}));
        QVERIFY(domainOf("bf16=yes,no") == Domain(BoolDomain{}));
        QVERIFY(domainOf("bf16=on") == Domain(ChoiceDomain{{"true"}, {}, false}));
    }

    void theConditionComesFromTheSchema() {
        const SearchDimension dimension = parseSearchDimension(kSchema, "rank=4..8").value();
        QVERIFY(dimension.activeIf == (Condition{{{"method", {"lora"}}}}));
    }

    void aRangeMayHaveBoundsOfOtherParameters() {
        const SearchDimension rank =
            parseSearchDimension(kSchema, "rank=4..8:at_most=batch_size / 2:log:at_least=2").value();
        QVERIFY(rank.domain == Domain(IntDomain{4, 8, 1, true}));
        QCOMPARE(rank.atMost, std::string("batch_size / 2"));
        QCOMPARE(rank.atLeast, std::string("2"));
    }

    void refusalsNameTheKeyAndTheReason_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("words");
        const auto row = [](const char* text, const char* words) {
            QTest::newRow(text) << QByteArray(text) << QByteArray(words);
        };
        row("rank", "write KEY=LOW..HIGH");
        row("rank=", "write KEY=LOW..HIGH");
        row("=1..2", "write KEY=LOW..HIGH");
        row("ranc=1..2", "did you mean rank?");
        row("model=a,b", "model cannot be searched");
        row("rank=8..4", "rank has the empty range 8..4");
        row("rank=0..4", "rank 0 is below 1");
        row("rank=4..512", "rank 512 is above 256");
        row("rank=a..b", "rank: \"a\" is not a whole number");
        row("rank=1..2.5", "rank: \"2.5\" is not a whole number");
        row("rank=1..8:lgo", "\":lgo\" is not known");
        row("rank=1..8:step=0", "rank has the step 0");
        row("rank=1..", "rank: \"\" is not a whole number");
        row("batch_size=3..9", "batch_size 3 is not on the grid");
        row("batch_size=2..8:step=3", "batch_size has the step 3; choose a multiple of 2");
        row("learning_rate=0..1:log", "learning_rate begins at 0");
        row("learning_rate=-1..1", "learning_rate -1 must be above 0");
        row("dropout=0.5..0.1", "dropout has the empty range 0.5..0.1");
        row("dropout=0..0.5:stpe=2",
            "\":stpe=2\" is not known after a range; write :log, :step=X, :at_least=… or :at_most=…");
        row("dropout=0..0.5:step=0", "dropout has the step 0; choose a number above 0");
        row("dropout=0..0.5:step=-1", "dropout has the step -1; choose a number above 0");
        row("dropout=0..0.5:step=a", "dropout: \"a\" is not a number");
        row("learning_rate=0.1..1:step=0.1:log", "learning_rate has a step and a logarithmic scale");
        row("method=lora..full", "list the values");
        row("method=lora,none", "method \"none\" is not one of lora, full");
        row("rank=4,4", "rank lists 4 twice");
        row("rank=4,,8", "rank: \"\" is not a whole number");
        row("rank=4,0", "rank 0 is below 1");
    }

    void refusalsNameTheKeyAndTheReason() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, words);
        const Result<SearchDimension> dimension = parseSearchDimension(kSchema, text.toStdString());
        QVERIFY(!dimension.has_value());
        QCOMPARE(dimension.error().kind, Error::Kind::Input);
        const std::string message = dimension.error().text();
        QVERIFY2(message.find(words.toStdString()) != std::string::npos, message.c_str());
    }

    void aSpaceSearchesEachKeyOnce() {
        const SearchDimension rank = parseSearchDimension(kSchema, "rank=4..8").value();
        const SearchDimension dropout = parseSearchDimension(kSchema, "dropout=0..0.5").value();
        QVERIFY(checkSearchSpace(kSchema, {}).has_value());
        QVERIFY(checkSearchSpace(kSchema, {rank, dropout}).has_value());
        QCOMPARE(checkSearchSpace(kSchema, {rank, rank}).error().text(),
                 std::string("rank is searched twice; keep one of the two"));
    }

    void aSpaceFromAFileIsCheckedAgainstTheSchema() {
        const auto problem = [](const SearchDimension& dimension) {
            return checkSearchSpace(kSchema, {dimension}).error().text();
        };
        QVERIFY(problem({"rank", RealDomain{1, 2}, {}}).find("rank is not a real number") == 0);
        QVERIFY(problem({"dropout", IntDomain{0, 1}, {}}).find("dropout is not a whole number") == 0);
        QVERIFY(problem({"rank", ChoiceDomain{}, {}}).find("rank has no values") == 0);
        QVERIFY(problem({"rank", BoolDomain{}, {}}).find("rank is 1 to 256") == 0);
        QVERIFY(problem({"method", TextDomain{}, {}}).find("method is free text") == 0);
        QVERIFY(problem({"learning_rate", RealDomain{0, 1, false, false}, {}}).find("learning_rate 0") == 0);
    }
};

QTEST_GUILESS_MAIN(TestSearchSpace)
#include "tst_search_space.moc"
