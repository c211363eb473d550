#include "tests/support/strict_warnings.h"
#include "widgets/charts/chart_view.h"
#include "widgets/charts/simplex_map.h"
#include "widgets/charts/simplex_view.h"

#include <QComboBox>
#include <QHelpEvent>
#include <QLabel>
#include <QTest>
#include <QToolTip>

#include <cmath>
#include <memory>

using namespace lathe;

namespace {

/// A bowl whose training loss is 1 at the vertices and 1/3 in the middle; validation lies 1 above it.
SimplexLoss bowl(std::size_t vertices = 3) {
    SimplexLoss loss;
    loss.vertices = vertices;
    constexpr int n = 6;
    for (int i = 0; i <= n && vertices == 3; ++i)
        for (int j = 0; i + j <= n; ++j) {
            const std::vector<double> alpha{1.0 * i / n, 1.0 * j / n, 1.0 * (n - i - j) / n};
            const double value = alpha[0] * alpha[0] + alpha[1] * alpha[1] + alpha[2] * alpha[2];
            loss.grid.push_back({alpha, value, value + 1});
        }
    for (std::size_t from = 0; from < vertices; ++from)
        for (std::size_t to = from + 1; to < vertices; ++to)
            loss.edges.push_back({from, to, {0, 0.5, 1}, {1, 0.5, 1}, {2, 1.5, 2}});
    return loss;
}

} // namespace

class TestSimplexView : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }

    void init() {
        test::failOnWarnings();
        m_view = std::make_unique<SimplexView>();
        m_view->resize(900, 720);
        m_view->setLoss(bowl());
        m_view->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_view.get()));
    }

    void beforeItIsMeasuredItSaysSo() {
        SimplexView view;
        view.show();
        QVERIFY(view.findChild<QLabel*>(QStringLiteral("simplexEmptyLabel"))->isVisible());
        QVERIFY(!view.findChild<SimplexMap*>()->isVisible());
    }

    void theFactsCompareMidpointAndVertices() {
        QCOMPARE(label("simplexFactsLabel").text(),
                 QStringLiteral("Midpoint: training 0.3333, validation 1.333 · Best vertex (1): training 1, "
                                "validation 2 · the validation loss does not climb on the way from vertex to "
                                "vertex"));
    }

    void aMidpointBetweenPointsOfTheGridIsInterpolated() {
        SimplexLoss loss;
        loss.vertices = 3;
        loss.grid = {{{1, 0, 0}, 3, 6}, {{0, 1, 0}, 0, 0}, {{0, 0, 1}, 0, 0}};
        m_view->setLoss(loss);
        QVERIFY(label("simplexFactsLabel")
                    .text()
                    .startsWith(QStringLiteral("Midpoint (interpolated): training 1, validation 2 · ")));
    }

    void aBarrierIsTold() {
        SimplexLoss loss = bowl();
        loss.edges[1].validation[1] = 2.25;
        m_view->setLoss(loss);
        QVERIFY(label("simplexFactsLabel")
                    .text()
                    .endsWith(QStringLiteral(
                        "the validation loss climbs by at most 0.25 on the way from vertex to vertex")));
    }

    void lowLossIsDarkAndBothMapsShareTheShades() {
        const auto gray = [](SimplexMap& map, const Barycentric& alpha) {
            return qGray(map.grab().toImage().pixelColor(map.placeOf(alpha).toPoint()).rgb());
        };
        const Barycentric nearMiddle{0.4, 0.4, 0.2};
        const Barycentric nearVertex{0.92, 0.04, 0.04};
        QVERIFY(gray(training(), nearMiddle) + 30 < gray(training(), nearVertex));
        // The best of validation is worse than the worst of training.
        QVERIFY(gray(training(), nearVertex) + 10 < gray(validation(), nearMiddle));
    }

    void keysMoveTheMixture() {
        training().setFocus();
        QTest::keyClick(&training(), Qt::Key_Left);
        QVERIFY(std::abs(training().current()[0] - 0.5) < 1e-9);
        QVERIFY(std::abs(training().current()[1] - 1.0 / 6) < 1e-9);
        QTest::keyClick(&training(), Qt::Key_Up);
        QVERIFY(std::abs(training().current()[2] - 0.5) < 1e-9);
        QTest::keyClick(&training(), Qt::Key_Home);
        QCOMPARE(label("simplexPointLabel").text(),
                 QStringLiteral("Vertex 1 33%, 2 33%, 3 33%: training loss 0.3333"));
        QCOMPARE(training().accessibleDescription(), label("simplexPointLabel").text());
    }

    void theMixtureStaysWithinTheTriangle() {
        validation().setFocus();
        for (int i = 0; i < 12; ++i)
            QTest::keyClick(&validation(), Qt::Key_Up);
        QVERIFY(std::abs(validation().current()[2] - 1) < 1e-9);
        QCOMPARE(label("simplexPointLabel").text(),
                 QStringLiteral("Vertex 1 0%, 2 0%, 3 100%: validation loss 2"));
    }

    void aClickReadsTheLoss() {
        const QPoint place = training().placeOf({0.5, 0.3, 0.2}).toPoint();
        QTest::mouseClick(&training(), Qt::LeftButton, {}, place);
        QVERIFY(std::abs(training().current()[0] - 0.5) < 0.01); // a pixel is less
        QVERIFY(std::abs(training().current()[1] - 0.3) < 0.01);
        QVERIFY(label("simplexPointLabel").text().contains(QStringLiteral("training loss 0.")));
        const QString before = label("simplexPointLabel").text();
        QTest::mouseClick(&training(), Qt::LeftButton, {}, QPoint(1, 1)); // outside
        QCOMPARE(label("simplexPointLabel").text(), before);
    }

    void aToolTipTellsTheLoss() {
        const QPoint place = training().placeOf({0.2, 0.3, 0.5}).toPoint();
        QHelpEvent help(QEvent::ToolTip, place, training().mapToGlobal(place));
        QCoreApplication::sendEvent(&training(), &help);
        QVERIFY(QToolTip::text().contains(QStringLiteral("training loss 0.3")));
        QToolTip::hideText();
    }

    void edgesAreComparedOrLookedAtOneByOne() {
        auto& edges = *m_view->findChild<QComboBox*>(QStringLiteral("simplexEdgeBox"));
        auto& chart = *m_view->findChild<ChartView*>(QStringLiteral("simplexEdgeChart"));
        QCOMPARE(chart.seriesNames().size(), std::size_t{6});
        edges.setFocus();
        QTest::keyClick(&edges, Qt::Key_Down);
        QCOMPARE(chart.seriesNames(), (std::vector<std::string>{"1–2 training", "1–2 validation"}));
        m_view->setLoss(bowl()); // the choice stays
        QCOMPARE(chart.seriesNames().size(), std::size_t{2});
    }

    void otherNumbersOfVerticesHaveEdgesAlone() {
        m_view->setLoss(bowl(2));
        QVERIFY(!training().isVisible());
        QVERIFY(m_view->findChild<ChartView*>(QStringLiteral("simplexEdgeChart"))->isVisible());
        QVERIFY(!m_view->findChild<QComboBox*>(QStringLiteral("simplexEdgeBox"))->isVisible());
    }

    void aGridThatIsNoneIsExplained() {
        SimplexLoss loss = bowl();
        loss.grid.pop_back();
        m_view->setLoss(loss);
        QVERIFY(!training().isVisible());
        QVERIFY(label("simplexProblemLabel").isVisible());
        m_view->setLoss(bowl());
        QVERIFY(training().isVisible());
        QVERIFY(!label("simplexProblemLabel").isVisible());
    }

private:
    SimplexMap& training() { return *m_view->findChild<SimplexMap*>(QStringLiteral("trainingSimplexMap")); }
    SimplexMap& validation() {
        return *m_view->findChild<SimplexMap*>(QStringLiteral("validationSimplexMap"));
    }
    QLabel& label(const char* name) { return *m_view->findChild<QLabel*>(QLatin1String(name)); }

    std::unique_ptr<SimplexView> m_view;
};

QTEST_MAIN(TestSimplexView)
#include "tst_simplex_view.moc"
