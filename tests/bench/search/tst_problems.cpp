#include "bench/search/problems.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <set>

using namespace lathe;

class TestProblems : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theMinimiserGivesTheLeastLoss_data() {
        QTest::addColumn<QString>("name");
        for (const bench::SearchProblem& problem : bench::searchProblems())
            if (!problem.minimiser.map().empty())
                QTest::newRow(problem.name.c_str()) << QString::fromStdString(problem.name);
    }
    void theMinimiserGivesTheLeastLoss() {
        QFETCH(QString, name);
        const auto problems = bench::searchProblems();
        const auto problem = std::ranges::find(problems, name.toStdString(), &bench::SearchProblem::name);
        const bench::Outputs outputs = problem->evaluate(problem->minimiser);
        // Minimisers and least values are known to six digits; the rough sphere wavers by 0.5 about its own.
        const double tolerance =
            problem->name == "rough3s" ? 1.0 : 5e-4 * std::max(1.0, std::abs(problem->optimum));
        QVERIFY2(std::abs(outputs.loss - problem->optimum) < tolerance, std::to_string(outputs.loss).c_str());
        for (const double constraint : outputs.constraints)
            QVERIFY(constraint <= 1e-12);
    }
    void theMinimiserLiesInTheSpace() {
        for (const bench::SearchProblem& problem : bench::searchProblems())
            for (const SearchDimension& dimension : problem.space)
                if (const ParamValue* value = problem.minimiser.find(dimension.key))
                    QVERIFY2(!problemWith(dimension.domain, *value), problem.name.c_str());
    }
    void namesAreUnique() {
        std::set<std::string> names;
        for (const bench::SearchProblem& problem : bench::searchProblems())
            QVERIFY2(names.insert(problem.name).second, problem.name.c_str());
    }
    void theConstraintsOfTheSecondExampleAreSignedAsViolations() {
        const auto problems = bench::searchProblems();
        const auto second = std::ranges::find(problems, "ex2", &bench::SearchProblem::name);
        ParamValues origin;
        for (const SearchDimension& dimension : second->space)
            origin.set(dimension.key, 0.0);
        const bench::Outputs outputs = second->evaluate(origin);
        QCOMPARE(outputs.constraints[0], 5.0 - 25.0);
        QCOMPARE(outputs.constraints[1], 25.0 - 5.0);
    }
};

QTEST_GUILESS_MAIN(TestProblems)
#include "tst_problems.moc"
