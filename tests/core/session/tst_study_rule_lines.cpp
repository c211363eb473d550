#include "core/session/study_rule_lines.h"

#include <QtTest>

using namespace lathe;

namespace {

ParamSpec field(std::string key, Domain domain, ParamValue fallback) {
    ParamSpec spec;
    spec.key = std::move(key);
    spec.domain = std::move(domain);
    spec.fallback = std::move(fallback);
    spec.isSearchable = true;
    return spec;
}

ParamSchema schema() {
    return {field("rank", IntDomain{1, 256}, std::int64_t{8}), field("alpha", RealDomain{0, 1024}, 16.0),
            field("max_steps", IntDomain{0, 100000}, std::int64_t{100}),
            field("warmup_steps", IntDomain{0, 100000}, std::int64_t{0})};
}

StudySpec study() {
    StudySpec spec;
    spec.fixed = withDefaults(schema(), {});
    spec.space = {{"rank", IntDomain{1, 64}, {}}, {"warmup_steps", IntDomain{0, 500}, {}}};
    return spec;
}

const std::vector<std::string> kMetrics{"eval_loss", "seconds"};

/// What is wrong with one line in an otherwise plain study.
QString problem(RuleKind kind, const char* text) {
    StudySpec spec = study();
    const RuleLine line{kind, text};
    return QString::fromStdString(addRuleLines(spec, std::span(&line, 1), schema(), kMetrics).front());
}

} // namespace

class TestStudyRuleLines : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rulesOfEachKindComeIntoTheStudy() {
        StudySpec spec = study();
        const std::vector<RuleLine> lines{{RuleKind::Forbidden, "alpha > 64"}, // derived further down
                                          {RuleKind::Derived, "alpha = 2 * rank"},
                                          {RuleKind::Bound, "warmup_steps <= max_steps / 2"},
                                          {RuleKind::Constraint, "seconds <= 600"},
                                          {RuleKind::Bound, " "}};
        for (const std::string& found : addRuleLines(spec, lines, schema(), kMetrics))
            QCOMPARE(found, std::string());
        QCOMPARE(spec.derived.front().expression, std::string("2 * rank"));
        QCOMPARE(spec.space[1].atMost, std::string("max_steps / 2"));
        QCOMPARE(spec.forbidden, std::vector<std::string>{"alpha > 64"});
        QCOMPARE(spec.constraints, std::vector<std::string>{"seconds <= 600"});
    }

    void aWrongLineSaysWhatIsWrongAndWhereInTheLine() {
        QCOMPARE(problem(RuleKind::Derived, "alpha = 2 * rnk"),
                 QStringLiteral("column 13: rnk is not known here; did you mean rank?"));
        QCOMPARE(problem(RuleKind::Forbidden, "rank >"),
                 QStringLiteral("column 7: it ends here, where a value is needed"));
        QCOMPARE(problem(RuleKind::Bound, "max_steps <= rank"),
                 QStringLiteral("max_steps is not searched; only a range that is searched has bounds"));
        QCOMPARE(problem(RuleKind::Bound, "rank < 3"),
                 QStringLiteral("rank < 3 is no limit of a field; write FIELD <= EXPRESSION or FIELD >= "
                                "EXPRESSION"));
        QVERIFY(problem(RuleKind::Constraint, "secnds <= 3").contains("choose one of eval_loss, seconds"));
        QVERIFY(problem(RuleKind::Derived, "rank = 3").startsWith("rank is searched and derived"));
        QVERIFY(problem(RuleKind::Derived, "rank").contains("KEY=EXPRESSION"));
    }

    void aWrongLineLeavesTheOthersInForce() {
        StudySpec spec = study();
        const std::vector<RuleLine> lines{{RuleKind::Forbidden, "rank >"}, {RuleKind::Forbidden, "rank > 9"}};
        const auto problems = addRuleLines(spec, lines, schema(), kMetrics);
        QVERIFY(!problems[0].empty());
        QCOMPARE(spec.forbidden, std::vector<std::string>{"rank > 9"});
    }

    void aRangeHasOneBoundOfAKind() {
        StudySpec spec = study();
        const std::vector<RuleLine> lines{{RuleKind::Bound, "rank <= warmup_steps"},
                                          {RuleKind::Bound, "rank >= 2"},
                                          {RuleKind::Bound, "rank <= 3"}};
        const auto problems = addRuleLines(spec, lines, schema(), kMetrics);
        QVERIFY(problems[0].empty() && problems[1].empty());
        QCOMPARE(problems[2], std::string("rank has an upper bound already; keep one of the two"));
    }
};

QTEST_GUILESS_MAIN(TestStudyRuleLines)
#include "tst_study_rule_lines.moc"
