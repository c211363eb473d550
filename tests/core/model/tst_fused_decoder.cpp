#include "core/model/decoding_pass.h"
#include "core/model/load_model.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/tensor.h>

using namespace lathe;
using namespace lathe::test;

namespace {

constexpr double kLogits = 2e-5; // sums in another order, over at most 100 terms of size 1

std::unique_ptr<LanguageModel> load(const std::filesystem::path& folder) {
    auto model = loadModel(folder);
    if (!model.has_value())
        throw std::runtime_error(model.error().text());
    return std::move(model).value();
}

class Nothing final : public SiteAdapter {
public:
    at::Tensor apply(const at::Tensor& x, const LinearBase& base) override { return base.forward(x); }
};

} // namespace

/// The fast way to read a token against the model's own.
class TestFusedDecoder : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); }
    void itsLogitsAreTheModels_data();
    void itsLogitsAreTheModels();
    void rowsThatAreTakenGoOn_data();
    void rowsThatAreTakenGoOn();
    void theLikeliestTokensAreThoseOfTheLogits();
    void modelsOfOtherPartsHaveNone_data();
    void modelsOfOtherPartsHaveNone();
    void anAdaptedModelHasNone();
};

void TestFusedDecoder::itsLogitsAreTheModels_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<int>("rows");
    QTest::addColumn<bool>("isPadded");
    for (const char* name : {"in the repository", "llama", "mistral", "qwen2", "qwen3"})
        for (const int rows : {1, 3, 7, 16})
            for (const bool isPadded : {false, true})
                QTest::addRow("%s, %d rows%s", name, rows, isPadded ? ", padded" : "")
                    << (QLatin1String(name) == "in the repository" ? "" : name) << rows << isPadded;
}

void TestFusedDecoder::itsLogitsAreTheModels() {
    QFETCH(QString, folder);
    QFETCH(int, rows);
    QFETCH(bool, isPadded);
    const std::string shared = "oracles/models/" + folder.toStdString();
    if (!folder.isEmpty())
        LATHE_NEED_SHARED(shared);
    const auto model = load(folder.isEmpty() ? sourceFile("tests/data/golden/llama") : sharedFile(shared));
    QVERIFY(FusedDecoder::make(*model, rows) != nullptr);
    const at::NoGradGuard noGrad;
    at::Tensor ids = at::randint(3, model->summary().vocabularySize, {rows, 24}, at::kLong);
    at::Tensor mask = ids != 0;
    if (isPadded)
        mask[0].narrow(0, 0, 5).fill_(false);
    DecodingPass pass(*model, ids.narrow(1, 0, 10), mask.narrow(1, 0, 10), 14);
    static_cast<void>(pass.readPrompts());
    ModelInput whole;
    whole.ids = ids;
    whole.mask = mask;
    whole.positions = (mask.to(at::kLong).cumsum(1) - 1).clamp_min(0);
    const at::Tensor expected = model->logits(model->hidden(whole));
    for (std::int64_t place = 10; place < 24; ++place) {
        const at::Tensor column = ids.select(1, place).contiguous();
        const at::Tensor logits =
            pass.readTokens({column.const_data_ptr<std::int64_t>(), static_cast<std::size_t>(rows)});
        LATHE_MATCHES(mismatch(logits, expected.select(1, place), kLogits));
    }
}

void TestFusedDecoder::rowsThatAreTakenGoOn_data() {
    QTest::addColumn<std::vector<std::int64_t>>("rows");
    QTest::newRow("the same ones in another order") << std::vector<std::int64_t>{2, 0, 1};
    QTest::newRow("one of them twice") << std::vector<std::int64_t>{1, 1, 0};
    QTest::newRow("fewer") << std::vector<std::int64_t>{2};
    QTest::newRow("more than lie side by side")
        << std::vector<std::int64_t>{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1};
}

void TestFusedDecoder::rowsThatAreTakenGoOn() {
    QFETCH(std::vector<std::int64_t>, rows);
    const auto model = load(sourceFile("tests/data/golden/llama"));
    const at::NoGradGuard noGrad;
    const at::Tensor index = at::tensor(rows, at::kLong);
    at::Tensor ids = at::randint(3, model->summary().vocabularySize, {3, 12}, at::kLong);
    at::Tensor mask = ids != 0;
    mask[0].narrow(0, 0, 3).fill_(false);
    DecodingPass pass(*model, ids, mask, 14);
    static_cast<void>(pass.readPrompts());
    const auto next = [&](std::int64_t count) {
        const at::Tensor tokens = at::randint(3, model->summary().vocabularySize, {count}, at::kLong);
        ids = at::cat({ids, tokens.unsqueeze(1)}, 1);
        mask = at::cat({mask, at::ones({count, 1}, at::kBool)}, 1);
        return pass.readTokens({tokens.const_data_ptr<std::int64_t>(), static_cast<std::size_t>(count)});
    };
    for (int i = 0; i < 5; ++i)
        static_cast<void>(next(3));
    pass.takeRows(rows);
    ids = ids.index_select(0, index);
    mask = mask.index_select(0, index);
    for (int i = 0; i < 3; ++i) {
        const at::Tensor logits = next(index.size(0));
        ModelInput whole;
        whole.ids = ids;
        whole.mask = mask;
        whole.positions = (mask.to(at::kLong).cumsum(1) - 1).clamp_min(0);
        LATHE_MATCHES(mismatch(logits, model->logits(model->hidden(whole)).select(1, -1), kLogits));
    }
}

void TestFusedDecoder::theLikeliestTokensAreThoseOfTheLogits() {
    const auto model = load(sourceFile("tests/data/golden/llama"));
    const at::NoGradGuard noGrad;
    for (const std::int64_t rows : {1, 5}) {
        const at::Tensor ids = at::randint(3, model->summary().vocabularySize, {rows, 6}, at::kLong);
        DecodingPass one(*model, ids, {}, 8);
        DecodingPass other(*model, ids, {}, 8);
        std::vector<std::int64_t> tokens(static_cast<std::size_t>(rows));
        likeliestTokens(one.readPrompts(), tokens);
        static_cast<void>(other.readPrompts());
        for (int i = 0; i < 4; ++i) {
            const at::Tensor logits = one.readTokens(tokens);
            other.readLikeliest(tokens);
            const at::Tensor expected = logits.argmax(-1);
            for (std::int64_t row = 0; row < rows; ++row)
                QCOMPARE(tokens[static_cast<std::size_t>(row)], expected[row].item<std::int64_t>());
        }
    }
}

void TestFusedDecoder::modelsOfOtherPartsHaveNone_data() {
    QTest::addColumn<QString>("folder");
    for (const char* name : {"gpt2", "gemma2", "phi", "opt", "bloom", "gptj", "gpt_neox", "falcon"})
        QTest::newRow(name) << name;
}

void TestFusedDecoder::modelsOfOtherPartsHaveNone() {
    QFETCH(QString, folder);
    const std::string shared = "oracles/models/" + folder.toStdString();
    LATHE_NEED_SHARED(shared);
    QVERIFY(FusedDecoder::make(*load(sharedFile(shared)), 1) == nullptr);
}

void TestFusedDecoder::anAdaptedModelHasNone() {
    const auto model = load(sourceFile("tests/data/golden/llama"));
    {
        const Attachment attached =
            model->attach("model.layers.0.mlp.up_proj", std::shared_ptr<SiteAdapter>(new Nothing));
        QVERIFY(FusedDecoder::make(*model, 1) == nullptr);
    }
    QVERIFY(FusedDecoder::make(*model, 1) != nullptr);
    QVERIFY(FusedDecoder::make(*model, 17) == nullptr);
}

QTEST_GUILESS_MAIN(TestFusedDecoder)
#include "tst_fused_decoder.moc"
