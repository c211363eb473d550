#include "core/search/draw.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

using namespace lathe;

namespace {

constexpr int kDraws = 20'000;
constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

Result<ParamValue> drawOne(Domain domain, Rng& rng) { return drawUniform({"x", std::move(domain), {}}, rng); }

std::map<std::int64_t, int> countsOf(const IntDomain& domain) {
    Rng rng(11);
    std::map<std::int64_t, int> counts;
    for (int i = 0; i < kDraws; ++i)
        ++counts[std::get<std::int64_t>(drawOne(domain, rng).value())];
    return counts;
}

/// Largest distance between the empirical and the uniform distribution (Kolmogorov and Smirnov) of draws that
/// `place` maps into [0, 1].
double distanceFromFlat(const RealDomain& domain, const std::function<double(double)>& place) {
    Rng rng(12);
    std::vector<double> places;
    for (int i = 0; i < kDraws; ++i)
        places.push_back(place(std::get<double>(drawOne(domain, rng).value())));
    std::ranges::sort(places);
    double distance = 0;
    for (std::size_t i = 0; i < places.size(); ++i)
        distance = std::max(distance, std::abs(places[i] - (static_cast<double>(i) + 0.5) / kDraws));
    return distance;
}

/// Exceeded by chance once in a thousand: 1.95 / sqrt(n).
const double kFlatLimit = 1.95 / std::sqrt(kDraws);

StudySpec specOf(SearchSpace space, ParamValues fixed = {}) {
    StudySpec spec;
    spec.space = std::move(space);
    spec.fixed = std::move(fixed);
    return spec;
}

Result<ParamValue> firstValue(const SearchDimension& dimension) {
    if (const auto* choice = std::get_if<ChoiceDomain>(&dimension.domain))
        return ParamValue(choice->values.front());
    return ParamValue(std::int64_t{1});
}

} // namespace

class TestDraw : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void realsAreFlat() {
        QVERIFY(distanceFromFlat({-2, 6}, [](double x) { return (x + 2) / 8; }) < kFlatLimit);
    }

    void logarithmicRealsAreFlatInTheLogarithm() {
        const auto place = [](double x) { return (std::log10(x) + 5) / 4; };
        QVERIFY(distanceFromFlat({1e-5, 1e-1, true}, place) < kFlatLimit);
    }

    void wholeNumbersOnAGridAreEquallyLikely() {
        const auto counts = countsOf({3, 60, 7});
        QCOMPARE(counts.size(), std::size_t{9}); // 3, 10, … 59
        double chiSquare = 0;
        for (const auto& [number, count] : counts) {
            QCOMPARE((number - 3) % 7, 0);
            chiSquare += std::pow(count - kDraws / 9.0, 2) / (kDraws / 9.0);
        }
        QVERIFY(chiSquare < 31.8); // 8 degrees of freedom, p = 1e-4
    }

    void logarithmicWholeNumbersFollowTheirLaw() {
        const auto counts = countsOf({1, 16, 1, true});
        QCOMPARE(counts.size(), std::size_t{16});
        double chiSquare = 0;
        for (const auto& [number, count] : counts) {
            const double share = std::log1p(1.0 / static_cast<double>(number)) / std::log(17.0);
            chiSquare += std::pow(count - kDraws * share, 2) / (kDraws * share);
        }
        QVERIFY(chiSquare < 44.3); // 15 degrees of freedom, p = 1e-4
    }

    void logarithmicGridsKeepTheirSteps() {
        for (const auto& [number, count] : countsOf({8, 100, 16, true})) {
            QCOMPARE((number - 8) % 16, 0);
            QVERIFY(number <= 100);
        }
    }

    void everyChoiceAndBothTruthsAppear() {
        Rng rng(13);
        std::map<std::string, int> counts;
        for (int i = 0; i < 1000; ++i) {
            ++counts[toText(drawOne(BoolDomain{}, rng).value())];
            ++counts[toText(drawOne(ChoiceDomain{{"a", "b"}, {}}, rng).value())];
        }
        for (const char* value : {"true", "false", "a", "b"})
            QVERIFY2(counts[value] > 400, value); // 6 standard deviations
    }

    void theOpenEndIsNeverDrawn() {
        Rng rng(14);
        const double next = std::nextafter(1.0, 2.0);
        for (int i = 0; i < 1000; ++i)
            QCOMPARE(std::get<double>(drawOne(RealDomain{1, next, false, true}, rng).value()), next);
    }

    void theEndsOfTheTypesDoNotOverflow() {
        Rng rng(15);
        const double most = std::numeric_limits<double>::max();
        for (int i = 0; i < 1000; ++i) {
            QVERIFY(std::isfinite(std::get<double>(drawOne(RealDomain{-most, most}, rng).value())));
            for (const IntDomain& domain : {IntDomain{kLowest, kHighest, 1}, IntDomain{kLowest, kHighest, 2},
                                            IntDomain{1, kHighest, 1, true}, IntDomain{5, kHighest, 9, true}})
                QVERIFY(!problemWith(domain, drawOne(domain, rng).value()).has_value());
        }
    }

    void whatHoldsNoValueIsAnError() {
        Rng rng(16);
        const double infinity = std::numeric_limits<double>::infinity();
        for (const Domain& domain :
             {Domain(IntDomain{2, 1}), Domain(IntDomain{1, 2, 0}), Domain(IntDomain{0, 2, 1, true}),
              Domain(RealDomain{2, 1}), Domain(RealDomain{1, 1, false, true}), Domain(RealDomain{0, 1, true}),
              Domain(RealDomain{0, infinity}), Domain(ChoiceDomain{}), Domain(TextDomain{})}) {
            const Result<ParamValue> value = drawOne(domain, rng);
            QVERIFY(!value.has_value());
            QVERIFY(value.error().text().find("x cannot be searched: ") == 0);
        }
    }

    void aConditionOnAFixedKeyLooksAtItsValue() {
        const SearchSpace space{{"rank", IntDomain{1, 8}, {{{"method", {"lora"}}}}}};
        QVERIFY(drawActive(specOf(space, {{"method", std::string("lora")}}), firstValue)->contains("rank"));
        QVERIFY(!drawActive(specOf(space, {{"method", std::string("full")}}), firstValue)->contains("rank"));
        QVERIFY(!drawActive(specOf(space), firstValue)->contains("rank"));
    }

    void aSearchedKeyHidesItsFixedValue() {
        const SearchSpace space{{"rank", IntDomain{1, 8}, {{{"method", {"lora"}}}}},
                                {"method", ChoiceDomain{{"full", "lora"}, {}}, {}}};
        const ParamValues drawn =
            drawActive(specOf(space, {{"method", std::string("lora")}}), firstValue).value();
        QVERIFY(drawn == (ParamValues{{"method", std::string("full")}}));
    }

    void whatDependsOnAnInactiveKeyIsInactive() {
        const SearchSpace space{{"c", IntDomain{1, 1}, {{{"b", {"1"}}}}},
                                {"b", IntDomain{1, 1}, {{{"a", {"2"}}}}},
                                {"a", IntDomain{1, 1}, {}}};
        const ParamValues fixed{{"b", std::int64_t{1}}};
        QVERIFY(drawActive(specOf(space, fixed), firstValue).value() ==
                (ParamValues{{"a", std::int64_t{1}}}));
    }

    void aCircleOfConditionsIsAnError() {
        const SearchSpace space{{"a", IntDomain{1, 1}, {{{"b", {"1"}}}}},
                                {"b", IntDomain{1, 1}, {{{"a", {"1"}}}}}};
        const Result<ParamValues> drawn = drawActive(specOf(space), firstValue);
        QVERIFY(!drawn.has_value());
        QVERIFY(drawn.error().text().find("circle") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestDraw)
#include "tst_draw.moc"
