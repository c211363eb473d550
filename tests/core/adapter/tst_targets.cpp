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
    void targetNamesLoseBlanksAndRepetitions();
    void moduleNamesComeInOrderOfAppearance();

private:
    ModelSummary m_model = readModelSummary(sourceFile("tests/data/golden/llama")).value();
};

void TestTargets::namesFitModulesAndPathsThatEndInThem_data() {
    QTest::addColumn<QString>("targets");
    QTest::addColumn<int>("count");
    QTest::newRow("every projection but the head") << "all-linear" << 14;
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
    const auto sites = matchTargets(m_model, targets.toStdString());
    QVERIFY(sites.has_value());
    QCOMPARE(static_cast<int>(sites->size()), count);
}

void TestTargets::sitesComeInTheModelsOrderAndOnce() {
    const auto sites = matchTargets(m_model, "v_proj,q_proj,q_proj").value();
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
    QTest::newRow("a pattern is no name") << ".*_proj"
                                          << "\".*_proj\"";
    QTest::newRow("a layer that is not there") << "layers.2.self_attn.q_proj"
                                               << "layers.2";
}

void TestTargets::namesThatFitNothingAreToldWithThoseThereAre() {
    QFETCH(QString, targets);
    QFETCH(QString, named);
    const auto sites = matchTargets(m_model, targets.toStdString());
    QVERIFY(!sites.has_value());
    QVERIFY(sites.error().kind == Error::Kind::Input);
    const QString message = QString::fromStdString(sites.error().text());
    QVERIFY2(message.contains(named), qPrintable(message));
    QVERIFY2(message.contains("q_proj, k_proj, v_proj, o_proj"), qPrintable(message));
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
