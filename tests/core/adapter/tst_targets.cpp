#include "core/adapter/targets.h"
#include "tests/support/shared_files.h"

#include <QtTest>

using namespace lathe;
using namespace lathe::test;

/// On the golden model: two layers of q, k, v, o, gate, up and down projections.
class TestTargets : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void namesFitModulesAndPathsThatEndInThem_data();
    void namesFitModulesAndPathsThatEndInThem();
    void sitesComeInTheModelsOrderAndOnce();
    void namesThatFitNothingAreToldWithThoseThereAre_data();
    void namesThatFitNothingAreToldWithThoseThereAre();
    void layersAndExclusionsTakeSitesAway_data();
    void layersAndExclusionsTakeSitesAway();
    void faultyChoicesAreTold_data();
    void faultyChoicesAreTold();
    void embeddingsAndHeadsAreTakenOnlyByRuleAndName();
    void targetNamesLoseBlanksAndRepetitions();
    void moduleNamesComeInOrderOfAppearance();

private:
    ModelSummary m_model = readModelSummary(sourceFile("tests/data/golden/llama")).value();
};

void TestTargets::namesFitModulesAndPathsThatEndInThem_data() {
    QTest::addColumn<QString>("targets");
    QTest::addColumn<int>("count");
    QTest::newRow("every projection but the head") << "all-linear" << 14;
    QTest::newRow("what is usual") << "auto" << 14;
    QTest::newRow("a pattern for whole paths") << ".*_proj" << 14;
    QTest::newRow("a pattern for one layer") << R"(model\.layers\.1\..*\.(q|v)_proj)" << 2;
    QTest::newRow("a module in each layer") << "q_proj" << 2;
    QTest::newRow("two modules, by a comma") << "q_proj,v_proj" << 4;
    QTest::newRow("two modules, by a blank") << "q_proj v_proj" << 4;
    QTest::newRow("part of a path") << "layers.1.self_attn.q_proj" << 1;
    QTest::newRow("a whole path") << "model.layers.0.mlp.up_proj" << 1;
    QTest::newRow("a path inside a module's sites") << "q_proj,layers.1.self_attn.q_proj" << 2;
}

void TestTargets::namesFitModulesAndPathsThatEndInThem() {
    QFETCH(QString, targets);
    QFETCH(int, count);
    const auto sites = matchTargets(m_model, {targets.toStdString(), "", ""});
    QVERIFY(sites.has_value());
    QCOMPARE(static_cast<int>(sites->size()), count);
}

void TestTargets::sitesComeInTheModelsOrderAndOnce() {
    const auto sites = matchTargets(m_model, {"v_proj,q_proj,q_proj", "", ""}).value();
    QStringList names;
    for (const Site& site : sites)
        names << QString::fromStdString(site.name);
    QCOMPARE(names, (QStringList{"model.layers.0.self_attn.q_proj", "model.layers.0.self_attn.v_proj",
                                 "model.layers.1.self_attn.q_proj", "model.layers.1.self_attn.v_proj"}));
}

void TestTargets::namesThatFitNothingAreToldWithThoseThereAre_data() {
    QTest::addColumn<QString>("targets");
    QTest::addColumn<QString>("named");
    QTest::newRow("nothing") << ""
                             << "names no module";
    QTest::newRow("only separators") << " , "
                                     << "names no module";
    QTest::newRow("unknown") << "query"
                             << "\"query\"";
    QTest::newRow("one of two unknown") << "q_proj,query"
                                        << "\"query\"";
    QTest::newRow("the end of a name is no module") << "proj"
                                                    << "\"proj\"";
    QTest::newRow("a layer that is not there") << "layers.2.self_attn.q_proj"
                                               << "layers.2";
}

void TestTargets::namesThatFitNothingAreToldWithThoseThereAre() {
    QFETCH(QString, targets);
    QFETCH(QString, named);
    const auto sites = matchTargets(m_model, {targets.toStdString(), "", ""});
    QVERIFY(!sites.has_value());
    QVERIFY(sites.error().kind == Error::Kind::Input);
    const QString message = QString::fromStdString(sites.error().text());
    QVERIFY2(message.contains(named), qPrintable(message));
    QVERIFY2(message.contains("q_proj, k_proj, v_proj, o_proj"), qPrintable(message));
}

void TestTargets::layersAndExclusionsTakeSitesAway_data() {
    QTest::addColumn<QString>("modules");
    QTest::addColumn<QString>("layers");
    QTest::addColumn<QString>("exclude");
    QTest::addColumn<int>("count");
    QTest::newRow("one layer") << "auto"
                               << "1"
                               << "" << 7;
    QTest::newRow("a range") << "auto"
                             << "0-1"
                             << "" << 14;
    QTest::newRow("a list with a range") << "auto"
                                         << "0, 1-1"
                                         << "" << 14;
    QTest::newRow("without a module") << "auto"
                                      << ""
                                      << "down_proj" << 12;
    QTest::newRow("without a pattern") << "auto"
                                       << ""
                                       << ".*mlp.*" << 8;
    QTest::newRow("both") << "auto"
                          << "0"
                          << "q_proj,k_proj" << 5;
}

void TestTargets::layersAndExclusionsTakeSitesAway() {
    QFETCH(QString, modules);
    QFETCH(QString, layers);
    QFETCH(QString, exclude);
    QFETCH(int, count);
    const auto sites =
        matchTargets(m_model, {modules.toStdString(), layers.toStdString(), exclude.toStdString()});
    QVERIFY2(sites.has_value(), sites.has_value() ? "" : sites.error().text().c_str());
    QCOMPARE(static_cast<int>(sites->size()), count);
}

void TestTargets::faultyChoicesAreTold_data() {
    QTest::addColumn<QString>("modules");
    QTest::addColumn<QString>("layers");
    QTest::addColumn<QString>("exclude");
    QTest::addColumn<QString>("where");
    QTest::addColumn<QString>("named");
    QTest::newRow("a layer too many") << "auto"
                                      << "2"
                                      << ""
                                      << "target_layers"
                                      << "2 layers";
    QTest::newRow("no number") << "auto"
                               << "first"
                               << ""
                               << "target_layers"
                               << "\"first\"";
    QTest::newRow("a range backwards") << "auto"
                                       << "1-0"
                                       << ""
                                       << "target_layers"
                                       << "\"1-0\"";
    QTest::newRow("nothing left") << "q_proj"
                                  << ""
                                  << "q_proj"
                                  << "target_modules"
                                  << "leaves no module";
    QTest::newRow("an exclusion that fits nothing") << "q_proj"
                                                    << ""
                                                    << "v_proj"
                                                    << "exclude_modules"
                                                    << "\"v_proj\"";
    QTest::newRow("a pattern that fits nothing") << "q_proj.*"
                                                 << ""
                                                 << ""
                                                 << "target_modules"
                                                 << "whole path";
    QTest::newRow("no pattern") << "(q_proj"
                                << ""
                                << ""
                                << "target_modules"
                                << "no regular expression";
}

void TestTargets::faultyChoicesAreTold() {
    QFETCH(QString, modules);
    QFETCH(QString, layers);
    QFETCH(QString, exclude);
    QFETCH(QString, where);
    QFETCH(QString, named);
    const auto sites =
        matchTargets(m_model, {modules.toStdString(), layers.toStdString(), exclude.toStdString()});
    QVERIFY(!sites.has_value());
    QCOMPARE(QString::fromStdString(sites.error().where), where);
    QVERIFY2(QString::fromStdString(sites.error().message).contains(named), sites.error().message.c_str());
}

void TestTargets::embeddingsAndHeadsAreTakenOnlyByRuleAndName() {
    QVERIFY(!matchTargets(m_model, {"embed_tokens", "", ""}).has_value());
    TargetRules rules;
    rules.takesEmbedding = rules.takesHead = true;
    QCOMPARE(matchTargets(m_model, {"embed_tokens,lm_head", "", ""}, rules).value().size(), std::size_t{2});
    QCOMPARE(matchTargets(m_model, {"auto", "", ""}, rules).value().size(), std::size_t{14});
}

void TestTargets::targetNamesLoseBlanksAndRepetitions() {
    QVERIFY(targetNames(" q_proj , v_proj,,q_proj ") == (std::vector<std::string>{"q_proj", "v_proj"}));
    QVERIFY(targetNames("").empty());
}

void TestTargets::moduleNamesComeInOrderOfAppearance() {
    QVERIFY(moduleNames(m_model) == (std::vector<std::string>{"q_proj", "k_proj", "v_proj", "o_proj",
                                                              "gate_proj", "up_proj", "down_proj"}));
}

QTEST_GUILESS_MAIN(TestTargets)
#include "tst_targets.moc"
