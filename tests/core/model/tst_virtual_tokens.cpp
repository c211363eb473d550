#include "core/model/beam_search.h"
#include "core/model/load_model.h"
#include "core/model/transformer.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

using namespace lathe;
using namespace lathe::test;

namespace {

constexpr double kLogits = 2e-5; // what other orders of the same sums leave at logits up to 12
constexpr std::int64_t kCount = 3;
constexpr std::int64_t kLength = 6;

/// Virtual tokens with a given content.
struct GivenTokens final : VirtualTokens {
    explicit GivenTokens(Content shown) : given(std::move(shown)) {}
    std::int64_t count() const override { return kCount; }
    Content content() const override { return given; }
    Content given;
};

std::unique_ptr<LanguageModel> load(const QString& name, at::ScalarType dtype = at::kFloat) {
    auto model =
        loadModel(sourceFile("tests/data/golden/architectures/" + name.toStdString()), {dtype, at::kCPU});
    if (!model.has_value())
        throw std::runtime_error(model.error().text());
    return std::move(model).value();
}

/// Tokens that virtual ones can stand for: [1, kCount].
at::Tensor frontIds() { return at::arange(11, 11 + kCount, at::kLong).unsqueeze(0); }

/// Their vectors, as a prompt.
VirtualTokens::Content asPrompt(const LanguageModel& model) {
    const EmbeddingSpec& table = dynamic_cast<const TransformerModel&>(model).spec().embedding;
    return {at::embedding(model.weight(table.tokens + ".weight"), frontIds()[0]) * table.scale, {}};
}

/// Their keys and values, as a prefix.
VirtualTokens::Content asPrefix(LanguageModel& model) {
    const at::NoGradGuard noGrad;
    KeyValueCache cache;
    ModelInput input;
    input.ids = frontIds();
    input.cache = &cache;
    static_cast<void>(model.hidden(input));
    VirtualTokens::Content content;
    for (std::int64_t layer = 0; layer < model.summary().layers; ++layer) {
        const auto [keys, values] = cache.kept(layer);
        content.keysAndValues.emplace_back(keys.squeeze(0).clone(), values.squeeze(0).clone());
    }
    return content;
}

VirtualTokens::Content contentOf(LanguageModel& model, const QString& kind) {
    return kind == QLatin1String("prefix") ? asPrefix(model) : asPrompt(model);
}

/// Two texts; the second has two tokens less, and padding at `side`.
ModelInput texts(const LanguageModel& model, const QString& side) {
    ModelInput input;
    const std::int64_t usable = model.summary().vocabularySize - 20;
    input.ids = at::arange(2 * kLength, at::kLong) * 7 % usable + 10;
    input.ids = input.ids.view({2, kLength});
    if (side == QLatin1String("no"))
        return input;
    input.mask = at::ones({2, kLength}, at::kBool);
    const std::int64_t first = side == QLatin1String("left") ? 0 : kLength - 2;
    input.mask[1].narrow(0, first, 2).fill_(false);
    input.ids = input.ids.masked_fill(input.mask.logical_not(), model.summary().padId.value_or(0));
    return input;
}

/// The same with the tokens that the virtual ones stand for.
ModelInput withFront(const ModelInput& input) {
    ModelInput whole = input;
    const std::int64_t rows = input.ids.size(0);
    whole.ids = at::cat({frontIds().expand({rows, -1}), input.ids}, 1);
    if (input.mask.defined())
        whole.mask = at::cat({at::ones({rows, kCount}, at::kBool), input.mask}, 1);
    if (input.positions.defined())
        whole.positions =
            at::cat({at::arange(kCount, at::kLong).expand({rows, kCount}), input.positions + kCount}, 1);
    if (input.types.defined())
        whole.types = at::cat({at::zeros({rows, kCount}, at::kLong), input.types}, 1);
    return whole;
}

/// Logits of the text alone.
at::Tensor textLogits(LanguageModel& model, const ModelInput& input, std::int64_t length = kLength) {
    const at::Tensor all = model.output(input);
    return all.dim() == 2 ? all : all.narrow(1, all.size(1) - length, length);
}

const std::vector<const char*> kDecoders{
    "llama",    "llama_dynamic", "mistral", "gemma2",       "qwen3", "gpt2", "gpt_neo", "gptj",
    "gpt_neox", "opt_post_norm", "bloom",   "falcon_alibi", "glm",   "phi",  "falcon",  "opt"};

Decoding greedy(std::int64_t count) {
    Decoding decoding;
    decoding.maxNewTokens = count;
    return decoding;
}

} // namespace

/// Virtual tokens that are real ones in disguise: what a model makes of a text behind them is known.
class TestVirtualTokens : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // tiny operations: threads only wait for each other
    void theyAreReadAsTokensInFront_data();
    void theyAreReadAsTokensInFront();
    void explicitPositionsBeginBehindThem_data();
    void explicitPositionsBeginBehindThem();
    void partsOfATextGiveWhatTheWholeGives_data();
    void partsOfATextGiveWhatTheWholeGives();
    void encodersReadAPrompt_data();
    void encodersReadAPrompt();
    void classifiersReadTheRightToken_data();
    void classifiersReadTheRightToken();
    void textsGoOnAsBehindRealTokens_data();
    void textsGoOnAsBehindRealTokens();
    void gradientsReachThem_data();
    void gradientsReachThem();
    void narrowModelsStayNarrow_data();
    void narrowModelsStayNarrow();
    void withoutThemTheModelIsAsBefore();
};

void TestVirtualTokens::theyAreReadAsTokensInFront_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("side");
    for (const char* name : kDecoders)
        for (const char* kind : {"prompt", "prefix"})
            for (const char* side : {"no", "right", "left"})
                QTest::addRow("%s, %s, %s padding", name, kind, side) << name << kind << side;
}

void TestVirtualTokens::theyAreReadAsTokensInFront() {
    QFETCH(QString, name);
    QFETCH(QString, kind);
    QFETCH(QString, side);
    const at::NoGradGuard noGrad;
    const auto model = load(name);
    ModelInput input = texts(*model, side);
    for (const bool isEager : {false, true}) {
        input.isEager = isEager;
        const at::Tensor expected = textLogits(*model, withFront(input));
        const at::Tensor without = model->output(input);
        const Attachment tokens = model->attach(std::make_shared<GivenTokens>(contentOf(*model, kind)));
        LATHE_MATCHES(mismatch(textLogits(*model, input), expected, kLogits, 0, input.mask));
        QVERIFY(!mismatch(without, expected, 1e-2, 0, input.mask).isEmpty()); // or nothing is tested
    }
}

void TestVirtualTokens::explicitPositionsBeginBehindThem_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("kind");
    for (const char* name : kDecoders)
        for (const char* kind : {"prompt", "prefix"})
            QTest::addRow("%s, %s", name, kind) << name << kind;
}

void TestVirtualTokens::explicitPositionsBeginBehindThem() {
    QFETCH(QString, name);
    QFETCH(QString, kind);
    const at::NoGradGuard noGrad;
    const auto model = load(name);
    ModelInput input = texts(*model, QStringLiteral("left"));
    input.positions = positionsOf(input.mask);
    const at::Tensor expected = textLogits(*model, withFront(input));
    const Attachment tokens = model->attach(std::make_shared<GivenTokens>(contentOf(*model, kind)));
    LATHE_MATCHES(mismatch(textLogits(*model, input), expected, kLogits, 0, input.mask));
}

void TestVirtualTokens::partsOfATextGiveWhatTheWholeGives_data() { theyAreReadAsTokensInFront_data(); }

void TestVirtualTokens::partsOfATextGiveWhatTheWholeGives() {
    QFETCH(QString, name);
    QFETCH(QString, kind);
    QFETCH(QString, side);
    if (name == QLatin1String("llama_dynamic"))
        QSKIP("there old keys keep their rotation, so that parts differ from the whole");
    const at::NoGradGuard noGrad;
    const auto model = load(name);
    ModelInput input = texts(*model, side);
    if (input.mask.defined())
        input.positions = positionsOf(input.mask);
    const Attachment tokens = model->attach(std::make_shared<GivenTokens>(contentOf(*model, kind)));
    const at::Tensor expected = textLogits(*model, input);
    KeyValueCache cache;
    std::vector<at::Tensor> parts;
    for (std::int64_t begin = 0; begin < kLength; begin += begin == 0 ? 3 : 1) {
        const std::int64_t length = begin == 0 ? 3 : 1;
        ModelInput part;
        part.cache = &cache;
        part.ids = input.ids.narrow(1, begin, length);
        if (input.mask.defined()) {
            part.mask = input.mask.narrow(1, 0, begin + length);
            part.positions = input.positions.narrow(1, begin, length);
        }
        parts.push_back(textLogits(*model, part, length));
        QCOMPARE(cache.length(), kCount + begin + length);
    }
    LATHE_MATCHES(mismatch(at::cat(parts, 1), expected, kLogits, 0, input.mask));
}

void TestVirtualTokens::encodersReadAPrompt_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("side");
    for (const char* name : {"bert_masked", "roberta_masked", "distilbert_masked", "bert_token_labels"})
        for (const char* side : {"no", "right"})
            QTest::addRow("%s, %s padding", name, side) << name << side;
}

void TestVirtualTokens::encodersReadAPrompt() {
    QFETCH(QString, name);
    QFETCH(QString, side);
    const at::NoGradGuard noGrad;
    const auto model = load(name);
    ModelInput input = texts(*model, side);
    if (model->summary().tokenTypes > 1)
        input.types = at::arange(2 * kLength, at::kLong).view({2, kLength}) % 2;
    const at::Tensor expected = textLogits(*model, withFront(input));
    const Attachment tokens = model->attach(std::make_shared<GivenTokens>(asPrompt(*model)));
    LATHE_MATCHES(mismatch(textLogits(*model, input), expected, kLogits, 0, input.mask));
}

void TestVirtualTokens::classifiersReadTheRightToken_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("side");
    for (const char* side : {"no", "right", "left"})
        for (const char* kind : {"prompt", "prefix"})
            for (const char* name : {"gpt2_labels", "llama_labels"})
                QTest::addRow("%s, %s, %s padding", name, kind, side) << name << kind << side;
    for (const char* name : {"bert_labels", "distilbert_labels", "roberta_labels"})
        QTest::addRow("%s, prompt, right padding", name) << name << "prompt"
                                                         << "right";
}

void TestVirtualTokens::classifiersReadTheRightToken() {
    QFETCH(QString, name);
    QFETCH(QString, kind);
    QFETCH(QString, side);
    const at::NoGradGuard noGrad;
    const auto model = load(name);
    const ModelInput input = texts(*model, side);
    const at::Tensor expected = model->output(withFront(input));
    QCOMPARE(expected.dim(), 2);
    const Attachment tokens = model->attach(std::make_shared<GivenTokens>(contentOf(*model, kind)));
    LATHE_MATCHES(mismatch(model->output(input), expected, kLogits));
}

void TestVirtualTokens::textsGoOnAsBehindRealTokens_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("kind");
    // Not mistral: a sliding window counts the padding between virtual tokens and text, as in transformers.
    for (const char* name : {"llama", "qwen3", "gpt2", "opt", "bloom", "falcon_alibi"})
        for (const char* kind : {"prompt", "prefix"})
            QTest::addRow("%s, %s", name, kind) << name << kind;
}

/// Greedy and by beams; texts of different length at once, and each alone behind the real tokens.
void TestVirtualTokens::textsGoOnAsBehindRealTokens() {
    QFETCH(QString, name);
    QFETCH(QString, kind);
    const auto model = load(name);
    const ModelInput input = texts(*model, QStringLiteral("left"));
    const BeamOptions beams{3};
    std::vector<at::Tensor> expected, expectedBeams;
    for (const std::int64_t row : {0, 1}) {
        const at::Tensor own = input.ids[row].index({input.mask[row]}).unsqueeze(0);
        const at::Tensor ids = at::cat({frontIds(), own}, 1);
        expected.push_back(generate(*model, ids, {}, greedy(6)));
        expectedBeams.push_back(beamSearch(*model, ids, {}, greedy(6), beams));
    }
    const Attachment tokens = model->attach(std::make_shared<GivenTokens>(contentOf(*model, kind)));
    QVERIFY(at::equal(generate(*model, input.ids, input.mask, greedy(6)), at::cat(expected)));
    QVERIFY(at::equal(beamSearch(*model, input.ids, input.mask, greedy(6), beams), at::cat(expectedBeams)));
}

void TestVirtualTokens::gradientsReachThem_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("kind");
    for (const char* name : {"llama", "gpt2", "bloom", "bert_labels"})
        for (const char* kind : {"prompt", "prefix"})
            QTest::addRow("%s, %s", name, kind) << name << kind;
}

void TestVirtualTokens::gradientsReachThem() {
    QFETCH(QString, name);
    QFETCH(QString, kind);
    const auto model = load(name);
    VirtualTokens::Content content = contentOf(*model, kind);
    std::vector<at::Tensor> leaves;
    for (auto& [keys, values] : content.keysAndValues)
        leaves.insert(leaves.end(), {keys.requires_grad_(true), values.requires_grad_(true)});
    if (content.embeddings.defined())
        leaves.push_back(content.embeddings.requires_grad_(true));
    const Attachment tokens = model->attach(std::make_shared<GivenTokens>(content));
    model->output(texts(*model, QStringLiteral("right"))).pow(2).sum().backward();
    for (const at::Tensor& leaf : leaves) {
        QVERIFY(leaf.grad().defined());
        QVERIFY(leaf.grad().norm().item<double>() > 0);
    }
    for (const auto& [weight, tensor] : model->weights())
        QVERIFY2(!tensor.grad().defined(), weight.c_str());
}

void TestVirtualTokens::narrowModelsStayNarrow_data() { gradientsReachThem_data(); }

void TestVirtualTokens::narrowModelsStayNarrow() {
    QFETCH(QString, name);
    QFETCH(QString, kind);
    const auto wide = load(name);
    const auto model = load(name, at::kBFloat16);
    const at::NoGradGuard noGrad;
    const VirtualTokens::Content content = contentOf(*wide, kind); // in fp32, as adapters keep them
    const ModelInput input = texts(*model, QStringLiteral("right"));
    const Attachment inWide = wide->attach(std::make_shared<GivenTokens>(content));
    const Attachment inNarrow = model->attach(std::make_shared<GivenTokens>(content));
    const at::Tensor output = model->output(input);
    QVERIFY(output.scalar_type() == at::kBFloat16);
    QVERIFY(at::isfinite(output).all().item<bool>());
    const at::Tensor expected = wide->output(input);
    const double scale = expected.abs().max().item<double>();
    LATHE_MATCHES(mismatch(output, expected, 0.06 * scale, 0, // some dozen roundings to 8 bits
                           output.dim() == 2 || kind == QLatin1String("prompt") ? at::Tensor() : input.mask));
}

void TestVirtualTokens::withoutThemTheModelIsAsBefore() {
    const auto model = load(QStringLiteral("llama"));
    const at::NoGradGuard noGrad;
    const ModelInput input = texts(*model, QStringLiteral("right"));
    const at::Tensor before = model->output(input);
    {
        const Attachment tokens = model->attach(std::make_shared<GivenTokens>(asPrompt(*model)));
        QVERIFY(model->isAdapted());
        QCOMPARE(model->output(input).size(1), kCount + kLength);
    }
    QVERIFY(!model->isAdapted() && model->virtualTokens() == nullptr);
    QVERIFY(at::equal(model->output(input), before));
}

QTEST_GUILESS_MAIN(TestVirtualTokens)
#include "tst_virtual_tokens.moc"
