#include "core/search/mads_mesh.h"

#include "core/base/random.h"

#include <QtTest>
#include <cmath>

using namespace lathe;
using Eigen::VectorXd;

namespace {

MadsMesh meshOf(double frame, double granularity = 0) {
    return MadsMesh({{0, 100, granularity}}, VectorXd::Constant(1, frame));
}

void compareSize(const MadsMesh& mesh, int mantissa, int exponent) {
    QCOMPARE(mesh.sizes()[0].mantissa, mantissa);
    QCOMPARE(mesh.sizes()[0].exponent, exponent);
}

} // namespace

class TestMadsMesh : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// The exponent of a first frame below 1 is cut towards 0.
    void firstFramesAreRoundedToOneTwoFive_data() {
        QTest::addColumn<double>("frame");
        QTest::addColumn<int>("mantissa");
        QTest::addColumn<int>("exponent");
        QTest::newRow("1.5") << 1.5 << 2 << 0;
        QTest::newRow("1.49") << 1.49 << 1 << 0;
        QTest::newRow("3.5") << 3.5 << 5 << 0;
        QTest::newRow("0.1") << 0.1 << 1 << -1;
        QTest::newRow("0.05") << 0.05 << 1 << -1;
        QTest::newRow("70") << 70.0 << 5 << 1;
    }
    void firstFramesAreRoundedToOneTwoFive() {
        QFETCH(double, frame);
        QFETCH(int, mantissa);
        QFETCH(int, exponent);
        compareSize(meshOf(frame), mantissa, exponent);
    }

    void theFirstFrameIsATenthOfTheRange() {
        const MadsMesh mesh({{0, 100, 0}, {0, 15, 1}});
        QCOMPARE(mesh.frame(0), 10.0);
        QCOMPARE(mesh.frame(1), 2.0); // 1.5, on the next step of the grid
    }

    void frameIsMeshTimesRatio() {
        for (const double granularity : {0.0, 1.0, 0.5}) {
            MadsMesh mesh = meshOf(20, granularity);
            for (int i = 0; i < 12; ++i) {
                QVERIFY(std::abs(mesh.frame(0) / (mesh.mesh(0) * mesh.ratio(0)) - 1) < 1e-12);
                QVERIFY(granularity == 0 || mesh.mesh(0) >= granularity);
                mesh.refine();
            }
        }
    }

    void refiningUndoesEnlarging() {
        MadsMesh mesh = meshOf(1);
        const std::vector<std::pair<int, int>> walk{{1, 0}, {2, 0}, {5, 0}, {1, 1}, {2, 1}};
        for (const auto& [mantissa, exponent] : walk) {
            compareSize(mesh, mantissa, exponent);
            mesh.enlarge(VectorXd::Constant(1, mesh.frame(0)));
        }
        QCOMPARE(mesh.index(0), 5);
        for (auto step = walk.rbegin(); step != walk.rend(); ++step) {
            mesh.refine();
            compareSize(mesh, step->first, step->second);
        }
        QCOMPARE(mesh.index(0), 0);
    }

    void granularVariablesStopAtTheirStep() {
        MadsMesh mesh = meshOf(5, 1);
        for (int i = 0; i < 10; ++i)
            mesh.refine();
        QCOMPARE(mesh.frame(0), 1.0);
        QCOMPARE(mesh.mesh(0), 1.0);
        QVERIFY(!mesh.isFinest()); // with steps alone the search never ends by itself
    }

    void realsEndAfterFiftyRefinements() {
        MadsMesh mesh({{0, 100, 0}, {0, 15, 1}});
        for (int i = 0; i < 49; ++i)
            mesh.refine();
        QVERIFY(!mesh.isFinest());
        mesh.refine();
        QVERIFY(mesh.isFinest());
    }

    void onlyWhatMovedIsEnlarged() {
        MadsMesh mesh({{0, 100, 0}, {0, 100, 0}});
        mesh.enlarge(VectorXd{{10, 1}}); // all of the frame, and a tenth of it
        QCOMPARE(mesh.frame(0), 20.0);
        QCOMPARE(mesh.frame(1), 10.0);
    }

    void aVariableFarBehindIsEnlargedToo() {
        MadsMesh mesh({{0, 100, 0}, {0, 100, 0}});
        mesh.setSizes({{1, 1, 1, 0}, {2, -1, 1, -5}}); // ratios 1 and 200
        mesh.enlarge(VectorXd{{10, 0}});
        compareSize(mesh, 2, 1);
        QCOMPARE(mesh.sizes()[1].mantissa, 5);
    }

    void householderRowsAreOrthonormal() {
        Rng rng(1);
        for (const Eigen::Index n : {1, 2, 5, 9}) {
            VectorXd u(n);
            for (double& value : u)
                value = rng.normal();
            const Eigen::MatrixXd h = householder(u.normalized());
            QVERIFY((h * h.transpose() - Eigen::MatrixXd::Identity(n, n)).cwiseAbs().maxCoeff() < 1e-14);
        }
    }

    void scaledDirectionsTouchTheFrameAndLieOnTheMesh() {
        MadsMesh mesh({{0, 100, 0}, {0, 3, 0}, {0, 15, 1}});
        for (int i = 0; i < 4; ++i)
            mesh.refine();
        const VectorXd step = mesh.scaled(VectorXd{{0.3, -0.9, 0.2}});
        for (Eigen::Index i = 0; i < 3; ++i) {
            QVERIFY(std::abs(step[i]) <= mesh.frame(i) * (1 + 1e-12));
            const double steps = step[i] / mesh.mesh(i);
            QVERIFY(std::abs(steps - std::round(steps)) < 1e-9);
        }
        QCOMPARE(std::abs(step[1]), mesh.frame(1));
    }

    void boundsWinOverTheMesh() {
        const MadsMesh mesh({{0, 10.5, 0}}, VectorXd::Constant(1, 1.0));
        QCOMPARE(mesh.projected(VectorXd{{3.4}}, VectorXd{{2}})[0], 3.0);
        QCOMPARE(mesh.projected(VectorXd{{3.4}}, VectorXd{{2.25}})[0], 3.25); // the centre is off the mesh
        QCOMPARE(mesh.projected(VectorXd{{99}}, VectorXd{{2}})[0], 10.5);
        QCOMPARE(mesh.projected(VectorXd{{-99}}, VectorXd{{2}})[0], 0.0);
    }
};

QTEST_GUILESS_MAIN(TestMadsMesh)
#include "tst_mads_mesh.moc"
