#include "tests/app/program.h"
#include "tests/app/tiny_model.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include "core/base/files.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace lathe;
using test::Program;
using test::ProgramRun;
using Json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

QString text(const fs::path& path) { return QString::fromStdString(path.string()); }

Json readJson(const fs::path& file) { return Json::parse(readFile(file).value()); }

/// The only tensor of a safetensors file, fp32.
std::vector<float> numbersOf(const fs::path& file) {
    const std::string bytes = readFile(file).value();
    std::uint64_t header = 0;
    std::memcpy(&header, bytes.data(), sizeof header);
    std::vector<float> numbers((bytes.size() - sizeof header - header) / sizeof(float));
    std::memcpy(numbers.data(), bytes.data() + sizeof header + header, numbers.size() * sizeof(float));
    return numbers;
}

double difference(const std::vector<float>& a, const std::vector<float>& b) {
    if (a.size() != b.size() || a.empty())
        return INFINITY;
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        largest = std::max(largest, std::abs(static_cast<double>(a[i]) - b[i]));
    return largest;
}

} // namespace

/// Several adapters at once, combined, and merged, on the command line.
class TestCommandLineAdapters : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void combinationDoesWhatAllDoAtOnce();
    void approximationSaysHowFarItIs();
    void forecastWritesNothing();
    void whatCannotBeCombinedSaysWhy_data();
    void whatCannotBeCombinedSaysWhy();
    void baseIsTheOneTheAdaptersName();
    void mergedModelAnswersAsTheAdapters();
    void mergingOnlyMeasuresWithoutAFolder();
    void bottlenecksCannotBeMerged();
    void adapterThatDoesNotFitIsNamed();
    void textsAreContinuedWithSeveralAdapters();

private:
    [[nodiscard]] std::vector<float> logits(const fs::path& model, const QStringList& more) const {
        const fs::path out = m_folder / "logits.safetensors";
        const ProgramRun run = m_program.run(
            QStringList{"logits", "--model", text(model), "--ids", text(m_ids), "--out", text(out)} + more);
        if (run.exitCode != 0)
            QTest::qFail(run.errors.constData(), __FILE__, __LINE__);
        return run.exitCode == 0 ? numbersOf(out) : std::vector<float>();
    }
    [[nodiscard]] QString lora(const char* name) const {
        return text(test::sourceFile("tests/data/golden/adapters/lora/combine") / name);
    }
    [[nodiscard]] ProgramRun combine(const char* name, const QStringList& more) const {
        return m_program.run(QStringList{"combine", "--json", text(m_folder / name)} + more);
    }
    /// A copy of an adapter that names another base.
    [[nodiscard]] QString named(const char* name, const std::string& base) const {
        const fs::path from = lora(name).toStdString();
        const fs::path to = m_folder / (std::string(name) + "_" + fs::path(base).filename().string());
        fs::create_directories(to);
        fs::copy(from, to, fs::copy_options::overwrite_existing | fs::copy_options::recursive);
        Json config = readJson(to / "adapter_config.json");
        config["base_model_name_or_path"] = base;
        static_cast<void>(writeFileAtomically(to / "adapter_config.json", config.dump()));
        return text(to);
    }

    test::TempFolder m_folder;
    Program m_program{m_folder / "data"};
    fs::path m_base = test::sourceFile("tests/data/golden/llama");
    fs::path m_ids = m_folder.write("ids.json", R"({"input_ids": [[3, 5, 7, 9, 11], [4, 6, 8, 10, 12]]})");
};

void TestCommandLineAdapters::combinationDoesWhatAllDoAtOnce() {
    const ProgramRun run = combine(
        "sum", {lora("one") + "=0.5", lora("small") + "=-1.5", "--model", text(m_base), "--method", "cat"});
    QVERIFY2(run.exitCode == 0, run.errors.constData());
    const Json answer = run.json();
    QVERIFY(answer.at("equal_by_mathematics").get<bool>());
    QVERIFY(answer.at("logit_difference").get<double>() < 1e-5);
    QVERIFY(answer.at("lacking_share_of_the_sum").get<double>() < 1e-5);
    QCOMPARE(answer.at("rank"), 6);

    const auto together =
        logits(m_base, {"--adapter", lora("one") + "=0.5", "--adapter", lora("small") + "=-1.5"});
    QVERIFY(difference(logits(m_base, {"--adapter", text(m_folder / "sum")}), together) < 1e-5);
    QVERIFY(difference(logits(m_base, {}), together) > 1e-3);
    const Json stored = readJson(m_folder / "sum/lathe_combine.json");
    QCOMPARE(stored.at("check").at("largest_logit_difference"), answer.at("logit_difference"));
    QCOMPARE(stored.at("adapters")[1].at("weight"), -1.5);
    QCOMPARE(stored.at("options"), Json({{"method", "cat"}}));
    QCOMPARE(readJson(m_folder / "sum/adapter_config.json").at("r"), 6);
}

void TestCommandLineAdapters::approximationSaysHowFarItIs() {
    const ProgramRun run = combine("small", {lora("one"), lora("two"), "--weight", "0.7,-0.4", "--model",
                                             text(m_base), "--method", "svd", "--rank", "2"});
    QVERIFY2(run.exitCode == 0, run.errors.constData());
    const Json answer = run.json();
    QVERIFY(!answer.at("equal_by_mathematics").get<bool>());
    QCOMPARE(answer.at("rank"), 2);
    const double lacking = answer.at("lacking_share_of_the_sum").get<double>();
    QVERIFY(lacking > 0.01 && lacking < 1);
    QVERIFY(answer.at("logit_difference").get<double>() > 1e-4);
}

void TestCommandLineAdapters::forecastWritesNothing() {
    const ProgramRun run = combine(
        "never", {lora("one"), lora("two"), "--model", text(m_base), "--method", "dare_ties", "--check"});
    QCOMPARE(run.exitCode, 0);
    QCOMPARE(run.json().at("rank"), 4);
    QVERIFY(!fs::exists(m_folder / "never"));
}

void TestCommandLineAdapters::whatCannotBeCombinedSaysWhy_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("message");
    const QString model = text(m_base);
    const QString hub = text(test::sourceFile("tests/data/golden/adapters/hub_llama_parallel"));
    QTest::newRow("one alone") << QStringList{lora("one"), "--model", model} << "at least two";
    QTest::newRow("twice") << QStringList{lora("one"), lora("one"), "--model", model} << "given twice";
    QTest::newRow("ranks") << QStringList{lora("one"), lora("small"), "--model", model, "--method", "ties"}
                           << "ranks 4 and 2";
    QTest::newRow("family") << QStringList{lora("one"), hub, "--model", model} << "bottlenecks";
    QTest::newRow("bases") << QStringList{named("one", "org/first"), named("two", "org/second")}
                           << "only adapters of the same base model";
    QTest::newRow("base not there") << QStringList{lora("one"), lora("two")}
                                    << "not to be found on this disk";
    QTest::newRow("method") << QStringList{lora("one"), lora("two"), "--model", model, "--method", "mix"}
                            << "one of cat, svd";
    QTest::newRow("density") << QStringList{lora("one"), lora("two"), "--model",   model,
                                            "--method",  "ties",      "--density", "2"}
                             << "density 2";
    QTest::newRow("weights") << QStringList{lora("one"), lora("two"), "--model", model, "--weight", "1"}
                             << "1 times for 2 adapters";
    QTest::newRow("no number") << QStringList{lora("one") + "=much", lora("two"), "--model", model} << "much";
    QTest::newRow("dora") << QStringList{lora("one"),
                                         text(
                                             test::sourceFile("tests/data/golden/adapters/lora/dora_tables")),
                                         "--model", model}
                          << "use_dora";
}

void TestCommandLineAdapters::whatCannotBeCombinedSaysWhy() {
    QFETCH(QStringList, arguments);
    QFETCH(QString, message);
    const ProgramRun run = combine("refused", arguments);
    QCOMPARE(run.exitCode, 2);
    QVERIFY2(run.errors.contains(message.toUtf8()), run.errors.constData());
    QVERIFY(!fs::exists(m_folder / "refused"));
}

void TestCommandLineAdapters::baseIsTheOneTheAdaptersName() {
    const ProgramRun run =
        combine("of_named", {named("one", m_base.string()), named("two", m_base.string())});
    QVERIFY2(run.exitCode == 0, run.errors.constData());
    QCOMPARE(run.json().at("base_model"), m_base.string());
}

void TestCommandLineAdapters::mergedModelAnswersAsTheAdapters() {
    const QStringList adapters{"--adapter", lora("one") + "=0.5", "--adapter", lora("two")};
    const ProgramRun run = m_program.run(
        QStringList{"merge", "--json", "--model", text(m_base), "--out", text(m_folder / "merged")} +
        adapters);
    QVERIFY2(run.exitCode == 0, run.errors.constData());
    const Json answer = run.json();
    QVERIFY(answer.at("base_restored").get<bool>());
    QVERIFY(answer.at("logit_difference").get<double>() < 1e-5);
    QVERIFY(answer.at("read_back_difference").get<double>() < 1e-5);

    const auto beside = logits(m_base, adapters);
    QVERIFY(difference(logits(m_folder / "merged", {}), beside) < 1e-5);
    QVERIFY(difference(logits(m_base, adapters + QStringList{"--merge"}), beside) < 1e-5);
    const Json stored = readJson(m_folder / "merged/lathe_merge.json");
    QCOMPARE(stored.at("check").at("largest_logit_difference_read_back"), answer.at("read_back_difference"));
}

void TestCommandLineAdapters::mergingOnlyMeasuresWithoutAFolder() {
    const ProgramRun run = m_program.run({"merge", "--model", text(m_base), "--adapter", lora("one")});
    QVERIFY2(run.exitCode == 0, run.errors.constData());
    QVERIFY(run.output.contains("bit for bit as before"));
}

void TestCommandLineAdapters::bottlenecksCannotBeMerged() {
    const QString hub = text(test::sourceFile("tests/data/golden/adapters/hub_llama_parallel"));
    const QString model = text(test::sourceFile("tests/data/golden/architectures/llama"));
    const ProgramRun run =
        m_program.run({"merge", "--model", model, "--adapter", hub, "--out", text(m_folder / "unmerged")});
    QCOMPARE(run.exitCode, 2);
    QVERIFY2(run.errors.contains("hub_llama_parallel") && run.errors.contains("cannot be merged"),
             run.errors.constData());
    QVERIFY(!fs::exists(m_folder / "unmerged"));
}

void TestCommandLineAdapters::adapterThatDoesNotFitIsNamed() {
    const auto tiny = writeTinyModel(m_folder, "tiny");
    const ProgramRun run = m_program.run({"generate", "--model", text(tiny), "--prompt", "the", "--adapter",
                                          lora("one"), "--adapter", lora("two")});
    QCOMPARE(run.exitCode, 2);
    QVERIFY2(run.errors.contains(lora("one").toUtf8()) && run.errors.contains("does not fit this base model"),
             run.errors.constData());
}

void TestCommandLineAdapters::textsAreContinuedWithSeveralAdapters() {
    const auto model = writeTinyModel(m_folder, "tiny");
    const QString project = text(m_folder / "project");
    const ProgramRun train =
        m_program.run({"train", "--project", project, "--model", text(model), "--train-file",
                       text(writeTinyRows(m_folder, "rows.jsonl")), "--max-length", "32", "--rank", "2",
                       "--max-steps", "20", "--learning-rate", "0.1"});
    QVERIFY2(train.exitCode == 0, train.errors.constData());
    const fs::path adapter = m_folder / "tuned";
    QCOMPARE(m_program.run({"export", "1", "--project", project, "--out", text(adapter)}).exitCode, 0);
    const auto generated = [&](const QStringList& more) {
        const ProgramRun run =
            m_program.run(QStringList{"generate", "--json", "--model", text(model), "--instruction",
                                      "what did the cat", "--max-new-tokens", "4"} +
                          more);
        if (run.exitCode != 0)
            QTest::qFail(run.errors.constData(), __FILE__, __LINE__);
        return run.exitCode == 0 ? run.json().at("text") : Json();
    };
    const Json base = generated({});
    const Json tuned = generated({"--adapter", text(adapter)});
    QVERIFY(base != tuned);
    fs::copy(adapter, m_folder / "again");
    // Twice the adapter and once taken away is the adapter; merged it says the same.
    const QStringList both{"--adapter", text(adapter) + "=2", "--adapter", text(m_folder / "again") + "=-1"};
    QCOMPARE(generated(both), tuned);
    QCOMPARE(generated(both + QStringList{"--merge"}), tuned);
    QCOMPARE(generated({"--adapter", text(adapter) + "=0"}), base);
    QCOMPARE(generated({"--trial", "1", "--project", project, "--adapter", text(m_folder / "again") + "=-1"}),
             base);

    const ProgramRun chat = m_program.run({"chat", "--json", "--model", text(model), "--max-new-tokens", "4"},
                                          "what did the cat\n/adapter " + text(adapter).toUtf8() +
                                              "\n/reset\nwhat did the cat\n/adapter " +
                                              text(adapter).toUtf8() + "=0\n/reset\nwhat did the cat\n");
    QVERIFY2(chat.exitCode == 0, chat.errors.constData());
    const auto lines = chat.jsonLines();
    QCOMPARE(lines.size(), std::size_t{3});
    QCOMPARE(lines[0].at("answer"), base);
    QCOMPARE(lines[1].at("answer"), tuned);
    QCOMPARE(lines[2].at("answer"), base);
}

QTEST_GUILESS_MAIN(TestCommandLineAdapters)
#include "tst_command_line_adapters.moc"
