#include "core/store/trial_table_file.h"
#include "tests/core/store/history_fixture.h"

#include <charconv>
#include <nlohmann/json.hpp>

using namespace lathe;
using namespace lathe::test;

namespace {

StudyContent everyKind(const TempFolder& folder) {
    StudyWriter writer = need(StudyWriter::open(folder / "lathe.db"));
    return need(need(StudyReader::open(folder / "lathe.db")).content(addEveryKind(writer)));
}

QStringList linesOf(const std::string& csv) { return QString::fromStdString(csv).split(QLatin1Char('\n')); }

} // namespace

class TestTrialTableFile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRowATrialWithTheSearchedKeys();
    void furtherObjectivesHaveColumns();
    void numbersReadBackExactly();
    void theJsonHoldsTheCurves();
    void theFileIsReplacedOnlyWhereThatIsWanted();
};

void TestTrialTableFile::aRowATrialWithTheSearchedKeys() {
    const TempFolder folder;
    const QStringList lines = linesOf(trialTableCsv(everyKind(folder)));
    QCOMPARE(lines.size(), 13); // heading, 11 trials, the end
    QCOMPARE(lines[0],
             QStringLiteral("number,state,objective,seconds,steps,method,rank,width,learning_rate,dropout,"
                            "batch_size,use_dora,reason"));
    QCOMPARE(lines[1],
             QStringLiteral("0,complete,0.3333333333333333,0.3333333333333333,3,lora,2,8,1e-06,0.1,4,true,"));
    // The rank belongs to lora; the reason holds quotes and a comma.
    QCOMPARE(
        lines[2],
        QStringLiteral("1,pruned,-inf,0.25,3,ia3,,24,1.1e-06,0.11,8,false,\"worse, \"\"much\"\" worse\""));
    QVERIFY(lines[6].startsWith(QLatin1String("5,queued,,0,0,ia3,,")));
    QVERIFY(lines[8].startsWith(QLatin1String("7,complete,nan,")));
}

void TestTrialTableFile::furtherObjectivesHaveColumns() {
    const TempFolder folder;
    StudyContent content = everyKind(folder);
    content.study.spec.furtherObjectives = {{"accuracy", true}};
    const QStringList lines = linesOf(trialTableCsv(content));
    QVERIFY(lines[0].startsWith(QLatin1String("number,state,objective,seconds,steps,accuracy,method,")));
    QVERIFY(lines[1].contains(QLatin1String(",3,0.5,lora,")));
    QVERIFY(lines[6].startsWith(QLatin1String("5,queued,,0,0,,ia3,")));
    const auto json = nlohmann::json::parse(trialTableJson(content));
    QCOMPARE(json["trials"][0]["further_objectives"]["accuracy"].get<double>(), 0.5);
    QVERIFY(json["trials"][5]["further_objectives"]["accuracy"].is_null());
}

void TestTrialTableFile::numbersReadBackExactly() {
    const TempFolder folder;
    const StudyContent content = everyKind(folder);
    const QStringList lines = linesOf(trialTableCsv(content));
    for (std::size_t i = 0; i < content.trials.size(); ++i) {
        const std::string field =
            lines[static_cast<qsizetype>(i) + 1].split(QLatin1Char(','))[8].toStdString();
        double parsed = 0;
        std::from_chars(field.data(), field.data() + field.size(), parsed);
        QCOMPARE(std::bit_cast<std::uint64_t>(parsed),
                 std::bit_cast<std::uint64_t>(content.trials[i].values.real("learning_rate")));
    }
}

void TestTrialTableFile::theJsonHoldsTheCurves() {
    const TempFolder folder;
    const StudyContent content = everyKind(folder);
    const auto json = nlohmann::json::parse(trialTableJson(content));
    QCOMPARE(json["study"]["name"].get<std::string>(), content.study.spec.name);
    QCOMPARE(json["trials"].size(), std::size_t{11});
    const auto& pruned = json["trials"][1];
    QVERIFY(pruned["curve"] == nlohmann::json::parse(R"([[1, "nan"], [2, "inf"], [3, "-inf"]])"));
    QVERIFY(!pruned["params"].contains("rank"));
    QVERIFY(json["trials"][0]["curve"][1][1].get<double>() == 1e-300);
    QVERIFY(json["trials"][0]["seed"].get<std::uint64_t>() == 0x8000'0000'0000'0001U);
    QVERIFY(json["trials"][5]["objective"].is_null());
}

void TestTrialTableFile::theFileIsReplacedOnlyWhereThatIsWanted() {
    const TempFolder folder;
    const std::filesystem::path file = folder.write("trials.csv", "old");
    QVERIFY(!writeTrialTable("new", file, Existing::Refuse).has_value());
    need(writeTrialTable("newer", file, Existing::Replace));
    QCOMPARE(std::filesystem::file_size(file), std::uintmax_t{5});
    const StudyContent content = everyKind(folder);
    QVERIFY(!writeTrialTable("new", folder / "lathe.db", Existing::Replace).has_value());
}

QTEST_GUILESS_MAIN(TestTrialTableFile)
#include "tst_trial_table_file.moc"
