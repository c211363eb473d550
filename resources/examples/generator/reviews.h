#pragma once

#include "resources/examples/generator/scene.h"

#include <string>

namespace lathe::examples {

enum class Opinion { Good, Bad };

/// A review of one to three clauses that all speak for one opinion, some by a negated opposite. No verdict.
[[nodiscard]] std::string makeReview(Scene& scene, Opinion opinion);

/// A review and, after it, what somebody thought or did because of it: the verdict in plain words.
[[nodiscard]] std::string makeReviewWithVerdict(Scene& scene);

} // namespace lathe::examples
