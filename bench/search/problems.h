#pragma once

#include "core/params/study_spec.h"

#include <functional>
#include <string>
#include <vector>

namespace lathe::bench {

/// What a problem says of a point: the loss, and constraints of which one above 0 is violated.
struct Outputs {
    double loss = 0;
    std::vector<double> constraints = {};
};

/// A test problem of black-box search, with what is known of its solution.
struct SearchProblem {
    std::string name;
    SearchSpace space;
    std::function<Outputs(const ParamValues&)> evaluate;
    double optimum = 0; ///< the least loss, or the best known
    ParamValues minimiser;
    std::string group; ///< "standard": the comparison; "constrained"; "further": against over-fitting to it
};

/// Standard functions of the literature in their usual boxes (Branin, Rosenbrock, Hartmann, Ackley,
/// Rastrigin, Styblinski–Tang, Lévy), an ellipsoid of whole numbers and reals, two constrained examples of
/// NOMAD's distribution, Cat-3 of the Cat-Suite, and further ones with optima off any grid.
[[nodiscard]] std::vector<SearchProblem> searchProblems();

} // namespace lathe::bench
