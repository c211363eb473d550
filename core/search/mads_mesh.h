#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <vector>

namespace lathe {

/// A variable of mesh-adaptive direct search.
struct MadsVariable {
    double lower = 0;
    double upper = 1;
    double granularity = 0; ///< the step of its values; 0: a real
};

/// The granular mesh of MADS, one size a variable: Audet, Le Digabel and Tribes 2019 (SIAM J. Optim. 29). The
/// frame, within which a poll stays, is a · 10^b times the granularity (a of 1, 2, 5; b whole); the mesh is
/// finer than the frame the smaller both get. A value.
class MadsMesh {
public:
    /// The first frame is a tenth of each range. Contract: lower <= upper.
    explicit MadsMesh(std::vector<MadsVariable> variables);
    /// `frame`: the first frame sizes wanted.
    MadsMesh(std::vector<MadsVariable> variables, const Eigen::VectorXd& frame);

    [[nodiscard]] const std::vector<MadsVariable>& variables() const { return m_variables; }
    [[nodiscard]] Eigen::Index size() const { return static_cast<Eigen::Index>(m_variables.size()); }
    [[nodiscard]] double frame(Eigen::Index i) const; ///< Δ
    [[nodiscard]] double mesh(Eigen::Index i) const;  ///< δ
    [[nodiscard]] double ratio(Eigen::Index i) const; ///< ρ = Δ / δ
    [[nodiscard]] Eigen::VectorXd frames() const;
    /// How often the variable's mesh was enlarged, less how often it was refined.
    [[nodiscard]] std::int64_t index(Eigen::Index i) const;

    /// After a success along `direction`: variables that moved by more than a tenth of their frame get the
    /// next larger one, and reals that fell far behind the others.
    void enlarge(const Eigen::VectorXd& direction);
    /// After a failure: every variable gets the next smaller frame; a granular one stops at its step.
    void refine();
    /// Whether nothing is left to refine: every real below 1e-13 of its first frame or after 50 refinements,
    /// every granular one at its step. Never with granular variables alone.
    [[nodiscard]] bool isFinest() const;

    /// The direction stretched until it touches the frame, rounded to the mesh.
    [[nodiscard]] Eigen::VectorXd scaled(const Eigen::VectorXd& direction) const;
    /// The nearest point on the mesh through `centre`, then inside the bounds, which win.
    [[nodiscard]] Eigen::VectorXd projected(const Eigen::VectorXd& point,
                                            const Eigen::VectorXd& centre) const;

    /// Mantissa and exponent of each variable, for saving.
    struct Size {
        int mantissa = 1;
        int exponent = 0;
        int firstExponent = 0;
        std::int64_t index = 0;
    };
    [[nodiscard]] const std::vector<Size>& sizes() const { return m_sizes; }
    void setSizes(std::vector<Size> sizes) { m_sizes = std::move(sizes); }

private:
    [[nodiscard]] double unit(Eigen::Index i) const;
    void enlarge(Size& size) const;

    std::vector<MadsVariable> m_variables;
    std::vector<Size> m_sizes;
};

/// The rows of the Householder reflection I - 2 u u' of a unit vector u: an orthogonal basis.
[[nodiscard]] Eigen::MatrixXd householder(const Eigen::VectorXd& unit);

} // namespace lathe
