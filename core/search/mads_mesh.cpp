#include "core/search/mads_mesh.h"

#include "core/base/contract.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lathe {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr double kMovedShare = 0.1;
constexpr std::int64_t kFinestIndex = -50;

/// Of a first frame `wanted` (in units of the granularity). The exponent is cut towards 0, not down: a frame
/// of 0.05 begins as 1 · 10^-1.
MadsMesh::Size sizeFor(double wanted) {
    MadsMesh::Size size;
    size.exponent = static_cast<int>(std::trunc(std::log10(std::abs(wanted))));
    const double mantissa = wanted * std::pow(10.0, -size.exponent);
    size.mantissa = mantissa < 1.5 ? 1 : mantissa < 3.5 ? 2 : 5;
    size.firstExponent = size.exponent;
    return size;
}

VectorXd tenthOfRanges(const std::vector<MadsVariable>& variables) {
    VectorXd frame(static_cast<Index>(variables.size()));
    for (Index i = 0; i < frame.size(); ++i) {
        const MadsVariable& variable = variables[static_cast<std::size_t>(i)];
        const double range = variable.upper - variable.lower;
        frame[i] = range > 0 ? 0.1 * range : 1;
    }
    return frame;
}

} // namespace

MadsMesh::MadsMesh(std::vector<MadsVariable> variables) : MadsMesh(variables, tenthOfRanges(variables)) {}

MadsMesh::MadsMesh(std::vector<MadsVariable> variables, const VectorXd& frame)
    : m_variables(std::move(variables)) {
    LATHE_EXPECT(frame.size() == size());
    for (Index i = 0; i < size(); ++i) {
        const double step = m_variables[static_cast<std::size_t>(i)].granularity;
        const double wanted = step > 0 ? std::max(1.0, std::ceil(frame[i] / step - 1e-9)) : frame[i];
        m_sizes.push_back(sizeFor(wanted));
    }
}

double MadsMesh::unit(Index i) const {
    const double step = m_variables[static_cast<std::size_t>(i)].granularity;
    return step > 0 ? step : 1;
}

double MadsMesh::frame(Index i) const {
    const Size& size = m_sizes[static_cast<std::size_t>(i)];
    return unit(i) * size.mantissa * std::pow(10.0, size.exponent);
}

double MadsMesh::mesh(Index i) const {
    const Size& size = m_sizes[static_cast<std::size_t>(i)];
    const double fine = std::pow(10.0, size.exponent - std::abs(size.exponent - size.firstExponent));
    return m_variables[static_cast<std::size_t>(i)].granularity > 0 ? unit(i) * std::max(1.0, fine) : fine;
}

double MadsMesh::ratio(Index i) const {
    const Size& size = m_sizes[static_cast<std::size_t>(i)];
    const double steps = std::pow(10.0, std::abs(size.exponent - size.firstExponent));
    return size.mantissa * (m_variables[static_cast<std::size_t>(i)].granularity > 0
                                ? std::min(std::pow(10.0, size.exponent), steps)
                                : steps);
}

VectorXd MadsMesh::frames() const {
    VectorXd all(size());
    for (Index i = 0; i < size(); ++i)
        all[i] = frame(i);
    return all;
}

std::int64_t MadsMesh::index(Index i) const { return m_sizes[static_cast<std::size_t>(i)].index; }

void MadsMesh::enlarge(Size& size) const {
    ++size.index;
    if (size.mantissa == 5) {
        size.mantissa = 1;
        ++size.exponent;
    } else {
        size.mantissa = size.mantissa == 1 ? 2 : 5;
    }
}

void MadsMesh::enlarge(const VectorXd& direction) {
    double smallest = std::numeric_limits<double>::infinity();
    for (Index i = 0; i < size(); ++i)
        if (m_variables[static_cast<std::size_t>(i)].granularity == 0)
            smallest = std::min(smallest, ratio(i));
    std::vector<Size> next = m_sizes;
    for (Index i = 0; i < size(); ++i) {
        const auto at = static_cast<std::size_t>(i);
        const bool hasMoved = std::abs(direction[i]) / frame(i) > kMovedShare;
        const bool isBehind = m_variables[at].granularity == 0 &&
                              m_sizes[at].exponent < m_sizes[at].firstExponent &&
                              ratio(i) > smallest * smallest;
        if (hasMoved || isBehind)
            enlarge(next[at]);
    }
    m_sizes = std::move(next);
}

void MadsMesh::refine() {
    for (std::size_t i = 0; i < m_sizes.size(); ++i) {
        Size& size = m_sizes[i];
        if (m_variables[i].granularity > 0 && size.mantissa == 1 && size.exponent <= 0)
            continue;
        --size.index;
        if (size.mantissa == 1) {
            size.mantissa = 5;
            --size.exponent;
        } else {
            size.mantissa = size.mantissa == 5 ? 2 : 1;
        }
    }
}

bool MadsMesh::isFinest() const {
    bool hasReal = false;
    for (std::size_t i = 0; i < m_sizes.size(); ++i) {
        if (m_variables[i].granularity > 0) {
            if (m_sizes[i].mantissa != 1 || m_sizes[i].exponent > 0)
                return false;
            continue;
        }
        hasReal = true;
        if (m_sizes[i].index > kFinestIndex)
            return false;
    }
    return hasReal;
}

VectorXd MadsMesh::scaled(const VectorXd& direction) const {
    const double largest = direction.cwiseAbs().maxCoeff();
    VectorXd result = VectorXd::Zero(size());
    for (Index i = 0; largest > 0 && i < size(); ++i)
        result[i] = std::round(ratio(i) * direction[i] / largest) * mesh(i);
    return result;
}

VectorXd MadsMesh::projected(const VectorXd& point, const VectorXd& centre) const {
    VectorXd result(size());
    for (Index i = 0; i < size(); ++i) {
        const MadsVariable& variable = m_variables[static_cast<std::size_t>(i)];
        const double step = mesh(i);
        const double centreSteps = std::round(centre[i] / step);
        const bool isOnMesh =
            std::abs(centreSteps * step - centre[i]) <= 1e-13 * std::max(1.0, std::abs(centre[i]));
        result[i] = isOnMesh ? std::round(point[i] / step) * step
                             : centre[i] + std::round((point[i] - centre[i]) / step) * step;
        result[i] = std::clamp(result[i], variable.lower, variable.upper);
    }
    return result;
}

Eigen::MatrixXd householder(const VectorXd& unit) {
    return Eigen::MatrixXd::Identity(unit.size(), unit.size()) * unit.squaredNorm() -
           2 * unit * unit.transpose();
}

} // namespace lathe
