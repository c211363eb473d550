#include "tests/app/program.h"
#include "tests/app/tiny_model.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <csignal>
#include <map>

using namespace lathe;
using test::Program;
using test::ProgramRun;
using Json = nlohmann::json;

namespace {

QString text(const std::filesystem::path& path) { return QString::fromStdString(path.string()); }

constexpr const char* kTemplate =
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}<assistant>";

} // namespace

/// `generate` and `chat` on the built-in model.
class TestCommandLineGeneration : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void wordsAndJsonGiveTheSameText();
    void aSeedGivesItsText();
    void aStopTextEndsTheAnswerBeforeIt();
    void severalPromptsAreOneBatch();
    void beamsNeedNoSampling();
    void theChatTemplateIsApplied();
    void theModelsOwnSettingsAreTheDefaults();
    void badInputIsOneSentence_data();
    void badInputIsOneSentence();
    void aConversationIsRememberedAndSaved();
    void commandsOfTheChatAreObeyed();
    void questionsWithoutChatTemplateStandAlone();
    void twoSidesGetTheSameQuestions();
    void ctrlCAtThePromptLeaves();

private:
    /// The built-in model with further files.
    std::filesystem::path modelWith(const std::string& name,
                                    const std::map<std::string, std::string>& files) const;
    [[nodiscard]] Json generated(const QStringList& arguments) const;

    test::TempFolder m_folder;
    Program m_program{m_folder / "data"};
    std::filesystem::path m_base = test::sourceFile("resources/examples/base_model");
};

std::filesystem::path
TestCommandLineGeneration::modelWith(const std::string& name,
                                     const std::map<std::string, std::string>& files) const {
    const std::filesystem::path folder = m_folder / name;
    std::filesystem::create_directories(folder);
    for (const auto& entry : std::filesystem::directory_iterator(m_base))
        std::filesystem::create_symlink(entry.path(), folder / entry.path().filename());
    for (const auto& [file, content] : files)
        static_cast<void>(m_folder.write(name + "/" + file, content));
    return folder;
}

Json TestCommandLineGeneration::generated(const QStringList& arguments) const {
    const ProgramRun run = m_program.run(QStringList{"generate", "--json"} + arguments);
    if (run.exitCode != 0)
        QTest::qFail(run.errors.constData(), __FILE__, __LINE__);
    return run.json();
}

void TestCommandLineGeneration::initTestCase() {
    static_cast<void>(modelWith("templated", {{"chat_template.jinja", kTemplate}}));
}

void TestCommandLineGeneration::wordsAndJsonGiveTheSameText() {
    const QStringList arguments{"--model", text(m_base), "--prompt", "The", "--max-new-tokens", "12"};
    const Json answer = generated(arguments);
    QVERIFY(answer.at("tokens").get<int>() >= 1 && answer.at("tokens").get<int>() <= 12);
    QVERIFY(answer.at("prompt_tokens").get<int>() >= 1);
    QCOMPARE(answer.at("prompt"), "The");
    const ProgramRun words = m_program.run(QStringList{"generate"} + arguments);
    QCOMPARE(words.exitCode, 0);
    QCOMPARE(words.output, QByteArray::fromStdString(answer.at("text").get<std::string>() + "\n"));
    const ProgramRun fromInput = m_program.run(
        {"generate", "--model", text(m_base), "--prompt", "-", "--max-new-tokens", "12"}, "The");
    QCOMPARE(fromInput.output, words.output);
}

void TestCommandLineGeneration::aSeedGivesItsText() {
    const auto withSeed = [this](const char* seed) {
        return generated({"--model", text(m_base), "--prompt", "Once", "--max-new-tokens", "24",
                          "--temperature", "1", "--top-k", "50", "--min-p", "0.001", "--seed", seed})
            .at("text");
    };
    QCOMPARE(withSeed("3"), withSeed("3"));
    QVERIFY(withSeed("3") != withSeed("4"));
}

void TestCommandLineGeneration::aStopTextEndsTheAnswerBeforeIt() {
    const QStringList arguments{"--model", text(m_base), "--prompt", "The", "--max-new-tokens", "24"};
    const auto whole = generated(arguments).at("text").get<std::string>();
    QVERIFY(whole.size() > 6);
    const std::string stop = whole.substr(whole.size() / 2, 3);
    const Json answer =
        generated(arguments + QStringList{"--stop", QString::fromStdString(stop), "--stop", "never there"});
    QCOMPARE(answer.at("text").get<std::string>(), whole.substr(0, whole.find(stop)));
    QCOMPARE(answer.at("end"), "stop-text");
}

void TestCommandLineGeneration::severalPromptsAreOneBatch() {
    const QStringList texts{"The", "Once upon a time there was", "A small"};
    const auto file = m_folder.write("prompts.txt", texts.join('\n').toStdString() + "\n\n");
    const ProgramRun run = m_program.run(
        {"generate", "--json", "--model", text(m_base), "--prompts", text(file), "--max-new-tokens", "16"});
    QCOMPARE(run.exitCode, 0);
    const auto answers = run.jsonLines();
    QCOMPARE(answers.size(), std::size_t{3});
    for (qsizetype i = 0; i < texts.size(); ++i) {
        const Json& answer = answers[static_cast<std::size_t>(i)];
        QCOMPARE(answer.at("prompt").get<std::string>(), texts[i].toStdString());
        QCOMPARE(
            answer.at("text"),
            generated({"--model", text(m_base), "--prompt", texts[i], "--max-new-tokens", "16"}).at("text"));
    }
    const auto lines = m_folder.write("prompts.jsonl", "{\"prompt\": \"The\"}\n\"A small\"\n");
    QCOMPARE(m_program.run({"generate", "--json", "--model", text(m_base), "--prompts", text(lines)})
                 .jsonLines()
                 .size(),
             std::size_t{2});
}

void TestCommandLineGeneration::beamsNeedNoSampling() {
    const QStringList arguments{"--model", text(m_base), "--prompt",         "The", "--max-new-tokens", "12",
                                "--beams", "3",          "--length-penalty", "0.5"};
    const Json answer = generated(arguments);
    QVERIFY(!answer.at("text").get<std::string>().empty());
    QCOMPARE(generated(arguments + QStringList{"--temperature", "2", "--seed", "9"}).at("text"),
             answer.at("text"));
}

void TestCommandLineGeneration::theChatTemplateIsApplied() {
    const Json answer = generated({"--model", text(m_folder / "templated"), "--chat", "--system", "Be brief.",
                                   "--prompt", "Hello", "--max-new-tokens", "4"});
    QCOMPARE(answer.at("prompt"), "<system>Be brief.\n<user>Hello\n<assistant>");
}

void TestCommandLineGeneration::theModelsOwnSettingsAreTheDefaults() {
    const auto folder = modelWith(
        "configured", {{"generation_config.json", R"({"max_new_tokens": 3, "repetition_penalty": 1.5})"}});
    const QStringList arguments{"--model", text(folder), "--prompt", "The"};
    QVERIFY(generated(arguments).at("tokens").get<int>() <= 3);
    QCOMPARE(generated(arguments + QStringList{"--max-new-tokens", "9"}).at("text"),
             generated({"--model", text(m_base), "--prompt", "The", "--max-new-tokens", "9",
                        "--repetition-penalty", "1.5"})
                 .at("text"));
}

void TestCommandLineGeneration::badInputIsOneSentence_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("message");
    const QString model = text(m_base);
    const auto broken =
        modelWith("broken", {{"generation_config.json", R"({"do_sample": true, "top_p": 7})"}});
    QTest::newRow("no model") << QStringList{"--prompt", "a"} << "--model";
    QTest::newRow("no prompt") << QStringList{"--model", model} << "--prompt";
    QTest::newRow("no such model") << QStringList{"--model", "/no/such", "--prompt", "a"} << "/no/such";
    QTest::newRow("top-p") << QStringList{"--model", model, "--prompt", "a", "--top-p", "2"} << "--top-p";
    QTest::newRow("beams") << QStringList{"--model", model, "--prompt", "a", "--beams", "0"} << "--beams";
    QTest::newRow("precision") << QStringList{"--model", model, "--prompt", "a", "--precision", "int3"}
                               << "int3";
    QTest::newRow("device") << QStringList{"--model", model, "--prompt", "a", "--device", "moon"} << "moon";
    QTest::newRow("no prompts file") << QStringList{"--model", model, "--prompts", "/no/such.txt"}
                                     << "/no/such.txt";
    QTest::newRow("two kinds of prompt")
        << QStringList{"--model", model, "--prompts", "x", "--prompt", "a"} << "--prompt";
    QTest::newRow("no chat template")
        << QStringList{"--model", model, "--prompt", "a", "--chat"} << "chat template";
    QTest::newRow("longer than the context")
        << QStringList{"--model", model, "--prompt", QString("a b c ").repeated(200)} << "context of 256";
    QTest::newRow("bad generation_config.json")
        << QStringList{"--model", text(broken), "--prompt", "a"} << "generation_config.json: top_p: is 7";
}

void TestCommandLineGeneration::badInputIsOneSentence() {
    QFETCH(QStringList, arguments);
    QFETCH(QString, message);
    const ProgramRun run = m_program.run(QStringList{"generate"} + arguments);
    QCOMPARE(run.exitCode, 2);
    QVERIFY2(run.errors.contains(message.toUtf8()), run.errors.constData());
    QVERIFY2(run.errors.startsWith("lathe: ") && run.errors.count('\n') == 1, run.errors.constData());
    QVERIFY2(run.output.isEmpty(), run.output.constData());
}

void TestCommandLineGeneration::aConversationIsRememberedAndSaved() {
    const auto file = m_folder / "conversation.json";
    const QByteArray input = "Hello\nAnd then?\n/save " + text(file).toUtf8() + "\n/quit\nnever asked\n";
    const ProgramRun run = m_program.run({"chat", "--json", "--model", text(m_folder / "templated"),
                                          "--system", "Be brief.", "--max-new-tokens", "8"},
                                         input);
    QVERIFY2(run.exitCode == 0, run.errors.constData());
    const auto lines = run.jsonLines();
    QCOMPARE(lines.size(), std::size_t{2});
    QFile saved(text(file));
    QVERIFY(saved.open(QIODevice::ReadOnly));
    const Json messages = Json::parse(saved.readAll().toStdString()).at("sides").at(0).at("messages");
    QCOMPARE(messages.size(), std::size_t{5});
    QCOMPARE(messages[0].at("role"), "system");
    QCOMPARE(messages[1].at("content"), "Hello");
    QCOMPARE(messages[2].at("content"), lines[0].at("answer"));
    QCOMPARE(messages[4].at("content"), lines[1].at("answer"));
    // The second answer is that of the whole conversation.
    const std::string prompt = "<system>Be brief.\n<user>Hello\n<assistant>" +
                               lines[0].at("answer").get<std::string>() + "\n<user>And then?\n<assistant>";
    QCOMPARE(generated({"--model", text(m_base), "--prompt", QString::fromStdString(prompt),
                        "--max-new-tokens", "8"})
                 .at("text"),
             lines[1].at("answer"));
}

void TestCommandLineGeneration::commandsOfTheChatAreObeyed() {
    const QStringList call{
        "chat", "--json",        "--model", text(m_folder / "templated"), "--max-new-tokens",
        "8",    "--temperature", "1"};
    const auto answersTo = [&](const QByteArray& input) {
        std::vector<Json> answers;
        for (const Json& line : m_program.run(call, input).jsonLines())
            answers.push_back(line.at("answer"));
        return answers;
    };
    const auto answers = answersTo("Hi\n/reset\nHi\n/seed 7\n/reset\nHi\n/system Shout.\nHi\n");
    QCOMPARE(answers.size(), std::size_t{4});
    QCOMPARE(answers[0], answers[1]);
    QVERIFY(answers[1] != answers[2]);
    QVERIFY(answers[2] != answers[3]);
    const ProgramRun wrong = m_program.run(call, "/dance\n/seed x\n/save\n");
    QCOMPARE(wrong.exitCode, 0);
    for (const char* word : {"/dance is not a command", "/seed: needs", "/save: needs"})
        QVERIFY2(wrong.errors.contains(word), wrong.errors.constData());
}

void TestCommandLineGeneration::questionsWithoutChatTemplateStandAlone() {
    const ProgramRun run = m_program.run(
        {"chat", "--model", text(m_base), "--max-new-tokens", "8", "--prompt-template", "alpaca"}, "Hello\n");
    QVERIFY2(run.exitCode == 0, run.errors.constData());
    QVERIFY2(run.errors.contains("stands alone"), run.errors.constData());
    const auto expected = generated({"--model", text(m_base), "--instruction", "Hello", "--prompt-template",
                                     "alpaca", "--max-new-tokens", "8"});
    QCOMPARE(run.output, QByteArray::fromStdString(expected.at("text").get<std::string>() + "\n"));
}

void TestCommandLineGeneration::twoSidesGetTheSameQuestions() {
    const auto model = writeTinyModel(m_folder, "tiny");
    const QString project = text(m_folder / "project");
    const ProgramRun train =
        m_program.run({"train", "--project", project, "--model", text(model), "--train-file",
                       text(writeTinyRows(m_folder, "rows.jsonl")), "--max-length", "32", "--rank", "2",
                       "--max-steps", "20", "--learning-rate", "0.1"});
    QVERIFY2(train.exitCode == 0, train.errors.constData());
    const QString adapter = text(m_folder / "adapter");
    QCOMPARE(m_program.run({"export", "1", "--project", project, "--out", adapter}).exitCode, 0);
    const ProgramRun run = m_program.run(
        {"chat", "--json", "--model", text(model), "--compare", adapter, "--max-new-tokens", "4"},
        "what did the cat\n");
    QVERIFY2(run.exitCode == 0, run.errors.constData());
    const auto lines = run.jsonLines();
    QCOMPARE(lines.size(), std::size_t{2});
    QCOMPARE(lines[0].at("side"), "base");
    QCOMPARE(lines[1].at("side"), "adapter");
    const auto alone = [&](const QStringList& more) {
        return generated(QStringList{"--model", text(model), "--instruction", "what did the cat",
                                     "--max-new-tokens", "4"} +
                         more)
            .at("text");
    };
    QCOMPARE(lines[0].at("answer"), alone({}));
    QCOMPARE(lines[1].at("answer"), alone({"--adapter", adapter}));
}

void TestCommandLineGeneration::ctrlCAtThePromptLeaves() {
    bool hasAnswered = false;
    const ProgramRun run = m_program.converse(
        {"chat", "--json", "--model", text(m_folder / "templated"), "--max-new-tokens", "4"}, "Hello\n",
        [&](QProcess& process, const QByteArray&) {
            hasAnswered = true;
            ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        });
    QVERIFY(hasAnswered);
    QCOMPARE(run.exitCode, 3);
}

QTEST_GUILESS_MAIN(TestCommandLineGeneration)
#include "tst_command_line_generation.moc"
