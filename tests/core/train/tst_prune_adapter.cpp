#include "core/train/prune_adapter.h"

#include "core/adapter/adapter_method.h"
#include "core/base/files.h"
#include "core/model/load_model.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <cmath>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

fs::path adapterFolder(const char* name) {
    return sourceFile("tests/data/golden/adapters/lora/combine") / name;
}

/// What the model answers with an adapter on.
at::Tensor answer(const fs::path& adapter) {
    const auto model = loadModel(sourceFile("tests/data/golden/llama")).value();
    const auto loaded = loadAdapter(*model, adapter);
    if (!loaded.has_value())
        throw std::runtime_error(loaded.error().text());
    const at::NoGradGuard noGrad;
    ModelInput input;
    input.ids = (at::arange(12, at::kLong) + 3).view({2, 6});
    return model->output(input);
}

} // namespace

/// A trained LoRA adapter is cut down to a budget.
class TestPruneAdapter : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aBudgetIsKeptAndTheResultIsPlainLora();
    void everythingStaysWhereTheBudgetAllowsIt();
    void aMeanRankCountsOverAllModules();
    void whatCannotBeDoneSaysWhy_data();
    void whatCannotBeDoneSaysWhy();
};

void TestPruneAdapter::aBudgetIsKeptAndTheResultIsPlainLora() {
    const TempFolder folder;
    PruneRequest request;
    request.adapter = adapterFolder("one");
    request.meanRank = 1.5;
    const auto told = pruneAdapter(request);
    QVERIFY2(told.has_value(), told.has_value() ? "" : told.error().text().c_str());
    QVERIFY(told->folder.empty());

    request.meanRank = 0;
    request.parameters = told->parametersBefore / 2;
    request.target = folder / "pruned";
    const auto pruned = pruneAdapter(request);
    QVERIFY2(pruned.has_value(), pruned.has_value() ? "" : pruned.error().text().c_str());
    QVERIFY(pruned->parametersAfter <= request.parameters && pruned->parametersAfter > 0);
    QVERIFY(pruned->error > 0 && pruned->lackingShare() < 1);
    double squares = 0;
    for (const PrunedModule& each : pruned->modules) {
        squares += each.error * each.error;
        QVERIFY(each.rankAfter <= each.rankBefore);
    }
    LATHE_MATCHES(mismatch(std::sqrt(squares), pruned->error, 1e-9));
    const json config = json::parse(readFile(request.target / "adapter_config.json").value());
    QCOMPARE(config.at("peft_type"), json("LORA"));
    const json record = json::parse(readFile(request.target / "lathe_prune.json").value());
    QCOMPARE(record.at("parameters_after"), json(pruned->parametersAfter));
    QCOMPARE(record.at("modules").size(), pruned->modules.size());
    QVERIFY(!mismatch(answer(request.target), answer(request.adapter), 1e-6).isEmpty());
}

void TestPruneAdapter::everythingStaysWhereTheBudgetAllowsIt() {
    const TempFolder folder;
    PruneRequest request;
    request.adapter = adapterFolder("one");
    request.mostRank = 1000;
    request.target = folder / "whole";
    const auto whole = pruneAdapter(request);
    QVERIFY(whole.has_value());
    QCOMPARE(whole->parametersAfter, whole->parametersBefore);
    LATHE_MATCHES(mismatch(answer(request.target), answer(request.adapter), 1e-5));
}

void TestPruneAdapter::aMeanRankCountsOverAllModules() {
    PruneRequest request;
    request.adapter = adapterFolder("one");
    request.meanRank = 1.5;
    const auto pruned = pruneAdapter(request);
    QVERIFY(pruned.has_value());
    std::int64_t ranks = 0;
    for (const PrunedModule& each : pruned->modules)
        ranks += each.rankAfter;
    QCOMPARE(ranks, static_cast<std::int64_t>(1.5 * static_cast<double>(pruned->modules.size())));
}

void TestPruneAdapter::whatCannotBeDoneSaysWhy_data() {
    QTest::addColumn<QString>("adapter");
    QTest::addColumn<qint64>("parameters");
    QTest::addColumn<double>("threshold");
    QTest::addColumn<QString>("said");
    const QString lora = QString::fromStdString(adapterFolder("one").string());
    const QString hub =
        QString::fromStdString(sourceFile("tests/data/golden/adapters/hub_llama_parallel").string());
    QTest::newRow("no limit") << lora << qint64{0} << 0.0 << "say how many parameters";
    QTest::newRow("nothing left") << lora << qint64{1} << 0.0 << "leave nothing";
    QTest::newRow("no share") << lora << qint64{0} << 2.0 << "no share";
    QTest::newRow("below 0") << lora << qint64{-1} << 0.0 << "below 0";
    QTest::newRow("family") << hub << qint64{100} << 0.0 << "peft_type";
}

void TestPruneAdapter::whatCannotBeDoneSaysWhy() {
    QFETCH(QString, adapter);
    QFETCH(qint64, parameters);
    QFETCH(double, threshold);
    QFETCH(QString, said);
    PruneRequest request;
    request.adapter = adapter.toStdString();
    request.parameters = parameters;
    request.threshold = threshold;
    const auto refused = pruneAdapter(request);
    QVERIFY(!refused.has_value());
    QVERIFY2(QString::fromStdString(refused.error().text()).contains(said), refused.error().text().c_str());
}

QTEST_GUILESS_MAIN(TestPruneAdapter)
#include "tst_prune_adapter.moc"
