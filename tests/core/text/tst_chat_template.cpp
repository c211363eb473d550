#include "core/text/chat_template.h"

#include <QDate>
#include <QtTest>

#include <clocale>

using namespace lathe;

class TestChatTemplate : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void behavesLikePython_data();
    void behavesLikePython();
    void keysKeepTheirOrder();
    void generationBlocksAreMarked();
    void generationTagsInTextsStay();
    void markInTheConversationIsRefused();
    void timeIsLocalAndEnglish();
    void largeTemplatesAreRendered();
    void faultsAreToldInOneSentence_data();
    void faultsAreToldInOneSentence();
};

void TestChatTemplate::behavesLikePython_data() {
    QTest::addColumn<QString>("source");
    QTest::addColumn<QString>("expected");
    QTest::newRow("trim_blocks") << "a\n{% if true %}\nb\n{% endif %}\nc"
                                 << "a\nb\nc";
    QTest::newRow("lstrip_blocks") << "a\n  {% if true %}\nb{% endif %}"
                                   << "a\nb";
    QTest::newRow("one last newline goes") << "a\n\n"
                                           << "a\n";
    QTest::newRow("namespace") << "{% set n = namespace(i=0) %}{% for x in [1,2,3] %}{% set n.i = n.i + x %}"
                                  "{% endfor %}{{ n.i }}"
                               << "6";
    QTest::newRow("break") << "{% for x in [1,2,3] %}{% if x == 2 %}{% break %}{% endif %}{{ x }}{% endfor %}"
                           << "1";
    QTest::newRow("continue")
        << "{% for x in [1,2,3] %}{% if x == 2 %}{% continue %}{% endif %}{{ x }}{% endfor %}"
        << "13";
    QTest::newRow("methods") << "{{ ' aB '.strip().upper() }}{{ 'a,b'.split(',')[1] }}"
                                "{% for k, v in d.items() %}{{ k }}{{ v }}{% endfor %}"
                             << "ABbz1a2";
    QTest::newRow("negative slice") << "{{ [1,2,3][::-1] | join }}{{ 'abc'[-2:] }}"
                                    << "321bc";
    QTest::newRow("truth values") << "{{ true }} {{ none }} {{ false }}"
                                  << "True None False";
    QTest::newRow("floats") << "{{ 1.0 }} {{ 1e20 }} {{ 1e-7 }} {{ 0.1 }} {{ 1e16 }} {{ 123456789.5 }}"
                            << "1.0 1e+20 1e-07 0.1 1e+16 123456789.5";
    QTest::newRow("nothing is escaped") << "{{ '<a&b>' }}"
                                        << "<a&b>";
    QTest::newRow("undefined is empty") << "[{{ nothing }}]"
                                        << "[]";
    QTest::newRow("tools are None") << "{{ tools is none }}{{ documents is defined }}"
                                    << "TrueTrue";
    QTest::newRow("tojson") << "{{ {'a': [1, 2.5, true, none, '<é\"\\n>'], 'e': [], 'o': {}} | tojson }}"
                            << "{\"a\": [1, 2.5, true, null, \"<é\\\"\\n>\"], \"e\": [], \"o\": {}}";
    QTest::newRow("tojson indent") << "{{ {'a': [1, {'b': 2}]} | tojson(indent=2) }}"
                                   << "{\n  \"a\": [\n    1,\n    {\n      \"b\": 2\n    }\n  ]\n}";
    QTest::newRow("tojson ensure_ascii") << "{{ 'é😀' | tojson(ensure_ascii=true) }}"
                                         << "\"\\u00e9\\ud83d\\ude00\"";
    QTest::newRow("tojson separators") << "{{ {'a': [1, 2]} | tojson(separators=(',', ':')) }}"
                                       << "{\"a\":[1,2]}";
    QTest::newRow("tojson sort_keys") << "{{ {'b': 1, 'a': 2} | tojson(sort_keys=true) }}"
                                      << "{\"a\": 2, \"b\": 1}";
    QTest::newRow("cycler") << "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}"
                            << "aba";
    QTest::newRow("joiner") << "{% set j = joiner('|') %}{{ j() }}a{{ j() }}b"
                            << "a|b";
    QTest::newRow("iterable")
        << "{{ none is iterable }}{{ 'a' is iterable }}{{ d is iterable }}{{ 1 is iterable }}"
        << "FalseTrueTrueFalse";
    QTest::newRow("sequence")
        << "{{ 'a' is sequence }}{{ d is sequence }}{{ [] is sequence }}{{ 1 is sequence }}"
        << "TrueTrueTrueFalse";
    QTest::newRow("int")
        << "{{ 3.7 | int }} {{ ' 12 ' | int }} {{ 'x' | int }} {{ 'x' | int(9) }} {{ true | int }}"
        << "3 12 0 9 1";
    QTest::newRow("float") << "{{ '1.5' | float }} {{ 'x' | float }} {{ none | float(2.0) }}"
                           << "1.5 0.0 2.0";
    QTest::newRow("prefixes")
        << "{{ 'abc'.removeprefix('a').removesuffix('c') }}{{ 'abc'.removeprefix('b') }}"
        << "babc";
    QTest::newRow("macro") << "{% macro m(a, b='x') %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(1, b=2) }}"
                           << "1x12";
}

void TestChatTemplate::behavesLikePython() {
    QFETCH(QString, source);
    QFETCH(QString, expected);
    const Result<std::string> text = renderChatTemplate(source.toStdString(), R"({"d": {"z": 1, "a": 2}})");
    QVERIFY2(text, text ? "" : text.error().text().c_str());
    QCOMPARE(*text, expected.toStdString());
}

void TestChatTemplate::keysKeepTheirOrder() {
    const Result<std::string> text = renderChatTemplate(
        "{{ tools | tojson }}", R"({"tools": [{"name": "f", "description": "d", "arguments": {}}]})");
    QVERIFY(text);
    QCOMPARE(*text, std::string(R"([{"name": "f", "description": "d", "arguments": {}}])"));
}

void TestChatTemplate::generationBlocksAreMarked() {
    const char* source = "{%- for m in messages -%}\n"
                         "{%- if m.role == 'assistant' -%}\n"
                         "  A: {% generation %}{{ m.content }}!\n{% endgeneration %}\n"
                         "{%- else -%}\n"
                         "  U: {{ m.content }}\n"
                         "{% endif -%}\n"
                         "{%- endfor -%}\n";
    const char* context =
        R"({"messages": [{"role": "user", "content": "hé"}, {"role": "assistant", "content": "ja"},
        {"role": "user", "content": "so"}, {"role": "assistant", "content": ""}]})";
    const Result<RenderedChat> chat = renderChat(source, context);
    QVERIFY2(chat, chat ? "" : chat.error().text().c_str());
    QCOMPARE(chat->text, std::string("U: hé\nA: ja!\nU: so\nA: !\n"));
    QCOMPARE(chat->generated.size(), std::size_t{2});
    QCOMPARE(
        chat->text.substr(chat->generated[0].first, chat->generated[0].second - chat->generated[0].first),
        std::string("ja!\n"));
    QCOMPARE(
        chat->text.substr(chat->generated[1].first, chat->generated[1].second - chat->generated[1].first),
        std::string("!\n"));
}

void TestChatTemplate::generationTagsInTextsStay() {
    const Result<RenderedChat> chat = renderChat("{{ '{% generation %}' }}{# {% generation %} #}{{ m }}",
                                                 R"({"m": "{% endgeneration %}"})");
    QVERIFY(chat);
    QCOMPARE(chat->text, std::string("{% generation %}{% endgeneration %}"));
    QVERIFY(chat->generated.empty());
}

void TestChatTemplate::markInTheConversationIsRefused() {
    const char* context = "{\"m\": \"\xEF\xB7\x90\"}";
    QVERIFY(!renderChat("{% generation %}{{ m }}{% endgeneration %}", context));
    QCOMPARE(renderChatTemplate("{{ m }}", context).value(), std::string("\xEF\xB7\x90"));
}

void TestChatTemplate::timeIsLocalAndEnglish() {
    std::setlocale(LC_ALL, "");
    const QDate before = QDate::currentDate();
    const std::string text = renderChatTemplate("{{ strftime_now('%d %b %Y') }}", "{}").value();
    const QDate after = QDate::currentDate();
    const auto english = [](QDate day) { return QLocale::c().toString(day, "dd MMM yyyy").toStdString(); };
    QVERIFY2(text == english(before) || text == english(after), text.c_str());
    QCOMPARE(renderChatTemplate("{{ strftime_now('') }}", "{}").value(), std::string());
}

void TestChatTemplate::largeTemplatesAreRendered() {
    const std::string text(10'000'000, 'a');
    QCOMPARE(renderChatTemplate(text + "{{ 1 }}", "{}").value(), text + '1');
}

void TestChatTemplate::faultsAreToldInOneSentence_data() {
    QTest::addColumn<QString>("source");
    QTest::addColumn<QString>("context");
    QTest::addColumn<QString>("words");
    QTest::newRow("raise") << "\n{{ raise_exception('only users may speak') }}"
                           << "{}"
                           << "the chat template refuses the conversation: only users may speak";
    QTest::newRow("syntax") << "a\n\n{% if x %}"
                            << "{}"
                            << "the chat template is broken at line 3: syntax error";
    QTest::newRow("unknown function") << "a\n{{ telephone() }}"
                                      << "{}"
                                      << "the chat template fails at line 2: ";
    QTest::newRow("attribute of nothing") << "{{ messages[0].role }}"
                                          << R"({"messages": []})"
                                          << "the chat template fails at line 1: undefined value";
    QTest::newRow("tojson of nothing") << "{{ nothing | tojson }}"
                                       << "{}"
                                       << "tojson of an undefined value";
    QTest::newRow("endless")
        << "{% for a in range(9999) %}{% for b in range(9999) %}{{ b }}{% endfor %}{% endfor %}"
        << "{}"
        << "does not end";
    QTest::newRow("one long range") << "{% for a in range(10 ** 9) %}{{ a }}{% endfor %}"
                                    << "{}"
                                    << "the chat template fails at line 1: ";
    QTest::newRow("unknown filter") << "a\n{{ 'a' | telephone }}"
                                    << "{}"
                                    << "the chat template fails at line 2: unknown filter: filter telephone";
    QTest::newRow("wide indent") << "{{ 'a' | tojson(indent=9223372036854775807) }}"
                                 << "{}"
                                 << "tojson indents by more than 100 spaces";
    QTest::newRow("doubled text") << "{% set n = namespace(s='ab') %}{% for i in range(60) %}"
                                     "{% set n.s = n.s ~ n.s %}{% endfor %}"
                                  << "{}"
                                  << "does not end";
    QTest::newRow("repeated text") << "{{ 'a' * 99999999 }}{{ 'a' * 99999999 }}"
                                   << "{}"
                                   << "does not end";
    QTest::newRow("percent on texts") << "{{ 'a %s' % 'b' }}"
                                      << "{}"
                                      << "% operator on unsupported types string";
    QTest::newRow("context is a list") << "a"
                                       << "[]"
                                       << "the context is not a JSON object";
    QTest::newRow("context is cut off") << "a"
                                        << "{\"messages\": ["
                                        << "the context is not a JSON object";
}

void TestChatTemplate::faultsAreToldInOneSentence() {
    QFETCH(QString, source);
    QFETCH(QString, context);
    QFETCH(QString, words);
    const Result<std::string> text = renderChatTemplate(source.toStdString(), context.toStdString());
    QVERIFY(!text);
    QVERIFY(text.error().kind == Error::Kind::Input);
    QVERIFY2(QString::fromStdString(text.error().message).contains(words), text.error().message.c_str());
}

QTEST_GUILESS_MAIN(TestChatTemplate)
#include "tst_chat_template.moc"
