#include "core/text/tokenizer.h"

#include "tests/support/temp_folder.h"

#include <QtTest>

using namespace lathe;

namespace {

/// One token an entry of `names`, ids from 0.
std::string tokenizerOf(const std::vector<std::string>& names) {
    std::string vocabulary;
    for (std::size_t id = 0; id < names.size(); ++id)
        vocabulary += (id == 0 ? "\"" : ",\"") + names[id] + "\":" + std::to_string(id);
    return R"({"version":"1.0","model":{"type":"WordLevel","unk_token":")" + names.front() +
           R"(","vocab":{)" + vocabulary + "}}}";
}

const std::string kJson = tokenizerOf({"[UNK]", "<s>", "</s>", "<pad>", "<one>", "<two>"});

} // namespace

class TestTokenizerFiles : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void specialTokensComeFromTheConfiguration_data();
    void specialTokensComeFromTheConfiguration();
    void olderSpecialTokensMapIsRead();
    void configurationWinsOverTheOlderMap();
    void templateFileWinsOverTheConfiguration();
    void templateOfTheConfigurationIsRead_data();
    void templateOfTheConfigurationIsRead();
    void missingFilesAreNamed();
    void brokenFilesAreNamed_data();
    void brokenFilesAreNamed();
    void halfAVocabularyIsNamed();
    void brokenOlderFilesAreNamed_data();
    void brokenOlderFilesAreNamed();
    void additionalTemplatesJoinTheFile();
    void tokensOfTheConfigurationBecomeSpecial();
    void specialTokensInATextMayBeSplit();
    void beginTokenOfTheTokenizerJsonWins();
    void fileNextToItsConfigurationIsEnough();
    void modelFileHasItsTokenizerBesideIt();
};

void TestTokenizerFiles::specialTokensComeFromTheConfiguration_data() {
    QTest::addColumn<QString>("config");
    QTest::addColumn<int>("bos");
    QTest::addColumn<int>("eos");
    QTest::addColumn<int>("pad");
    QTest::newRow("no file") << "" << 1 << 2 << 3;
    QTest::newRow("no word about them") << "{}" << 1 << 2 << 3;
    QTest::newRow("texts") << R"({"bos_token":"<one>","eos_token":"<two>","pad_token":"<two>"})" << 4 << 5
                           << 5;
    QTest::newRow("objects") << R"({"bos_token":{"content":"<one>","lstrip":false},"eos_token":"<two>"})" << 4
                             << 5 << 3;
    QTest::newRow("none by word") << R"({"bos_token":null,"eos_token":"</s>","pad_token":null})" << -1 << 2
                                  << -1;
    QTest::newRow("not in the vocabulary") << R"({"bos_token":"<three>"})" << -1 << 2 << 3;
}

void TestTokenizerFiles::specialTokensComeFromTheConfiguration() {
    QFETCH(QString, config);
    QFETCH(int, bos);
    QFETCH(int, eos);
    QFETCH(int, pad);
    const test::TempFolder folder;
    folder.write("tokenizer.json", kJson);
    if (!config.isEmpty())
        folder.write("tokenizer_config.json", config.toStdString());
    const Result<Tokenizer> tokenizer = Tokenizer::load(folder.path());
    QVERIFY(tokenizer);
    QCOMPARE(tokenizer->bosId().value_or(-1), bos);
    QCOMPARE(tokenizer->eosId().value_or(-1), eos);
    QCOMPARE(tokenizer->padId().value_or(-1), pad);
    QCOMPARE(tokenizer->files().size(), config.isEmpty() ? std::size_t{1} : std::size_t{2});
}

void TestTokenizerFiles::olderSpecialTokensMapIsRead() {
    const test::TempFolder folder;
    folder.write("tokenizer.json", kJson);
    folder.write("special_tokens_map.json", R"({"eos_token":{"content":"<two>"}})");
    QCOMPARE(Tokenizer::load(folder.path())->eosId(), std::optional(5));
}

void TestTokenizerFiles::configurationWinsOverTheOlderMap() {
    const test::TempFolder folder;
    folder.write("tokenizer.json", kJson);
    folder.write("tokenizer_config.json", R"({"eos_token":"<one>"})");
    folder.write("special_tokens_map.json", R"({"eos_token":"<two>"})");
    QCOMPARE(Tokenizer::load(folder.path())->eosId(), std::optional(4));
}

void TestTokenizerFiles::templateFileWinsOverTheConfiguration() {
    const test::TempFolder folder;
    folder.write("tokenizer.json", kJson);
    folder.write("tokenizer_config.json", R"({"chat_template":"from the configuration"})");
    folder.write("chat_template.jinja", "from the file");
    const Result<Tokenizer> tokenizer = Tokenizer::load(folder.path());
    QVERIFY(tokenizer);
    QCOMPARE(tokenizer->chatTemplate(), std::optional<std::string>("from the file"));
    QCOMPARE(tokenizer->files().back().filename(), std::filesystem::path("chat_template.jinja"));
}

void TestTokenizerFiles::templateOfTheConfigurationIsRead_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("content");
    QTest::addColumn<QString>("expected");
    QTest::newRow("text") << "tokenizer_config.json"
                          << R"({"chat_template":"plain"})"
                          << "plain";
    QTest::newRow("named ones") << "tokenizer_config.json"
                                << R"({"chat_template":[{"name":"tool_use","template":"tools"},)"
                                   R"({"name":"default","template":"usual"}]})"
                                << "usual";
    QTest::newRow("none named default") << "tokenizer_config.json"
                                        << R"({"chat_template":[{"name":"tool_use","template":"tools"}]})"
                                        << "";
    QTest::newRow("none") << "tokenizer_config.json"
                          << "{}"
                          << "";
    QTest::newRow("legacy file") << "chat_template.json"
                                 << R"({"chat_template":"legacy"})"
                                 << "legacy";
}

void TestTokenizerFiles::templateOfTheConfigurationIsRead() {
    QFETCH(QString, file);
    QFETCH(QString, content);
    QFETCH(QString, expected);
    const test::TempFolder folder;
    folder.write("tokenizer.json", kJson);
    folder.write(file.toStdString(), content.toStdString());
    const Result<Tokenizer> tokenizer = Tokenizer::load(folder.path());
    QVERIFY(tokenizer);
    QCOMPARE(tokenizer->chatTemplate().value_or(""), expected.toStdString());
    QCOMPARE(tokenizer->chatTemplate().has_value(), !expected.isEmpty());
}

void TestTokenizerFiles::missingFilesAreNamed() {
    const test::TempFolder folder;
    const Result<Tokenizer> nowhere = Tokenizer::load(folder / "nowhere");
    QVERIFY(!nowhere);
    QCOMPARE(nowhere.error().where, (folder / "nowhere").string());
    QVERIFY(nowhere.error().kind == Error::Kind::Input);
    const Result<Tokenizer> empty = Tokenizer::load(folder.path());
    QVERIFY(!empty);
    QVERIFY(empty.error().message.starts_with("has no tokenizer.json"));
}

void TestTokenizerFiles::brokenFilesAreNamed_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("content");
    QTest::newRow("tokenizer") << "tokenizer.json"
                               << "{\"version\":";
    QTest::newRow("configuration") << "tokenizer_config.json"
                                   << "{\"bos_token\"";
    QTest::newRow("list for an object") << "tokenizer_config.json"
                                        << "[]";
    QTest::newRow("number for a token") << "tokenizer_config.json"
                                        << "{\"eos_token\":2}";
    QTest::newRow("map") << "special_tokens_map.json"
                         << "no";
}

void TestTokenizerFiles::brokenFilesAreNamed() {
    QFETCH(QString, file);
    QFETCH(QString, content);
    const test::TempFolder folder;
    folder.write("tokenizer.json", kJson);
    folder.write(file.toStdString(), content.toStdString());
    const Result<Tokenizer> tokenizer = Tokenizer::load(folder.path());
    QVERIFY(!tokenizer);
    QVERIFY(tokenizer.error().kind == Error::Kind::Input);
    QCOMPARE(tokenizer.error().where, (folder / file.toStdString()).string());
}

void TestTokenizerFiles::halfAVocabularyIsNamed() {
    const test::TempFolder folder;
    folder.write("vocab.json", R"({"a":0})");
    const Result<Tokenizer> tokenizer = Tokenizer::load(folder.path());
    QVERIFY(!tokenizer);
    QCOMPARE(tokenizer.error().where, folder.path().string());
    QVERIFY(tokenizer.error().message.starts_with("has vocab.json and lacks merges.txt"));
}

void TestTokenizerFiles::brokenOlderFilesAreNamed_data() {
    QTest::addColumn<QString>("file");
    for (const char* name :
         {"tokenizer.model", "spiece.model", "vocab.txt", "qwen.tiktoken", "tokenizer.bin"})
        QTest::newRow(name) << QString(name);
}

void TestTokenizerFiles::brokenOlderFilesAreNamed() {
    QFETCH(QString, file);
    const test::TempFolder folder;
    const std::filesystem::path older = folder.write(file.toStdString(), "old");
    for (const std::filesystem::path& path : {folder.path(), older}) {
        const Result<Tokenizer> tokenizer = Tokenizer::load(path);
        QVERIFY(!tokenizer);
        QVERIFY(tokenizer.error().kind == Error::Kind::Input);
        QCOMPARE(tokenizer.error().where, older.string());
    }
}

void TestTokenizerFiles::additionalTemplatesJoinTheFile() {
    const test::TempFolder folder;
    folder.write("tokenizer.json", kJson);
    folder.write("tokenizer_config.json", R"({"chat_template":[{"name":"rag","template":"configured"}]})");
    folder.write("chat_template.jinja", "usual");
    folder.write("additional_chat_templates/tool_use.jinja", "tools");
    const Result<Tokenizer> tokenizer = Tokenizer::load(folder.path());
    QVERIFY(tokenizer);
    QCOMPARE(tokenizer->chatTemplates(),
             (std::map<std::string, std::string>{{"default", "usual"}, {"tool_use", "tools"}}));
}

void TestTokenizerFiles::tokensOfTheConfigurationBecomeSpecial() {
    const test::TempFolder folder;
    folder.write("tokenizer.json", kJson);
    folder.write("tokenizer_config.json",
                 R"({"eos_token":"<one>","additional_special_tokens":["<two>"],"pad_token":"<three>",
                     "added_tokens_decoder":{"6":{"content":"<new>","special":true},
                                             "60":{"content":"<far>","special":true}}})");
    const Result<Tokenizer> tokenizer = Tokenizer::load(folder.path());
    QVERIFY2(tokenizer, tokenizer ? "" : tokenizer.error().text().c_str());
    QVERIFY(tokenizer->isSpecial(4) && tokenizer->isSpecial(5) && tokenizer->isSpecial(6));
    QVERIFY(!tokenizer->isSpecial(0));
    QCOMPARE(tokenizer->idOf("<new>"), std::optional(6));
    QVERIFY(!tokenizer->idOf("<far>") && !tokenizer->idOf("<three>")); // ids the model does not know them by
    QCOMPARE(tokenizer->specialTokens().at("eos_token"), std::string("<one>"));
    QVERIFY(!tokenizer->specialTokens().contains("pad_token"));
    QCOMPARE(tokenizer->encode("<s><one>", false)->ids, (std::vector<std::int32_t>{1, 4}));
}

void TestTokenizerFiles::specialTokensInATextMayBeSplit() {
    const test::TempFolder folder;
    folder.write("tokenizer.json", kJson);
    folder.write("tokenizer_config.json", R"({"eos_token":"<one>","split_special_tokens":true})");
    const Result<Tokenizer> tokenizer = Tokenizer::load(folder.path());
    QVERIFY(tokenizer);
    QCOMPARE(tokenizer->encode("a<one>", false)->ids, std::vector<std::int32_t>{0}); // unknown as a whole
}

void TestTokenizerFiles::beginTokenOfTheTokenizerJsonWins() {
    const test::TempFolder folder;
    folder.write("tokenizer.json", kJson);
    folder.write("tokenizer_config.json", R"({"bos_token":"<s>","add_bos_token":true,"add_eos_token":true})");
    QCOMPARE(Tokenizer::load(folder.path())->encode("<one>", true)->ids, std::vector<std::int32_t>{4});
}

void TestTokenizerFiles::fileNextToItsConfigurationIsEnough() {
    const test::TempFolder folder;
    const std::filesystem::path file = folder.write("renamed.json", kJson);
    folder.write("tokenizer_config.json", R"({"eos_token":"<one>"})");
    const Result<Tokenizer> tokenizer = Tokenizer::load(file);
    QVERIFY(tokenizer);
    QCOMPARE(tokenizer->eosId(), std::optional(4));
    QCOMPARE(tokenizer->files().front(), file);
}

/// A model of llama2.c is one file.
void TestTokenizerFiles::modelFileHasItsTokenizerBesideIt() {
    const test::TempFolder folder;
    folder.write("tokenizer.json", kJson);
    folder.write("stories.bin", "weights");
    const Result<Tokenizer> tokenizer = Tokenizer::load(folder / "stories.bin");
    QVERIFY(tokenizer);
    QCOMPARE(tokenizer->idOf("<two>").value_or(-1), 5);
}

QTEST_GUILESS_MAIN(TestTokenizerFiles)
#include "tst_tokenizer_files.moc"
