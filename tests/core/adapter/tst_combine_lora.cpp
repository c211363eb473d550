#include "core/adapter/adapter_method.h"
#include "core/adapter/combine_lora.h"
#include "core/model/load_model.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"
#include "tests/support/temp_folder.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/linalg_svdvals.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/stack.h>
#include <cmath>
#include <limits>

using namespace lathe;
using namespace lathe::test;
namespace fs = std::filesystem;
using Method = LoraCombination;

namespace {

const fs::path kFolder = sourceFile("tests/data/golden/adapters/lora/combine");

LoraSet setOf(const char* name) {
    auto set = readLoraSet(kFolder / name);
    if (!set.has_value())
        throw std::runtime_error(set.error().text());
    return std::move(set).value();
}

at::Tensor productOf(const LoraProduct& each) { return at::mm(each.b, each.a) * each.scale; }

/// The products of `made` against those that PEFT's file has under `prefix`.
QString difference(const LoraSet& made, const std::string& prefix) {
    const TensorFile golden = TensorFile::open(kFolder / "golden.safetensors").value();
    std::size_t expected = 0;
    for (const auto& [name, entry] : golden.entries())
        expected += name.starts_with(prefix + ".") ? 1 : 0;
    if (expected != made.products.size() || expected == 0)
        return QStringLiteral("%1 products, expected %2").arg(made.products.size()).arg(expected);
    for (const auto& [module, product] : made.products)
        if (const QString problem =
                mismatch(productOf(product), golden.tensor(prefix + "." + module).value(), 2e-6, 1e-5);
            !problem.isEmpty())
            return QString::fromStdString(module) + ": " + problem;
    return {};
}

} // namespace

/// Sums of LoRA adapters against PEFT's add_weighted_adapter, and smaller ones out of larger.
class TestCombineLora : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // of tiny operations
    void combinationIsThatOfPeft_data();
    void combinationIsThatOfPeft();
    void droppedEntriesKeepTheirExpectation_data();
    void droppedEntriesKeepTheirExpectation();
    void exactnessIsSaidWhereItHolds();
    void sizeIsKnownBeforehand();
    void stoppedCombinationIsCancelled();
    void differentRanksAddUpOrAreRefused();
    void combinedFolderComputesTheSum();
    void oneAloneIsScaled();
    void whatIsNoPlainProductIsRefused();
    void cutProductIsTheNearestOfItsRank();
    void totalRankStaysWhereTheLargestValuesAre();
    void parametersStayWhereTheLargestValuesAre();
};

void TestCombineLora::combinationIsThatOfPeft_data() {
    QTest::addColumn<QString>("golden");
    QTest::addColumn<int>("method");
    QTest::addColumn<bool>("countsSigns");
    const auto row = [](const char* golden, Method method, bool countsSigns = false) {
        QTest::newRow(golden) << golden << static_cast<int>(method) << countsSigns;
    };
    row("linear", Method::Linear);
    row("cat", Method::Concatenation);
    row("svd", Method::Svd);
    row("ties", Method::Ties);
    row("ties_frequency", Method::Ties, true);
    row("ties_svd", Method::TiesSvd);
    row("magnitude_prune", Method::MagnitudePrune);
    row("magnitude_prune_svd", Method::MagnitudePruneSvd);
    row("dare_linear", Method::DareLinear);
    row("dare_ties", Method::DareTies);
    row("dare_linear_svd", Method::DareLinearSvd);
    row("dare_ties_svd", Method::DareTiesSvd);
}

void TestCombineLora::combinationIsThatOfPeft() {
    QFETCH(QString, golden);
    QFETCH(int, method);
    QFETCH(bool, countsSigns);
    const LoraSet one = setOf("one");
    const LoraSet two = setOf("two");
    const std::vector<WeightedLora> parts{{&one, 0.7}, {&two, -0.4}};
    const auto made = combineLoras(parts, {static_cast<Method>(method), 0, 0.6, countsSigns, 5});
    QVERIFY2(made.has_value(), made.has_value() ? "" : made.error().text().c_str());
    LATHE_MATCHES(difference(made.value(), golden.toStdString()));
}

void TestCombineLora::droppedEntriesKeepTheirExpectation_data() {
    QTest::addColumn<int>("method");
    QTest::newRow("of products") << static_cast<int>(Method::DareLinearSvd);
    QTest::newRow("of factors") << static_cast<int>(Method::DareLinear);
}

/// What stays is made larger by what goes, so that over many draws the result is the one without dropping.
void TestCombineLora::droppedEntriesKeepTheirExpectation() {
    QFETCH(int, method);
    LoraSet one = setOf("one");
    LoraSet two = setOf("two");
    const std::string module = one.products.begin()->first;
    for (LoraSet* set : {&one, &two}) // one is enough, and quick
        std::erase_if(set->products, [&module](const auto& each) { return each.first != module; });
    const std::vector<WeightedLora> parts{{&one, 0.7}, {&two, -0.4}};
    const auto kind = static_cast<Method>(method);
    constexpr std::int64_t kWholeRank = 64; // nothing is cut off
    const LoraSet whole = combineLoras(parts, {kind, kWholeRank, 1.0}).value();
    const at::Tensor expected = productOf(whole.products.at(module));
    constexpr int kDraws = 400;
    std::vector<at::Tensor> draws;
    for (int seed = 0; seed < kDraws; ++seed)
        draws.push_back(
            productOf(combineLoras(parts, {kind, kWholeRank, 0.8, false, static_cast<std::uint64_t>(seed)})
                          .value()
                          .products.at(module)));
    const at::Tensor all = at::stack(draws);
    // Five standard errors of the mean, entry by entry.
    const at::Tensor bound = all.std(0) * (5 / std::sqrt(kDraws)) + 1e-5;
    QVERIFY(((all.mean(0) - expected).abs() <= bound).all().item<bool>());
    QVERIFY(all.std(0).max().item<double>() > 1e-3);
}

void TestCombineLora::exactnessIsSaidWhereItHolds() {
    const LoraSet one = setOf("one");
    const LoraSet two = setOf("two");
    const std::vector<WeightedLora> parts{{&one, 0.7}, {&two, -0.4}};
    const auto check = [&](const LoraCombinationOptions& options, bool isExact) {
        const double error = combinationError(parts, combineLoras(parts, options).value());
        QVERIFY2(isExact ? error < 1e-5 : error > 1e-2, qPrintable(QString::number(error)));
        QCOMPARE(isExactCombination(parts, options), isExact);
    };
    check({Method::Concatenation}, true);
    check({Method::Svd, 8}, true); // of two adapters of rank 4
    check({Method::Svd, 4}, false);
    check({Method::Linear}, false);
    check({Method::Ties, 0, 1.0}, false);
    check({Method::DareLinearSvd, 8, 1.0}, true);
    check({Method::DareLinearSvd, 8, 0.5}, false);
    LoraSet other = two;
    for (const auto& [module, product] : one.products)
        other.products.erase(module);
    for (const auto& [module, product] : two.products)
        other.products["elsewhere." + module] = product;
    const std::vector<WeightedLora> apart{{&one, 0.7}, {&other, -0.4}};
    QVERIFY(isExactCombination(apart, {Method::Linear})); // no module is shared
    QVERIFY(combinationError(apart, combineLoras(apart, {Method::Linear}).value()) < 1e-5);
}

void TestCombineLora::sizeIsKnownBeforehand() {
    const LoraSet one = setOf("one");
    const LoraSet two = setOf("two");
    const std::vector<WeightedLora> parts{{&one, 1.0}, {&two, 1.0}};
    for (const LoraCombinationOptions& options :
         {LoraCombinationOptions{Method::Concatenation}, LoraCombinationOptions{Method::Svd, 3},
          LoraCombinationOptions{Method::Svd, 1000}, LoraCombinationOptions{Method::Ties}}) {
        const LoraSet made = combineLoras(parts, options).value();
        LoraSize size;
        for (const auto& [module, product] : made.products) {
            size.rank = std::max(size.rank, product.a.size(0));
            size.parameters += product.a.numel() + product.b.numel();
        }
        QCOMPARE(combinedSize(parts, options).rank, size.rank);
        QCOMPARE(combinedSize(parts, options).parameters, size.parameters);
    }
}

void TestCombineLora::stoppedCombinationIsCancelled() {
    const LoraSet one = setOf("one");
    const std::vector<WeightedLora> parts{{&one, 1.0}, {&one, 1.0}};
    LoraCombinationOptions options;
    std::stop_source stop;
    options.stop = stop.get_token();
    options.onProgress = [&stop](std::uint64_t, std::uint64_t) { stop.request_stop(); };
    const auto made = combineLoras(parts, options);
    QVERIFY(!made.has_value());
    QCOMPARE(made.error().kind, Error::Kind::Cancelled);
}

void TestCombineLora::differentRanksAddUpOrAreRefused() {
    const LoraSet one = setOf("one");
    const LoraSet small = setOf("small");
    const std::vector<WeightedLora> parts{{&one, 1.0}, {&small, 2.0}};
    const auto sum = combineLoras(parts, {Method::Concatenation});
    QVERIFY(sum.has_value());
    LATHE_MATCHES(difference(sum.value(), "mixed_cat"));
    QCOMPARE(sum->products.begin()->second.a.size(0), 6);
    const auto nearest = combineLoras(parts, {Method::Svd, 3});
    QVERIFY(nearest.has_value());
    LATHE_MATCHES(difference(nearest.value(), "mixed_svd"));
    const auto refused = combineLoras(parts, {Method::Ties});
    QVERIFY(!refused.has_value());
    QVERIFY2(refused.error().message.find("ranks 4 and 2") != std::string::npos,
             refused.error().text().c_str());
}

void TestCombineLora::combinedFolderComputesTheSum() {
    const LoraSet one = setOf("one");
    const LoraSet small = setOf("small");
    const std::vector<WeightedLora> parts{{&one, 1.0}, {&small, 2.0}};
    const TempFolder target;
    QVERIFY(writeLoraSet(target.path(), combineLoras(parts, {Method::Concatenation}).value(), "the/base")
                .has_value());
    const fs::path base = sourceFile("tests/data/golden/llama");
    ModelInput input;
    input.ids = at::arange(12, at::kLong).view({2, 6});
    const at::NoGradGuard noGrad;
    const auto merged = loadModel(base).value();
    for (const char* name : {"one", "small", "small"}) { // twice: its weight is 2
        const auto adapter = loadAdapter(*merged, kFolder / name).value();
        std::vector<at::Tensor> changed;
        QVERIFY(adapter->merge().has_value());
        for (const auto& [weightName, weight] : merged->weights())
            changed.push_back(weight.clone());
        adapter->unmerge();
        for (std::size_t i = 0; i < changed.size(); ++i)
            at::Tensor(merged->weights()[i].second).copy_(changed[i]);
    }
    const auto model = loadModel(base).value();
    const auto loaded = loadAdapter(*model, target.path());
    QVERIFY2(loaded.has_value(), loaded.has_value() ? "" : loaded.error().text().c_str());
    LATHE_MATCHES(mismatch(model->output(input), merged->output(input), 1e-4));
}

void TestCombineLora::oneAloneIsScaled() {
    const LoraSet one = setOf("one");
    const std::vector<WeightedLora> parts{{&one, -0.5}};
    const auto made = combineLoras(parts, {Method::Svd});
    QVERIFY(made.has_value());
    for (const auto& [module, product] : made->products)
        LATHE_MATCHES(mismatch(productOf(product), -0.5 * productOf(one.products.at(module)), 1e-6));
}

void TestCombineLora::whatIsNoPlainProductIsRefused() {
    const fs::path all = sourceFile("tests/data/golden/adapters/lora");
    for (const auto& [folder, names] : {std::pair("dora_tables", "use_dora"), std::pair("biases", "bias"),
                                        std::pair("pissa_conv1d", "init_lora_weights")}) {
        const auto set = readLoraSet(all / folder);
        QVERIFY(!set.has_value());
        QVERIFY2(set.error().message.find(names) != std::string::npos, set.error().text().c_str());
    }
    const LoraSet one = setOf("one");
    const std::vector<WeightedLora> parts{{&one, 1.0}, {&one, 1.0}};
    QVERIFY(!combineLoras(parts, {Method::Ties, 0, 0.0}).has_value());
    const LoraSet whole = readLoraSet(all / "whole_modules").value();
    const std::vector<WeightedLora> twice{{&whole, 1.0}, {&whole, 1.0}};
    const auto refused = combineLoras(twice, {});
    QVERIFY(!refused.has_value());
    QVERIFY2(refused.error().message.find("saved whole") != std::string::npos,
             refused.error().text().c_str());
}

void TestCombineLora::cutProductIsTheNearestOfItsRank() {
    const LoraSet set = setOf("one");
    const auto resized = resizeLora(set, {2, 0, 0});
    QVERIFY(resized.has_value());
    double lost = 0;
    for (const ResizedProduct& each : resized->products) {
        const at::Tensor before = productOf(set.products.at(each.module));
        const LoraProduct& small = resized->set.products.at(each.module);
        QCOMPARE(small.a.size(0), 2);
        QCOMPARE(each.rankBefore, 4);
        QCOMPARE(each.rankAfter, 2);
        LATHE_MATCHES(mismatch(before.norm().item<double>(), each.norm, 1e-5, 1e-5));
        const double error = (before - productOf(small)).norm().item<double>();
        LATHE_MATCHES(mismatch(error, each.error, 1e-5, 1e-5));
        lost += error * error;
        QVERIFY(each.error > 0 && each.error < each.norm);
    }
    LATHE_MATCHES(mismatch(std::sqrt(lost), resized->error, 1e-5, 1e-5));
    const auto same = resizeLora(set, {});
    QVERIFY(same.has_value());
    QVERIFY(same->error < 1e-5);
}

void TestCombineLora::totalRankStaysWhereTheLargestValuesAre() {
    LoraSet set = setOf("one");
    LoraProduct& strong = set.products.begin()->second;
    strong.b = strong.b * 100;
    const auto resized = resizeLora(set, {0, 5, 0});
    QVERIFY(resized.has_value());
    std::int64_t total = 0;
    for (const ResizedProduct& each : resized->products)
        total += each.rankAfter;
    QCOMPARE(total, 5);
    QCOMPARE(resized->products.front().rankAfter, 4); // all of the strong one
    QCOMPARE(resized->set.products.size(), 2U);
    const auto least = resizeLora(set, {0, 0, 0.5});
    QVERIFY(least.has_value());
    QCOMPARE(least->set.products.size(), 1U);
    const TempFolder target;
    QVERIFY(writeLoraSet(target.path(), resized->set, "base").has_value());
    const LoraSet again = readLoraSet(target.path()).value();
    for (const auto& [module, product] : resized->set.products) {
        QCOMPARE(again.products.at(module).a.size(0), product.a.size(0));
        LATHE_MATCHES(mismatch(productOf(again.products.at(module)), productOf(product), 1e-4, 1e-6));
    }
}

/// A budget is a ceiling; under it one threshold holds for all modules.
void TestCombineLora::parametersStayWhereTheLargestValuesAre() {
    const LoraSet set = setOf("one");
    const auto sizeOf = [](const LoraProduct& product) { return product.a.numel() + product.b.numel(); };
    std::int64_t whole = 0;
    for (const auto& [module, product] : set.products)
        whole += sizeOf(product);
    for (const std::int64_t budget : {whole / 3, whole / 2, whole}) {
        LoraSizeLimit limit;
        limit.parameters = budget;
        const auto resized = resizeLora(set, limit);
        QVERIFY(resized.has_value());
        std::int64_t kept = 0;
        std::int64_t dearest = 0;
        double leastKept = std::numeric_limits<double>::infinity();
        double largestLost = 0;
        for (const auto& [module, product] : set.products) {
            const at::Tensor values = at::linalg_svdvals(productOf(product));
            const auto found = resized->set.products.find(module);
            const std::int64_t rank = found == resized->set.products.end() ? 0 : found->second.a.size(0);
            if (rank > 0) {
                kept += sizeOf(found->second);
                leastKept = std::min(leastKept, values[rank - 1].item<double>());
            }
            if (rank < product.a.size(0))
                largestLost = std::max(largestLost, values[rank].item<double>());
            dearest = std::max(dearest, product.a.size(1) + product.b.size(0));
        }
        QVERIFY(kept <= budget && kept > budget - dearest);
        QVERIFY(leastKept >= largestLost);
        QCOMPARE(budget == whole, kept == whole);
    }
    LoraSizeLimit tiny;
    tiny.parameters = 1;
    QVERIFY(resizeLora(set, tiny).error().message.find("leave nothing") != std::string::npos);
}

QTEST_GUILESS_MAIN(TestCombineLora)
#include "tst_combine_lora.moc"
