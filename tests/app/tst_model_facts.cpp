#include "app/model_facts.h"

#include "tests/support/temp_folder.h"

#include <QTest>

#include <algorithm>

using namespace lathe;
namespace fs = std::filesystem;

/// What the model library says of the built-in model, and of READMEs as publishers write them.
class TestModelFacts : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void builtInModelIsDescribed();
    void everyMethodFindsItsPlaces();
    void snapshotOfTheHubCacheOpens();
    void folderWithoutAModelIsOneSentence();
    void licenceComesFromTheFrontMatter();
    void excerptIsPlainText();
    void longCardIsCutAtAWord();
};

void TestModelFacts::builtInModelIsDescribed() {
    const auto facts = readModelFacts(LATHE_BASE_MODEL);
    QVERIFY2(facts.has_value(), facts.has_value() ? "" : facts.error().text().c_str());
    QCOMPARE(facts->family, std::string("llama"));
    QVERIFY(facts->parameters > 1'000'000 && facts->parameters < 10'000'000);
    QCOMPARE(facts->tokenizer, std::string("BPE"));
    QVERIFY(facts->bytes > 1'000'000);
    QVERIFY(facts->layers > 0 && facts->hiddenSize > 0 && facts->heads > 0 && facts->vocabularySize > 0);
    QVERIFY(facts->contextLength > 0);
    std::int64_t sites = 0;
    for (const ModelSite& site : facts->sites)
        sites += site.count;
    QCOMPARE(sites, 7 * facts->layers);
}

void TestModelFacts::everyMethodFindsItsPlaces() {
    const auto facts = readModelFacts(LATHE_BASE_MODEL);
    QVERIFY(facts.has_value());
    const auto lora = std::ranges::find(facts->places, "lora", &AdapterPlaces::method);
    const auto full = std::ranges::find(facts->places, "full", &AdapterPlaces::method);
    QVERIFY(lora != facts->places.end() && full != facts->places.end());
    QCOMPARE(lora->label, std::string("LoRA"));
    QCOMPARE(lora->modules, (std::vector<std::string>{"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj",
                                                      "up_proj", "down_proj"}));
    QVERIFY(full->modules.empty());
}

/// Its files are links that lead out of the snapshot, to the blobs.
void TestModelFacts::snapshotOfTheHubCacheOpens() {
    const test::TempFolder cache;
    const fs::path model = cache / "models--org--small";
    const fs::path snapshot = model / "snapshots" / std::string(40, 'a');
    fs::create_directories(snapshot);
    fs::create_directories(model / "blobs");
    for (const auto& file : fs::directory_iterator(LATHE_BASE_MODEL)) {
        const fs::path name = file.path().filename();
        fs::copy_file(file.path(), model / "blobs" / name);
        fs::create_symlink(fs::path("../../blobs") / name, snapshot / name);
    }

    const auto facts = readModelFacts(snapshot);

    QVERIFY2(facts.has_value(), facts.has_value() ? "" : facts.error().text().c_str());
    QCOMPARE(facts->bytes, readModelFacts(LATHE_BASE_MODEL)->bytes);
}

void TestModelFacts::folderWithoutAModelIsOneSentence() {
    const test::TempFolder folder;
    const auto facts = readModelFacts(folder.path());
    QVERIFY(!facts.has_value());
    QVERIFY(facts.error().text().starts_with(folder.path().string() + ": "));
    QVERIFY(facts.error().text().find('\n') == std::string::npos);
}

void TestModelFacts::licenceComesFromTheFrontMatter() {
    QCOMPARE(licenceOf("---\ntags:\n- a\nlicense: apache-2.0\n---\n# Model\nlicense: mit\n"),
             std::string("apache-2.0"));
    QCOMPARE(licenceOf("---\nlicense: \"other\"\n---\n"), std::string("other"));
    QCOMPARE(licenceOf("---\nlicense:\n- mit\n---\n"), std::string());
    QCOMPARE(licenceOf("license: mit\n"), std::string());
    QCOMPARE(licenceOf("---\nlicense: mit"), std::string("mit"));
    QCOMPARE(licenceOf(""), std::string());
}

void TestModelFacts::excerptIsPlainText() {
    QCOMPARE(excerptOf(
                 "---\nlicense: mit\n---\n\n# A model\n\n<p align=\"center\">![logo](https://x/y.png)</p>\n\n"
                 "<!-- hidden -->\nSee [the paper](https://x) for **more**.\n"),
             std::string("A model\n\nSee the paper for more."));
    QCOMPARE(excerptOf(""), std::string());
    QCOMPARE(excerptOf("1 < 2 and 3 > 2"), std::string("1 < 2 and 3 > 2"));
}

void TestModelFacts::longCardIsCutAtAWord() {
    std::string text;
    while (text.size() < 5000)
        text += "Wörter ";
    const std::string excerpt = excerptOf(text);
    QVERIFY(excerpt.size() <= 1210);
    QVERIFY(excerpt.ends_with("Wörter …"));
}

QTEST_GUILESS_MAIN(TestModelFacts)
#include "tst_model_facts.moc"
