#include "core/model/beam_search.h"
#include "core/model/load_model.h"
#include "tests/support/oracle.h"
#include "tests/support/shared_files.h"

#include <QtTest>

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>

using namespace lathe;
using namespace lathe::test;

namespace {

std::unique_ptr<LanguageModel> loadLlama(at::ScalarType dtype = at::kFloat) {
    auto model = loadModel(sourceFile("tests/data/golden/llama"), {dtype, at::kCPU});
    if (!model.has_value())
        throw std::runtime_error(model.error().text());
    return std::move(model).value();
}

nlohmann::json golden() {
    return nlohmann::json::parse(readFile(sourceFile("tests/data/golden/generation/golden.json")).value());
}

Decoding decodingOf(const nlohmann::json& options) {
    Decoding decoding;
    decoding.maxNewTokens = options.at("max_new_tokens");
    decoding.eosIds = options.value("eos_token_id", std::vector<std::int64_t>());
    decoding.padId = 1;
    decoding.repetitionPenalty = options.value("repetition_penalty", 1.0);
    decoding.noRepeatNgram = options.value("no_repeat_ngram_size", std::int64_t{0});
    return decoding;
}

Decoding drawing(std::int64_t count) {
    Decoding decoding;
    decoding.maxNewTokens = count;
    decoding.temperature = 0.9;
    decoding.topK = 20;
    decoding.topP = 0.95;
    decoding.seed = 5;
    return decoding;
}

at::Tensor allOf(const at::Tensor& ids) { return at::ones(ids.sizes(), at::kBool); }

const nlohmann::json kRows = {{5, 9, 17, 33, 4}, {8, 8, 90, 41, 7}, {100, 3, 55, 12, 6}};

} // namespace

/// On random weights, against transformers' generate() and against itself.
class TestGenerate : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::set_num_threads(1); } // tiny operations: threads only wait for each other
    void searchGivesTransformersTokens_data();
    void searchGivesTransformersTokens();
    void paddingChangesNoText();
    void neighboursChangeNoText();
    void whoeverWatchesMayEndRows();
    void aStopRequestEndsWithinOneToken();
    void aStopRequestLeavesTheBestBeamSoFar();
    void aStartingCacheStandsForTheTokensBefore_data();
    void aStartingCacheStandsForTheTokensBefore();
    void nothingLearnsFromIt();
};

void TestGenerate::searchGivesTransformersTokens_data() {
    QTest::addColumn<int>("number");
    const nlohmann::json cases = golden().at("beams");
    for (std::size_t i = 0; i < cases.size(); ++i)
        QTest::addRow("%zu: %s", i, cases[i].at("options").dump().c_str()) << static_cast<int>(i);
}

void TestGenerate::searchGivesTransformersTokens() {
    QFETCH(int, number);
    const nlohmann::json test = golden().at("beams").at(static_cast<std::size_t>(number));
    const nlohmann::json& options = test.at("options");
    const ModelInput prompt = inputOf(test);
    const auto model = loadLlama();
    const BeamOptions beams{options.at("num_beams"), options.value("length_penalty", 1.0),
                            options.value("early_stopping", false)};
    const Decoding decoding = decodingOf(options);
    const at::Tensor made = beams.beams == 1 ? generate(*model, prompt.ids, prompt.mask, decoding)
                                             : beamSearch(*model, prompt.ids, prompt.mask, decoding, beams);
    QVERIFY(at::equal(made, integers(test.at("new_tokens"))));
}

void TestGenerate::paddingChangesNoText() {
    const auto model = loadLlama(at::kDouble); // so that nothing is close enough to flip
    const at::Tensor ids = integers({{5, 9, 17, 33, 4}});
    const at::Tensor padded = integers({{0, 0, 0, 5, 9, 17, 33, 4}});
    const at::Tensor mask = padded != 0;
    Decoding decoding = drawing(20);
    decoding.repetitionPenalty = 1.2;
    decoding.noRepeatNgram = 2;
    QVERIFY(at::equal(generate(*model, padded, mask, decoding), generate(*model, ids, allOf(ids), decoding)));
    QVERIFY(at::equal(beamSearch(*model, padded, mask, decoding, {}),
                      beamSearch(*model, ids, allOf(ids), decoding, {})));
}

void TestGenerate::neighboursChangeNoText() {
    const auto model = loadLlama(at::kDouble);
    const at::Tensor ids = integers(kRows);
    at::Tensor others = ids.clone();
    others.select(0, 1).copy_(integers({{1, 2, 3, 4, 5}})[0]);
    const at::Tensor made = generate(*model, ids, allOf(ids), drawing(20));
    const at::Tensor again = generate(*model, others, allOf(ids), drawing(20));
    QVERIFY(at::equal(made[0], again[0]));
    QVERIFY(at::equal(made[2], again[2]));
    QVERIFY(!at::equal(made[1], again[1]));
    const at::Tensor alone = ids.narrow(0, 0, 1);
    QVERIFY(at::equal(generate(*model, alone, allOf(alone), drawing(20))[0], made[0]));
}

void TestGenerate::whoeverWatchesMayEndRows() {
    const auto model = loadLlama();
    const at::Tensor ids = integers(kRows);
    Decoding decoding;
    decoding.maxNewTokens = 6;
    decoding.padId = 77;
    int steps = 0;
    const at::Tensor made = generate(*model, ids, allOf(ids), decoding, [&](GenerationStep& step) {
        ++steps;
        step.isDone[1] = 1;
        step.isDone[0] = step.isDone[2] = steps >= 3 ? 1 : 0;
    });
    QCOMPARE(steps, 3);
    QVERIFY(made.sizes() == at::IntArrayRef({3, 3}));
    QCOMPARE(made[1][1].item<std::int64_t>(), 77);
    QCOMPARE(made[1][2].item<std::int64_t>(), 77);
    QVERIFY(made[2][2].item<std::int64_t>() != 77);
}

void TestGenerate::aStopRequestEndsWithinOneToken() {
    const auto model = loadLlama();
    const at::Tensor ids = integers(kRows);
    std::stop_source source;
    Decoding decoding;
    decoding.maxNewTokens = 50;
    decoding.stop = source.get_token();
    int steps = 0;
    const auto stopAtFourth = [&](GenerationStep&) {
        if (++steps == 4)
            source.request_stop();
    };
    QCOMPARE(generate(*model, ids, allOf(ids), decoding, stopAtFourth).size(1), 4);
    QCOMPARE(generate(*model, ids, allOf(ids), decoding).size(1), 0);
}

void TestGenerate::aStopRequestLeavesTheBestBeamSoFar() {
    const auto model = loadLlama();
    const at::Tensor ids = integers(kRows);
    std::stop_source source;
    source.request_stop();
    Decoding decoding;
    decoding.stop = source.get_token();
    const at::Tensor made = beamSearch(*model, ids, allOf(ids), decoding, {});
    QVERIFY(at::equal(made, generate(*model, ids, allOf(ids), [] {
                          Decoding one;
                          one.maxNewTokens = 1;
                          return one;
                      }())));
}

void TestGenerate::aStartingCacheStandsForTheTokensBefore_data() {
    QTest::addColumn<bool>("isPadded");
    QTest::newRow("no padding") << false;
    QTest::newRow("left padding") << true;
}

void TestGenerate::aStartingCacheStandsForTheTokensBefore() {
    QFETCH(bool, isPadded);
    const auto model = loadLlama(at::kDouble);
    const at::Tensor before = integers({{11, 12, 13}, {21, 22, 23}});
    const at::Tensor after =
        isPadded ? integers({{0, 0, 5, 9}, {30, 31, 32, 33}}) : integers({{7, 8, 5, 9}, {30, 31, 32, 33}});
    const at::Tensor mask = after != 0;
    const auto cacheOf = [&] {
        const at::NoGradGuard noGrad;
        KeyValueCache cache;
        ModelInput input;
        input.ids = before;
        input.cache = &cache;
        static_cast<void>(model->hidden(input));
        return cache;
    };
    const Decoding decoding = drawing(12);
    const at::Tensor made = generate(*model, after, mask, decoding, {}, cacheOf());
    const at::Tensor beams = beamSearch(*model, after, mask, decoding, {}, cacheOf());
    for (std::int64_t row = 0; row < 2; ++row) { // each alone, without padding, its first tokens read as text
        const at::Tensor own = after[row].index({mask[row]});
        const at::Tensor whole = at::cat({before[row], own}).unsqueeze(0);
        Decoding greedy;
        greedy.maxNewTokens = 12;
        QVERIFY(at::equal(beamSearch(*model, whole, allOf(whole), greedy, {})[0], beams[row]));
        if (row == 0) // the seed goes with the row's number
            QVERIFY(at::equal(generate(*model, whole, allOf(whole), decoding)[0], made[0]));
    }
}

void TestGenerate::nothingLearnsFromIt() {
    const auto model = loadLlama();
    for (const auto& [name, weight] : model->weights())
        at::Tensor(weight).requires_grad_(true);
    const at::Tensor ids = integers(kRows);
    Decoding decoding;
    decoding.maxNewTokens = 3;
    QVERIFY(!generate(*model, ids, allOf(ids), decoding).requires_grad());
    // What the model may have kept from that pass does not stand in the way of training.
    ModelInput input;
    input.ids = ids;
    model->logits(model->hidden(input)).sum().backward();
    QVERIFY(model->weights().front().second.grad().defined());
}

QTEST_GUILESS_MAIN(TestGenerate)
#include "tst_generate.moc"
