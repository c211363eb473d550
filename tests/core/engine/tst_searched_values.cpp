#include "core/engine/study_runner.h"

#include <QtTest>

using namespace lathe;

namespace {

StudySpec sampleSpec() {
    StudySpec spec;
    spec.fixed = {{"method", std::string("lora")},
                  {"rank", std::int64_t{8}},
                  {"rate", 0.5},
                  {"bf16", false},
                  {"steps", std::int64_t{10}}};
    spec.space = {{"rank", ChoiceDomain{{"4", "16"}, {}, true}, {{{"method", {"lora"}}}}},
                  {"rate", RealDomain{0, 1}, {}},
                  {"bf16", ChoiceDomain{{"true"}, {}}, {}},
                  {"method", ChoiceDomain{{"lora", "full"}, {}}, {}}};
    return spec;
}

} // namespace

class TestSearchedValues : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void searchedValuesGoOverTheFixedOnes() {
        const ParamValues recipe = mergedValues(sampleSpec(), {{"rate", 0.25}});
        QCOMPARE(recipe.real("rate"), 0.25);
        QCOMPARE(recipe.integer("steps"), 10);
    }

    void aNumberFromAListTakesTheTypeOfTheRecipe() {
        StudySpec spec = sampleSpec();
        const ParamValues recipe = mergedValues(
            spec, {{"rank", std::string("16")}, {"rate", std::string("1")}, {"bf16", std::string("true")}});
        QCOMPARE(recipe.integer("rank"), 16);
        QVERIFY(recipe.find("rate")->index() == ParamValue(1.0).index());
        QVERIFY(recipe.flag("bf16"));
    }

    void aRecipeGivesBackWhatTheSamplerAnswered() {
        const ParamValues searched{{"rank", std::string("16")},
                                   {"rate", 0.125},
                                   {"bf16", std::string("true")},
                                   {"method", std::string("lora")}};
        QVERIFY(searchedValues(sampleSpec(), mergedValues(sampleSpec(), searched)).value() == searched);
    }

    void inactiveKeysAreNotGivenBack() {
        const ParamValues searched{
            {"rate", 0.125}, {"bf16", std::string("true")}, {"method", std::string("full")}};
        QVERIFY(searchedValues(sampleSpec(), mergedValues(sampleSpec(), searched)).value() == searched);
    }

    void aRecipeWithoutASearchedKeyIsAnError() {
        QVERIFY(!searchedValues(sampleSpec(), {{"method", std::string("full")}}).has_value());
    }
};

QTEST_GUILESS_MAIN(TestSearchedValues)
#include "tst_searched_values.moc"
