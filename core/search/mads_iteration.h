#pragma once

#include "core/search/mads_space.h"
#include "core/search/quadratic_model.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace lathe {

/// A point that was tried and gave something.
struct MadsResult {
    MadsPoint point;
    Eigen::VectorXd outputs; ///< the loss, then the constraints
    [[nodiscard]] ModelValue value() const { return valueOf(outputs); }
};

/// What is known of a point.
struct MadsSeen {
    enum class State { Unknown, Pending, Failed, Known };
    State state = State::Unknown;
    Eigen::VectorXd outputs = {};
};

/// Which parts of the method are on; all as in its usual form.
struct MadsParts {
    bool hasSpeculative = true;
    bool hasModelSearch = true;
    bool hasNelderMead = true;
    bool hasReducedPoll = true; ///< n + 1 directions, the last by a model; false: all 2n
};

/// Where an iteration begins. It never changes while the iteration goes on, whatever arrives meanwhile.
struct MadsStart {
    MadsMesh mesh;
    std::vector<MadsResult> known;
    std::optional<MadsResult> feasible;   ///< the best one
    std::optional<MadsResult> infeasible; ///< the least loss among the undominated within the barrier
    double barrier = 0;                   ///< the largest violation worth keeping
    std::optional<MadsPoint> origin;      ///< the point around which the feasible one was found
    Eigen::VectorXd lastDirection;        ///< of the latest success; empty: none
    std::uint64_t seed = 0;
    MadsParts parts;
};

/// One iteration of mesh-adaptive direct search, Audet and Dennis 2006 (SIAM J. Optim. 17), with the
/// progressive barrier (2009), the reduced poll of Audet et al. 2014, the model search of Conn and Le Digabel
/// 2013, Nelder–Mead search (Audet and Tribes 2018) and polls over categories. It is played through from its
/// beginning whenever a point is asked for, with what is known of each point it comes to; the first unknown
/// one is the answer. So it has no state, and slots may ask while results are missing.
class MadsIteration {
public:
    enum class Outcome { Success, Partial, Failure };
    using LookUp = std::function<MadsSeen(const MadsPoint&)>;

    /// Contract: there is an incumbent. The space must outlive this.
    MadsIteration(const MadsSpace& space, MadsStart start);

    /// The next point to try; or how the iteration ended; or nothing of both while results are missing and
    /// there is nothing else to try.
    struct Answer {
        std::optional<MadsPoint> point;
        std::optional<Outcome> outcome;
    };
    [[nodiscard]] Answer next(const LookUp& lookUp);

    [[nodiscard]] const MadsStart& start() const { return m_start; }
    /// The incumbent that is polled around: the feasible one, unless the infeasible one is much better.
    [[nodiscard]] const MadsResult& centre() const;

private:
    /// A walk through the iteration: ended by a success or a point to try.
    struct Walk {
        const LookUp& lookUp;
        Answer answer;
        bool isWaiting = false;
        bool isPartial = false;
        [[nodiscard]] bool isOver() const { return answer.point || answer.outcome; }
    };
    MadsSeen visit(Walk& walk, const MadsPoint& point);
    void visitAll(Walk& walk, const std::vector<MadsPoint>& points);
    void judge(Walk& walk, const MadsSeen& seen) const;

    void speculate(Walk& walk);
    void searchModel(Walk& walk);
    [[nodiscard]] bool isTimeForSimplex() const;
    void searchSimplex(Walk& walk);
    void poll(Walk& walk);
    void pollSecondary(Walk& walk);
    void pollCategories(Walk& walk);
    void descend(Walk& walk, MadsPoint from, ModelValue value);
    void fillIn(Walk& walk);

    [[nodiscard]] Eigen::MatrixXd directions(const MadsPoint& centre, std::uint64_t stream) const;
    [[nodiscard]] std::vector<MadsPoint> around(const MadsPoint& centre, const Eigen::MatrixXd& steps) const;
    [[nodiscard]] std::vector<MadsPoint> sorted(std::vector<MadsPoint> points, const MadsPoint& centre) const;
    [[nodiscard]] std::vector<MadsPoint> reduced(const std::vector<MadsPoint>& points,
                                                 const MadsPoint& centre) const;
    [[nodiscard]] MadsPoint lastPoint(const Walk& walk) const;
    [[nodiscard]] std::vector<const MadsResult*> near(const MadsPoint& centre, Eigen::VectorXd reach) const;
    [[nodiscard]] MadsPoint moved(const MadsPoint& centre, const Eigen::VectorXd& x) const;

    const MadsSpace& m_space;
    MadsStart m_start;
    std::vector<Eigen::Index> m_active; // of the centre
    // Worked out once, on first need:
    std::optional<std::vector<MadsPoint>> m_modelPoints;
    std::optional<std::vector<MadsPoint>> m_pollPoints;
    std::optional<MadsPoint> m_lastPoint;
};

} // namespace lathe
