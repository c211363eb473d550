#include "core/adapter/rotation.h"
#include "tests/core/adapter/golden_adapter.h"

#include <QtTest>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/randn.h>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;

namespace {

std::unique_ptr<AdapterMethod> method(const std::string& id) { return adapterMethods().make(id).value(); }
ModelSummary familyOf(const std::string& family) {
    return parseModelSummary(R"({"model_type":")" + family + "\"}", "config.json").value();
}

} // namespace

/// OFT, BOFT, BitFit and layer-norm tuning against PEFT with options that the shared oracles leave out.
class TestTuners : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // of tiny operations
    void foldersOfPeftComputeTheSame_data();
    void foldersOfPeftComputeTheSame();
    void exactCayleyIsARotation();
    void seriesComesNearTheExactTransform();
    void constrainedRotationsStayInBounds();
    void blocksThatDoNotFitAreAProblem();
    void oldOftIsRefused();
    void bitFitNeedsBiases();
    void bitFitTrainsEveryBias();
    void usualNormsAreThoseOfPeft_data();
    void usualNormsAreThoseOfPeft();
};

void TestTuners::foldersOfPeftComputeTheSame_data() {
    QTest::addColumn<QString>("name");
    for (const char* name : {"oft_shared", "oft_constrained", "oft_biases", "boft_factors", "boft_biases",
                             "norms_bloom", "norms_bert"})
        QTest::newRow(name) << QString(name);
}

void TestTuners::foldersOfPeftComputeTheSame() {
    QFETCH(QString, name);
    GoldenAdapter golden(name.toStdString());
    LATHE_MATCHES(golden.check([](const std::string& own) {
        const std::string head = ".classifier.";
        const std::size_t at = own.find(head);
        return at == std::string::npos
                   ? own
                   : own.substr(0, at + head.size()) + "modules_to_save." + own.substr(at + head.size());
    }));
}

void TestTuners::exactCayleyIsARotation() {
    at::Generator generator = at::detail::createCPUGenerator(3);
    const at::Tensor upper = at::randn({4, 15}, generator, at::kDouble);
    const at::Tensor skew = SkewPlaces(6, upper.options()).matrices(upper);
    QVERIFY(at::equal(skew, -skew.transpose(1, 2)));
    QCOMPARE(skew[2][0][1].item<double>(), upper[2][0].item<double>());
    QCOMPARE(skew[2][1][2].item<double>(), upper[2][5].item<double>()); // row by row
    const at::Tensor blocks = cayley(skew);
    LATHE_MATCHES(
        mismatch(blocks.matmul(blocks.transpose(1, 2)), at::eye(6, at::kDouble).expand({4, 6, 6}), 1e-12));
    const at::Tensor x = at::randn({3, 24}, generator, at::kDouble);
    LATHE_MATCHES(mismatch(rotate(rotate(x, blocks), blocks.transpose(1, 2)), x, 1e-12));
}

void TestTuners::seriesComesNearTheExactTransform() {
    at::Generator generator = at::detail::createCPUGenerator(3);
    const at::Tensor skew =
        SkewPlaces(6, at::kDouble).matrices(at::randn({2, 15}, generator, at::kDouble) * 0.01);
    // PEFT's two forms turn in opposite directions. The last term has half its weight.
    LATHE_MATCHES(mismatch(cayleyNeumann(skew, 5), cayley(-skew), 1e-5));
    LATHE_MATCHES(mismatch(cayleyNeumann(skew, 12), cayley(-skew), 1e-13));
    QVERIFY(!at::equal(cayleyNeumann(skew, 3), cayleyNeumann(skew, 2)));
}

void TestTuners::constrainedRotationsStayInBounds() {
    const auto model = loadModel(sourceFile("tests/data/golden/architectures/llama")).value();
    const auto oft = method("oft");
    ParamValues values = defaults(oft->options());
    values.set("oft_constrained", true);
    values.set("oft_eps", 1e-3);
    values.set("oft_block_size", std::int64_t{8});
    const auto adapter = oft->attach(*model, values, 1);
    const at::NoGradGuard noGrad;
    for (const auto& [name, parameter] : adapter->parameters())
        at::Tensor(parameter).fill_(0.5);
    adapter->afterUpdate(0);
    for (const auto& [name, parameter] : adapter->parameters()) {
        const double bound = 1e-3 / std::sqrt(static_cast<double>(parameter.size(0)));
        LATHE_MATCHES(mismatch(
            SkewPlaces(8, parameter.options()).matrices(parameter).norm(2, {1, 2}).max().item<double>(),
            bound, 1e-9));
    }
}

void TestTuners::blocksThatDoNotFitAreAProblem() {
    const ModelSummary model = readModelSummary(sourceFile("tests/data/golden/architectures/llama")).value();
    const auto boft = method("boft");
    ParamValues values = defaults(boft->options());
    values.set("boft_block_size", std::int64_t{7});
    auto problems = boft->check(model, values);
    QVERIFY(problems.size() == 1 && problems.front().key == "boft_block_size");
    QVERIFY(problems.front().message.find("does not divide") != std::string::npos);
    values.set("boft_block_size", std::int64_t{4});
    values.set("boft_factors", std::int64_t{9});
    problems = boft->check(model, values);
    QVERIFY(problems.size() == 1 && problems.front().key == "boft_factors");
}

void TestTuners::oldOftIsRefused() {
    const std::filesystem::path source = sourceFile("tests/data/golden/adapters/oft_shared");
    const TempFolder folder;
    json config = json::parse(readFile(source / "adapter_config.json").value());
    config.erase("oft_block_size");
    folder.write("adapter_config.json", config.dump());
    std::filesystem::copy_file(source / "adapter_model.safetensors", folder / "adapter_model.safetensors");
    const auto model = loadModel(sourceFile("tests/data/golden/architectures/llama")).value();
    const auto loaded = loadAdapter(*model, folder.path());
    QVERIFY(!loaded.has_value());
    QVERIFY(loaded.error().text().find("older than 0.14") != std::string::npos);
}

void TestTuners::bitFitNeedsBiases() {
    const auto bitFit = method("bitfit");
    const auto problems = bitFit->check(familyOf("llama"), {});
    QCOMPARE(problems.size(), std::size_t{1});
    QVERIFY(problems.front().message.find("llama has none") != std::string::npos);
    QVERIFY(bitFit->check(familyOf("gpt2"), {}).empty());
    QVERIFY(bitFit->check(familyOf("qwen2"), {}).empty()); // of queries, keys and values
}

void TestTuners::bitFitTrainsEveryBias() {
    // GPT-2: biases of c_attn 3d, c_proj d, c_fc 4d, c_proj d and two norms in each block, and of the last
    // norm.
    const std::int64_t d = 768;
    QCOMPARE(method("bitfit")->countParameters(familyOf("gpt2"), {}), 12 * (3 + 1 + 4 + 1 + 2) * d + d);
    const auto norms = method("layer_norm");
    QCOMPARE(norms->countParameters(familyOf("gpt2"), defaults(norms->options())), (12 * 2 + 1) * 2 * d);
}

void TestTuners::usualNormsAreThoseOfPeft_data() {
    QTest::addColumn<QString>("family");
    QTest::addColumn<QStringList>("names");
    QTest::newRow("llama") << "llama" << QStringList{"input_layernorm", "norm", "post_attention_layernorm"};
    QTest::newRow("bloom") << "bloom" << QStringList{"input_layernorm", "ln_f", "post_attention_layernorm"};
    QTest::newRow("gptj") << "gptj" << QStringList{"ln_1", "ln_f"};
    QTest::newRow("phi") << "phi" << QStringList{"final_layernorm", "input_layernorm"};
    QTest::newRow("gemma2") << "gemma2"
                            << QStringList{"input_layernorm", "norm", "post_attention_layernorm",
                                           "post_feedforward_layernorm", "pre_feedforward_layernorm"};
}

void TestTuners::usualNormsAreThoseOfPeft() {
    QFETCH(QString, family);
    QFETCH(QStringList, names);
    const ModelSummary model = familyOf(family.toStdString());
    const auto norms = method("layer_norm");
    const std::int64_t usual = norms->countParameters(model, defaults(norms->options()));
    ParamValues named = defaults(norms->options());
    named.set("norms", names.join(',').toStdString());
    QVERIFY(norms->check(model, named).empty());
    QCOMPARE(norms->countParameters(model, named), usual);
}

QTEST_GUILESS_MAIN(TestTuners)
#include "tst_tuners.moc"
