#pragma once

#include "core/search/sampler.h"

#include <functional>
#include <memory>
#include <string>

namespace lathe::test {

/// What every search algorithm promises, whatever it does inside. Each check answers an empty text or the
/// first thing that is wrong; it runs the sampler with its default options.
class SamplerContract {
public:
    using Factory = std::function<std::unique_ptr<Sampler>()>;
    explicit SamplerContract(Factory make) : m_make(std::move(make)) {}

    /// Every point lies in its domain, on the grid, off an open end; pending, failed, pruned and NaN trials
    /// are in the history.
    [[nodiscard]] std::string pointsLieInTheirDomains() const;
    /// A key is there exactly if its condition holds.
    [[nodiscard]] std::string conditionsDecideWhichKeysAreThere() const;
    /// Where every point is equally good, the lower two thirds of a logarithmic range get a third of the
    /// points and more. Not a third each: some methods begin in the middle.
    [[nodiscard]] std::string logarithmicRangesAreSearchedInTheLogarithm() const;
    [[nodiscard]] std::string theSameSeedGivesTheSamePoints() const;
    /// Another sampler that restores state() after `pause` trials goes on with the same points.
    [[nodiscard]] std::string aResumedSearchEqualsOneWithoutPause() const;
    [[nodiscard]] std::string anEmptySpaceGivesAnEmptyPoint() const;
    /// A study of several objectives is searched as any other, resumed included, or refused by an error that
    /// says which samplers can.
    [[nodiscard]] std::string severalObjectivesAreSearchedOrRefused() const;
    /// Behind makeAllowedSampler(), as it always is: forbidden combinations, bounds and derived values
    /// outside of their domain never come up; the same seed gives the same points, with and without a pause.
    [[nodiscard]] std::string forbiddenPointsAreNeverProposed() const;

private:
    Factory m_make;
};

} // namespace lathe::test
