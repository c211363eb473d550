#include "core/search/mads_iteration.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

namespace lathe {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr double kReach = 8;          // frames around the incumbent
constexpr double kIndependent = 0.01; // of a new edge, how much must not lie along the others
constexpr Index kMostLooks = 80;      // for each variable
constexpr double kFineFrame = 0.2;    // of the first one

struct Vertex {
    VectorXd x;
    ModelValue value;
};

void sortVertices(std::vector<Vertex>& simplex) {
    std::ranges::stable_sort(simplex, isBetter, &Vertex::value);
}

/// The best results that lie on no plane together, n + 1 of them; fewer where there are not as many.
std::vector<Vertex> simplexFrom(std::vector<const MadsResult*> results, const std::vector<Index>& active,
                                const VectorXd& frame) {
    std::ranges::stable_sort(results, isBetter, &MadsResult::value);
    std::vector<Vertex> simplex;
    std::vector<VectorXd> basis;
    for (const MadsResult* result : results) {
        if (simplex.size() > active.size())
            break;
        if (!simplex.empty()) {
            VectorXd rest = (result->point.x - simplex.front().x).cwiseQuotient(frame)(active);
            const double length = rest.norm();
            for (const VectorXd& direction : basis)
                rest -= rest.dot(direction) * direction;
            if (rest.norm() <= kIndependent * length)
                continue;
            basis.push_back(rest.normalized());
        }
        simplex.push_back({result->point.x, result->value()});
    }
    return simplex;
}

/// Steps until the simplex would have to shrink, has no room on the mesh, or `look` has no answer.
void moveSimplex(std::vector<Vertex> simplex,
                 const std::function<std::optional<Vertex>(const VectorXd&)>& look) {
    const auto n = static_cast<Index>(simplex.size()) - 1;
    for (Index looks = 0; looks < kMostLooks * n; looks += 2) {
        sortVertices(simplex);
        const Vertex worst = simplex.back();
        VectorXd middle = VectorXd::Zero(worst.x.size());
        for (Index i = 0; i < n; ++i)
            middle += simplex[static_cast<std::size_t>(i)].x / static_cast<double>(n);
        const VectorXd step = middle - worst.x;
        const auto reflected = look(middle + step);
        if (!reflected)
            return;
        std::optional<Vertex> next = reflected;
        if (isBetter(reflected->value, simplex.front().value)) {
            const auto expanded = look(middle + 2 * step);
            if (!expanded)
                return;
            if (isBetter(expanded->value, reflected->value))
                next = expanded;
        } else if (!isBetter(reflected->value, simplex[static_cast<std::size_t>(n - 1)].value)) {
            const bool isOutside = isBetter(reflected->value, worst.value);
            next = look(middle + (isOutside ? 0.5 : -0.5) * step);
            if (!next || !isBetter(next->value, isOutside ? reflected->value : worst.value))
                return;
        }
        const auto isNext = [&next](const Vertex& vertex) { return vertex.x == next->x; };
        if (std::ranges::any_of(simplex, isNext))
            return; // the mesh is too coarse for this simplex
        simplex.back() = *next;
    }
}

} // namespace

/// A simplex pays twice: over the whole design before anything has helped, as it finds the valley, and near
/// the end, where it follows a curved one. In between, its many small successes keep the frame wide and cost
/// more trials than polls with a model do (measured on nine standard problems, after 100 and 200 trials).
bool MadsIteration::isTimeForSimplex() const {
    if (!m_start.parts.hasNelderMead || m_active.empty())
        return false;
    const VectorXd first = MadsMesh(m_space.variables()).frames();
    const bool isFine = (m_start.mesh.frames().array() <= kFineFrame * first.array())(m_active).all();
    return isFine || m_start.lastDirection.size() == 0;
}

/// Nelder and Mead 1965 (The Computer Journal 7) on the mesh; ends where the simplex would have to shrink. A
/// success does not end it, as the next step builds on it.
void MadsIteration::searchSimplex(Walk& walk) {
    if (!isTimeForSimplex())
        return;
    const MadsPoint& home = centre().point;
    const VectorXd frame = m_start.mesh.frames();
    const auto n = static_cast<Index>(m_active.size());
    std::vector<Vertex> simplex = simplexFrom(near(home, kReach * frame), m_active, frame);
    if (static_cast<Index>(simplex.size()) <= n)
        return;
    std::optional<Outcome> success;
    moveSimplex(std::move(simplex), [&](const VectorXd& x) -> std::optional<Vertex> {
        const MadsPoint point = moved(home, x);
        const MadsSeen seen = visit(walk, point);
        if (walk.answer.outcome)
            success = std::exchange(walk.answer.outcome, std::nullopt);
        if (walk.answer.point || seen.state == MadsSeen::State::Pending)
            return std::nullopt;
        constexpr double kWorst = std::numeric_limits<double>::infinity();
        return Vertex{point.x, seen.state == MadsSeen::State::Known ? valueOf(seen.outputs)
                                                                    : ModelValue{kWorst, kWorst}};
    });
    if (!walk.answer.point)
        walk.answer.outcome = success;
}

} // namespace lathe
