#include "core/store/optuna_export.h"
#include "core/store/optuna_import.h"
#include "core/store/sqlite.h"
#include "tests/core/store/history_fixture.h"

#include <bit>
#include <sqlite3.h>

using namespace lathe;
using namespace lathe::test;

namespace {

namespace fs = std::filesystem;

void execute(const fs::path& file, const std::string& statements) {
    sqlite3* database = nullptr;
    QCOMPARE(sqlite3_open(file.c_str(), &database), SQLITE_OK);
    char* problem = nullptr;
    const int code = sqlite3_exec(database, statements.c_str(), nullptr, nullptr, &problem);
    sqlite3_close(database);
    QVERIFY2(code == SQLITE_OK, problem);
}

std::string textIn(const fs::path& file, const char* query) {
    sql::Database database = need(sql::Database::open(file, sql::Access::Read));
    sql::Statement* statement = need(database.statement(query));
    return need(statement->step()) ? statement->text(0) : "no row";
}

/// Equal as bits, but for the kind of NaN.
bool isSame(double a, double b) {
    return (std::isnan(a) && std::isnan(b)) ||
           std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

const HistoryTrial& numbered(const OptunaStudy& study, std::int64_t number) {
    const auto found = std::ranges::find(study.trials, number, &HistoryTrial::number);
    if (found == study.trials.end())
        qFatal("no trial %lld", static_cast<long long>(number));
    return *found;
}

} // namespace

class TestOptunaFile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyTrialComesBackBitForBit();
    void optunaSeesItsOwnNamesForStates();
    void severalObjectivesAreWrittenTogether();
    void theSpaceIsReadFromTheDistributionsWhereOptunaChangedIt();
    void aFileIsReplacedOnlyWhereThatIsWanted();
    void anExportSeesOneMomentOfABusyProject();
    void aValueOptunaHasNoFormForIsNamed();
    void filesOfOptunaAreRead_data();
    void filesOfOptunaAreRead();
    void severalStudiesMustBeChosenAndObjectivesCanBe();
    void severalObjectivesBecomeHistoryTogether();
    void whatCannotBeTakenIsNamed_data();
    void whatCannotBeTakenIsNamed();
    void otherFilesAreRefused();
    void historyBecomesAStudyOfTheProject();
    void onlyWhatHasEndedIsHistory();

private:
    fs::path golden(const TempFolder& folder, const char* version = "5.0.0") const;
};

fs::path TestOptunaFile::golden(const TempFolder& folder, const char* version) const {
    QFile dump(QStringLiteral(LATHE_OPTUNA_FILES "/study_%1.sql").arg(QLatin1String(version)));
    if (!dump.open(QIODevice::ReadOnly))
        qFatal("the dump is missing");
    const fs::path file = folder / (std::string("theirs") + version + ".db");
    execute(file, dump.readAll().toStdString());
    return file;
}

void TestOptunaFile::everyTrialComesBackBitForBit() {
    const TempFolder folder;
    StudyWriter writer = need(StudyWriter::open(folder / "lathe.db"));
    const StudyId id = addEveryKind(writer);
    const StudyContent ours = need(need(StudyReader::open(folder / "lathe.db")).content(id));
    need(writeOptunaFile(ours, folder / "study.db", Existing::Refuse));

    const OptunaStudy back = need(readOptunaStudy(folder / "study.db", {}));
    StudySpec expected = ours.study.spec;
    expected.trialCount = 11;
    QVERIFY(back.spec == expected);
    QVERIFY(back.notes.empty());
    QCOMPARE(back.trials.size(), ours.trials.size());
    for (std::size_t i = 0; i < back.trials.size(); ++i) {
        const TrialRecord& mine = ours.trials[i];
        const HistoryTrial& theirs = back.trials[i];
        QCOMPARE(theirs.number, mine.number);
        QCOMPARE(nameOf(theirs.state), nameOf(mine.state));
        QCOMPARE(theirs.seed, mine.seed);
        QCOMPARE(theirs.steps, mine.steps);
        QVERIFY(isSame(theirs.seconds, mine.seconds));
        QCOMPARE(theirs.reason, mine.note);
        QCOMPARE(theirs.values.contains("rank"), mine.number % 2 == 0); // only with lora
        for (const auto& [key, value] : theirs.values.map())
            QCOMPARE(toText(value), toText(*mine.values.find(key)));
        QCOMPARE(theirs.curve.size(), ours.curves[i].size());
        for (std::size_t p = 0; p < theirs.curve.size(); ++p) {
            QCOMPARE(theirs.curve[p].first, ours.curves[i][p].step);
            QVERIFY(isSame(theirs.curve[p].second, ours.curves[i][p].value));
        }
        const auto value = mine.lastValues.find("eval_loss");
        const bool isDone = mine.state == TrialState::Complete || mine.state == TrialState::Pruned;
        QCOMPARE(theirs.objective.has_value(), isDone && value != mine.lastValues.end());
        if (theirs.objective)
            QVERIFY(isSame(*theirs.objective, value->second));
    }
}

void TestOptunaFile::severalObjectivesAreWrittenTogether() {
    const TempFolder folder;
    StudyWriter writer = need(StudyWriter::open(folder / "lathe.db"));
    const StudyId id = addEveryKind(writer);
    StudyContent content = need(need(StudyReader::open(folder / "lathe.db")).content(id));
    content.study.spec.furtherObjectives = {{"accuracy", true}};
    const fs::path file = folder / "study.db";
    need(writeOptunaFile(content, file, Existing::Refuse));
    QCOMPARE(textIn(file, "SELECT group_concat(direction, ' ') FROM study_directions ORDER BY objective"),
             std::string("MINIMIZE MAXIMIZE"));
    QCOMPARE(textIn(file, "SELECT value FROM trial_values WHERE trial_id = 1 AND objective = 1"),
             std::string("0.5"));
    // Each has a value for every objective, or none.
    QCOMPARE(textIn(file, "SELECT COUNT(*) FROM (SELECT 1 FROM trial_values GROUP BY trial_id HAVING "
                          "COUNT(*) != 2)"),
             std::string("0"));
    const OptunaStudy second = need(readOptunaStudy(file, {{}, 1}));
    QVERIFY(second.spec.objective == (Objective{"accuracy", true}));
    QVERIFY(second.spec.furtherObjectives.empty());
    QVERIFY(second.trials.front().objective == 0.5);
}

void TestOptunaFile::optunaSeesItsOwnNamesForStates() {
    const TempFolder folder;
    StudyWriter writer = need(StudyWriter::open(folder / "lathe.db"));
    const StudyId id = addEveryKind(writer);
    const fs::path file = folder / "study.db";
    need(writeOptunaFile(need(need(StudyReader::open(folder / "lathe.db")).content(id)), file,
                         Existing::Refuse));
    QCOMPARE(textIn(file, "SELECT group_concat(state, ' ') FROM (SELECT state FROM trials ORDER BY number)"),
             std::string("COMPLETE PRUNED FAIL FAIL RUNNING WAITING WAITING FAIL FAIL COMPLETE PRUNED"));
    // Optuna wants a start of all that began and an end of all that is over, and a value of what is complete.
    QCOMPARE(textIn(file,
                    "SELECT COUNT(*) FROM trials WHERE (datetime_start IS NULL) != (state = 'WAITING') OR "
                    "(datetime_complete IS NULL) != (state IN ('WAITING', 'RUNNING'))"),
             std::string("0"));
    QCOMPARE(textIn(file, "SELECT group_concat(trial_id || value_type, ' ') FROM trial_values"),
             std::string("1FINITE 2INF_NEG 10INF_POS"));
    QCOMPARE(textIn(file, "SELECT value_json FROM trial_system_attributes WHERE trial_id = 6"),
             std::string("{\"batch_size\":16,\"dropout\":0.15000000000000002,\"learning_rate\":"
                         "1.6105100000000006e-06,\"method\":\"ia3\",\"use_dora\":false,\"width\":88}"));
    QCOMPARE(textIn(file,
                    "SELECT datetime_start GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] "
                    "[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9]000' FROM trials WHERE number = 0"),
             std::string("1"));
    QCOMPARE(textIn(file,
                    "SELECT distribution_json FROM trial_params WHERE trial_id = 1 AND param_name = 'width'"),
             std::string("{\"name\":\"IntDistribution\",\"attributes\":{\"log\":false,\"step\":16,\"low\":8,"
                         "\"high\":88}}"));
    QCOMPARE(
        textIn(file,
               "SELECT distribution_json FROM trial_params WHERE trial_id = 1 AND param_name = 'batch_size'"),
        std::string("{\"name\":\"CategoricalDistribution\",\"attributes\":{\"choices\":[4,8,16]}}"));
}

void TestOptunaFile::theSpaceIsReadFromTheDistributionsWhereOptunaChangedIt() {
    const TempFolder folder;
    StudyWriter writer = need(StudyWriter::open(folder / "lathe.db"));
    const StudyId id = addEveryKind(writer);
    const fs::path file = folder / "study.db";
    need(writeOptunaFile(need(need(StudyReader::open(folder / "lathe.db")).content(id)), file,
                         Existing::Refuse));
    execute(file,
            "UPDATE trial_params SET param_value = 0.9, distribution_json = '{\"name\": "
            "\"FloatDistribution\", \"attributes\": {\"low\": 0.25, \"high\": 0.9, \"log\": false, \"step\": "
            "null}}' WHERE trial_id = 1 AND param_name = 'dropout'");
    const OptunaStudy back = need(readOptunaStudy(file, {}));
    QCOMPARE(back.notes.size(), std::size_t{1});
    const auto dropout = std::ranges::find(back.spec.space, "dropout", &SearchDimension::key);
    QVERIFY(dropout->domain == Domain(RealDomain{0, 0.9, false, false}));
    QVERIFY(back.spec.fixed.map().empty());
}

void TestOptunaFile::aFileIsReplacedOnlyWhereThatIsWanted() {
    const TempFolder folder;
    StudyWriter writer = need(StudyWriter::open(folder / "lathe.db"));
    const StudyContent content =
        need(need(StudyReader::open(folder / "lathe.db")).content(addEveryKind(writer)));
    const fs::path file = folder.write("notes.txt", "mine");
    QVERIFY(writeOptunaFile(content, file, Existing::Refuse).error().message.starts_with("exists already"));
    QCOMPARE(fs::file_size(file), std::uintmax_t{4});
    need(writeOptunaFile(content, file, Existing::Replace));
    QCOMPARE(need(listOptunaStudies(file)).size(), std::size_t{1});
    QVERIFY(writeOptunaFile(content, folder / "lathe.db", Existing::Replace)
                .error()
                .message.starts_with("is a Lathe database"));
    QVERIFY(writeOptunaFile(content, folder.path(), Existing::Replace)
                .error()
                .message.starts_with("is a folder"));
    QVERIFY(!writeOptunaFile(content, folder / "no/such/folder.db", Existing::Refuse).has_value());
    for (const auto& entry : fs::directory_iterator(folder.path()))
        QVERIFY2(entry.path().string().find(".part") == std::string::npos, entry.path().c_str());
}

void TestOptunaFile::anExportSeesOneMomentOfABusyProject() {
    const TempFolder folder;
    StudyWriter writer = need(StudyWriter::open(folder / "lathe.db"));
    const StudyId id = addEveryKind(writer);
    const StudyReader reader = need(StudyReader::open(folder / "lathe.db"));
    QCOMPARE(need(reader.content(id)).trials.size(), std::size_t{11});
    addTrial(writer, id, 11, TrialState::Complete, {0.5});
    const StudyContent later = need(reader.content(id)); // the first snapshot has ended
    QCOMPARE(later.trials.size(), std::size_t{12});
    QCOMPARE(later.curves.back().size(), std::size_t{1});
    QVERIFY(!reader.content(StudyId{99}).has_value());
    QCOMPARE(need(reader.content(id)).trials.size(), std::size_t{12}); // an error leaves none open
}

void TestOptunaFile::aValueOptunaHasNoFormForIsNamed() {
    const TempFolder folder;
    StudyWriter writer = need(StudyWriter::open(folder / "lathe.db"));
    StudyContent content = need(need(StudyReader::open(folder / "lathe.db")).content(addEveryKind(writer)));
    const auto refusal = [&](const char* key, ParamValue value, Domain domain) {
        StudyContent changed = content;
        changed.trials.front().values.set(key, std::move(value));
        std::ranges::find(changed.study.spec.space, key, &SearchDimension::key)->domain = std::move(domain);
        const Status status = writeOptunaFile(changed, folder / "refused.db", Existing::Refuse);
        return status.has_value() ? std::string() : status.error().text();
    };
    QCOMPARE(refusal("method", std::string("free"), TextDomain{}),
             std::string("method is free text, for which Optuna has no distribution"));
    QCOMPARE(refusal("method", std::string("dora"), ChoiceDomain{{"lora", "ia3"}, {}, false}),
             std::string("method has the value dora, which is not one of its choices"));
    QVERIFY(refusal("width", std::int64_t{1} << 60, IntDomain{0, std::int64_t{1} << 61, 1, false})
                .starts_with("width goes beyond 2^53"));
    QVERIFY(refusal("dropout", std::nan(""), RealDomain{0, 1, false, false})
                .starts_with("dropout has the value nan"));
    QVERIFY(!fs::exists(folder / "refused.db"));
}

void TestOptunaFile::filesOfOptunaAreRead_data() {
    QTest::addColumn<QString>("version");
    QTest::newRow("3.6.2") << "3.6.2";
    QTest::newRow("5.0.0") << "5.0.0";
}

void TestOptunaFile::filesOfOptunaAreRead() {
    QFETCH(QString, version);
    const TempFolder folder;
    const OptunaStudy study = need(readOptunaStudy(golden(folder, version.toLatin1().data()), {"kinds", {}}));
    QVERIFY((study.spec.objective == Objective{"accuracy", true}));
    const SearchSpace space{{"x", RealDomain{-1.5, 7, false, false}, {}},
                            {"lr", RealDomain{1e-5, 0.1, true, false}, {}},
                            {"dropout", RealDomain{0, 1, false, false, 0.25}, {}},
                            {"layers", IntDomain{1, 10, 1, false}, {}},
                            {"width", IntDomain{8, 512, 1, true}, {}},
                            {"heads", IntDomain{2, 10, 2, false}, {}},
                            {"activation", ChoiceDomain{{"relu", "gelu"}, {}, false}, {}},
                            {"batch", ChoiceDomain{{"8", "16", "32"}, {}, true}, {}},
                            {"bias", BoolDomain{}, {}}};
    QVERIFY(study.spec.space == space);
    QVERIFY(study.notes.empty());
    QCOMPARE(study.trials.size(), std::size_t{7});
    const HistoryTrial& best = numbered(study, 0);
    const ParamValues values{{"x", 0.1 + 0.2},
                             {"lr", 3e-4},
                             {"dropout", 0.75},
                             {"layers", std::int64_t{7}},
                             {"width", std::int64_t{100}},
                             {"heads", std::int64_t{6}},
                             {"activation", std::string("gelu")},
                             {"batch", std::string("16")},
                             {"bias", false}};
    QVERIFY(best.values == values);
    QVERIFY(best.objective == 0.1 + 0.7);
    QCOMPARE(best.seed, std::uint64_t{0}); // a user's own "seed" is no seed of ours
    const HistoryTrial& pruned = numbered(study, 1);
    QCOMPARE(nameOf(pruned.state), QStringLiteral("pruned"));
    QVERIFY(pruned.curve.size() == 4 && std::isnan(pruned.curve[1].second) &&
            pruned.curve[2].second == HUGE_VAL);
    QVERIFY(pruned.objective == -HUGE_VAL);
    QCOMPARE(nameOf(numbered(study, 2).state), QStringLiteral("failed"));
    QVERIFY(!numbered(study, 2).objective && numbered(study, 2).values.map().size() == 2);
    QVERIFY(numbered(study, 3).objective == HUGE_VAL);
    QVERIFY(std::isnan(*numbered(study, 4).objective));
    QCOMPARE(nameOf(numbered(study, 5).state), QStringLiteral("queued"));
    QCOMPARE(nameOf(numbered(study, 6).state), QStringLiteral("running"));
}

void TestOptunaFile::severalObjectivesBecomeHistoryTogether() {
    const TempFolder folder;
    OptunaStudy both = need(readOptunaStudy(golden(folder), {"two objectives", {}}));
    QVERIFY(both.spec.objective == (Objective{"objective_0", false}));
    QVERIFY(both.spec.furtherObjectives == (std::vector<Objective>{{"objective_1", true}}));
    std::erase_if(both.trials, [](const HistoryTrial& trial) { return !isHistory(trial.state); });
    QVERIFY(!both.trials.empty() && both.trials.front().furtherObjectives == std::vector<double>{64.0});
    StudyWriter writer = need(StudyWriter::open(folder / "lathe.db"));
    const StudyId id = need(addStudyWithHistory(writer, both.spec, both.trials));
    const StudyContent content = need(need(StudyReader::open(folder / "lathe.db")).content(id));
    const auto& values = content.trials.front().lastValues;
    QVERIFY(values.at("objective_0") == both.trials.front().objective);
    QCOMPARE(values.at("objective_1"), 64.0);
}

void TestOptunaFile::severalStudiesMustBeChosenAndObjectivesCanBe() {
    const TempFolder folder;
    const fs::path file = golden(folder);
    const auto studies = need(listOptunaStudies(file));
    QCOMPARE(studies.size(), std::size_t{4});
    QCOMPARE(studies[0].name, std::string("kinds"));
    QCOMPARE(studies[0].trialCount, 7);
    QCOMPARE(studies[1].values.size(), std::size_t{2});
    QVERIFY(readOptunaStudy(file, {}).error().message.starts_with(
        "holds several studies; choose one of kinds, "));
    QVERIFY(readOptunaStudy(file, {"other", {}}).error().message.starts_with("holds no study \"other\""));
    QVERIFY(readOptunaStudy(file, {"two objectives", 2})
                .error()
                .message.ends_with("it has 0 (minimize), 1 (maximize)"));
    const OptunaStudy second = need(readOptunaStudy(file, {"two objectives", 1}));
    QVERIFY(second.spec.objective.maximize && second.trials.front().objective == 64.0);
    QVERIFY(need(readOptunaStudy(file, {"empty", {}})).trials.empty());
}

void TestOptunaFile::whatCannotBeTakenIsNamed_data() {
    QTest::addColumn<QString>("change");
    QTest::addColumn<QString>("message");
    const auto distribution = [](const char* json) {
        return QStringLiteral("UPDATE trial_params SET param_value = 1, distribution_json = '%1' WHERE "
                              "param_name = 'x' AND "
                              "trial_id = 1")
            .arg(QLatin1String(json));
    };
    QTest::newRow("unknown distribution") << distribution(R"({"name": "BetaDistribution", "attributes": {}})")
                                          << "x has a \"BetaDistribution\"";
    QTest::newRow("no JSON") << distribution("{") << "x has a distribution that is not a JSON object";
    QTest::newRow("no bounds") << distribution(R"({"name": "FloatDistribution", "attributes": {"low": 1}})")
                               << "without a finite number as \"high\"";
    QTest::newRow("infinite bound")
        << distribution(R"({"name": "FloatDistribution", "attributes": {"low": -Infinity, "high": 1}})")
        << "not a JSON object";
    QTest::newRow("nothing in it")
        << distribution(R"({"name": "FloatDistribution", "attributes": {"low": 2, "high": 1}})")
        << "from 2 to 1, which holds nothing";
    QTest::newRow("log from 0")
        << distribution(R"({"name": "FloatDistribution", "attributes": {"low": 0, "high": 1, "log": true}})")
        << "which is not above 0";
    QTest::newRow("value outside")
        << distribution(R"({"name": "FloatDistribution", "attributes": {"low": 1.5, "high": 2}})")
        << "x has a value outside of its distribution: 1 is below 1.5";
    QTest::newRow("two kinds") << distribution(
                                      R"({"name": "IntDistribution", "attributes": {"low": 0, "high": 3}})")
                               << "differ in their kind";
    QTest::newRow("two scales")
        << distribution(
               R"({"name": "FloatDistribution", "attributes": {"low": 0.1, "high": 3, "log": true}})")
        << "differ in their scale";
    QTest::newRow("two steps")
        << distribution(
               R"({"name": "FloatDistribution", "attributes": {"low": 0.5, "high": 3, "step": 0.5}})")
        << "differ in their steps";
    QTest::newRow("step below 0")
        << distribution(R"({"name": "FloatDistribution", "attributes": {"low": 0, "high": 3, "step": -1}})")
        << "x has the step -1";
    QTest::newRow("list as choice")
        << distribution(R"({"name": "CategoricalDistribution", "attributes": {"choices": [[1], [2]]}})")
        << "x has the choice [1]";
    QTest::newRow("twice the same")
        << distribution(R"({"name": "CategoricalDistribution", "attributes": {"choices": ["1", 1]}})")
        << "x has two choices that read 1";
    QTest::newRow("no such choice") << "UPDATE trial_params SET param_value = 2 WHERE param_name = 'bias'"
                                    << "bias has the choice number 2, of 2";
    QTest::newRow("no whole number")
        << "UPDATE trial_params SET param_value = 1.5 WHERE param_name = 'layers'"
        << "layers has the value 1.5, which is not a whole number";
    QTest::newRow("no value") << "UPDATE trial_params SET param_value = NULL WHERE param_name = 'x'"
                              << "trial 0 has no value of x";
    QTest::newRow("unknown state") << "UPDATE trials SET state = 'DONE' WHERE number = 1"
                                   << "trial 1 is in the state \"DONE\"";
    QTest::newRow("number missing") << "UPDATE trials SET number = NULL"
                                    << "has no number of its own";
    QTest::newRow("number twice") << "UPDATE trials SET number = 1 WHERE trial_id = 1"
                                  << "has no number of its own";
    QTest::newRow("complete without value") << "DELETE FROM trial_values"
                                            << "trial 0 is complete without a value";
    QTest::newRow("value type") << "UPDATE trial_values SET value_type = 'HUGE'"
                                << "a value of the kind \"HUGE\"";
    QTest::newRow("finite without value") << "UPDATE trial_values SET value = NULL"
                                          << "of the kind \"FINITE\"";
    QTest::newRow("point below 0") << "UPDATE trial_intermediate_values SET step = -1 WHERE step = 1"
                                   << "at step -1, which is below 0";
    QTest::newRow("direction") << "UPDATE study_directions SET direction = 'NOT_SET'"
                               << "the direction \"NOT_SET\"";
    QTest::newRow("no direction") << "DELETE FROM study_directions"
                                  << "without a name or a direction";
    QTest::newRow("no studies") << "DELETE FROM studies; DELETE FROM study_directions; DELETE FROM "
                                   "study_system_attributes"
                                << "holds no study";
    QTest::newRow("older tables") << "UPDATE alembic_version SET version_num = 'v2.6.0.a'"
                                  << "has Optuna's table revision \"v2.6.0.a\"";
    QTest::newRow("no tables") << "DROP TABLE trial_values"
                               << "is not an Optuna file: it has 9 of the 10 tables";
    QTest::newRow("another column") << "ALTER TABLE trials RENAME COLUMN state TO mood"
                                    << "no such column: state";
}

void TestOptunaFile::whatCannotBeTakenIsNamed() {
    QFETCH(QString, change);
    QFETCH(QString, message);
    const TempFolder folder;
    const fs::path file = golden(folder);
    execute(file, change.toStdString());
    const auto study = readOptunaStudy(file, {"kinds", {}});
    QVERIFY(!study.has_value());
    const QString text = QString::fromStdString(study.error().text());
    QVERIFY2(text.contains(message), qPrintable(text));
    QVERIFY2(text.contains(QLatin1String("theirs5.0.0.db")), qPrintable(text));
}

void TestOptunaFile::otherFilesAreRefused() {
    const TempFolder folder;
    const auto refusal = [](const fs::path& file) {
        const auto studies = listOptunaStudies(file);
        return studies.has_value() ? std::string() : studies.error().message;
    };
    QCOMPARE(refusal(folder / "none.db"), std::string("does not exist"));
    QVERIFY(refusal(folder.path()).starts_with("is a folder"));
    QVERIFY(
        refusal(folder.write("journal.log", "{\"op_code\": 0}\n{}\n")).starts_with("is not an SQLite file"));
    QVERIFY(refusal(folder.write("empty.db", "")).starts_with("is not an SQLite file"));
    { const StudyWriter writer = need(StudyWriter::open(folder / "lathe.db")); }
    QVERIFY(refusal(folder / "lathe.db").starts_with("is not an Optuna file: it has 0 of"));
    const fs::path cut = golden(folder);
    fs::resize_file(cut, fs::file_size(cut) / 2);
    QVERIFY(refusal(cut).starts_with("is damaged"));
    const auto null = readOptunaStudy(golden(folder, "3.6.2"), {"null choice", {}});
    QVERIFY(null.error().message.find("depth has the choice null") != std::string::npos);
}

void TestOptunaFile::historyBecomesAStudyOfTheProject() {
    const TempFolder folder;
    OptunaStudy theirs = need(readOptunaStudy(golden(folder), {"kinds", {}}));
    std::erase_if(theirs.trials, [](const HistoryTrial& trial) { return !isHistory(trial.state); });
    StudyWriter writer = need(StudyWriter::open(folder / "lathe.db"));
    const StudyId id = need(addStudyWithHistory(writer, theirs.spec, theirs.trials));
    const StudyReader reader = need(StudyReader::open(folder / "lathe.db"));
    QCOMPARE(need(reader.studies()).size(), std::size_t{1}); // nothing of it stays hidden
    const StudyContent content = need(reader.content(id));
    QVERIFY(content.study.spec == theirs.spec);
    QCOMPARE(content.trials.size(), std::size_t{5});
    for (std::size_t i = 0; i < content.trials.size(); ++i) {
        const TrialRecord& record = content.trials[i];
        QCOMPARE(record.number, theirs.trials[i].number);
        QCOMPARE(nameOf(record.state), nameOf(theirs.trials[i].state));
        QVERIFY(record.values == theirs.trials[i].values);
        if (theirs.trials[i].objective)
            QVERIFY(isSame(record.lastValues.at("accuracy"), *theirs.trials[i].objective));
        QVERIFY(record.endedAt.size() > 0);
    }
    QCOMPARE(content.curves[0].size(), std::size_t{2});
    QCOMPARE(content.curves[3].size(), std::size_t{1}); // it had only a value
}

void TestOptunaFile::onlyWhatHasEndedIsHistory() {
    const TempFolder folder;
    const OptunaStudy theirs = need(readOptunaStudy(golden(folder), {"kinds", {}}));
    StudyWriter writer = need(StudyWriter::open(folder / "lathe.db"));
    QCOMPARE(addStudyWithHistory(writer, theirs.spec, theirs.trials).error().text(),
             std::string("trial 5: is queued; only what has ended is history"));
    QVERIFY(need(need(StudyReader::open(folder / "lathe.db")).studies()).empty());
}

QTEST_GUILESS_MAIN(TestOptunaFile)
#include "tst_optuna_file.moc"
