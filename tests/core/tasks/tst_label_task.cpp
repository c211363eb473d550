#include "core/tasks/task.h"

#include <QtTest>

#include <cmath>

using namespace lathe;

namespace {

/// (right label, given label) of each text.
std::map<std::string, double> scoreOf(const std::vector<std::pair<int, int>>& answers) {
    std::vector<ExampleScore> scores;
    for (const auto& [expected, given] : answers)
        scores.push_back({expected == given ? 1 : 0, 1, 0.5, expected, given});
    Registry<Task> registry;
    addBuiltinTasks(registry);
    return registry.make("labels").value()->score(scores);
}

bool isNear(double actual, double expected) { return std::abs(actual - expected) < 1e-12; }

} // namespace

class TestLabelTask : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void twoLabels();
    void threeLabels();
    void oneAnswerForAllIsWorthNothing();
};

/// 3 right of 0, 1 wrong; 1 right of 1, 1 wrong: MCC of 3, 1, 1, 1 = (3·1 − 1·1) / sqrt(4·4·2·2).
void TestLabelTask::twoLabels() {
    const auto score = scoreOf({{0, 0}, {0, 0}, {0, 0}, {0, 1}, {1, 1}, {1, 0}});
    QVERIFY(isNear(score.at("eval_accuracy"), 4.0 / 6));
    QVERIFY(isNear(score.at("eval_matthews"), 2.0 / 8));
    QVERIFY(isNear(score.at("eval_macro_f1"), (6.0 / 8 + 2.0 / 4) / 2));
    QVERIFY(isNear(score.at("eval_loss"), 0.5));
}

/// Counts [[2, 1, 0], [0, 1, 1], [0, 0, 1]]: c = 4, s = 6, t = (3, 2, 1), p = (2, 2, 2).
void TestLabelTask::threeLabels() {
    const auto score = scoreOf({{0, 0}, {0, 0}, {0, 1}, {1, 1}, {1, 2}, {2, 2}});
    QVERIFY(isNear(score.at("eval_matthews"), (4.0 * 6 - 12) / std::sqrt((36.0 - 12) * (36.0 - 14))));
    QVERIFY(isNear(score.at("eval_macro_f1"), (4.0 / 5 + 2.0 / 4 + 2.0 / 3) / 3));
}

void TestLabelTask::oneAnswerForAllIsWorthNothing() {
    const auto score = scoreOf({{0, 0}, {0, 0}, {1, 0}});
    QVERIFY(isNear(score.at("eval_accuracy"), 2.0 / 3));
    QVERIFY(isNear(score.at("eval_matthews"), 0));
    QVERIFY(isNear(score.at("eval_macro_f1"), (4.0 / 5 + 0) / 2));
}

QTEST_GUILESS_MAIN(TestLabelTask)
#include "tst_label_task.moc"
