#include "core/search/mads_iteration.h"

#include "core/base/contract.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lathe {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kPreferInfeasible = 0.1; // rho of the progressive barrier
constexpr double kSpeculation = 4;
constexpr double kModelReach = 4; // frames to either side: with 2 as usual, models are of too few points
constexpr std::size_t kMostModelPoints = 500;
constexpr double kMapMargin = 0.01;
constexpr double kCategoryTrigger = 0.05; // xi of the extended poll
constexpr int kMostDescents = 3;
constexpr int kMostFillIns = 200;

MatrixXd inputsOf(const std::vector<const MadsResult*>& results, const std::vector<Index>& active) {
    MatrixXd inputs(static_cast<Index>(active.size()), static_cast<Index>(results.size()));
    for (Index p = 0; p < inputs.cols(); ++p)
        inputs.col(p) = results[static_cast<std::size_t>(p)]->point.x(active);
    return inputs;
}

MatrixXd outputsOf(const std::vector<const MadsResult*>& results) {
    MatrixXd outputs(results.front()->outputs.size(), static_cast<Index>(results.size()));
    for (Index p = 0; p < outputs.cols(); ++p)
        outputs.col(p) = results[static_cast<std::size_t>(p)]->outputs;
    return outputs;
}

bool dominates(const ModelValue& a, const ModelValue& b) {
    return a.objective <= b.objective && a.violation <= b.violation &&
           (a.objective < b.objective || a.violation < b.violation);
}

} // namespace

MadsIteration::MadsIteration(const MadsSpace& space, MadsStart start)
    : m_space(space), m_start(std::move(start)) {
    LATHE_EXPECT(m_start.feasible || m_start.infeasible);
    m_active = m_space.active(centre().point);
}

const MadsResult& MadsIteration::centre() const {
    if (!m_start.feasible)
        return *m_start.infeasible;
    if (!m_start.infeasible)
        return *m_start.feasible;
    const double feasible = m_start.feasible->value().objective;
    return feasible - kPreferInfeasible > m_start.infeasible->value().objective ? *m_start.infeasible
                                                                                : *m_start.feasible;
}

MadsPoint MadsIteration::moved(const MadsPoint& centre, const VectorXd& x) const {
    return {m_start.mesh.projected(x, centre.x), centre.choice};
}

void MadsIteration::judge(Walk& walk, const MadsSeen& seen) const {
    if (seen.state != MadsSeen::State::Known)
        return;
    const ModelValue value = valueOf(seen.outputs);
    if (value.violation == 0) {
        if (!m_start.feasible || value.objective < m_start.feasible->value().objective)
            walk.answer.outcome = Outcome::Success;
        return;
    }
    if (!m_start.infeasible || value.violation > m_start.barrier)
        return;
    if (dominates(value, m_start.infeasible->value()))
        walk.answer.outcome = Outcome::Success;
    else if (value.violation < m_start.infeasible->value().violation)
        walk.isPartial = true;
}

MadsSeen MadsIteration::visit(Walk& walk, const MadsPoint& point) {
    MadsSeen seen = walk.lookUp(point);
    if (seen.state == MadsSeen::State::Unknown)
        walk.answer.point = point;
    walk.isWaiting = walk.isWaiting || seen.state == MadsSeen::State::Pending;
    judge(walk, seen);
    return seen;
}

void MadsIteration::visitAll(Walk& walk, const std::vector<MadsPoint>& points) {
    for (const MadsPoint& point : points) {
        if (walk.isOver())
            return;
        visit(walk, point);
    }
}

MadsIteration::Answer MadsIteration::next(const LookUp& lookUp) {
    Walk walk{lookUp, {}};
    using Part = void (MadsIteration::*)(Walk&);
    for (const Part part :
         {&MadsIteration::speculate, &MadsIteration::searchModel, &MadsIteration::searchSimplex,
          &MadsIteration::poll, &MadsIteration::pollSecondary, &MadsIteration::pollCategories}) {
        (this->*part)(walk);
        if (walk.isOver())
            return walk.answer;
    }
    if (walk.isWaiting)
        fillIn(walk);
    else
        walk.answer.outcome = walk.isPartial ? Outcome::Partial : Outcome::Failure;
    return walk.answer;
}

/// Farther in the direction of the latest success.
void MadsIteration::speculate(Walk& walk) {
    if (!m_start.parts.hasSpeculative || !m_start.origin || !m_start.feasible ||
        m_start.origin->choice != m_start.feasible->point.choice)
        return;
    const VectorXd& from = m_start.origin->x;
    const VectorXd& to = m_start.feasible->point.x;
    visit(walk, moved(m_start.feasible->point, from + kSpeculation * (to - from)));
}

/// Results of the centre's category in a box around it, which is doubled until it holds enough for a model.
std::vector<const MadsResult*> MadsIteration::near(const MadsPoint& centre, VectorXd reach) const {
    std::vector<const MadsResult*> alike;
    for (const MadsResult& result : m_start.known)
        if (result.point.choice == centre.choice)
            alike.push_back(&result);
    const std::size_t n = m_active.size();
    const std::size_t full = (n + 1) * (n + 2) / 2;
    const std::size_t wanted = alike.size() >= full ? full : n;
    std::vector<const MadsResult*> inside;
    for (int doubling = 0; doubling <= 20; ++doubling, reach *= 2) {
        inside.clear();
        for (const MadsResult* result : alike)
            if (((result->point.x - centre.x).cwiseAbs().array() <= reach.array())(m_active).all())
                inside.push_back(result);
        if (inside.size() >= wanted)
            break;
    }
    if (inside.size() > kMostModelPoints) {
        const auto distance = [&](const MadsResult* result) {
            return (result->point.x - centre.x).cwiseQuotient(reach)(m_active).squaredNorm();
        };
        std::ranges::stable_sort(inside, {}, distance);
        inside.resize(kMostModelPoints);
    }
    return inside;
}

/// The best points of quadratic models around the incumbents.
void MadsIteration::searchModel(Walk& walk) {
    if (!m_start.parts.hasModelSearch || m_active.empty())
        return;
    if (!m_modelPoints) {
        m_modelPoints.emplace();
        for (const auto* incumbent : {&m_start.feasible, &m_start.infeasible}) {
            if (!*incumbent || (*incumbent)->point.choice != centre().point.choice)
                continue;
            const MadsPoint& around = (*incumbent)->point;
            const auto results = near(around, kModelReach * m_start.mesh.frames());
            if (results.size() < std::max<std::size_t>(2, m_active.size()))
                continue;
            const MatrixXd inputs = inputsOf(results, m_active);
            const auto model = QuadraticModel::fit(inputs, outputsOf(results));
            if (!model)
                continue;
            const VectorXd low = inputs.rowwise().minCoeff();
            const VectorXd high = inputs.rowwise().maxCoeff();
            Rng rng(mixSeed(m_start.seed, 0x6d6f64656c)); // "model"
            VectorXd x = around.x;
            x(m_active) = minimise(*model, low, high, (low + high) / 2, rng);
            m_modelPoints->push_back(moved(around, x));
        }
    }
    visitAll(walk, *m_modelPoints);
}

/// Orthogonal steps as long as the frame allows, one a column: h1, -h1, h2, -h2, …
MatrixXd MadsIteration::directions(const MadsPoint& centre, std::uint64_t stream) const {
    const std::vector<Index> active = m_space.active(centre);
    const auto n = static_cast<Index>(active.size());
    MatrixXd steps = MatrixXd::Zero(centre.x.size(), 2 * n);
    if (n == 0)
        return steps;
    Rng rng(mixSeed(m_start.seed, stream));
    VectorXd unit(n);
    do
        for (double& value : unit)
            value = rng.normal();
    while (unit.squaredNorm() == 0);
    const MatrixXd basis = householder(unit.normalized());
    for (Index i = 0; i < n; ++i) {
        VectorXd direction = VectorXd::Zero(centre.x.size());
        direction(active) = basis.row(i).transpose();
        steps.col(2 * i) = m_start.mesh.scaled(direction);
        steps.col(2 * i + 1) = -steps.col(2 * i);
    }
    return steps;
}

std::vector<MadsPoint> MadsIteration::around(const MadsPoint& centre, const MatrixXd& steps) const {
    std::vector<MadsPoint> points;
    const std::string home = m_space.key(centre);
    for (Index i = 0; i < steps.cols(); ++i)
        if (MadsPoint point = moved(centre, centre.x + steps.col(i)); m_space.key(point) != home)
            points.push_back(std::move(point));
    return points;
}

/// By what a model promises; without one, by the angle to the latest success.
std::vector<MadsPoint> MadsIteration::sorted(std::vector<MadsPoint> points, const MadsPoint& centre) const {
    if (points.size() < 2 || m_active.empty())
        return points;
    VectorXd reach = VectorXd::Zero(centre.x.size());
    for (const MadsPoint& point : points)
        reach = reach.cwiseMax((point.x - centre.x).cwiseAbs());
    reach = (kModelReach * reach).cwiseMax(1e-12);
    const auto results = near(centre, reach);
    std::optional<QuadraticModel> model;
    if (results.size() >= std::max<std::size_t>(2, m_active.size()))
        model = QuadraticModel::fit(inputsOf(results, m_active), outputsOf(results));
    if (model) {
        std::ranges::stable_sort(points, [&](const MadsPoint& a, const MadsPoint& b) {
            return isBetter(valueOf(model->at(a.x(m_active))), valueOf(model->at(b.x(m_active))));
        });
    } else if (m_start.lastDirection.size() == centre.x.size()) {
        std::ranges::stable_sort(points, std::greater<>(), [&](const MadsPoint& point) {
            const VectorXd step = point.x - centre.x;
            return step.dot(m_start.lastDirection) / step.norm();
        });
    }
    return points;
}

/// As many of the points, in their order, as span the space.
std::vector<MadsPoint> MadsIteration::reduced(const std::vector<MadsPoint>& points,
                                              const MadsPoint& centre) const {
    std::vector<MadsPoint> kept;
    std::vector<VectorXd> basis;
    const VectorXd frame = m_start.mesh.frames();
    for (const MadsPoint& point : points) {
        VectorXd rest = (point.x - centre.x).cwiseQuotient(frame);
        const double length = rest.norm();
        for (const VectorXd& direction : basis)
            rest -= rest.dot(direction) * direction;
        if (rest.norm() <= 1e-6 * length)
            continue;
        basis.push_back(rest.normalized());
        kept.push_back(point);
        if (kept.size() == m_active.size())
            break;
    }
    return kept;
}

void MadsIteration::poll(Walk& walk) {
    if (m_active.empty())
        return;
    if (!m_pollPoints) {
        const MadsPoint& home = centre().point;
        m_pollPoints = sorted(around(home, directions(home, 1)), home);
        if (m_start.parts.hasReducedPoll)
            m_pollPoints = reduced(*m_pollPoints, home);
    }
    visitAll(walk, *m_pollPoints);
    if (walk.isOver() || !m_start.parts.hasReducedPoll || m_pollPoints->empty())
        return;
    if (!m_lastPoint || walk.isWaiting)
        m_lastPoint = lastPoint(walk);
    if (m_space.key(*m_lastPoint) != m_space.key(centre().point))
        visit(walk, *m_lastPoint);
}

/// The direction that makes the poll positively spanning: the best one of a model over the orthant opposite
/// to the directions tried, or minus their sum.
MadsPoint MadsIteration::lastPoint(const Walk& walk) const {
    const MadsPoint& home = centre().point;
    const auto n = static_cast<Index>(m_pollPoints->size());
    MatrixXd steps(home.x.size(), n);
    for (Index i = 0; i < n; ++i)
        steps.col(i) = (*m_pollPoints)[static_cast<std::size_t>(i)].x - home.x;
    std::vector<MadsResult> evaluated;
    for (const MadsPoint& point : *m_pollPoints)
        if (MadsSeen seen = walk.lookUp(point); seen.state == MadsSeen::State::Known)
            evaluated.push_back({point, std::move(seen.outputs)});
    auto results = near(home, kModelReach * m_start.mesh.frames());
    for (const MadsResult& result : evaluated)
        results.push_back(&result);
    if (n == static_cast<Index>(m_active.size()) &&
        static_cast<Index>(results.size()) >= std::max<Index>(2, n)) {
        MatrixXd mapped(n, static_cast<Index>(results.size()));
        const VectorXd scale = steps.colwise().squaredNorm().cwiseInverse().transpose();
        for (Index p = 0; p < mapped.cols(); ++p)
            mapped.col(p) = (steps.transpose() * (home.x - results[static_cast<std::size_t>(p)]->point.x))
                                    .cwiseProduct(scale) /
                                (1 - kMapMargin) -
                            VectorXd::Constant(n, kMapMargin / (1 - kMapMargin));
        if (const auto model = QuadraticModel::fit(mapped, outputsOf(results))) {
            Rng rng(mixSeed(m_start.seed, 0x6c617374)); // "last"
            const VectorXd best =
                minimise(*model, VectorXd::Zero(n), VectorXd::Ones(n), VectorXd::Constant(n, 0.5), rng);
            const VectorXd back = ((kMapMargin - 1) * best).array() - kMapMargin;
            MadsPoint point = moved(home, home.x + steps * back);
            if (m_space.key(point) != m_space.key(home))
                return point;
        }
    }
    return moved(home, home.x + m_start.mesh.scaled(-steps.rowwise().sum()));
}

/// Both ways of one direction around the other incumbent.
void MadsIteration::pollSecondary(Walk& walk) {
    if (!m_start.feasible || !m_start.infeasible)
        return;
    const MadsResult& other = &centre() == &*m_start.feasible ? *m_start.infeasible : *m_start.feasible;
    const MatrixXd steps = directions(other.point, 2);
    visitAll(walk, around(other.point, steps.leftCols(std::min<Index>(2, steps.cols()))));
}

/// Every change of one category, then short descents from those that come near the incumbent; in the manner
/// of the extended polls for mixed variables of Audet and Dennis 2001 (SIAM J. Optim. 11).
void MadsIteration::pollCategories(Walk& walk) {
    const MadsResult& home = centre();
    const std::vector<std::int64_t>& counts = m_space.choices();
    const double limit = home.value().objective + kCategoryTrigger * std::abs(home.value().objective);
    std::vector<std::pair<MadsPoint, ModelValue>> promising;
    const std::string homeKey = m_space.key(home.point);
    for (std::size_t i = 0; i < counts.size(); ++i)
        for (std::int64_t choice = 0; choice < counts[i]; ++choice) {
            MadsPoint neighbour = home.point;
            neighbour.choice[i] = choice;
            if (m_space.key(neighbour) == homeKey)
                continue;
            const MadsSeen seen = visit(walk, neighbour);
            if (walk.isOver())
                return;
            if (seen.state != MadsSeen::State::Known)
                continue;
            const ModelValue value = valueOf(seen.outputs);
            if (value.objective < limit &&
                value.violation <= std::max(home.value().violation, m_start.barrier))
                promising.emplace_back(std::move(neighbour), value);
        }
    std::ranges::stable_sort(promising, isBetter, &std::pair<MadsPoint, ModelValue>::second);
    for (auto& [point, value] : promising) {
        descend(walk, std::move(point), value);
        if (walk.isOver())
            return;
    }
}

/// Polls with all 2n directions for as long as they improve.
void MadsIteration::descend(Walk& walk, MadsPoint from, ModelValue value) {
    for (int round = 0; round < kMostDescents; ++round) {
        bool isBetterNow = false;
        for (const MadsPoint& point :
             around(from, directions(from, 16 + static_cast<std::uint64_t>(round)))) {
            const MadsSeen seen = visit(walk, point);
            if (walk.isOver())
                return;
            if (seen.state == MadsSeen::State::Known && isBetter(valueOf(seen.outputs), value)) {
                value = valueOf(seen.outputs);
                from = point;
                isBetterNow = true;
                break;
            }
        }
        if (!isBetterNow)
            return;
    }
}

/// Something useful for slots that would idle while results are missing: further polls.
void MadsIteration::fillIn(Walk& walk) {
    for (int stream = 0; stream < kMostFillIns && !walk.isOver(); ++stream)
        for (const MadsPoint& point :
             around(centre().point, directions(centre().point, 1000 + static_cast<std::uint64_t>(stream)))) {
            const MadsSeen seen = walk.lookUp(point);
            if (seen.state == MadsSeen::State::Unknown) {
                walk.answer.point = point;
                return;
            }
        }
}

} // namespace lathe
