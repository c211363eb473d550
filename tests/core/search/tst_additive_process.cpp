#include "core/base/random.h"
#include "core/search/additive_process.h"
#include "core/search/pairs.h"

#include <QtTest>

#include <cmath>
#include <numbers>

using namespace lathe;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

MatrixXd points(Index dimensions, Index count) {
    Rng rng(7);
    MatrixXd x(dimensions, count);
    for (double& value : x.reshaped())
        value = rng.uniform();
    return x;
}

double waves(const VectorXd& x) { return std::sin(9 * x[0]) + std::cos(7 * x[1]) + 2 * x[2] * x[2]; }

VectorXd standardised(VectorXd y) {
    y.array() -= y.mean();
    return y / std::sqrt(y.squaredNorm() / static_cast<double>(y.size()));
}

VectorXd wavesOf(const MatrixXd& x) {
    VectorXd y(x.cols());
    for (Index p = 0; p < x.cols(); ++p)
        y[p] = waves(x.col(p));
    return y;
}

} // namespace

class TestAdditiveProcess : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theGradientIsThatOfTheLoss() {
        MatrixXd x = points(3, 12);
        x.row(1) = (2 * x.row(1).array()).floor().matrix();
        const std::vector<bool> isChoice = {false, true, false};
        const VectorXd y = standardised(wavesOf(x));
        VectorXd logs(7);
        logs << 1.0, 0.3, 2.0, -1.0, -0.5, 0.2, -4.0;
        VectorXd gradient;
        VectorXd unused;
        QVERIFY(std::isfinite(AdditiveProcess::loss(x, y, isChoice, logs, gradient)));
        for (Index i = 0; i < logs.size(); ++i) {
            const VectorXd step = VectorXd::Unit(logs.size(), i) * 1e-5;
            const double slope = (AdditiveProcess::loss(x, y, isChoice, logs + step, unused) -
                                  AdditiveProcess::loss(x, y, isChoice, logs - step, unused)) /
                                 2e-5;
            QVERIFY2(std::abs(gradient[i] - slope) < 1e-5 * (1 + std::abs(slope)),
                     qPrintable(QString("%1: %2, %3").arg(i).arg(gradient[i]).arg(slope)));
        }
    }
    void aSumIsKnownAlongEveryDimensionFromFewPoints() {
        const MatrixXd x = points(3, 45);
        const VectorXd y = wavesOf(x);
        const double spread = std::sqrt((y.array() - y.mean()).square().mean());
        const AdditiveProcess process(x, standardised(y), {false, false, false});
        VectorXd point(3);
        point << 0.31, 0.62, 0.45;
        const VectorXd inputs = VectorXd::LinSpaced(9, 0.1, 0.9);
        const auto found = process.along(point, 0, inputs);
        for (Index k = 0; k < inputs.size(); ++k) {
            point[0] = inputs[k];
            const double wanted = (waves(point) - y.mean()) / spread;
            QVERIFY2(std::abs(found.means[k] - wanted) < 0.15,
                     qPrintable(QString("%1, %2").arg(found.means[k]).arg(wanted)));
            QVERIFY(found.variances[k] > 0);
        }
    }
    void densitiesLeavingOneOutAreThoseOfTheProcessWithoutIt() {
        Rng rng(3);
        const MatrixXd root = points(4, 6);
        MatrixXd covariance = root.transpose() * root;
        covariance.diagonal().array() += 0.5;
        VectorXd y(6);
        for (double& value : y)
            value = rng.normal();
        const VectorXd found = leaveOneOut(covariance.llt(), y);
        const Index n = 5; // the last one left out
        const VectorXd cross = covariance.col(n).head(n);
        const auto rest = covariance.topLeftCorner(n, n).llt();
        const double mean = cross.dot(rest.solve(y.head(n)));
        const double variance = covariance(n, n) - cross.dot(rest.solve(cross));
        const double wanted =
            -0.5 * (std::pow(y[n] - mean, 2) / variance + std::log(2 * std::numbers::pi * variance));
        QVERIFY(std::abs(found[n] - wanted) < 1e-12 * (1 + std::abs(wanted)));
    }
    void believedPointsLeaveTheMeanAndTakeTheDoubt() {
        const MatrixXd x = points(3, 20);
        AdditiveProcess process(x, standardised(wavesOf(x)), {false, false, false});
        MatrixXd pending(3, 1);
        pending << 0.9, 0.05, 0.5;
        const auto before = process.along(pending.col(0), 0, pending.col(0).head(1));
        process.believe(pending);
        const auto after = process.along(pending.col(0), 0, pending.col(0).head(1));
        QVERIFY(std::abs(before.means[0] - after.means[0]) < 1e-6);
        QVERIFY(after.variances[0] < 0.5 * before.variances[0]);
    }
};

QTEST_GUILESS_MAIN(TestAdditiveProcess)
#include "tst_additive_process.moc"
