#include "bench/search/problems.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <span>

namespace lathe::bench {

namespace {

using std::numbers::pi;
using Point = std::vector<double>;
using Function = double (*)(std::span<const double>);

std::string keyOf(std::size_t place) { return "x" + std::to_string(place); }

Point pointOf(const ParamValues& values, std::size_t size) {
    Point point;
    for (std::size_t i = 0; i < size; ++i)
        point.push_back(values.real(keyOf(i)));
    return point;
}

ParamValues valuesOf(std::span<const double> point) {
    ParamValues values;
    for (std::size_t i = 0; i < point.size(); ++i)
        values.set(keyOf(i), point[i]);
    return values;
}

SearchSpace box(std::size_t size, double low, double high) {
    SearchSpace space;
    for (std::size_t i = 0; i < size; ++i)
        space.push_back({keyOf(i), RealDomain{low, high}, {}});
    return space;
}

/// A function of reals. `minimiser` is one value for all coordinates, or all of them.
SearchProblem problem(std::string name, SearchSpace space, Function function, double optimum, Point minimiser,
                      std::string group = "standard") {
    const std::size_t size = space.size();
    minimiser.resize(size, minimiser.front());
    const auto evaluate = [function, size](const ParamValues& values) {
        return Outputs{function(pointOf(values, size))};
    };
    return {std::move(name), std::move(space), evaluate, optimum, valuesOf(minimiser), std::move(group)};
}

/// The same function with its minimiser moved by an irregular step in every coordinate.
SearchProblem shifted(std::string name, SearchSpace space, Function function, double optimum,
                      double minimiser) {
    const std::size_t size = space.size();
    Point shift;
    Point best;
    for (std::size_t i = 0; i < size; ++i) {
        shift.push_back(0.7313 * std::sin(1.0 + 2.71 * static_cast<double>(i)) + 0.3171);
        best.push_back(minimiser + shift.back());
    }
    const auto evaluate = [=](const ParamValues& values) {
        Point point = pointOf(values, size);
        for (std::size_t i = 0; i < size; ++i)
            point[i] -= shift[i];
        return Outputs{function(point)};
    };
    return {std::move(name), std::move(space), evaluate, optimum, valuesOf(best), "further"};
}

double branin(std::span<const double> x) {
    const double b = 5.1 / (4 * pi * pi);
    const double inner = x[1] - b * x[0] * x[0] + 5 / pi * x[0] - 6;
    return inner * inner + 10 * (1 - 1 / (8 * pi)) * std::cos(x[0]) + 10;
}

double rosenbrock(std::span<const double> x) {
    double sum = 0;
    for (std::size_t i = 0; i + 1 < x.size(); ++i)
        sum += 100 * std::pow(x[i + 1] - x[i] * x[i], 2) + std::pow(1 - x[i], 2);
    return sum;
}

double hartmann(std::span<const double> x) {
    static constexpr double kAlpha[4] = {1, 1.2, 3, 3.2};
    static constexpr double kA[4][6] = {{10, 3, 17, 3.5, 1.7, 8},
                                        {0.05, 10, 17, 0.1, 8, 14},
                                        {3, 3.5, 1.7, 10, 17, 8},
                                        {17, 8, 0.05, 10, 0.1, 14}};
    static constexpr double kP[4][6] = {{1312, 1696, 5569, 124, 8283, 5886},
                                        {2329, 4135, 8307, 3736, 1004, 9991},
                                        {2348, 1451, 3522, 2883, 3047, 6650},
                                        {4047, 8828, 8732, 5743, 1091, 381}};
    double sum = 0;
    for (int i = 0; i < 4; ++i) {
        double exponent = 0;
        for (std::size_t j = 0; j < 6; ++j)
            exponent += kA[i][j] * std::pow(x[j] - 1e-4 * kP[i][j], 2);
        sum -= kAlpha[i] * std::exp(-exponent);
    }
    return sum;
}

double ackley(std::span<const double> x) {
    double squares = 0;
    double cosines = 0;
    for (const double value : x) {
        squares += value * value;
        cosines += std::cos(2 * pi * value);
    }
    const auto n = static_cast<double>(x.size());
    return -20 * std::exp(-0.2 * std::sqrt(squares / n)) - std::exp(cosines / n) + 20 + std::numbers::e;
}

double rastrigin(std::span<const double> x) {
    double sum = 10 * static_cast<double>(x.size());
    for (const double value : x)
        sum += value * value - 10 * std::cos(2 * pi * value);
    return sum;
}

double styblinskiTang(std::span<const double> x) {
    double sum = 0;
    for (const double v : x)
        sum += 0.5 * (v * v * v * v - 16 * v * v + 5 * v);
    return sum;
}

double levy(std::span<const double> x) {
    const auto w = [&x](std::size_t i) { return 1 + (x[i] - 1) / 4; };
    const std::size_t last = x.size() - 1;
    double sum = std::pow(std::sin(pi * w(0)), 2);
    for (std::size_t i = 0; i < last; ++i)
        sum += std::pow(w(i) - 1, 2) * (1 + 10 * std::pow(std::sin(pi * w(i) + 1), 2));
    return sum + std::pow(w(last) - 1, 2) * (1 + std::pow(std::sin(2 * pi * w(last)), 2));
}

constexpr std::array<double, 6> kMixedTarget = {3, 11, 6, 1.3, -2.2, 0.7};

double mixedEllipsoid(std::span<const double> x) {
    double sum = 0;
    for (std::size_t i = 0; i < kMixedTarget.size(); ++i)
        sum += std::pow(10, static_cast<double>(i) / 2) * std::pow(x[i] - kMixedTarget[i], 2);
    return sum;
}

SearchProblem mixedProblem() {
    SearchSpace space;
    ParamValues minimiser;
    for (std::size_t i = 0; i < 6; ++i) {
        if (i < 3) {
            space.push_back({keyOf(i), IntDomain{0, 15, 1, false}, {}});
            minimiser.set(keyOf(i), static_cast<std::int64_t>(kMixedTarget[i]));
        } else {
            space.push_back({keyOf(i), RealDomain{-5, 5}, {}});
            minimiser.set(keyOf(i), kMixedTarget[i]);
        }
    }
    SearchProblem made = problem("mixell6", space, &mixedEllipsoid, 0, {0});
    made.minimiser = std::move(minimiser);
    return made;
}

std::vector<SearchProblem> standardProblems() {
    std::vector<SearchProblem> problems;
    SearchSpace space = box(2, -5, 10);
    space[1].domain = RealDomain{0, 15};
    problems.push_back(problem("branin", space, &branin, 0.397887, {pi, 2.275}));
    problems.push_back(problem("rosen2", box(2, -5, 10), &rosenbrock, 0, {1}));
    problems.push_back(problem("rosen5", box(5, -5, 10), &rosenbrock, 0, {1}));
    problems.push_back(problem("hart6", box(6, 0, 1), &hartmann, -3.32237,
                               {0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573}));
    problems.push_back(problem("ackley5", box(5, -10, 30), &ackley, 0, {0}));
    problems.push_back(problem("rastrigin5", box(5, -3, 7), &rastrigin, 0, {0}));
    problems.push_back(problem("stybtang5", box(5, -5, 5), &styblinskiTang, -195.8308, {-2.903534}));
    problems.push_back(problem("levy8", box(8, -10, 10), &levy, 0, {1}));
    problems.push_back(mixedProblem());
    return problems;
}

/// Example 2 of NOMAD: the optimum lies where both constraints meet.
SearchProblem exampleTwo() {
    SearchSpace space = box(5, -6, 6);
    space[0].domain = RealDomain{-6, 5};
    space[2].domain = RealDomain{-6, 7};
    const auto evaluate = [](const ParamValues& values) {
        const Point x = pointOf(values, 5);
        double minus = 0;
        double plus = 0;
        for (const double value : x) {
            minus += (value - 1) * (value - 1);
            plus += (value + 1) * (value + 1);
        }
        return Outputs{x[4], {minus - 25, 25 - plus}};
    };
    return {"ex2", std::move(space), evaluate, -4, valuesOf(Point{1, 1, 1, 1, -4}), "constrained"};
}

/// Example 1 of NOMAD, after G2: some variables on a grid, the objective bounded from below.
SearchProblem exampleOne() {
    SearchSpace space = box(10, -20, 20);
    for (const std::size_t whole : {0U, 1U, 3U, 4U, 5U, 6U, 8U, 9U})
        space[whole].domain = IntDomain{-20, 20, 1, false};
    for (const std::size_t half : {2U, 7U}) // in units of 0.5
        space[half].domain = IntDomain{-40, 40, 1, false};
    const auto evaluate = [](const ParamValues& values) {
        Point x = pointOf(values, 10);
        x[2] /= 2;
        x[7] /= 2;
        double fourths = 0;
        double cosines = 1;
        double weighted = 0;
        double product = 1;
        for (std::size_t i = 0; i < x.size(); ++i) {
            fourths += std::pow(std::cos(x[i]), 4);
            cosines *= std::pow(std::cos(x[i]), 2);
            weighted += static_cast<double>(i + 1) * x[i] * x[i];
            product *= x[i];
        }
        const double first = 0.75 - product;
        const double second = std::accumulate(x.begin(), x.end(), 0.0) - 75;
        const double ratio = weighted > 0 ? (fourths - 2 * cosines) / std::sqrt(weighted) : 0;
        const double loss = 1e-5 * (10 * first + 10 * second - ratio);
        return Outputs{loss, {first, second, -(loss + 2000)}};
    };
    return {"ex1", std::move(space), evaluate, -2000, {}, "constrained"};
}

/// Problem 3 of the Cat-Suite: two categories with two choices each over a Branin of whole numbers and reals.
SearchProblem catThree() {
    SearchSpace space;
    space.push_back({"first", ChoiceDomain{{"A", "B"}, {}, false}, {}});
    space.push_back({"second", ChoiceDomain{{"A", "B"}, {}, false}, {}});
    space.push_back({"i1", IntDomain{1, 5, 1, false}, {}});
    space.push_back({"i2", IntDomain{1, 5, 1, false}, {}});
    space.push_back({"u", RealDomain{0, 1}, {}});
    space.push_back({"v", RealDomain{0, 1}, {}});
    const auto evaluate = [](const ParamValues& values) {
        const double i1 = values.real("i1");
        const double x = 15 * values.real("u");
        const double shift = x - values.real("i2");
        const double inner = 15 * values.real("v") - i1 / (4 * pi * pi) * shift * shift + i1 / pi * shift;
        const double h = (inner * inner + (i1 - 1 / (8 * pi)) * std::cos(x - 5) + i1 - 54.8104) / 51.9496;
        const bool isA = values.text("first") == "A";
        const double factor = values.text("second") == "A" ? (isA ? 1.0 : -0.75) : (isA ? 0.4 : -0.5);
        return Outputs{10 + h * factor};
    };
    return {"cat3",
            std::move(space),
            evaluate,
            4.873,
            {{"first", std::string("B")},
             {"second", std::string("A")},
             {"i1", std::int64_t{5}},
             {"i2", std::int64_t{5}},
             {"u", (5 + 2 * pi) / 15},
             {"v", 1.0}},
            "constrained"};
}

double sphere(std::span<const double> x) { return std::inner_product(x.begin(), x.end(), x.begin(), 0.0); }

double griewank(std::span<const double> x) {
    double sum = 0;
    double product = 1;
    for (std::size_t i = 0; i < x.size(); ++i) {
        sum += x[i] * x[i] / 4000;
        product *= std::cos(x[i] / std::sqrt(static_cast<double>(i + 1)));
    }
    return sum - product + 1;
}

/// A sphere with a fast oscillation of amplitude 0.5, as noise that repeats itself.
double roughSphere(std::span<const double> x) {
    double phase = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
        phase += 977.0 * static_cast<double>(i + 1) * x[i];
    return sphere(x) + 0.5 * std::sin(phase);
}

/// A recipe in miniature: a category that decides which of two rates counts, each on a logarithmic range.
SearchProblem conditionalRecipe() {
    SearchSpace space;
    space.push_back({"method", ChoiceDomain{{"a", "b", "c"}, {}, false}, {}});
    space.push_back({"rate", RealDomain{1e-6, 1e-1, true, false}, {}});
    space.push_back({"rank", IntDomain{1, 256, 1, true}, {{{"method", {"a", "b"}}}}});
    space.push_back({"alpha", RealDomain{1, 128, true, false}, {{{"method", {"a"}}}}});
    space.push_back({"dropout", RealDomain{0, 0.5}, {}});
    const auto evaluate = [](const ParamValues& values) {
        const std::string& method = values.text("method");
        const double rate = std::log10(values.real("rate"));
        double loss = 2 * values.real("dropout") * values.real("dropout");
        if (method == "c")
            return Outputs{loss + 0.6 + std::pow(rate + 5, 2)};
        const double rank = std::log2(values.real("rank"));
        if (method == "b")
            return Outputs{loss + 0.3 + 0.5 * std::pow(rate + 2, 2) + 0.05 * std::pow(rank - 3, 2)};
        const double alpha = std::log2(values.real("alpha"));
        return Outputs{loss + std::pow(rate + 0.2 * rank + 2, 2) + 0.05 * std::pow(rank - 5, 2) +
                       0.05 * std::pow(alpha - rank + 1, 2)};
    };
    return {"recipe5",
            std::move(space),
            evaluate,
            0,
            {{"method", std::string("a")},
             {"rate", 1e-3},
             {"rank", std::int64_t{32}},
             {"alpha", 16.0},
             {"dropout", 0.0}},
            "further"};
}

/// Five unordered categories of four choices, one right answer, and pairs that go together.
SearchProblem categoriesAlone() {
    SearchSpace space;
    ParamValues best;
    for (std::size_t i = 0; i < 5; ++i) {
        space.push_back({keyOf(i), ChoiceDomain{{"p", "q", "r", "s"}, {}, false}, {}});
        best.set(keyOf(i), std::string(1, "rpsqr"[i]));
    }
    const auto evaluate = [](const ParamValues& values) {
        double loss = 0;
        bool wasRight = true;
        for (std::size_t i = 0; i < 5; ++i) {
            const char choice = values.text(keyOf(i))[0];
            const bool isRight = choice == "rpsqr"[i];
            loss += isRight ? 0 : 1 + 0.1 * ((choice * 7 + static_cast<int>(i) * 3) % 5);
            loss += isRight && !wasRight ? 0.3 : 0;
            wasRight = isRight;
        }
        return Outputs{loss};
    };
    return {"choices5", std::move(space), evaluate, 0, std::move(best), "further"};
}

std::vector<SearchProblem> furtherProblems() {
    std::vector<SearchProblem> problems;
    problems.push_back(shifted("sphere4s", box(4, -5, 5), &sphere, 0, 0));
    problems.push_back(shifted("rastrigin4s", box(4, -5, 5), &rastrigin, 0, 0));
    problems.push_back(shifted("ackley6s", box(6, -15, 20), &ackley, 0, 0));
    problems.push_back(shifted("griewank5s", box(5, -60, 40), &griewank, 0, 0));
    problems.push_back(shifted("rosen4s", box(4, -4, 4), &rosenbrock, 0, 1));
    problems.push_back(shifted("rough3s", box(3, -5, 5), &roughSphere, -0.5, 0));
    problems.push_back(shifted("stybtang8s", box(8, -5, 5), &styblinskiTang, -313.32933, -2.903534));
    problems.push_back(conditionalRecipe());
    problems.push_back(categoriesAlone());
    return problems;
}

} // namespace

std::vector<SearchProblem> searchProblems() {
    std::vector<SearchProblem> problems = standardProblems();
    for (auto make : {&exampleOne, &exampleTwo, &catThree})
        problems.push_back(make());
    std::ranges::move(furtherProblems(), std::back_inserter(problems));
    return problems;
}

} // namespace lathe::bench
