#include "tests/support/strict_warnings.h"
#include "widgets/pages/study_charts.h"
#include "widgets/pages/study_recipes.h"

#include <QLabel>
#include <QTableWidget>
#include <QTest>

#include <memory>

using namespace lathe;

namespace {

ParamSchema schemaOfMethods() {
    return {{"method",
             {},
             "Method",
             "",
             "",
             ChoiceDomain{{"a", "b", "c"}, {"First", "Second", "Third"}},
             std::string("a"),
             {},
             false,
             true},
            {"rank", {}, "Rank", "", "", IntDomain{1, 64}, std::int64_t{8}, {}, false, true}};
}

/// Three methods with three seeds: the second is clearly worse than the first, the third about the same.
StudyContent studyOfRecipes(bool isRepeated = true) {
    StudyContent content;
    content.study.id = StudyId{7};
    StudySpec& spec = content.study.spec;
    spec.space = {{"method", ChoiceDomain{{"a", "b", "c"}, {}}, {}}};
    spec.objective = {"eval_accuracy", true};
    spec.trialCount = 9;
    const double values[3][3] = {{0.80, 0.82, 0.84}, {0.50, 0.53, 0.53}, {0.81, 0.81, 0.85}};
    const char* const methods[] = {"a", "b", "c"};
    for (int seed = 0; seed < (isRepeated ? 3 : 1); ++seed)
        for (int arm = 0; arm < 3; ++arm) {
            TrialRecord trial;
            trial.number = static_cast<std::int64_t>(content.trials.size());
            trial.id = TrialId{trial.number + 1};
            trial.study = content.study.id;
            trial.values = {{"method", std::string(methods[arm])}, {"rank", std::int64_t{8}}};
            trial.seed = static_cast<std::uint64_t>(seed + 1);
            trial.state = TrialState::Complete;
            trial.lastValues["eval_accuracy"] = values[arm][seed];
            trial.lastValues["trainable_parameters"] = 1234;
            content.trials.push_back(std::move(trial));
            content.curves.emplace_back();
        }
    return content;
}

} // namespace

class TestStudyRecipes : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }

    void init() {
        test::failOnWarnings();
        m_charts = std::make_unique<StudyCharts>(m_schema);
        m_charts->resize(900, 400);
        m_charts->setVisible(true);
    }

    void aStudyOfRecipesOpensWithThem() {
        m_snapshot = makeSnapshot(studyOfRecipes());
        m_charts->show(&m_snapshot);
        QVERIFY(m_charts->currentWidget() == &recipes());
        QVERIFY(recipes().isVisible());
        m_charts->setCurrentIndex(0);
        m_charts->show(&m_snapshot); // it goes on: nobody is taken away from another tab
        QCOMPARE(m_charts->currentIndex(), 0);
    }

    void aSearchHasNoSuchTab() {
        m_snapshot = makeSnapshot(studyOfRecipes(false));
        m_charts->show(&m_snapshot);
        QVERIFY(!m_charts->isTabVisible(m_charts->indexOf(&recipes())));
        m_charts->show(nullptr);
        QVERIFY(!m_charts->isTabVisible(m_charts->indexOf(&recipes())));
    }

    void theVerdictNamesWhatIsBetterAndWhatChanceExplains() {
        m_snapshot = makeSnapshot(studyOfRecipes());
        m_charts->show(&m_snapshot);
        const QStringList lines = recipes()
                                      .findChild<QLabel*>(QStringLiteral("recipesVerdictLabel"))
                                      ->text()
                                      .split(QLatin1Char('\n'));
        QCOMPARE(lines.size(), 2);
        QCOMPARE(lines[0], QStringLiteral("First is better than: Second."));
        QVERIFY(lines[1].startsWith(QStringLiteral("Nothing shows that First differs from: Third. About ")));
        QVERIFY(lines[1].endsWith(
            QStringLiteral(" seeds for each would tell differences as small as these from chance.")));
    }

    void theTableHasMeanDeviationAndEverySeed() {
        m_snapshot = makeSnapshot(studyOfRecipes());
        m_charts->show(&m_snapshot);
        QCOMPARE(table().rowCount(), 3);
        QCOMPARE(table().columnCount(), 9);
        QCOMPARE(cell(0, 0), QStringLiteral("First"));
        QCOMPARE(cell(0, 1), QStringLiteral("3"));
        QCOMPARE(cell(0, 2), QStringLiteral("0.82 ± 0.02"));
        QCOMPARE(cell(0, 5), QStringLiteral("1234"));
        QCOMPARE(cell(0, 3), QString()); // it is what the others are compared with
        QCOMPARE(cell(1, 6), QStringLiteral("0.5"));
        QVERIFY(cell(1, 3).startsWith(QStringLiteral("-0.3 ± ")));
        QCOMPARE(table().horizontalHeaderItem(8)->text(), QStringLiteral("Seed 3"));
    }

    void theNoteNamesWhatIsCompared() {
        StudyContent content = studyOfRecipes();
        const auto note = [this] {
            return recipes().findChild<QLabel*>(QStringLiteral("recipesNoteLabel"))->text();
        };
        m_snapshot = makeSnapshot(content);
        m_charts->show(&m_snapshot);
        QVERIFY(note().startsWith(QStringLiteral("Compared: Accuracy. ")));
        for (TrialRecord& trial : content.trials)
            trial.lastValues["test_accuracy"] = 0.5;
        m_snapshot = makeSnapshot(std::move(content));
        m_charts->show(&m_snapshot);
        QVERIFY(note().startsWith(QStringLiteral("Compared: Test: Accuracy. ")));
    }

    void rowsAreReachedByKeys() {
        m_snapshot = makeSnapshot(studyOfRecipes());
        m_charts->show(&m_snapshot);
        table().setFocus();
        table().selectRow(0);
        QTest::keyClick(&table(), Qt::Key_Down);
        QCOMPARE(table().currentRow(), 1);
    }

    void runsThatAreMissingAreTold() {
        StudyContent content = studyOfRecipes();
        content.trials[8].state = TrialState::Queued;
        m_snapshot = makeSnapshot(std::move(content));
        m_charts->show(&m_snapshot);
        QVERIFY(recipes()
                    .findChild<QLabel*>(QStringLiteral("recipesVerdictLabel"))
                    ->text()
                    .endsWith(QStringLiteral("1 runs are missing.")));
        QCOMPARE(cell(2, 8), QStringLiteral("–"));
    }

private:
    StudyRecipes& recipes() { return *m_charts->findChild<StudyRecipes*>(); }
    QTableWidget& table() { return *m_charts->findChild<QTableWidget*>(QStringLiteral("recipesTable")); }
    QString cell(int row, int column) { return table().item(row, column)->text(); }

    ParamSchema m_schema = schemaOfMethods();
    StudySnapshot m_snapshot;
    std::unique_ptr<StudyCharts> m_charts;
};

QTEST_MAIN(TestStudyRecipes)
#include "tst_study_recipes.moc"
