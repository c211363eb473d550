#include "app/search/command_template.h"

#include <QProcess>
#include <QtTest>

#include <nlohmann/json.hpp>

#include <algorithm>

using namespace lathe;

namespace {

const char* const kNasty = "a 'b' \"c\" $(echo no) `echo no` \\ ; # * ~ {lr}\n end";

BlackBoxSpace sampleSpace() {
    nlohmann::ordered_json json = nlohmann::ordered_json::parse(R"({
        "lr": {"type": "float", "low": 1e-6, "high": 1},
        "k": {"type": "int", "low": 1, "high": 6},
        "two words": {"type": "bool"},
        "plain": {"type": "categorical", "choices": ["a", "b/c"]}})");
    json["nasty"] = {{"type", "categorical"}, {"choices", {"x", kNasty}}};
    return blackBoxSpaceFromJson(json).value();
}

ParamValues samplePoint() {
    return {{"lr", 3e-4},
            {"k", std::int64_t{2}},
            {"two words", true},
            {"plain", std::string("b/c")},
            {"nasty", std::string(kNasty)}};
}

std::string filled(const std::string& command, const ParamValues& point = samplePoint()) {
    const auto made = CommandTemplate::make(command, sampleSpace());
    return made.has_value() ? made->filled(point) : "error: " + made.error().text();
}

std::string shellSays(const std::string& command) {
    QProcess shell;
    shell.start(QStringLiteral("/bin/sh"), {QStringLiteral("-c"), QString::fromStdString(command)});
    shell.waitForFinished();
    return shell.readAllStandardOutput().toStdString();
}

} // namespace

class TestCommandTemplate : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void placesTakeTheValues() {
        QCOMPARE(filled("prog --lr {lr} --k={k} {two words} {plain}"),
                 std::string("prog --lr 0.0003 --k=2 true b/c"));
        QCOMPARE(filled("prog"), std::string("prog"));
        QCOMPARE(filled("{k}{k}"), std::string("22"));
        QCOMPARE(filled("prog \"x={lr}\" '{plain}'"), std::string("prog \"x=0.0003\" 'b/c'"));
    }

    void whateverAValueHoldsIsOneWord() {
        QCOMPARE(shellSays(filled("printf '%s|' {nasty} end")), std::string(kNasty) + "|end|");
        QCOMPARE(shellSays(filled("printf '%s|' --name={nasty}")), "--name=" + std::string(kNasty) + "|");
        QCOMPARE(shellSays(filled("printf '%s|' \"$(printf %s 1)\"{nasty}")),
                 "1" + std::string(kNasty) + "|");
    }

    void whatHasNoValueIsAnEmptyWord() {
        QCOMPARE(shellSays(filled("printf '<%s>' a {k} b", {})), std::string("<a><><b>"));
        QCOMPARE(filled("'{k}'", {}), std::string("''"));
    }

    void bracesOfTheShellStayAsTheyAre() {
        for (const char* command :
             {"echo ${HOME} {a,b} {} { lr }", "awk '{print $1}'", "echo \\{lr}", "a { b; }", "{"})
            QCOMPARE(filled(command), std::string(command));
    }

    void anUnknownPlaceIsRefused() {
        const std::string message = filled("prog {rl}");
        QVERIFY2(message.find("{rl} is no parameter of the space, which has {lr}, {k}") != std::string::npos,
                 message.c_str());
    }

    void aPlaceInQuotesMustNotNeedQuotes() {
        for (const char* command : {"echo \"{nasty}\"", "echo '{nasty}'", "echo `echo {nasty}`"}) {
            const std::string message = filled(command);
            QVERIFY2(message.find("stands in quotes") != std::string::npos, message.c_str());
            QVERIFY(message.find("$LATHE_PARAM_NASTY") != std::string::npos);
        }
    }

    void variablesCarryTheValues() {
        qputenv("LATHE_PARAM_OLD", "1");
        const auto environment = trialEnvironment(7, samplePoint());
        qunsetenv("LATHE_PARAM_OLD");
        const auto holds = [&environment](const std::string& entry) {
            return std::ranges::find(environment, entry) != environment.end();
        };
        QVERIFY(holds("LATHE_TRIAL=7"));
        QVERIFY(holds("LATHE_PARAM_LR=0.0003"));
        QVERIFY(holds("LATHE_PARAM_TWO_WORDS=true"));
        QVERIFY(holds(std::string("LATHE_PARAM_NASTY=") + kNasty));
        QVERIFY(!holds("LATHE_PARAM_OLD=1"));
    }

    void twoParametersOfOneVariableAreRefused() {
        const auto space = blackBoxSpaceFromJson(
            nlohmann::ordered_json::parse(R"({"lr": {"type": "bool"}, "LR": {"type": "bool"}})"));
        const auto made = CommandTemplate::make("prog", space.value());
        QVERIFY(!made.has_value());
        QVERIFY(made.error().text().find("would both be LATHE_PARAM_LR") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestCommandTemplate)
#include "tst_command_template.moc"
