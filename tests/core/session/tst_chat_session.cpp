#include "core/session/chat_session.h"

#include "core/session/chat_options.h"
#include "tests/core/session/scripted_generator.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSignalSpy>
#include <QTest>

#include <memory>

using namespace lathe;
using namespace lathe::test;

/// Conversations with voices that say what a script has.
class TestChatSession : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup() { m_session.reset(); }
    void answerComesInOrderAndIsSummedUp();
    void piecesAreToldInBatches();
    void bothVoicesGetTheSameSeed();
    void laterQuestionsSeeTheOwnPast();
    void stopReturnsAtOnceAndKeepsTheText();
    void stopFromASlotIsFine();
    void nextQuestionAfterAStopIsAnswered();
    void stopBeforeTheVoiceBeginsIsToldToo();
    void modelIsLoadedOnceAndKept();
    void voiceThatCannotBeLoadedSaysWhy();
    void failedAnswerIsLeftOutOfThePast();
    void otherVoicesWhileOneAnswersStopIt();
    void modelsNobodyNeedsAreLetGo();
    void voicesOfOneModelShareIt();
    void adaptersAreSetWithoutLoadingAnew();
    void strengthIsForTheNextAnswer();
    void adaptersThatAreOffDoNotCount();
    void columnKeepsItsPastWhenAnAdapterIsAdded();
    void mergeIsCheckedOrRefused();
    void sessionMayEndWhileAVoiceAnswers();
    void lastQuestionIsEditedAndAnsweredAgain();
    void clearCanBeUndone();
    void withoutAChatTemplateTheTextStandsAsItIs();
    void promptTemplateTakesTheFirstLineAsInstruction();
    void promptIsToldAsTheModelReadsIt();
    void savedConversationIsReadBack();
    void wrongFilesAreExplained_data();
    void wrongFilesAreExplained();
    void optionsReachTheModel();

private:
    void ask(const QString& question) {
        m_session->ask(question);
        QTRY_VERIFY(!m_session->isBusy());
    }
    [[nodiscard]] const ChatAnswer& answer(qsizetype turn, qsizetype voice = 0) const {
        return m_session->conversation().turns[turn].answers[voice];
    }
    void setOption(const char* key, ParamValue value) {
        ParamValues options = m_session->options();
        options.set(key, std::move(value));
        m_session->setOptions(options);
    }

    const QVector<ChatVoice> m_base{{"Base", "model", {}}};
    const QVector<ChatVoice> m_both{{"Base", "model", {}}, {"Tuned", "model", {{"Adapter", "adapter"}}}};
    std::shared_ptr<Script> m_script; // shared with the generators
    std::unique_ptr<ChatSession> m_session;
};

void TestChatSession::init() {
    m_script = std::make_shared<Script>();
    m_session = std::make_unique<ChatSession>(scripted(m_script));
    m_session->setVoices(m_base);
}

void TestChatSession::answerComesInOrderAndIsSummedUp() {
    QString streamed;
    connect(m_session.get(), &ChatSession::textArrived, this,
            [&streamed](int, const QString& text) { streamed += text; });
    QSignalSpy busy(m_session.get(), &ChatSession::busyChanged);

    ask("Count.");

    QCOMPARE(streamed, "One two three");
    QCOMPARE(answer(0).text, streamed);
    QCOMPARE(answer(0).state, ChatAnswer::State::Done);
    QCOMPARE(answer(0).end, GeneratedText::End::EndToken);
    QCOMPARE(answer(0).tokens, 3);
    QCOMPARE(answer(0).seconds, 0.5);
    QCOMPARE(busy.count(), 2);
}

void TestChatSession::piecesAreToldInBatches() {
    m_script->pieces.assign(1000, "word ");
    QSignalSpy arrived(m_session.get(), &ChatSession::textArrived);

    ask("Say much.");

    QCOMPARE(answer(0).text.size(), 5000);
    QVERIFY2(arrived.count() < 100, qPrintable(QString::number(arrived.count())));
}

void TestChatSession::bothVoicesGetTheSameSeed() {
    m_session->setVoices(m_both);
    setOption("seed", std::int64_t{7});

    ask("Hello");

    const auto calls = m_script->calls();
    QCOMPARE(calls.size(), 2U);
    QCOMPARE(calls[0].adapter, std::string());
    QCOMPARE(calls[1].adapter, std::string("adapter"));
    for (const auto& call : calls)
        QCOMPARE(call.options.seed, std::uint64_t{7});
    QCOMPARE(calls[0].prompt, calls[1].prompt);
    QCOMPARE(answer(0, 0).text, "One two three");
    QCOMPARE(answer(0, 1).text, "Tuned: One two three");
}

void TestChatSession::laterQuestionsSeeTheOwnPast() {
    m_session->setVoices(m_both);
    setOption("system", std::string("Be kind."));
    ask("First");

    ask("Second");

    const auto calls = m_script->calls();
    QCOMPARE(calls[2].prompt,
             std::string("system: Be kind.|user: First|assistant: One two three|user: Second"));
    QCOMPARE(calls[3].prompt,
             std::string("system: Be kind.|user: First|assistant: Tuned: One two three|user: Second"));
}

void TestChatSession::stopReturnsAtOnceAndKeepsTheText() {
    m_script->isEndless = true;
    m_session->ask("Go on.");
    QTRY_VERIFY(!answer(0).text.isEmpty());
    QElapsedTimer clock;
    clock.start();

    m_session->stop();

    QVERIFY(clock.elapsed() < 50); // it does not wait: this is what a loaded machine may take
    QVERIFY(!m_session->isBusy());
    QCOMPARE(answer(0).state, ChatAnswer::State::Stopped);
    const QString text = answer(0).text;
    QTRY_VERIFY(answer(0).tokens > 0); // the figures come when the voice has ended
    QCOMPARE(answer(0).text, text);
    QCOMPARE(answer(0).state, ChatAnswer::State::Stopped);
}

void TestChatSession::stopFromASlotIsFine() {
    m_script->isEndless = true;
    connect(m_session.get(), &ChatSession::textArrived, m_session.get(), &ChatSession::stop);

    ask("Go on.");

    QVERIFY(answer(0).text.startsWith("One two three"));
    QCOMPARE(answer(0).state, ChatAnswer::State::Stopped);
}

void TestChatSession::nextQuestionAfterAStopIsAnswered() {
    m_script->hold(true);
    m_session->ask("First");
    m_session->stop();
    m_script->hold(false);

    ask("Second");

    QCOMPARE(answer(0).state, ChatAnswer::State::Stopped);
    QCOMPARE(answer(1).text, "One two three");
    QCOMPARE(m_script->calls().back().prompt, std::string("user: Second")); // the first has no answer
}

/// Whether the voice or the stop comes first is chance, so it is tried often.
void TestChatSession::stopBeforeTheVoiceBeginsIsToldToo() {
    for (int i = 0; i < 200; ++i) {
        m_session->ask("Question");
        m_session->stop();
        QVERIFY(!m_session->isBusy());
        QVERIFY(answer(i).isOver());
    }
}

void TestChatSession::modelIsLoadedOnceAndKept() {
    QSignalSpy ready(m_session.get(), &ChatSession::modelReady);
    m_session->prepare();
    QVERIFY(ready.wait());
    QCOMPARE(m_session->hasChatTemplate(), std::optional(true));
    QCOMPARE(m_session->modelDefaults()->temperature, 0.7);

    ask("First");
    ask("Second");

    QCOMPARE(m_script->opened.load(), 1);
    m_session->release();
    QTRY_COMPARE(m_script->alive.load(), 0);
    ask("Third");
    QCOMPARE(m_script->opened.load(), 2);
}

void TestChatSession::voiceThatCannotBeLoadedSaysWhy() {
    m_session->setVoices(m_both);
    m_script->badAdapter = "adapter";

    ask("Hello");

    QCOMPARE(answer(0, 0).state, ChatAnswer::State::Done);
    QCOMPARE(answer(0, 1).state, ChatAnswer::State::Failed);
    QCOMPARE(answer(0, 1).problem, "model: has an adapter, adapter, that does not fit");
}

void TestChatSession::failedAnswerIsLeftOutOfThePast() {
    m_script->answerProblem = "is too long";
    ask("First");
    QCOMPARE(answer(0).problem, "prompt: is too long");
    m_script->answerProblem.clear();

    ask("Second");

    QCOMPARE(m_script->calls().back().prompt, std::string("user: Second"));
}

void TestChatSession::otherVoicesWhileOneAnswersStopIt() {
    m_script->isEndless = true;
    m_session->ask("Go on.");
    QTRY_VERIFY(!answer(0).text.isEmpty());

    m_session->setVoices({{"Other", "other", {}}});

    QVERIFY(!m_session->isBusy());
    QCOMPARE(answer(0).state, ChatAnswer::State::Stopped);
    QVERIFY(!m_session->hasChatTemplate());
    QTRY_COMPARE(m_script->alive.load(), 0);
    m_session->ask("And you?");
    QTRY_VERIFY(!answer(1).text.isEmpty());
    QCOMPARE(answer(1).voice.name, "Other");
    QVERIFY(m_script->calls().back().prompt.starts_with("user: Go on.|assistant: One"));
}

void TestChatSession::modelsNobodyNeedsAreLetGo() {
    m_session->setVoices({m_base.front(), {"Other", "other", {}}});
    ask("Hello");
    QCOMPARE(m_script->alive.load(), 2);

    m_session->setVoices(m_base);

    QTRY_COMPARE(m_script->alive.load(), 1);
    ask("Again");
    QCOMPARE(m_script->opened.load(), 2);
}

void TestChatSession::voicesOfOneModelShareIt() {
    m_session->setVoices(m_both);
    ask("Hello");

    QCOMPARE(m_script->opened.load(), 1);
    QCOMPARE(m_script->calls()[0].adapter, std::string());
    QCOMPARE(m_script->calls()[1].adapter, std::string("adapter"));
}

void TestChatSession::adaptersAreSetWithoutLoadingAnew() {
    ChatVoice voice{"Tuned", "model", {{"One", "one", 0.5}, {"Two", "two"}}};
    m_session->setVoices({voice});
    ask("Hello");
    std::swap(voice.adapters[0], voice.adapters[1]);
    voice.isMerged = true;
    m_session->setVoices({voice});
    ask("Again");

    QCOMPARE(m_script->opened.load(), 1);
    QCOMPARE(m_script->calls()[0].adapter, std::string("one=0.50+two"));
    QCOMPARE(m_script->calls()[1].adapter, std::string("two+one=0.50 merged"));
}

void TestChatSession::strengthIsForTheNextAnswer() {
    m_script->isEndless = true;
    m_session->setVoices(m_both);
    m_session->ask("Go on.");
    QTRY_VERIFY(!answer(0).text.isEmpty());
    QVector<ChatVoice> weaker = m_both;
    weaker[1].adapters[0].strength = 0.25;

    m_session->setVoices(weaker);

    QVERIFY(m_session->isBusy());
    m_session->stop();
    m_script->isEndless = false;
    ask("Again");
    QCOMPARE(m_script->calls().back().adapter, std::string("adapter=0.25"));
}

void TestChatSession::adaptersThatAreOffDoNotCount() {
    ChatVoice voice{"Tuned", "model", {{"One", "one", 1, false}, {"Two", "two"}, {"Three", "three", 0}}};
    m_session->setVoices({voice});

    ask("Hello");

    QCOMPARE(m_script->calls()[0].adapter, std::string("two"));
    QVERIFY(voice.isSame({"Same", "model", {{"Two", "two"}}}));
    QVERIFY(!voice.hasFilesOf({"Less", "model", {{"Two", "two"}}}));
}

void TestChatSession::columnKeepsItsPastWhenAnAdapterIsAdded() {
    m_session->setVoices(m_both);
    ask("Hello");
    QVector<ChatVoice> more = m_both;
    more[1].adapters.append(ChatAdapter{"Two", "two"});
    m_session->setVoices(more);

    ask("And?");

    const ChatConversation& conversation = m_session->conversation();
    QCOMPARE(conversation.answer(0, more[1])->voice.name, "Tuned");
    QCOMPARE(conversation.answer(0, more[0])->voice.name, "Base");
    QCOMPARE(m_script->calls().back().prompt,
             std::string("user: Hello|assistant: Tuned: One two three|user: And?"));
}

void TestChatSession::mergeIsCheckedOrRefused() {
    m_session->setVoices(m_both);
    QSignalSpy checked(m_session.get(), &ChatSession::mergeChecked);
    QSignalSpy refused(m_session.get(), &ChatSession::mergeRefused);

    m_session->requestMergeCheck(1);
    QVERIFY(checked.wait());
    QCOMPARE(checked.first().at(0).toInt(), 1);
    QCOMPARE(checked.first().at(1).value<MergeCheck>().difference, 2.5e-7);
    m_script->mergeProblem = "cannot be merged";
    m_session->requestMergeCheck(1);
    QVERIFY(refused.wait());

    QCOMPARE(refused.first().at(1).toString(), "adapter: cannot be merged");
    QCOMPARE(checked.size(), 1);
}

void TestChatSession::sessionMayEndWhileAVoiceAnswers() {
    m_script->isEndless = true;
    m_session->setVoices(m_both);
    m_session->ask("Go on.");
    QTRY_VERIFY(!answer(0).text.isEmpty());

    m_session.reset();

    QCOMPARE(m_script->alive.load(), 0);
}

void TestChatSession::lastQuestionIsEditedAndAnsweredAgain() {
    ask("First");
    ask("Secnd");

    m_session->editLast("Second");
    QTRY_VERIFY(!m_session->isBusy());

    QCOMPARE(m_session->conversation().turns.size(), 2);
    QCOMPARE(m_session->conversation().turns[1].question, "Second");
    m_session->regenerate();
    QTRY_VERIFY(!m_session->isBusy());
    const auto calls = m_script->calls();
    QCOMPARE(calls.size(), 4U);
    QCOMPARE(calls[2].prompt, calls[3].prompt);
    QCOMPARE(answer(1).text, "One two three");
}

void TestChatSession::clearCanBeUndone() {
    ask("First");

    m_session->clear();
    QVERIFY(m_session->conversation().turns.isEmpty());
    QVERIFY(m_session->canUndoClear());
    m_session->undoClear();

    QCOMPARE(m_session->conversation().turns.size(), 1);
    QCOMPARE(answer(0).text, "One two three");
    m_session->clear();
    ask("Anew");
    QVERIFY(!m_session->canUndoClear());
}

void TestChatSession::withoutAChatTemplateTheTextStandsAsItIs() {
    m_script->hasChatTemplate = false;
    setOption("system", std::string("Be kind."));
    ask("Once upon a time");

    ask("there was");

    QCOMPARE(m_session->hasChatTemplate(), std::optional(false));
    QCOMPARE(m_script->calls()[0].prompt, std::string("Once upon a time"));
    QCOMPARE(m_script->calls()[1].prompt, std::string("there was"));
}

void TestChatSession::promptTemplateTakesTheFirstLineAsInstruction() {
    setOption("prompt_form", std::string("plain"));
    ask("Answer.\nIt rains.\nDoes it rain?");

    ask("Only this.");

    QCOMPARE(m_script->calls()[0].prompt, std::string("Answer.\n\nIt rains.\nDoes it rain?\n\nAnswer:"));
    QCOMPARE(m_script->calls()[1].prompt, std::string("Only this.\n\nAnswer:"));
}

void TestChatSession::promptIsToldAsTheModelReadsIt() {
    m_session->setVoices(m_both);
    ask("First");
    QSignalSpy told(m_session.get(), &ChatSession::promptReady);

    m_session->requestPrompt("Second");
    QVERIFY(told.wait());
    QCOMPARE(told.front().front().toString(), "user: First|assistant: Tuned: One two three|user: Second");
    m_session->requestPrompt({});
    QVERIFY(told.wait());

    QCOMPARE(told.back().front().toString(), "user: First");
    QCOMPARE(m_session->conversation().turns.size(), 1);
    QCOMPARE(m_script->calls().size(), 2U); // nobody was asked
}

void TestChatSession::savedConversationIsReadBack() {
    setOption("system", std::string("Be kind."));
    ask("Grüße?");
    const QByteArray one = m_session->toJson();
    const QJsonArray messages = QJsonDocument::fromJson(one).array();
    QCOMPARE(messages.size(), 3);
    QCOMPARE(messages[1].toObject(), (QJsonObject{{"role", "user"}, {"content", "Grüße?"}}));
    m_session->setVoices(m_both);
    ask("Second");
    const QByteArray two = m_session->toJson();

    m_session->clear();
    setOption("system", std::string());
    QSignalSpy system(m_session.get(), &ChatSession::systemChanged);
    QVERIFY(m_session->load(two).has_value());

    QCOMPARE(system.front().front().toString(), "Be kind.");
    QCOMPARE(m_session->toJson(), two);
    QCOMPARE(answer(1, 1).text, "Tuned: One two three");
    m_session->setVoices(m_base);
    QVERIFY(m_session->load(one).has_value());
    QCOMPARE(m_session->toJson(), one);
    QVERIFY(m_session->canUndoClear());
}

void TestChatSession::wrongFilesAreExplained_data() {
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QString>("problem");
    QTest::newRow("no JSON") << QByteArray("[{") << "is not JSON";
    QTest::newRow("nothing") << QByteArray("{}") << "holds no messages";
    QTest::newRow("a number") << QByteArray("[1]") << "message 1 lacks one of them";
    QTest::newRow("a role") << QByteArray(R"([{"role":"tool","content":"x"}])") << "the role \"tool\"";
    QTest::newRow("order") << QByteArray(R"([{"role":"assistant","content":"x"}])") << "answers no question";
}

void TestChatSession::wrongFilesAreExplained() {
    QFETCH(QByteArray, json);
    QFETCH(QString, problem);
    ask("First");

    const Status loaded = m_session->load(json);

    QVERIFY(!loaded.has_value());
    QVERIFY2(QString::fromStdString(loaded.error().text()).contains(problem), loaded.error().text().c_str());
    QCOMPARE(m_session->conversation().turns.size(), 1);
}

void TestChatSession::optionsReachTheModel() {
    m_session->setOptions({{"max_new_tokens", std::int64_t{5}},
                           {"temperature", 0.5},
                           {"seed", std::int64_t{9}},
                           {"top_k", std::int64_t{3}},
                           {"top_p", 0.9},
                           {"min_p", 0.1},
                           {"repetition_penalty", 1.2},
                           {"beams", std::int64_t{4}},
                           {"stop_texts", std::string("###\n\nuser:")},
                           {"prompt_form", std::string("auto")},
                           {"system", std::string()}});
    QVERIFY(validate(chatOptionsSchema(), m_session->options()).empty());

    ask("Hello");

    const GenerationOptions options = m_script->calls()[0].options;
    QCOMPARE(options.maxNewTokens, 5);
    QCOMPARE(options.temperature, 0.5);
    QCOMPARE(options.seed, std::uint64_t{9});
    QCOMPARE(options.topK, 3);
    QCOMPARE(options.topP, 0.9);
    QCOMPARE(options.minP, 0.1);
    QCOMPARE(options.repetitionPenalty, 1.2);
    QCOMPARE(options.beams, 4);
    QVERIFY(options.stopTexts == (std::vector<std::string>{"###", "user:"}));
    const ParamValues back = withModelDefaults(m_session->options(), options);
    QCOMPARE(back.text("stop_texts"), std::string("###\nuser:"));
    QCOMPARE(back.integer("seed"), std::int64_t{9});
}

QTEST_GUILESS_MAIN(TestChatSession)
#include "tst_chat_session.moc"
