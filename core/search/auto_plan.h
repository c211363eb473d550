#pragma once

#include "core/search/sampler.h"

#include <string_view>

namespace lathe {

/// Who answers a trial of the automatic search; the letters are what its state is made of.
enum class SearchPart : char {
    Design = 'd', ///< an even design, the middle first
    Model = 'g',  ///< a Gaussian process over the whole space
    Zoom = 'z',   ///< one over a box around the best point
    Direct = 'm', ///< mesh-adaptive direct search
    Other = '-',  ///< nobody: a trial from elsewhere
};

/// parts: a letter for every trial number so far.
[[nodiscard]] SearchPart partOf(std::string_view parts, std::int64_t number);

/// Trials with an outcome before anything is learnt from them: 3 and one for each dimension, at most 20.
[[nodiscard]] std::int64_t designSize(const StudySpec& spec);

/// Who answers next: the design; then the two processes in turns, for four trials a dimension, as they make
/// the most of few trials; then direct search, which converges, and as long as it brings nothing, every third
/// and later every second time a process, which finds what lies elsewhere. Where dimensions depend on others,
/// the processes get twice as many and then every second trial, for there are several branches to know.
[[nodiscard]] SearchPart nextPart(const StudyView& study, std::string_view parts);

/// Edge of the box of SearchPart::Zoom as a share of each range, in the manner of Eriksson et al. 2019
/// (TuRBO, arXiv:1910.01739): doubled after two successes in a row, halved after three failures.
[[nodiscard]] double zoomLength(const StudyView& study, std::string_view parts);

} // namespace lathe
