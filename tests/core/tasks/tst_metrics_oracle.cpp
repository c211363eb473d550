#include "core/base/files.h"
#include "core/base/numbers.h"
#include "core/tasks/bleu.h"
#include "core/tasks/label_metrics.h"
#include "core/tasks/number_metrics.h"
#include "core/tasks/rouge.h"
#include "tests/support/shared_files.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <functional>

using namespace lathe;
using namespace lathe::test;
using nlohmann::json;

namespace {

/// As in make_metrics.py: Knuth's MMIX generator, the upper 31 bits.
class Draws {
public:
    explicit Draws(std::uint64_t seed) : m_state(seed) {}
    int below(int count) {
        m_state = m_state * 6364136223846793005U + 1442695040888963407U;
        return static_cast<int>((m_state >> 33U) % static_cast<std::uint64_t>(count));
    }

private:
    std::uint64_t m_state;
};

std::vector<LabelPair> labelsOf(int kind, int count, int rows, Draws& draws) {
    std::vector<LabelPair> pairs(static_cast<std::size_t>(rows));
    for (LabelPair& pair : pairs)
        pair.expected = draws.below(count);
    for (LabelPair& pair : pairs)
        pair.given = draws.below(3) != 0 ? pair.expected : draws.below(count);
    for (LabelPair& pair : pairs) {
        if (kind == 0)
            pair.given = 0;
        else if (kind == 1)
            pair.expected = 1;
        else if (kind == 2)
            pair.given = pair.expected;
        else if (kind == 3)
            pair.expected = std::min(pair.expected, count - 2);
        else if (kind == 4)
            pair = {count - 1, count - 1};
    }
    return pairs;
}

struct Numbers {
    std::vector<double> expected;
    std::vector<double> given;
};

Numbers numbersOf(int kind, int rows, Draws& draws) {
    const bool hasTies = kind == 3 || kind == 5;
    Numbers numbers;
    for (int i = 0; i < rows; ++i)
        numbers.expected.push_back(hasTies ? draws.below(5) : (draws.below(2001) - 1000) / 256.0);
    for (const double x : numbers.expected)
        numbers.given.push_back(hasTies ? draws.below(5) : x + (draws.below(2001) - 1000) / 512.0);
    if (kind == 0 || kind == 4)
        numbers.given.assign(numbers.given.size(), 1.5);
    if (kind == 1 || kind == 4)
        numbers.expected.assign(numbers.expected.size(), 1.5);
    if (kind == 2)
        numbers.given = numbers.expected;
    if (kind == 6)
        std::ranges::transform(numbers.given, numbers.given.begin(), std::negate<>());
    return numbers;
}

constexpr std::size_t kValues = 10;
constexpr std::array kNames{"accuracy", "f1",      "macro f1, seen", "macro f1, expected",
                            "matthews", "pearson", "spearman",       "mse",
                            "mae",      "r2"};

std::array<double, kValues> valuesOf(int number) {
    Draws draws(static_cast<std::uint64_t>(number));
    const int kind = number % 10;
    const int count = 2 + draws.below(4);
    const int rows = 2 + draws.below(60);
    const LabelTally tally(labelsOf(kind, count, rows, draws));
    const Numbers numbers = numbersOf(kind, rows, draws);
    return {tally.accuracy(),
            tally.f1(1),
            tally.macroF1(LabelTally::Over::Seen),
            tally.macroF1(),
            tally.matthews(),
            pearson(numbers.expected, numbers.given),
            spearman(numbers.expected, numbers.given),
            meanSquaredError(numbers.expected, numbers.given),
            meanAbsoluteError(numbers.expected, numbers.given),
            rSquared(numbers.expected, numbers.given)};
}

/// To 1e-12 of the larger of 1 and the value.
bool isNear(double actual, double expected) {
    if (std::isnan(expected) || std::isnan(actual))
        return std::isnan(expected) && std::isnan(actual);
    return std::abs(actual - expected) <= 1e-12 * std::max(1.0, std::abs(expected));
}

} // namespace

/// Metrics against scikit-learn, SciPy, rouge-score and sacreBLEU; make_metrics.py has written the values.
class TestMetricsOracle : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void labelsAndNumbersAgreeOnAThousandSets();
    void textsAgreeWithRougeAndBleu();
    void corporaAgreeWithBleu();
};

void TestMetricsOracle::labelsAndNumbersAgreeOnAThousandSets() {
    const std::string stored = readFile(sourceFile("tests/data/golden/metrics/sets.f64")).value();
    QCOMPARE(stored.size(), 1000 * kValues * sizeof(double));
    for (int number = 0; number < 1000; ++number) {
        std::array<double, kValues> expected{};
        std::memcpy(expected.data(), stored.data() + static_cast<std::size_t>(number) * sizeof expected,
                    sizeof expected);
        const auto actual = valuesOf(number);
        for (std::size_t i = 0; i < kValues; ++i)
            QVERIFY2(isNear(actual[i], expected[i]), qPrintable(QString("set %1, %2: %3 for %4")
                                                                    .arg(number)
                                                                    .arg(kNames[i])
                                                                    .arg(actual[i], 0, 'g', 17)
                                                                    .arg(expected[i], 0, 'g', 17)));
    }
}

void TestMetricsOracle::textsAgreeWithRougeAndBleu() {
    const json golden = json::parse(readFile(sourceFile("tests/data/golden/metrics/texts.json")).value());
    QCOMPARE(golden.at("pairs").size(), std::size_t{44});
    for (const json& pair : golden.at("pairs")) {
        const auto expected = pair.at("expected").get<std::string>();
        const auto given = pair.at("given").get<std::string>();
        const std::map<std::string, double> actual{
            {"rouge1", rougeN(expected, given, 1)},
            {"rouge2", rougeN(expected, given, 2)},
            {"rougeL", rougeL(expected, given)},
            {"bleu", bleuOf(bleuCounts(expected, given), BleuOrders::Present)}};
        for (const auto& [name, value] : actual)
            QVERIFY2(std::abs(value - pair.at(name).get<double>()) < 1e-10,
                     qPrintable(QString::fromStdString(name + ": " + given) + QString(" %1").arg(value)));
    }
}

void TestMetricsOracle::corporaAgreeWithBleu() {
    const json golden = json::parse(readFile(sourceFile("tests/data/golden/metrics/texts.json")).value());
    for (const json& corpus : golden.at("corpora")) {
        std::vector<double> sums(10);
        for (auto i = corpus.at("first").get<std::size_t>(); i < corpus.at("last").get<std::size_t>(); ++i) {
            const json& pair = golden.at("pairs").at(i);
            const auto counts =
                bleuCounts(pair.at("expected").get<std::string>(), pair.at("given").get<std::string>());
            std::ranges::transform(sums, counts, sums.begin(), std::plus<>());
        }
        const double actual = bleuOf(sums);
        QVERIFY2(std::abs(actual - corpus.at("bleu").get<double>()) < 1e-10,
                 qPrintable(QString("%1 for %2").arg(actual).arg(corpus.at("bleu").get<double>())));
    }
}

QTEST_GUILESS_MAIN(TestMetricsOracle)
#include "tst_metrics_oracle.moc"
