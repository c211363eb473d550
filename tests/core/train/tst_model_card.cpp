#include "core/train/base_facts.h"
#include "core/train/model_card.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <limits>

using namespace lathe;
using namespace lathe::test;

namespace {

ModelCardFacts facts() {
    ModelCardFacts facts;
    facts.title = "animals";
    facts.kind = "PEFT adapter of the type LORA";
    facts.baseName = "org/base";
    facts.hubId = "org/base";
    facts.license = {{"license", "apache-2.0"}};
    facts.library = "peft";
    facts.pipelineTag = "text-generation";
    facts.tags = {"base_model:adapter:org/base", "lora"};
    facts.howTo = "Load it.\n";
    facts.run.recipe = {{"rank", std::int64_t{8}},
                        {"model", std::string("/elsewhere/models/base/")},
                        {"prompt_template", std::string("a|b\nc")}};
    facts.run.seed = 42;
    facts.run.steps = 300;
    facts.run.scores = {{"eval_loss", 0.5, 300, 0.4, 200}};
    facts.data = {{"training", "train.jsonl", std::string(64, 'a'), 24, {}, {}, {}},
                  {"evaluation", "eval.jsonl", {}, 0, {}, {}, "is gone"}};
    facts.versions = {"Lathe 1.0"};
    facts.difference = 1.5e-6;
    facts.comparedOn = "8 rows";
    return facts;
}

/// The lines between the two "---".
QStringList frontMatter(const std::string& card) {
    const QStringList lines = QString::fromStdString(card).split('\n');
    const qsizetype end = lines.indexOf(QStringLiteral("---"), 1);
    return lines.mid(1, end - 1);
}

} // namespace

class TestModelCard : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void frontMatterIsWhatTheHubReads();
    void whatIsNotKnownIsLeftOut();
    void bodyHasTheTemplatesHeadings();
    void bodyTellsRecipeDataAndScores();
    void namesAreQuoted();
    void hubIdComesFromTheCacheOrTheConfig_data();
    void hubIdComesFromTheCacheOrTheConfig();
    void licenseIsThatOfTheBasesCard();
};

void TestModelCard::frontMatterIsWhatTheHubReads() {
    const std::string card = modelCard(facts());
    QVERIFY(card.starts_with("---\n"));
    const QStringList expected{"base_model: \"org/base\"",
                               "library_name: peft",
                               "pipeline_tag: text-generation",
                               "license: \"apache-2.0\"",
                               "tags:",
                               "- \"base_model:adapter:org/base\"",
                               "- \"lora\"",
                               "model-index:",
                               "- name: \"animals\"",
                               "  results:",
                               "  - task:",
                               "      type: text-generation",
                               "    dataset:",
                               "      name: \"eval.jsonl\"",
                               "      type: local",
                               "    metrics:",
                               "    - type: \"loss\"",
                               "      name: \"loss\"",
                               "      value: 0.5"};
    QCOMPARE(frontMatter(card), expected);
}

void TestModelCard::whatIsNotKnownIsLeftOut() {
    ModelCardFacts some = facts();
    some.hubId.clear();
    some.baseName = "my model";
    some.license.clear();
    some.library.clear();
    some.run = {};
    some.run.scores = {{"eval_loss", std::numeric_limits<double>::quiet_NaN(), 1, 0, 1}};
    const std::string card = modelCard(some);
    const QString head = frontMatter(card).join('\n');
    for (const char* key : {"base_model", "library_name", "license", "model-index"})
        QVERIFY2(!head.contains(QStringLiteral("\n") + key) && !head.startsWith(key), key);
    QVERIFY(card.find("**Base model:** my model\n") != std::string::npos);
    QVERIFY(card.find("not said in its files") != std::string::npos);
}

void TestModelCard::bodyHasTheTemplatesHeadings() {
    const std::string card = modelCard(facts());
    std::size_t at = 0;
    for (const char* heading :
         {"\n# animals\n", "\n## Model Details\n", "\n## Uses\n", "\n## Training Details\n",
          "\n### Training Data\n", "\n### Training Procedure\n", "\n#### Training Hyperparameters\n",
          "\n## Evaluation\n", "\n### Framework versions\n"}) {
        const auto found = card.find(heading, at);
        QVERIFY2(found != std::string::npos, heading);
        at = found;
    }
    QVERIFY(card.ends_with("- Lathe 1.0\n"));
}

void TestModelCard::bodyTellsRecipeDataAndScores() {
    const std::string card = modelCard(facts());
    for (const char* part :
         {"| rank | 8 |\n", "| model | base/ |\n", "| prompt_template | a\\|b c |\n",
          "| train.jsonl | training | 24 | `aaaa", "| eval.jsonl | evaluation | not known | is gone |",
          "| loss | 0.5 | 300 | 0.4 | 200 |\n", "300 optimiser steps", "Seed of the run: 42",
          "on 8 rows their logits differ by at most 1.5e-06", "Load it."})
        QVERIFY2(card.find(part) != std::string::npos, part);
    QVERIFY(card.find("/home/") == std::string::npos);
}

void TestModelCard::namesAreQuoted() {
    ModelCardFacts odd = facts();
    odd.title = "a: \"b\"\n- c";
    QVERIFY(frontMatter(modelCard(odd)).contains(QStringLiteral("- name: \"a: \\\"b\\\"\\n- c\"")));
}

void TestModelCard::hubIdComesFromTheCacheOrTheConfig_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("id");
    QTest::newRow("cache") << "models--org--some-name/snapshots/0a1b"
                           << "x"
                           << "org/some-name";
    QTest::newRow("cache, no organisation") << "models--gpt2/snapshots/0a1b"
                                            << "x"
                                            << "gpt2";
    QTest::newRow("config") << "here"
                            << "org/name"
                            << "org/name";
    QTest::newRow("config with a path") << "here"
                                        << "/data/models/name"
                                        << "";
    QTest::newRow("config with a relative path") << "here"
                                                 << "./org/name"
                                                 << "";
    QTest::newRow("config with a bare word") << "here"
                                             << "name"
                                             << "";
    QTest::newRow("config with a deep path") << "here"
                                             << "a/b/c"
                                             << "";
}

void TestModelCard::hubIdComesFromTheCacheOrTheConfig() {
    QFETCH(QString, folder);
    QFETCH(QString, name);
    QFETCH(QString, id);
    const TempFolder root;
    root.write((folder + "/config.json").toStdString(),
               (QStringLiteral("{\"_name_or_path\": \"") + name + "\"}").toStdString());
    QCOMPARE(QString::fromStdString(hubIdOf(root / folder.toStdString())), id);
}

void TestModelCard::licenseIsThatOfTheBasesCard() {
    const TempFolder root;
    root.write("with/README.md", "---\nlicense: \"llama3\"\nlicense_link: https://x.org/a\ntags:\n- a\n---\n"
                                 "license: mit\n");
    root.write("without/README.md", "# A model\nlicense: mit\n");
    const std::map<std::string, std::string> expected{{"license", "llama3"},
                                                      {"license_link", "https://x.org/a"}};
    QVERIFY(licenseOf(root / "with") == expected);
    QVERIFY(licenseOf(root / "without").empty());
    QVERIFY(licenseOf(root / "nowhere").empty());
}

QTEST_GUILESS_MAIN(TestModelCard)
#include "tst_model_card.moc"
