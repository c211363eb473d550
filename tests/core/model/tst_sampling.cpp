#include "core/base/files.h"
#include "core/model/sampling.h"
#include "tests/support/shared_files.h"

#include <QtTest>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

using namespace lathe;
using namespace lathe::test;

namespace {

constexpr double kRuledOut = -std::numeric_limits<double>::infinity();

std::vector<std::int64_t> uniqueOf(const std::vector<std::int64_t>& ids) {
    const std::set<std::int64_t> unique(ids.begin(), ids.end());
    return {unique.begin(), unique.end()};
}

void applyStep(const nlohmann::json& step, const std::vector<std::int64_t>& history,
               std::vector<double>& scores) {
    const auto name = step.at("name").get<std::string>();
    const auto value = step.at("value").get<double>();
    if (name == "repetition_penalty")
        penalizeRepetition(scores, uniqueOf(history), value);
    else if (name == "no_repeat_ngram")
        banRepeatedNgrams(scores, history, step.at("value").get<std::int64_t>());
    else if (name == "temperature")
        divideByTemperature(scores, value);
    else if (name == "top_k")
        keepTopK(scores, step.at("value").get<std::int64_t>());
    else if (name == "top_p")
        keepTopP(scores, value);
    else
        keepMinP(scores, value);
}

} // namespace

class TestSampling : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void eachStepGivesTransformersDistribution();
    void drawsFollowTheDistribution();
    void oneSeedGivesOneText();
    void greedyTakesTheFirstOfEquals();
    void penaltiesCountWithoutDrawingToo();
    void aVocabularyRuledOutWhollyGivesToken0();
};

void TestSampling::eachStepGivesTransformersDistribution() {
    const auto golden =
        nlohmann::json::parse(readFile(sourceFile("tests/data/golden/generation/golden.json")).value());
    std::size_t compared = 0;
    for (const auto& test : golden.at("filters")) {
        auto scores = test.at("logits").get<std::vector<double>>();
        const auto history = test.at("history").get<std::vector<std::int64_t>>();
        for (const auto& step : test.at("steps")) {
            applyStep(step, history, scores);
            const auto expected = step.at("probabilities").get<std::vector<double>>();
            const auto actual = probabilities(scores);
            for (std::size_t id = 0; id < expected.size(); ++id)
                QVERIFY2(std::abs(actual[id] - expected[id]) <= 1e-6,
                         qPrintable(QString("%1, token %2: %3 instead of %4")
                                        .arg(QString::fromStdString(step.dump().substr(0, 40)))
                                        .arg(id)
                                        .arg(actual[id])
                                        .arg(expected[id])));
            ++compared;
        }
    }
    QCOMPARE(compared, std::size_t{16});
}

void TestSampling::drawsFollowTheDistribution() {
    const std::vector<double> scores{std::log(0.5), std::log(0.3), kRuledOut, std::log(0.2)};
    Rng rng(1);
    std::vector<int> counts(4);
    constexpr int kDraws = 20000;
    for (int i = 0; i < kDraws; ++i)
        ++counts[static_cast<std::size_t>(drawToken(scores, rng))];
    const std::vector<double> expected{0.5, 0.3, 0, 0.2};
    for (std::size_t id = 0; id < 4; ++id) // five standard deviations
        QVERIFY(std::abs(counts[id] - kDraws * expected[id]) <=
                5 * std::sqrt(kDraws * expected[id] * (1 - expected[id])));
}

void TestSampling::oneSeedGivesOneText() {
    const std::vector<float> logits{0.1F, 0.2F, 0.3F, 0.4F, 0.5F};
    Sampling sampling;
    sampling.temperature = 1;
    const auto text = [&](std::uint64_t seed) {
        TokenSampler sampler(sampling, {}, 5, seed);
        std::vector<std::int64_t> ids;
        for (int i = 0; i < 50; ++i)
            ids.push_back(sampler.next(logits));
        return ids;
    };
    QVERIFY(text(3) == text(3));
    QVERIFY(text(3) != text(4));
}

void TestSampling::greedyTakesTheFirstOfEquals() {
    TokenSampler sampler({}, {}, 4, 0);
    QCOMPARE(sampler.next(std::vector<float>{1, 3, 3, 2}), 1);
}

void TestSampling::penaltiesCountWithoutDrawingToo() {
    Sampling sampling;
    sampling.noRepeatNgram = 1;
    const std::vector<std::int64_t> prompt{1};
    TokenSampler sampler(sampling, prompt, 3, 0);
    const std::vector<float> logits{2, 9, 3};
    QCOMPARE(sampler.next(logits), 2);
    QCOMPARE(sampler.next(logits), 0);
}

void TestSampling::aVocabularyRuledOutWhollyGivesToken0() {
    Sampling sampling;
    sampling.noRepeatNgram = 1;
    sampling.temperature = 1;
    sampling.topP = 0.5;
    const std::vector<std::int64_t> prompt{0, 1};
    TokenSampler sampler(sampling, prompt, 2, 0);
    QCOMPARE(sampler.next(std::vector<float>{1, 1}), 0);
}

QTEST_GUILESS_MAIN(TestSampling)
#include "tst_sampling.moc"
